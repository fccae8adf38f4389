package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"hone/judge"
	"hone/problem"
	"hone/store"
)

// sink is where verdicts go: a resumable file, standard output, or nowhere but the tally.
type sink struct {
	path     string
	force    bool
	suite    *suite
	tally    *judge.Tally
	log      *store.RowLog             // nil unless a file
	out      *bufio.Writer             // nil unless standard output
	done     int                       // verdicts of an earlier run
	complete bool                      // an earlier run finished
	problems map[*problem.Problem]bool // that have a verdict

	mu      sync.Mutex
	ticker  *time.Ticker
	stopped chan struct{}
}

func openSink(path string, force bool, s *suite, tally *judge.Tally, fingerprint string) (*sink, error) {
	k := &sink{path: path, force: force, suite: s, tally: tally, problems: map[*problem.Problem]bool{}}
	switch path {
	case "":
		return k, nil
	case "-":
		k.out = bufio.NewWriterSize(os.Stdout, 1<<16)
		k.startFlushing()
		return k, nil
	}
	log, err := store.OpenRows(path, fingerprint, force)
	if err != nil {
		return nil, err
	}
	k.log, k.complete = log, log.Complete()
	for row := range log.Rows() {
		var v problem.Verdict
		if err := json.Unmarshal(row, &v); err != nil {
			log.Close()
			return nil, fmt.Errorf("%s: row %d of the earlier run: %w (use --force to start anew)", path, k.done+1, err)
		}
		k.count(&v)
		k.done++
	}
	if err := log.Err(); err != nil {
		log.Close()
		return nil, err
	}
	k.startFlushing()
	return k, nil
}

// startFlushing puts what is judged where it belongs a moment later, whatever happens to us.
func (k *sink) startFlushing() {
	k.ticker, k.stopped = time.NewTicker(200*time.Millisecond), make(chan struct{})
	go func() {
		for {
			select {
			case <-k.ticker.C:
				_ = k.flush() // an error stays and comes back from add
			case <-k.stopped:
				return
			}
		}
	}()
}

func (k *sink) flush() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.log != nil {
		return k.log.Flush()
	}
	return k.out.Flush()
}

func (k *sink) count(v *problem.Verdict) {
	task := v.TaskID
	if p, err := k.suite.index.Find(v.TaskID); err == nil {
		task = p.TaskID
		k.problems[p] = true
	}
	k.tally.Add(task, v)
}

func (k *sink) add(v *problem.Verdict) error {
	k.count(v)
	if k.log == nil && k.out == nil {
		return nil
	}
	row, err := json.Marshal(v)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.log != nil {
		return k.log.Append(row)
	}
	if _, err := k.out.Write(append(row, '\n')); err != nil {
		return fmt.Errorf("write verdicts to standard output: %w", err)
	}
	return nil
}

// excluded names the tests that were left out, see judge.Judge.Excluded.
func (k *sink) excluded(ctx context.Context, j *judge.Judge) (names []string, err error) {
	for _, p := range k.suite.problems {
		if k.done > 0 && !k.complete && k.problems[p] {
			// Its verdicts may all be from the earlier run; which tests were left out is known once it is prepared.
			_ = j.Prepare(ctx, p) // a problem that cannot be prepared has said so in its rows
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
		for _, name := range j.Excluded(p) {
			names = append(names, p.TaskID+" "+name)
		}
	}
	return names, nil
}

// saving is what Ctrl-C does besides finishing.
func (k *sink) saving() string {
	if k.log == nil {
		return ""
	}
	return " and saving"
}

// interrupted adds to err what is safe and how to go on.
func (k *sink) interrupted(err error) error {
	if k.log == nil && k.out == nil {
		return err
	}
	if ferr := k.flush(); ferr != nil {
		return ferr // says how much is safe; err is the same or follows from it
	}
	if k.log != nil {
		again := "the same command"
		if k.force {
			again += " without --force"
		}
		fmt.Fprintln(os.Stderr, message(fmt.Sprintf("%s safe in %s.part; %s goes on from there", count(k.tally.Programs, "verdict is", "verdicts are"), k.path, again)))
	}
	return err
}

// commit completes the output.
func (k *sink) commit(meta any) error {
	switch {
	case k.out != nil:
		return k.flush()
	case k.log == nil || k.complete:
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.log.Commit(meta)
}

func (k *sink) close() error {
	if k.ticker != nil {
		k.ticker.Stop()
		close(k.stopped)
	}
	if k.log == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.log.Close()
}
