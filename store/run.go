package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// RunStatus says how far a run is.
type RunStatus string

// The states of a run. A run whose process was killed still says running in its
// folder; [ListRuns], which sees that nobody holds its lock, says interrupted.
const (
	RunRunning     RunStatus = "running"
	RunInterrupted RunStatus = "interrupted"
	RunComplete    RunStatus = "complete"
	RunFailed      RunStatus = "failed"
)

// Names within a run folder.
const (
	runFile        = "run.json"
	recipeFile     = "recipe.yaml"
	metricsFile    = "metrics.jsonl"
	checkpointsDir = "checkpoints"
	modelDir       = "model"
	lockFile       = ".lock"
)

// RunOptions describe the run that a folder is for.
type RunOptions struct {
	Recipe      []byte // the resolved recipe, kept as recipe.yaml
	Fingerprint string // of everything the result depends on; another one is refused
	Kind        string // what the run does, such as "train clm"
	Command     []string
	Version     string // of Hone
	Machine     string
	Force       bool         // start anew, whatever the folder holds
	Keep        int          // newest checkpoints kept besides the best; 0 means 2
	Log         func(string) // is told what a person should know, such as a damaged checkpoint; may be nil
}

// Run is a folder that holds one run and survives whatever ends the process:
//
//	recipe.yaml            what was asked, every default spelled out
//	run.json               RunRecord
//	metrics.jsonl          a row per logged step, see Metrics
//	checkpoints/step-N/    complete states to go on from, see SaveCheckpoint
//	model/                 the result, see SaveModel
//
// It is locked for as long as it is open. Its methods may be called from several
// goroutines.
type Run struct {
	dir  string
	opts RunOptions
	lock *os.File

	mu      sync.Mutex
	record  RunRecord
	metrics *MetricsLog
	closed  bool
}

// RunRecord is run.json.
type RunRecord struct {
	Kind        string          `json:"kind,omitempty"`
	Command     []string        `json:"command,omitempty"`
	Fingerprint string          `json:"fingerprint"`
	Status      RunStatus       `json:"status"`
	Error       string          `json:"error,omitempty"` // why it failed
	Created     time.Time       `json:"created"`
	Updated     time.Time       `json:"updated"`
	Version     string          `json:"version,omitempty"`
	Machine     string          `json:"machine,omitempty"`
	Starts      int             `json:"starts"`              // how often it was started or resumed
	BestStep    *int            `json:"best_step,omitempty"` // the checkpoint that is kept for being best
	BestValue   *float64        `json:"best_value,omitempty"`
	Summary     json.RawMessage `json:"summary,omitempty"`
}

// OpenRun opens the run folder dir, which is made where it is missing (with the
// folders above it), for the run that o describes. What an earlier run with the
// same fingerprint left is kept, to be resumed from [Run.LatestCheckpoint], or is
// complete ([Run.Status]). A folder of another run, or of something else, is
// refused with [ErrOtherInputs] unless o.Force, which drops the metrics and
// checkpoints that are there; a model stays until [Run.SaveModel] replaces it.
// A folder that is open is refused with [ErrLocked].
func OpenRun(dir string, o RunOptions) (*Run, error) {
	if o.Keep <= 0 {
		o.Keep = 2
	}
	r := &Run{dir: dir, opts: o}
	if err := r.open(); err != nil {
		if r.lock != nil {
			r.lock.Close()
		}
		return nil, r.wrap(err)
	}
	return r, nil
}

func (r *Run) open() (err error) {
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return err
	}
	// Looked at before the lock file is made, so that a folder of something else stays as it is.
	if err := r.known(); err != nil {
		return err
	}
	if r.lock, err = lockRun(r.dir); err != nil {
		return err
	}
	known, err := r.load()
	if err != nil {
		return err
	}
	r.sweep()
	if !known {
		if err := r.clear(); err != nil {
			return err
		}
		r.record = RunRecord{Fingerprint: r.opts.Fingerprint, Created: time.Now().UTC().Truncate(time.Second)}
	}
	if err := r.prune(math.MaxInt); err != nil { // a kill can come between saving and pruning
		return err
	}
	if r.record.Status == RunComplete {
		return nil
	}
	r.record.Kind, r.record.Command = r.opts.Kind, r.opts.Command
	r.record.Version, r.record.Machine = r.opts.Version, r.opts.Machine
	r.record.Status, r.record.Error = RunRunning, ""
	r.record.Starts++
	if err := r.save(); err != nil {
		return err
	}
	if err := WriteFile(r.path(recipeFile), r.opts.Recipe, 0o644); err != nil {
		return err
	}
	return syncDir(filepath.Dir(filepath.Clean(r.dir)))
}

// lockRun takes the lock of a run folder. It tries for a moment, because ListRuns
// holds it for an instant to see whether somebody else does.
func lockRun(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		ok, err := tryLock(f)
		if err == nil && ok {
			if !sameFile(f, f.Name()) {
				err = errors.New("it was removed just now")
			} else {
				return f, nil
			}
		}
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
		}
		if time.Since(start) > 300*time.Millisecond {
			f.Close()
			return nil, fmt.Errorf("%w (wait for it or choose another folder)", ErrLocked)
		}
	}
}

const otherRunHelp = "use --force to start anew there, or choose another folder"

