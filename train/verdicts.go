package train

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"hone/judge"
	"hone/problem"
)

// verdictLog keeps the verdict of every program that a run had judged. It is part of the
// run's state: a verdict may depend on the clock, so a run that goes on after a kill must
// not ask again. No program is run twice for one problem.
type verdictLog struct {
	queue judge.Queue
	path  string // "": nothing is kept

	mu      sync.Mutex
	known   map[string]*verdictEntry
	pending []*verdictEntry // not written yet
}

// verdictEntry is a row of the log.
type verdictEntry struct {
	Key       string          `json:"key"`       // hash of problem and program
	Iteration int             `json:"iteration"` // that first had it
	Verdict   problem.Verdict `json:"verdict"`

	done chan struct{} // closed when Verdict is there
	err  error
}

// openVerdicts reads the log; what a kill left of a last row is cut off.
func openVerdicts(path string, queue judge.Queue) (*verdictLog, error) {
	l := &verdictLog{queue: queue, path: path, known: map[string]*verdictEntry{}}
	if path == "" {
		return l, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	whole := bytes.LastIndexByte(raw, '\n') + 1
	if whole < len(raw) {
		if err := os.Truncate(path, int64(whole)); err != nil {
			return nil, err
		}
	}
	ready := make(chan struct{})
	close(ready)
	line := 0
	for row := range bytes.Lines(raw[:whole]) {
		line++
		e := &verdictEntry{done: ready}
		if err := json.Unmarshal(row, e); err != nil {
			return nil, fmt.Errorf("%s:%d: %w (use --force to start anew)", path, line, err)
		}
		l.known[e.Key] = e
	}
	return l, nil
}

// judge returns the entry of a job's program, which it has run unless it is there.
func (l *verdictLog) judge(ctx context.Context, iteration int, job judge.Job) (*verdictEntry, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %v %s", job.Problem.Benchmark, job.TaskID, job.Coverage, job.Program)
	key := hex.EncodeToString(h.Sum(nil)[:16])
	l.mu.Lock()
	e := l.known[key]
	first := e == nil
	if first {
		e = &verdictEntry{Key: key, Iteration: iteration, done: make(chan struct{})}
		l.known[key] = e
	}
	l.mu.Unlock()
	if !first {
		select {
		case <-e.done:
			return e, e.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	e.Verdict, e.err = l.queue.Do(ctx, job)
	l.mu.Lock()
	if e.err == nil && e.Verdict.Passed != nil {
		l.pending = append(l.pending, e)
	} else {
		delete(l.known, key) // a fault of ours: the next time it is tried again
	}
	l.mu.Unlock()
	close(e.done)
	return e, e.err
}

// flush puts what is new on disk.
func (l *verdictLog) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b bytes.Buffer
	for _, e := range l.pending {
		raw, err := json.Marshal(e)
		if err != nil {
			return err
		}
		b.Write(append(raw, '\n'))
	}
	l.pending = nil
	if l.path == "" || b.Len() == 0 {
		return nil
	}
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(b.Bytes())
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
