package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// manifestFile says what a checkpoint must hold to be whole.
const manifestFile = "manifest.json"

type manifest struct {
	Step         int            `json:"step"`
	MetricsBytes int64          `json:"metrics_bytes"` // of metrics.jsonl when it was saved
	Files        []manifestItem `json:"files"`
}

type manifestItem struct {
	Name   string `json:"name"` // slash-separated, within the checkpoint
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// checkpoint is the folder of the checkpoint of step.
func (r *Run) checkpoint(step int) string {
	return filepath.Join(r.dir, checkpointsDir, fmt.Sprintf("step-%08d", step))
}

// checkpointStep is the step that a checkpoint's folder is called after.
func checkpointStep(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, "step-")
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && n >= 0
}

// checkpointSteps are the steps that have a checkpoint, in order.
func checkpointSteps(dir string) ([]int, error) {
	entries, err := os.ReadDir(filepath.Join(dir, checkpointsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var steps []int
	for _, e := range entries {
		if n, ok := checkpointStep(e.Name()); ok && e.IsDir() {
			steps = append(steps, n)
		}
	}
	slices.Sort(steps)
	return steps, nil
}

// SaveCheckpoint keeps the state after step steps: write puts its files into the
// folder dir, and when they and the metrics so far are on disk the folder becomes
// the checkpoint of step, at once. Where anything fails, or ends the process, the
// earlier checkpoints are what there is. Then the oldest go, but for as many as
// RunOptions.Keep says and the best.
func (r *Run) SaveCheckpoint(step int, write func(dir string) error) error {
	if step <= 0 {
		return fmt.Errorf("run %s: a checkpoint of step %d: steps count from 1", r.dir, step)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return fmt.Errorf("run %s: it is closed", r.dir)
	}
	m := manifest{Step: step}
	if r.metrics != nil {
		var err error
		if m.MetricsBytes, err = r.metrics.synced(); err != nil {
			return err
		}
	}
	if err := r.saveCheckpoint(m, write); err != nil {
		return fmt.Errorf("run %s: checkpoint of step %d: %w%s", r.dir, step, err, hintFull(err))
	}
	return r.wrap(r.prune(step))
}

func (r *Run) saveCheckpoint(m manifest, write func(dir string) error) (err error) {
	all := r.path(checkpointsDir)
	if err := os.MkdirAll(all, 0o755); err != nil {
		return err
	}
	to := r.checkpoint(m.Step)
	temp := filepath.Join(all, tempName(filepath.Base(to)))
	defer func() {
		if err != nil {
			os.RemoveAll(temp)
		}
	}()
	if err := os.Mkdir(temp, 0o755); err != nil {
		return err
	}
	if err := write(temp); err != nil {
		return err
	}
	if m.Files, err = syncTree(temp); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	if err := WriteFile(filepath.Join(temp, manifestFile), append(raw, '\n'), 0o644); err != nil {
		return err
	}
	// One of this step can be there: damaged, or from before an older one was gone back to.
	if _, err := os.Stat(to); err == nil {
		if err := r.drop(m.Step); err != nil {
			return err
		}
	}
	if err := os.Rename(temp, to); err != nil {
		return err
	}
	if err := syncDir(all); err != nil {
		return err
	}
	return syncDir(r.dir)
}

// hintFull adds what helps against a full disk.
func hintFull(err error) string {
	if !isFull(err) {
		return ""
	}
	return " (make room and run the same command again to go on from the checkpoint before)"
}

// syncTree puts every file below dir on disk and describes it.
func syncTree(dir string) ([]manifestItem, error) {
	var items []manifestItem
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			return syncDir(path)
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if !e.Type().IsRegular() {
			return fmt.Errorf("%s is no regular file", name)
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := f.Sync(); err != nil {
			return err
		}
		item, err := describe(f)
		item.Name = filepath.ToSlash(name)
		items = append(items, item)
		return err
	})
	return items, err
}

func describe(f io.Reader) (manifestItem, error) {
	h := sha256.New()
	n, err := io.Copy(h, f)
	return manifestItem{Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

func readManifest(checkpoint string) (manifest, error) {
	var m manifest
	raw, err := os.ReadFile(filepath.Join(checkpoint, manifestFile))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("%s: %w", manifestFile, err)
	}
	return m, nil
}

// verify reports what keeps a checkpoint from being whole.
func verify(checkpoint string) error {
	m, err := readManifest(checkpoint)
	if err != nil {
		return err
	}
	for _, want := range m.Files {
		f, err := os.Open(filepath.Join(checkpoint, filepath.FromSlash(want.Name)))
		if err != nil {
			return err
		}
		got, err := describe(f)
		f.Close()
		switch {
		case err != nil:
			return err
		case got.Size != want.Size:
			return fmt.Errorf("%s has %d bytes of %d", want.Name, got.Size, want.Size)
		case got.SHA256 != want.SHA256:
			return fmt.Errorf("%s has other bytes than were written", want.Name)
		}
	}
	return nil
}

// LatestCheckpoint returns the newest checkpoint that is whole, which is verified
// by size and checksum of every file, and its folder; 0 and "" where the run has
// none yet. RunOptions.Log is told of damaged ones, and it is an error where there
// are no others.
func (r *Run) LatestCheckpoint() (step int, dir string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	steps, err := checkpointSteps(r.dir)
	if err != nil {
		return 0, "", r.wrap(err)
	}
	var bad error
	for _, step := range slices.Backward(steps) {
		dir := r.checkpoint(step)
		if bad = verify(dir); bad == nil {
			return step, dir, nil
		}
		r.log("checkpoint %s is damaged and passed over: %v", dir, bad)
	}
	if bad != nil {
		return 0, "", fmt.Errorf("run %s: no checkpoint is whole: %w (use --force to start anew)", r.dir, bad)
	}
	return 0, "", nil
}

// SetBest keeps the checkpoint of step, which was saved just now, for being the best
// so far by value, whatever comes after it. Who resumes from a checkpoint that has its
// own memory of what was best calls it again.
func (r *Run) SetBest(step int, value float64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.record.BestStep, r.record.BestValue = &step, &value
	if err := r.save(); err != nil {
		return fmt.Errorf("run %s: %w%s", r.dir, err, hintFull(err))
	}
	return r.wrap(r.prune(math.MaxInt))
}

// BestCheckpoint returns the checkpoint given to [Run.SetBest] and its folder; 0 and
// "" where there is none.
func (r *Run) BestCheckpoint() (step int, dir string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record.BestStep == nil {
		return 0, ""
	}
	dir = r.checkpoint(*r.record.BestStep)
	if verify(dir) != nil {
		return 0, ""
	}
	return *r.record.BestStep, dir
}

// prune removes the checkpoints that are not to be kept: those after last, which are
// of a past that was gone back behind because they were damaged, and the oldest.
func (r *Run) prune(last int) error {
	steps, err := checkpointSteps(r.dir)
	if err != nil {
		return err
	}
	for len(steps) > 0 && steps[len(steps)-1] > last {
		step := steps[len(steps)-1]
		if err := r.drop(step); err != nil {
			return fmt.Errorf("remove the checkpoint of step %d: %w", step, err)
		}
		steps = steps[:len(steps)-1]
	}
	for _, step := range steps[:max(0, len(steps)-r.opts.Keep)] {
		if r.record.BestStep != nil && *r.record.BestStep == step {
			continue
		}
		if err := r.drop(step); err != nil {
			return fmt.Errorf("remove the old checkpoint of step %d: %w", step, err)
		}
	}
	return nil
}

// drop removes a checkpoint: at once, by a rename, and then its files.
func (r *Run) drop(step int) error {
	from := r.checkpoint(step)
	gone := filepath.Join(filepath.Dir(from), tempName(filepath.Base(from)+".gone"))
	if err := os.Rename(from, gone); err != nil {
		return err
	}
	return os.RemoveAll(gone)
}

// SaveModel makes what write puts into dir the run's model folder, at once: readers
// see the one before or this one, whole.
func (r *Run) SaveModel(write func(dir string) error) (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return fmt.Errorf("run %s: it is closed", r.dir)
	}
	temp := r.path(tempName(modelDir))
	defer func() {
		os.RemoveAll(temp) // what was not renamed, or what it was exchanged for
		if err != nil {
			err = fmt.Errorf("run %s: model: %w%s", r.dir, err, hintFull(err))
		}
	}()
	if err := os.Mkdir(temp, 0o755); err != nil {
		return err
	}
	if err := write(temp); err != nil {
		return err
	}
	if _, err := syncTree(temp); err != nil {
		return err
	}
	if err := replaceDir(temp, r.path(modelDir)); err != nil {
		return err
	}
	return syncDir(r.dir)
}

// replaceDir gives the folder from the name to. What was there is from afterwards,
// or gone; where folders cannot be exchanged there is an instant without to, which
// OpenRun mends.
func replaceDir(from, to string) error {
	if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(from, to)
	}
	if err := exchange(from, to); err == nil {
		return nil
	}
	old := to + ".old"
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Rename(to, old); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return os.RemoveAll(old)
}
