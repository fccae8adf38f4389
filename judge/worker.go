package judge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"hone/problem"
	"hone/robot"
	"hone/sandbox"
)

// worker judges one program at a time with up to four sandboxes, each started
// when first needed: for programs, for programs with their tests in the same
// process (it has unittest and more warm, which makes forks dearer), for programs of
// robots, and for reading and running tests.
type worker struct {
	j *Judge

	mu                                  sync.Mutex // guards the pointers against pids and close
	candidate, inprocess, robot, tester *sandbox.Sandbox

	// Processes of candidate and robot that have run programs, see used.
	usedCandidate, usedRobot used
}

func (w *worker) pids() []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []int
	for _, s := range []*sandbox.Sandbox{w.candidate, w.inprocess, w.robot, w.tester} {
		if s != nil {
			out = append(out, s.PID())
		}
	}
	return out
}

// kill ends the worker's sandboxes under whoever uses them; close has to follow.
func (w *worker) kill() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range []*sandbox.Sandbox{w.candidate, w.inprocess, w.robot, w.tester} {
		if s != nil {
			s.Kill()
		}
	}
}

func (w *worker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.usedCandidate, w.usedRobot = used{}, used{}
	for _, s := range []**sandbox.Sandbox{&w.candidate, &w.inprocess, &w.robot, &w.tester} {
		if *s != nil {
			(*s).Close()
			*s = nil
		}
	}
}

// next returns a waiting process of the sandbox in slot, starting it if there is none.
func (w *worker) next(ctx context.Context, slot **sandbox.Sandbox, harness string, preload ...string) (*sandbox.Process, error) {
	if *slot == nil {
		s, err := w.j.startSandbox(ctx, harness, preload...)
		if err != nil {
			return nil, err
		}
		w.mu.Lock()
		*slot = s
		w.mu.Unlock()
	}
	return (*slot).Next()
}

// used is a process that has run programs, all of them closed (py/closed.py) and come to their ends, and
// waits for another. Without a process it is a fresh one.
type used struct {
	p        *sandbox.Process
	programs int
}

// mostPrograms is how many programs one process runs: what they leave behind is small, but not nothing.
const mostPrograms = 100

// doubtful reports whether a program that broke off for this cause, or met this exception, has to be run again if its process was a used
// one: what has no memory left, or dies, may do so for what others left behind.
func (u used) doubtful(cause error, e *pyError) bool {
	if u.programs == 0 {
		return false
	}
	return e != nil && e.Base == "MemoryError" || cause != nil && !errors.Is(cause, errTimeout) && !errors.Is(cause, errOverload) && !errors.Is(cause, robot.ErrOver)
}

// harmless reports whether a process can go on being used after an exception.
func (e *pyError) harmless() bool {
	return e == nil || e.Base != "MemoryError" && e.Base != "RecursionError"
}

// keep puts a process by for the next closed program. It reports whether it could, and the CPU time of this one.
func (w *worker) keep(slot *used, u used) (cpu time.Duration, ok bool) {
	if !w.j.cfg.Share || u.programs+1 >= mostPrograms {
		return 0, false
	}
	if cpu, ok = u.p.Again(); ok {
		*slot = used{u.p, u.programs + 1}
	}
	return cpu, ok
}

// candidateProcess returns a fresh process for a program.
func (w *worker) candidateProcess(ctx context.Context) (*sandbox.Process, error) {
	if u := w.usedCandidate; u.p != nil {
		w.usedCandidate = used{}
		if _, err := u.p.End(); err != nil {
			return nil, err
		}
	}
	return w.next(ctx, &w.candidate, closedSource+candidateSource)
}

// sharedCandidate returns a process for a program that may share it.
func (w *worker) sharedCandidate(ctx context.Context) (used, error) {
	if u := w.usedCandidate; u.p != nil {
		w.usedCandidate = used{}
		return u, nil
	}
	p, err := w.candidateProcess(ctx)
	return used{p: p}, err
}

