// Package judge decides whether programs solve problems. It turns a problem's
// tests into the most trustworthy form that can hold them, runs programs in
// package sandbox, and returns verdicts.
//
// Programs and answers never share an address space. A test is run, in order of
// preference,
//
//   - as data: the program's process gets arguments, the expected value stays in
//     Go, and Go compares with Python's == rules;
//   - split: the test's code runs in a second sandbox with the program behind a
//     stub that exchanges data only, relayed and clocked by Go;
//   - on standard input and output;
//   - as a robot: the program calls a robot that is simulated in Go, see package robot;
//   - in process, for what cannot be split (unittest, mocks, helper classes):
//     marked as less trusted in every verdict, see [Config.NoInProcess].
//
// Faults of ours (a lost sandbox) are retried and never scored.
package judge

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"hone/problem"
	"hone/robot"
	"hone/sandbox"
)

var (
	//go:embed py/codec.py
	codecSource string
	//go:embed py/closed.py
	closedSource string
	//go:embed py/candidate.py
	candidateSource string
	//go:embed py/inprocess.py
	inprocessSource string
	//go:embed py/robot.py
	robotSource string
	//go:embed py/tester.py
	testerSource string
)

// Version is part of every cache key: raise it when verdicts could change.
const Version = "1"

// Cache keeps verdicts by content hash. [hone/store.Cache] is one.
type Cache interface {
	Get(ctx context.Context, key [32]byte) ([]byte, bool, error)
	Put(key [32]byte, value []byte)
}

// Config describes a judge. The zero value of every field but Python is usable.
type Config struct {
	Python  sandbox.Interpreter
	Tier    sandbox.Tier // empty or TierAuto: the best that works
	Workers int          // programs judged at once; default: one per core
	Limits  Limits
	// Share runs programs that can reach nothing which outlives them (py/closed.py) one after the other in
	// the same process: faster, and a narrower wall. Otherwise every program has one of its own.
	Share bool
	// NoInProcess refuses tests that only run in the program's own process; rewards want that.
	NoInProcess bool
	// Preload names modules (numpy, pandas, …) that in-process tests find imported already.
	Preload []string
	Cache   Cache // nil: none
	Log     *slog.Logger
}

// Judge verifies programs. It is safe for concurrent use.
type Judge struct {
	cfg   Config
	tier  sandbox.Tier
	speed float64 // this machine's time for a fixed loop over the reference machine's, at least 1
	idle  chan *worker
	// done ends when Close is called, and with it everything under way.
	done     context.Context
	shutDown context.CancelFunc
	all      []*worker
	planner  planner
	// cacheDown is set when the cache could not be read: it is damaged, most likely.
	cacheDown atomic.Bool

	mu     sync.Mutex
	plans  map[*problem.Problem]*plan
	robots map[string]*robot.Definition // each is read once
}

// New starts the workers' sandboxes and measures the machine.
func New(ctx context.Context, cfg Config) (*Judge, error) {
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.NumCPU()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Limits = cfg.Limits.withDefaults()
	tier, _, err := sandbox.Choose(ctx, cfg.Python, cfg.Tier)
	if err != nil {
		return nil, err
	}
	j := &Judge{cfg: cfg, tier: tier, speed: 1, idle: make(chan *worker, cfg.Workers)}
	j.plans, j.robots = map[*problem.Problem]*plan{}, map[string]*robot.Definition{}
	j.done, j.shutDown = context.WithCancel(context.Background())
	j.planner.start = func(ctx context.Context) (*sandbox.Sandbox, error) { return j.startSandbox(ctx, testerSource) }
	for range cfg.Workers {
		w := &worker{j: j}
		j.all = append(j.all, w)
		j.idle <- w
	}
	if err := j.measureSpeed(ctx); err != nil {
		j.Close()
		return nil, err
	}
	return j, nil
}

// Tier is the isolation in use.
func (j *Judge) Tier() sandbox.Tier { return j.tier }

// Speed is how many times slower this machine runs Python than the machine the
// default limits were set on; at least 1.
func (j *Judge) Speed() float64 { return j.speed }

// Workers is the number of programs judged at once.
func (j *Judge) Workers() int { return j.cfg.Workers }

// PIDs lists the host process ids of the sandboxes alive now, for inspection and fault tests.
func (j *Judge) PIDs() []int {
	out := j.planner.pids()
	for _, w := range j.all {
		out = append(out, w.pids()...)
	}
	return out
}

