package judge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"hone/problem"
	"hone/sandbox"
)

// Limits bound one program. Times are what the program would take on an idle
// machine as fast as the reference machine: waiting for a processor is not
// charged, nor is one that the hypervisor takes away, a slower machine gets proportionally more, and a task whose reference
// solution is slow gets RefFactor times the reference's time.
type Limits struct {
	PerTest time.Duration // one test, the first including the program's import (default 2 s)
	Total   time.Duration // all tests of a program (default 5 × PerTest)
	// InProcess replaces PerTest for unittest modules, whose imports are slow (default 20 s).
	InProcess time.Duration
	RefFactor float64 // default 10
	Memory    int64   // bytes of address space (default 1 GiB; 4 GiB for in-process tests with site packages)
	Output    int64   // bytes of standard output or of any file (default 16 MiB)
}

func (l Limits) withDefaults() Limits {
	if l.PerTest == 0 {
		l.PerTest = 2 * time.Second
	}
	if l.Total == 0 {
		l.Total = 5 * l.PerTest
	}
	if l.InProcess == 0 {
		l.InProcess = 10 * l.PerTest
	}
	if l.RefFactor == 0 {
		l.RefFactor = 10
	}
	if l.Memory == 0 {
		l.Memory = 1 << 30
	}
	if l.Output == 0 {
		l.Output = 16 << 20
	}
	return l
}

// wallFactor bounds a test on the clock, whatever its process was doing: a
// machine this overloaded gives no verdicts worth having.
const wallFactor = 20

// maxElements bounds the values in one message: decoded, each takes many times
// the two bytes it can be written in.
const maxElements = 2 << 20

var (
	errTimeout = errors.New("time limit")
	// errOverload: the machine gave the program next to no time. No verdict follows.
	errOverload = errors.New("the machine is overloaded: a program waited for a processor for most of its time")
	// errElements: one result was too large; the conversation can go on.
	errElements = errors.New("the result is too large")
)

// grace is how long an answer is still looked for when a program's time seems over.
// The judge may be what was late: on a machine with more to do than processors, an
// answer can be there for seconds before anybody is given the time to see it.
const grace = 10 * time.Millisecond

// await receives one frame from a program that has been at it since start, and
// charges it only for time it could have used; from is a reading of its clocks from before.
func await(ctx context.Context, p *sandbox.Process, from reading, start time.Time, budget time.Duration) ([]byte, error) {
	deadline, mark := start.Add(budget), hypervisor.mark()
	for over := error(nil); ; {
		b, err := p.Receive(deadline)
		if err == nil && bytes.Count(b, []byte{','}) > maxElements {
			return nil, errElements
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return b, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if over != nil {
			return nil, over
		}
		spent := time.Since(start)
		cpu, waited, ok := p.Clock()
		// Other threads may work while the main thread waits for a processor:
		// whatever CPU time cannot be from before start is charged too.
		charged := max(spent-max(0, waited-from.waited)-hypervisor.since(mark), cpu-from.cpu-start.Sub(from.at))
		deadline = time.Now().Add(max(budget-charged, grace))
		switch {
		case !ok || charged >= budget:
			over = errTimeout
		case spent >= wallFactor*budget:
			over = errOverload
		}
	}
}

// speedProgram takes speedReference of CPU time on the machine the default
// limits were chosen on (2 virtual cores at about 3 GHz, CPython 3.11).
const (
	speedProgram = `
def spin(n):
    s = 0
    for i in range(n):
        s += i * i % 7
    return s
`
	speedReference = 22 * time.Millisecond
)

var speedProblem = &problem.Problem{
	Benchmark: "hone", TaskID: "speed", EntryPoint: "spin",
	Tests: []problem.Test{{Name: "spin", Kind: problem.KindCall, Spec: []byte(`{"function":"spin","args":[300000],"compare":"any"}`)}},
}

// measureSpeed sets j.speed. It also is the first sign of life of the sandbox.
func (j *Judge) measureSpeed(ctx context.Context) error {
	w, release, err := j.worker(ctx)
	if err != nil {
		return err
	}
	defer release()
	var out outcome
	for range maxAttempts { // a sandbox may be lost here as anywhere
		if out, err = w.trial(ctx); err == nil || ctx.Err() != nil {
			break
		}
		w.close()
	}
	if err != nil {
		return err
	}
	if s := float64(out.cpu) / float64(speedReference); s > 1 {
		j.speed = s
	}
	return nil
}

// canary returns nil if sandboxes do their work: a program that is known to pass
// runs and, where tests run apart from the program, so does the reference
// solution, since the tests themselves may be what dies. Without a reference they
// meet a program that defines nothing: no program may leave the denominator by dying.
func (w *worker) canary(ctx context.Context, pl *plan) error {
	if _, err := w.trial(ctx); err != nil || len(pl.split) == 0 {
		return err
	}
	_, err := w.attempt(ctx, pl, pl.problem.Reference, pl.base.scale(10), false)
	return err
}

func (w *worker) trial(ctx context.Context) (outcome, error) {
	pl, err := w.j.plan(ctx, speedProblem)
	if err != nil {
		return outcome{}, err
	}
	out, err := w.attempt(ctx, pl, speedProgram, w.j.cfg.Limits.scale(30), false)
	if err == nil && out.overall() != problem.Pass {
		err = fmt.Errorf("judge: the trial program gave %+v", out.tests)
	}
	return out, err
}

func (l Limits) scale(f float64) Limits {
	by := func(d time.Duration) time.Duration { return time.Duration(float64(d) * f) }
	l.PerTest, l.Total, l.InProcess = by(l.PerTest), by(l.Total), by(l.InProcess)
	return l
}

// limits are the plan's limits as far as known now.
func (pl *plan) limits() Limits {
	pl.calMu.Lock()
	defer pl.calMu.Unlock()
	return pl.lim
}

// calibrate times the problem's reference solution once and returns the limits
// that follow: max(floor × machine speed, RefFactor × reference).
func (w *worker) calibrate(ctx context.Context, pl *plan) Limits {
	pl.calOnce.Do(func() {
		if pl.problem.Reference == "" {
			return
		}
		out, err := w.attempt(ctx, pl, pl.problem.Reference, pl.base.scale(10), false)
		if err != nil {
			w.close()
			return
		}
		pl.calibrateFrom(out, w.j.cfg.Limits.RefFactor)
	})
	return pl.limits()
}

// calibrateFrom widens the limits by what the reference took. A reference that
// hangs itself tells nothing: only tests that came to an end count.
func (pl *plan) calibrateFrom(ref outcome, factor float64) {
	pl.calMu.Lock()
	defer pl.calMu.Unlock()
	pl.lim.PerTest = max(pl.lim.PerTest, time.Duration(factor*float64(ref.slowest)))
	pl.lim.InProcess = max(pl.lim.InProcess, time.Duration(factor*float64(ref.slowest)))
	pl.lim.Total = max(pl.lim.Total, time.Duration(factor*float64(ref.total)))
}
