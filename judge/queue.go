package judge

import (
	"context"
	"errors"
	"iter"
	"sync"

	"hone/problem"
)

// Job is one program to verify.
type Job struct {
	Problem *problem.Problem
	TaskID  string // as the sample spelled it; echoed in the verdict
	Sample  int
	Program string // the whole program
	// Literal is the chat response that Program was extracted from, when the two
	// differ. It is judged too, and its outcome reported as the verdict's Strict.
	Literal string
	// Response says that the sample was a chat response, so that Strict is reported.
	Response bool
	// Coverage asks for the lines that tests with a wrong answer executed, see
	// [problem.TestResult]. These tests are run again for it.
	Coverage bool
}

// Queue verifies jobs, here or elsewhere. A [Judge] is one.
type Queue interface {
	Do(ctx context.Context, job Job) (problem.Verdict, error)
	// Workers is how many jobs are worth having under way at once.
	Workers() int
}

// Do verifies one job.
func (j *Judge) Do(ctx context.Context, job Job) (problem.Verdict, error) {
	v, err := j.verify(ctx, job.Problem, job.Program, job.Coverage)
	if err != nil {
		return v, err
	}
	if job.Response {
		v.Strict = v.Verdict
		if job.Literal != "" {
			literal, err := j.Verify(ctx, job.Problem, job.Literal)
			if err != nil {
				return v, err
			}
			v.Strict = literal.Verdict
			v.CPUMillis += literal.CPUMillis
			v.WallMillis += literal.WallMillis
		}
	}
	v.TaskID, v.Sample = job.TaskID, job.Sample
	return v, nil
}

// ErrStopped is returned by Stream when stop was closed before the jobs ended.
var ErrStopped = errors.New("judge: stopped")

// window is how many verdicts may wait for an earlier, slower one.
const window = 4096

// slot is one job under way.
type slot struct {
	job     Job
	done    chan struct{}
	verdict problem.Verdict
	err     error
	same    *slot // an equal program under way or just done
}

type sameKey struct {
	problem          *problem.Problem
	program, literal string
	response         bool
	coverage         bool
}

// Stream verifies jobs concurrently and calls emit with the verdicts in the
// order of the jobs. Closing stop lets the jobs under way finish and then returns
// ErrStopped; cancelling ctx abandons them. A program that repeats one still
// within the window is not run again.
func Stream(ctx context.Context, stop <-chan struct{}, q Queue, jobs iter.Seq[Job], emit func(problem.Verdict) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	order := make(chan *slot, window)
	work := make(chan *slot)
	var wg sync.WaitGroup
	for range max(1, q.Workers()) {
		wg.Go(func() {
			for s := range work {
				s.verdict, s.err = q.Do(ctx, s.job)
				close(s.done)
			}
		})
	}
	stopped := false
	wg.Go(func() {
		defer close(order)
		defer close(work)
		recent := map[sameKey]*slot{}
		var ring []sameKey
		for job := range jobs {
			select { // a closed stop wins over a free worker
			case <-stop:
				stopped = true
				return
			default:
			}
			s := &slot{job: job, done: make(chan struct{})}
			key := sameKey{job.Problem, job.Program, job.Literal, job.Response, job.Coverage}
			if s.same = recent[key]; s.same == nil {
				select {
				case work <- s:
				case <-stop:
					stopped = true
					return
				case <-ctx.Done():
					return
				}
				recent[key] = s
				if ring = append(ring, key); len(ring) > window {
					delete(recent, ring[0])
					ring = ring[1:]
				}
			}
			select {
			case order <- s:
			case <-ctx.Done():
				return
			}
		}
	})
	var err error
	for s := range order {
		if err != nil {
			continue // drain, so that everybody ends
		}
		from := s
		if s.same != nil {
			from = s.same
		}
		<-from.done
		if err = from.err; err == nil {
			v := from.verdict
			if s.same != nil && v.Passed == nil { // a fault of ours is worth another try
				if v, err = q.Do(ctx, s.job); err != nil {
					cancel()
					continue
				}
			} else if s.same != nil {
				v.TaskID, v.Sample, v.Cached = s.job.TaskID, s.job.Sample, true
			}
			err = emit(v)
		}
		if err != nil {
			cancel()
		}
	}
	wg.Wait()
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err == nil && stopped {
		err = ErrStopped
	}
	return err
}