// errClosed is what a Verify under way returns when its judge is closed.
var errClosed = errors.New("judge: closed")

// Close ends all sandboxes. Verifications under way fail. It may be called again.
func (j *Judge) Close() {
	j.shutDown()
	for range j.all { // every worker comes home, its sandboxes killed
		w := <-j.idle
		defer func() { j.idle <- w }()
		w.close()
	}
	j.planner.close()
}

// startSandbox starts a sandbox whose children run the given harness.
func (j *Judge) startSandbox(ctx context.Context, harness string, preload ...string) (*sandbox.Sandbox, error) {
	memory := j.cfg.Limits.Memory
	if len(j.cfg.Python.Site) > 0 {
		memory = max(memory, 4<<30) // address space, which scientific libraries reserve freely
	}
	return sandbox.Start(ctx, sandbox.Config{
		Python: j.cfg.Python, Tier: j.tier, Harness: codecSource + harness, Preload: preload,
		Memory: memory, File: j.cfg.Limits.Output, Log: j.cfg.Log,
	})
}

// Verify judges one whole program. The error is not nil only when ctx ended or no
// sandbox can be started; every fault of the program or of its problem is in the
// verdict.
func (j *Judge) Verify(ctx context.Context, p *problem.Problem, program string) (problem.Verdict, error) {
	return j.verify(ctx, p, program, false)
}

// verify is Verify, with coverage of what gives a wrong answer where that is asked for.
func (j *Judge) verify(ctx context.Context, p *problem.Problem, program string, coverage bool) (problem.Verdict, error) {
	t0 := time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(j.done, func() { cancel(errClosed) })()
	v := problem.Verdict{Benchmark: p.Benchmark, TaskID: p.TaskID, Tier: string(j.tier)}
	pl, err := j.plan(ctx, p)
	if err != nil {
		var se *sandbox.StartError
		if ctx.Err() != nil || errors.As(err, &se) {
			return v, err
		}
		// Nothing can be said about programs for this problem, the others go on.
		v.Verdict = problem.Infrastructure
		v.Tests = []problem.TestResult{{Name: "(problem)", Verdict: problem.Infrastructure, Error: cut("this problem cannot be judged: " + err.Error())}}
		return v, nil
	}
	key := j.cacheKey(pl, program, coverage)
	if j.cfg.Cache != nil && !j.cacheDown.Load() {
		if hit, ok := j.cached(ctx, key); ok {
			hit.Benchmark, hit.TaskID = v.Benchmark, v.TaskID
			return hit, nil
		}
	}
	w, release, err := j.worker(ctx)
	if err != nil {
		return v, err
	}
	defer release()
	out, err := w.verify(ctx, pl, program)
	if err == nil && coverage {
		err = w.cover(ctx, pl, program, &out)
	}
	if err != nil {
		return v, err
	}
	v.Tests, v.Verdict, v.Judge = out.tests, out.overall(), pl.mode
	v.CPUMillis, v.WallMillis = millis(out.cpu), millis(time.Since(t0))
	if v.Verdict != problem.Infrastructure {
		passed := v.Verdict == problem.Pass
		v.Passed = &passed
		if j.cfg.Cache != nil && !j.cacheDown.Load() {
			if b, err := json.Marshal(v); err == nil {
				j.cfg.Cache.Put(key, b)
			}
		}
	}
	return v, nil
}

func (j *Judge) cached(ctx context.Context, key [32]byte) (problem.Verdict, bool) {
	var v problem.Verdict
	b, ok, err := j.cfg.Cache.Get(ctx, key)
	if err != nil && ctx.Err() == nil && !j.cacheDown.Swap(true) {
		j.cfg.Log.Warn("the rest of this run is judged without the cache", "error", err)
	}
	if !ok || json.Unmarshal(b, &v) != nil {
		return v, false
	}
	v.Cached = true
	return v, true
}

// cacheKey hashes everything a verdict depends on; paths and names are not among it.
func (j *Judge) cacheKey(pl *plan, program string, coverage bool) [32]byte {
	h := sha256.New()
	fmt.Fprintf(h, "hone judge %s\n%s\n%s\n%v\n%v %v\n%x\n%d\n", Version, j.tier, j.cfg.Python.Identity(), j.cfg.Limits,
		j.cfg.NoInProcess, j.cfg.Preload, pl.hash, len(program))
	h.Write([]byte(program))
	if coverage {
		h.Write([]byte("\ncoverage"))
	}
	return [32]byte(h.Sum(nil))
}