// known refuses a folder that has something in it and is no run's.
func (r *Run) known() error {
	entries, err := os.ReadDir(r.dir)
	if err != nil || r.opts.Force {
		return err
	}
	for _, e := range entries {
		if e.Name() == runFile {
			return nil
		}
	}
	for _, e := range entries {
		if n := e.Name(); n != lockFile && !isTemp(n) {
			return fmt.Errorf("%w: it holds %s and no %s (%s)", ErrOtherInputs, n, runFile, otherRunHelp)
		}
	}
	return nil
}

// load reads run.json, if there is one, and reports whether it is this run's to go
// on with.
func (r *Run) load() (bool, error) {
	record, err := readRecord(r.dir)
	switch {
	case r.opts.Force:
		return false, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%w: %w (%s)", ErrOtherInputs, err, otherRunHelp)
	case record.Fingerprint != r.opts.Fingerprint:
		return false, fmt.Errorf("%w: another recipe, other data or another version (%s)", ErrOtherInputs, otherRunHelp)
	}
	r.record = record
	return true, nil
}

func readRecord(dir string) (RunRecord, error) {
	var record RunRecord
	raw, err := os.ReadFile(filepath.Join(dir, runFile))
	if err != nil {
		return record, err
	}
	if err := json.Unmarshal(raw, &record); err != nil {
		return record, fmt.Errorf("%s is damaged: %w", runFile, err)
	}
	return record, nil
}

// clear drops what an earlier run could be resumed from. The checkpoints go at
// once, by a rename, so that none is ever seen half removed.
func (r *Run) clear() error {
	old := r.path(tempName(checkpointsDir))
	if err := os.Rename(r.path(checkpointsDir), old); err == nil {
		if err := os.RemoveAll(old); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Remove(r.path(metricsFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Temporary files and folders have names that no reader looks at and sweep removes.
func tempName(name string) string {
	return fmt.Sprintf(".%s.%d.tmp", name, time.Now().UnixNano())
}

func isTemp(name string) bool { return strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".tmp") }

// sweep removes what killed processes left half written. What cannot be removed
// takes room and does no harm.
func (r *Run) sweep() {
	for _, dir := range []string{r.dir, r.path(checkpointsDir)} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if isTemp(e.Name()) {
				_ = os.RemoveAll(filepath.Join(dir, e.Name()))
			}
		}
	}
	// SaveModel could not exchange folders here and was killed between two renames.
	old := r.path(modelDir + ".old")
	if _, err := os.Stat(r.path(modelDir)); errors.Is(err, fs.ErrNotExist) {
		_ = os.Rename(old, r.path(modelDir))
	}
	_ = os.RemoveAll(old)
}

// wrap says which run err is of.
func (r *Run) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("run %s: %w", r.dir, err)
}

func (r *Run) path(name string) string { return filepath.Join(r.dir, name) }

func (r *Run) log(format string, args ...any) {
	if r.opts.Log != nil {
		r.opts.Log(fmt.Sprintf(format, args...))
	}
}

// save writes run.json.
func (r *Run) save() error {
	r.record.Updated = time.Now().UTC().Truncate(time.Second)
	raw, err := json.MarshalIndent(r.record, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(r.path(runFile), append(raw, '\n'), 0o644)
}

// Dir is the run's folder.
func (r *Run) Dir() string { return r.dir }

// ModelDir is where [Run.SaveModel] puts the result.
func (r *Run) ModelDir() string { return r.path(modelDir) }

// Record is what run.json says now.
func (r *Run) Record() RunRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.record
}

// Status is [RunRunning] for a run that is to be done or gone on with, and
// [RunComplete] when there is nothing left to do.
func (r *Run) Status() RunStatus { return r.Record().Status }

// Complete marks the run complete, with a summary (any JSON value) of its result.
func (r *Run) Complete(summary any) error {
	raw, err := json.Marshal(summary)
	if err != nil {
		return fmt.Errorf("run %s: summary: %w", r.dir, err)
	}
	return r.end(RunComplete, "", raw)
}

// Fail marks the run failed because of err. The same command goes on from its last
// checkpoint all the same.
func (r *Run) Fail(err error) error { return r.end(RunFailed, err.Error(), nil) }

func (r *Run) end(s RunStatus, why string, summary json.RawMessage) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return fmt.Errorf("run %s: it is closed", r.dir)
	}
	if r.metrics != nil {
		if err := r.metrics.Sync(); err != nil {
			return err
		}
	}
	before := r.record
	r.record.Status, r.record.Error = s, why
	if summary != nil {
		r.record.Summary = summary
	}
	if err := r.save(); err != nil {
		r.record = before
		return fmt.Errorf("run %s: mark it %s: %w (make room and run the same command again)", r.dir, s, err)
	}
	return nil
}

// Close lets go of the folder; a run that is neither complete nor failed is
// interrupted. It may be called more than once.
func (r *Run) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	var err error
	if r.metrics != nil {
		err = r.metrics.Close()
	}
	if r.record.Status == RunRunning {
		r.record.Status = RunInterrupted
		if e := r.save(); err == nil && e != nil {
			err = r.wrap(e)
		}
	}
	if e := r.lock.Close(); err == nil {
		err = e
	}
	return err
}