// sharedRobot is sharedCandidate for programs of robots.
func (w *worker) sharedRobot(ctx context.Context) (used, error) {
	if u := w.usedRobot; u.p != nil {
		w.usedRobot = used{}
		return u, nil
	}
	p, err := w.next(ctx, &w.robot, closedSource+candidateSource+robotSource)
	return used{p: p}, err
}

func (w *worker) inprocessProcess(ctx context.Context) (*sandbox.Process, error) {
	return w.next(ctx, &w.inprocess, closedSource+candidateSource+inprocessSource, w.j.cfg.Preload...)
}

func (w *worker) testerProcess(ctx context.Context) (*sandbox.Process, error) {
	return w.next(ctx, &w.tester, testerSource)
}

// attempt runs the program once against all tests. An error means that a sandbox
// was lost (or ctx ended) and nothing is known about the program.
func (w *worker) attempt(ctx context.Context, pl *plan, program string, lim Limits, values bool) (outcome, error) {
	r := &run{w: w, pl: pl, program: program, lim: lim, out: outcome{tests: pl.results()}}
	if values {
		r.out.values = make([]json.RawMessage, len(pl.data))
	}
	if err := r.steps(ctx); err != nil {
		return r.out, err
	}
	r.finish()
	return r.out, nil
}

// steps runs the tests of each kind.
func (r *run) steps(ctx context.Context) error {
	for _, step := range []struct {
		items []int
		run   func(context.Context) error
	}{{r.pl.data, r.runData}, {r.pl.split, r.runSplit}, {r.pl.stdio, r.runStdio}, {r.pl.robot, r.runRobot}, {r.pl.inproc, r.runInProcess}} {
		if len(step.items) == 0 {
			continue
		}
		if err := step.run(ctx); err != nil {
			return err
		}
	}
	return nil
}

// run is one attempt under way.
type run struct {
	w       *worker
	pl      *plan
	program string
	lim     Limits
	out     outcome
	// extra are rows for check sites, which are known only once they ran, by item.
	extra map[int][]problem.TestResult
	// lines of the program that ran, by item; nil: the run is not traced.
	lines map[int][]int
}

// pyError is a Python exception as the harnesses report it:
// [type, message, line, builtin base, missing module].
type pyError struct {
	Type, Message string
	Line          int
	Base, Missing string
}

// UnmarshalJSON implements [json.Unmarshaler].
func (e *pyError) UnmarshalJSON(b []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	if len(parts) != 5 {
		return fmt.Errorf("an error has 5 parts, not %d", len(parts))
	}
	var line *int
	var base, missing *string
	if err := errors.Join(json.Unmarshal(parts[0], &e.Type), json.Unmarshal(parts[2], &line), json.Unmarshal(parts[3], &base), json.Unmarshal(parts[4], &missing)); err != nil {
		return err
	}
	msg, err := problem.DecodeValue(parts[1]) // a message with lone surrogates is tagged
	if err != nil {
		return err
	}
	s, ok := msg.(string)
	if !ok {
		return errors.New("an error's message is text")
	}
	e.Message = s
	if line != nil {
		e.Line = *line
	}
	if base != nil {
		e.Base = *base
	}
	if missing != nil {
		e.Missing = *missing
	}
	return nil
}

// MarshalJSON implements [json.Marshaler].
func (e pyError) MarshalJSON() ([]byte, error) {
	orNull := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	return json.Marshal([]any{e.Type, problem.EncodeValue(e.Message), e.Line, orNull(e.Base), orNull(e.Missing)})
}

func (e pyError) text() string {
	if e.Message == "" {
		return e.Type
	}
	return e.Type + ": " + e.Message
}

// outcome classifies the exception of a program.
func (e pyError) outcome(stage string) problem.Outcome {
	switch {
	case stage == "syntax":
		return problem.SyntaxError
	case e.Base == "MemoryError":
		return problem.MemoryLimit
	case e.Missing != "":
		return problem.MissingModule
	case stage == "output":
		return problem.OutputLimit
	}
	return problem.Exception
}

// testRow is a row of the verdict under construction.
type testRow struct{ *problem.TestResult }