// worker lends an idle worker until release. If ctx ends meanwhile its sandboxes
// are killed, so that nobody waits for a program that sleeps.
func (j *Judge) worker(ctx context.Context) (w *worker, release func(), err error) {
	select {
	case w = <-j.idle:
	case <-ctx.Done():
		return nil, nil, context.Cause(ctx)
	}
	if ctx.Err() != nil {
		j.idle <- w
		return nil, nil, context.Cause(ctx)
	}
	killed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		w.kill()
		close(killed)
	})
	return w, func() {
		if !stop() {
			<-killed
			w.close()
		}
		j.idle <- w
	}, nil
}

func millis(d time.Duration) float64 { return float64(d.Round(10*time.Microsecond)) / 1e6 }

// outcome is what running one program gave.
type outcome struct {
	tests []problem.TestResult
	cpu   time.Duration
	charges
	slowest time.Duration     // the longest that a test took
	values  []json.RawMessage // results of the data calls, when asked for
	// items are the plan's items that tests are rows of; nil: each its own.
	items []int
}

// overall is the outcome of the whole program: pass if everything passed,
// otherwise what the first failing test says; a refused call comes first.
func (o *outcome) overall() problem.Outcome {
	first := problem.Pass
	for _, t := range o.tests {
		switch {
		case t.Verdict == problem.Infrastructure, t.Verdict == problem.Forbidden:
			return t.Verdict
		case first == problem.Pass:
			first = t.Verdict
		}
	}
	if len(o.tests) == 0 {
		return problem.Infrastructure
	}
	return first
}

// maxAttempts is how often a program is run when sandboxes die under it.
const maxAttempts = 3

// verify runs the program with retries, and calibrates the limit when it timed out.
func (w *worker) verify(ctx context.Context, pl *plan, program string) (outcome, error) {
	lim := pl.limits()
	out, err := w.retry(ctx, pl, program, lim, false)
	if err != nil || out.overall() != problem.Timeout {
		return out, err
	}
	// Slow machine or slow task? Time the reference once, and give the program its share.
	if better := w.calibrate(ctx, pl); better.PerTest > lim.PerTest || better.Total > lim.Total || better.InProcess > lim.InProcess {
		return w.retry(ctx, pl, program, better, false)
	}
	return out, nil
}

// maxStarts is how often a sandbox that does not start is tried again, over about two seconds.
const maxStarts = 6

// pause waits after so many failures in a row: what kills sandboxes, or keeps them
// from starting (memory or processes that are short), may be over soon.
func pause(failures int) { time.Sleep(time.Duration(failures) * 150 * time.Millisecond) }

// retry runs the program until no sandbox dies under it, at most maxAttempts times.
// A sandbox that died before it had the program is not counted among those.
func (w *worker) retry(ctx context.Context, pl *plan, program string, lim Limits, values bool) (outcome, error) {
	var out outcome
	var err error
	for attempts, starts := 0, 0; attempts < maxAttempts && starts < maxStarts; {
		out, err = w.attempt(ctx, pl, program, lim, values)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		if err == nil {
			return out, nil
		}
		w.j.cfg.Log.Info("a sandbox was lost and is replaced", "task", pl.problem.TaskID, "error", err)
		w.close()
		var se *sandbox.StartError
		if errors.As(err, &se) {
			starts++
		} else {
			attempts++
		}
		if attempts < maxAttempts {
			pause(attempts + starts)
		}
	}
	// Is it us or the program? If an innocent program runs, it was the program.
	innocent := w.canary(ctx, pl)
	w.close()
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	var se *sandbox.StartError
	if errors.As(innocent, &se) {
		return out, innocent // there is no sandbox to be had any more: nothing is lost by stopping here
	}
	verdict, msg := problem.Infrastructure, fmt.Sprintf("sandboxes died %d times: %v", maxAttempts, err)
	if innocent == nil {
		verdict, msg = problem.ProtocolError, fmt.Sprintf("this program took its sandbox down %d times: %v", maxAttempts, err)
	}
	out = outcome{tests: pl.results()}
	for i := range out.tests {
		out.tests[i].Verdict, out.tests[i].Error = verdict, cut(msg)
	}
	return out, nil
}
