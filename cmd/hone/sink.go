package main

import (
	"bufio"
	"encoding/json"
	"errors"
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
	suite    *suite
	tally    *judge.Tally
	log      *store.RowLog // nil unless a file
	out      *bufio.Writer // nil unless standard output
	done     int           // verdicts of an earlier run
	complete bool          // an earlier run finished

	mu      sync.Mutex
	ticker  *time.Ticker
	stopped chan struct{}
}

func openSink(f judgeFlags, s *suite, tally *judge.Tally, fingerprint string) (*sink, error) {
	k := &sink{path: f.out, suite: s, tally: tally}
	switch f.out {
	case "":
		return k, nil
	case "-":
		k.out = bufio.NewWriterSize(os.Stdout, 1<<16)
		return k, nil
	}
	log, err := store.OpenRows(f.out, fingerprint, f.force)
	if err != nil {
		return nil, err
	}
	k.log, k.complete = log, log.Complete()
	for row := range log.Rows() {
		var v problem.Verdict
		if err := json.Unmarshal(row, &v); err != nil {
			log.Close()
			return nil, fmt.Errorf("%s: row %d of the earlier run: %w (use --force to start anew)", f.out, k.done+1, err)
		}
		k.count(&v)
		k.done++
	}
	k.ticker, k.stopped = time.NewTicker(200*time.Millisecond), make(chan struct{})
	go func() { // what is judged is on disk a moment later, whatever happens to us
		for {
			select {
			case <-k.ticker.C:
				k.mu.Lock()
				k.log.Flush() // an error stays and comes back from Append
				k.mu.Unlock()
			case <-k.stopped:
				return
			}
		}
	}()
	return k, nil
}

func (k *sink) count(v *problem.Verdict) {
	task := v.TaskID
	if p, err := k.suite.index.Find(v.TaskID); err == nil {
		task = p.TaskID
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

func (k *sink) where() string {
	if k.log == nil {
		return ""
	}
	return " and saving"
}

// interrupted adds to err what is safe and how to go on.
func (k *sink) interrupted(err error) error {
	if k.log == nil {
		return err
	}
	k.mu.Lock()
	ferr := k.log.Flush()
	k.mu.Unlock()
	if ferr != nil {
		return errors.Join(err, ferr)
	}
	fmt.Fprintf(os.Stderr, "hone: %d verdicts are safe in %s.part; the same command goes on from there\n", k.tally.Programs, k.path)
	return err
}

// commit completes the output.
func (k *sink) commit(meta any) error {
	if k.out != nil {
		return k.out.Flush()
	}
	if k.log == nil || k.complete {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.log.Commit(meta)
}

func (k *sink) close() error {
	if k.log == nil {
		return nil
	}
	k.ticker.Stop()
	close(k.stopped)
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.log.Close()
}