func (r *run) row(i int) testRow { return testRow{&r.out.tests[i]} }

func (t testRow) fail(o problem.Outcome, msg string, line int) {
	t.Verdict, t.Error, t.Line = o, cut(msg), line
}

// notRun begins the error of a test that an earlier one's end kept from running.
const notRun = "not run: "

// spent charges the program for time. Only what came to an end tells how long tests take.
func (r *run) spent(d time.Duration, cause error) {
	r.out.add(d)
	if cause == nil {
		r.out.slowest = max(r.out.slowest, d)
	}
}

// failRest fills every row of items that has no verdict yet.
func (r *run) failRest(items []int, o problem.Outcome, msg string, line int) {
	first := true
	for _, i := range items {
		t := r.row(i)
		if t.Verdict != "" {
			continue
		}
		if first {
			t.fail(o, msg, line)
			first = false
		} else {
			t.fail(o, notRun+msg, line)
		}
	}
}

// end reaps the process and explains its end to the rows of items that have none
// yet. cause is what stopped the conversation: nil when it ended as it should.
func (r *run) end(ctx context.Context, p *sandbox.Process, items []int, cause error) error {
	u, err := p.End()
	if err != nil {
		return err
	}
	r.out.cpu += u.CPU
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if u.Killed {
		return errKilled
	}
	if errors.Is(cause, errOverload) {
		return cause
	}
	if cause != nil {
		o, msg := explain(u, cause)
		r.failRest(items, o, msg, 0)
	}
	if u.Forbidden != "" {
		r.forbid(items, u.Forbidden)
	}
	return nil
}

// errKilled is no verdict: the program is run again, and if that does not help it was its own doing.
var errKilled = errors.New("killed by SIGKILL, from outside (is memory short?) or by itself")

// explain says why a program stopped talking.
func explain(u sandbox.Usage, cause error) (problem.Outcome, string) {
	switch {
	case errors.Is(cause, errTimeout):
		return problem.Timeout, "time limit"
	case errors.Is(cause, sandbox.ErrFrame), errors.Is(cause, errElements):
		return problem.OutputLimit, "the result is too large"
	case errors.Is(cause, errProtocol):
		return problem.ProtocolError, cause.Error()
	case u.Signal == syscall.SIGXCPU:
		return problem.Timeout, "CPU limit"
	case u.Signal == syscall.SIGKILL:
		return problem.ProtocolError, "closed the channel to the judge"
	case u.Signal != nil:
		return problem.Exception, fmt.Sprintf("the interpreter was ended by signal %q (stack overflow, or native code)", u.Signal)
	case errors.Is(cause, io.EOF):
		return problem.ProtocolError, fmt.Sprintf("the program ended its process with status %d instead of returning", u.ExitCode)
	}
	return problem.ProtocolError, cause.Error()
}

// forbid marks the rows that did not pass, or all of them if all passed. Tests
// that run in process may themselves have tried: there, what passed has passed.
func (r *run) forbid(items []int, name string) {
	var rows []*problem.TestResult // of a check, its sites
	for _, i := range items {
		for k := range r.extra[i] {
			rows = append(rows, &r.extra[i][k])
		}
		if len(r.extra[i]) == 0 {
			rows = append(rows, &r.out.tests[i])
		}
	}
	all := len(r.pl.inproc) == 0
	for _, t := range rows {
		all = all && t.Verdict == problem.Pass
	}
	for _, t := range rows {
		if all || t.Verdict != problem.Pass {
			t.Verdict = problem.Forbidden
			t.Error = cut("refused system call: " + name + prefixed("; ", t.Error))
		}
	}
}

func prefixed(sep, s string) string {
	if s == "" {
		return ""
	}
	return sep + s
}

// errProtocol means that a program's message was not what the harness sends.
var errProtocol = errors.New("garbled the channel to the judge")

// reply is a message of candidate.py or tester.py.
type reply struct {
	OK    int               `json:"ok"`
	Stage string            `json:"stage"`
	E     *pyError          `json:"e"`
	Q     *int              `json:"q"`
	V     json.RawMessage   `json:"v"`
	A     []json.RawMessage `json:"a"`
	// Closed is said of a program before it runs.
	Closed *bool `json:"closed"`
	// tests run by a harness
	Test  string            `json:"t"`
	O     string            `json:"o"`
	Line  int               `json:"line"`
	Got   string            `json:"got"`
	Taint int               `json:"taint"`
	End   string            `json:"end"`
	Done  int               `json:"done"`
	Call  []json.RawMessage `json:"call"`
	Lines []int             `json:"l"` // that ran, in a traced run
}

// hear awaits and parses one message.
func (r *run) hear(ctx context.Context, p *sandbox.Process, start time.Time, budget time.Duration) (reply, error) {
	var rep reply
	b, err := await(ctx, p, r.out.from(p), start, budget)
	if err != nil {
		return rep, err
	}
	if err := json.Unmarshal(b, &rep); err != nil {
		return rep, errProtocol
	}
	return rep, nil
}

// begin sends a job and waits until the program is loaded. ok is false when it
// did not load; then the rows of items say why and the process has ended.
func (r *run) begin(ctx context.Context, p *sandbox.Process, items []int, job []byte, budget time.Duration) (ok bool, err error) {
	rep, cause := r.load(ctx, p, job, budget, nil)
	switch {
	case cause != nil:
	case rep.OK != 1:
		r.notLoaded(items, rep)
		return false, r.end(ctx, p, items, nil)
	default:
		return true, nil
	}
	return false, r.end(ctx, p, items, cause)
}

// load sends a job and awaits whether its program could be loaded. closed, unless it is nil, is set to what
// is said of the program before it runs.
func (r *run) load(ctx context.Context, p *sandbox.Process, job []byte, budget time.Duration, closed *bool) (rep reply, cause error) {
	start := time.Now()
	cause = p.SendFrame(start.Add(budget*wallFactor), job)
	start = time.Now() // the way there is not the program's
	if cause == nil || isPipe(cause) {
		rep, cause = r.hear(ctx, p, start, budget)
	}
	if cause == nil && closed != nil && rep.Stage == "" {
		if rep.Closed == nil {
			cause = errProtocol
		} else {
			*closed = *rep.Closed
			rep, cause = r.hear(ctx, p, start, budget)
		}
	}
	r.spent(time.Since(start), cause)
	if cause == nil && rep.OK != 1 && (rep.E == nil || rep.Stage == "") {
		cause = errProtocol
	}
	return rep, cause
}

// notLoaded gives the rows of items the reason why the program did not load.
func (r *run) notLoaded(items []int, rep reply) {
	o := rep.E.outcome(rep.Stage)
	for _, i := range items {
		r.row(i).fail(o, rep.E.text(), rep.E.Line)
	}
}

func isPipe(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// finish gives split checks their sites as rows, and every row a verdict.
func (r *run) finish() {
	if len(r.extra) > 0 {
		var rows []problem.TestResult
		var items []int
		for i, t := range r.out.tests {
			if x := r.extra[i]; len(x) > 0 {
				rows = append(rows, x...)
				for range x {
					items = append(items, i)
				}
			} else {
				rows = append(rows, t)
				items = append(items, i)
			}
		}
		r.out.tests, r.out.items = rows, items
	}
	for i := range r.out.tests {
		if t := &r.out.tests[i]; t.Verdict == "" && !r.pl.partial {
			t.Verdict, t.Error = problem.Infrastructure, "the judge lost track of this test (please report)"
			r.w.j.cfg.Log.Error("test without verdict", slog.String("task", r.pl.problem.TaskID), slog.String("test", t.Name))
		}
	}
}

// cut shortens text for a verdict.
func cut(s string) string {
	if len(s) > problem.MaxShown {
		s = s[:problem.MaxShown]
		for len(s) > 0 && !utf8.ValidString(s[max(0, len(s)-4):]) {
			s = s[:len(s)-1]
		}
		s += "…"
	}
	return s
}
