package judge

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"hone/problem"
	"hone/robot"
	"hone/sandbox"
)

// robotTest is a test of kind robot made ready.
type robotTest struct {
	world     *robot.World
	check     *robot.Check    // nil: whatever happens is right
	api       json.RawMessage // of the robot, for robot.py
	mayNotEnd bool
	watch     func(*robot.Simulation) // sees each run when it is over; may be nil
}

// robot returns the definition that tests call name.
func (j *Judge) robot(name string) (*robot.Definition, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if d := j.robots[name]; d != nil {
		return d, nil
	}
	d, err := robot.Load(name)
	if err != nil {
		return nil, err
	}
	j.robots[name] = d
	return d, nil
}

// robotTest prepares a test: its world and its check are compiled against the robot.
func (j *Judge) robotTest(t *problem.Test) (*robotTest, error) {
	var s problem.RobotSpec
	if err := json.Unmarshal(t.Spec, &s); err != nil {
		return nil, fmt.Errorf("test %q: %w", t.Name, err)
	}
	d, err := j.robot(s.Robot)
	if err != nil {
		return nil, fmt.Errorf("test %q: %w", t.Name, err)
	}
	world, err := d.World(s.World, "world of test "+t.Name)
	if err != nil {
		return nil, err
	}
	check, err := d.Check(s.Check, "check of test "+t.Name)
	if err != nil {
		return nil, err
	}
	return newRobotTest(world, check, s.MayNotEnd)
}

// robotJob is what robot.py reads.
type robotJob struct {
	Mode    string          `json:"m"`
	Code    string          `json:"code"`
	Entry   string          `json:"entry"`
	API     json.RawMessage `json:"api"` // [name, parameters, defaults] an action
	Seconds float64         `json:"seconds"`
	Worlds  int             `json:"worlds"`
	Shared  bool            `json:"shared"` // see candidateJob
}

// apiOf is a robot's API as robot.py wants it.
func apiOf(d *robot.Definition) []any {
	var out []any
	for _, a := range d.Actions {
		names, defaults := []string{}, map[string]json.RawMessage{}
		for _, p := range a.Params {
			names = append(names, p.Name)
			if p.HasDefault {
				defaults[p.Name] = problem.EncodeValue(toValue(p.Default))
			}
		}
		out = append(out, []any{a.Name, names, defaults})
	}
	return out
}

// runRobot runs the program in each world, in as few processes as it takes: one, unless
// a run has to be stopped or the process dies.
func (r *run) runRobot(ctx context.Context) error {
	for todo := r.shuffled(r.pl.robot); len(todo) > 0; {
		// The worlds of one process have one robot.
		n := 1
		for n < len(todo) && r.pl.items[todo[n]].robot.world.Robot() == r.pl.items[todo[0]].robot.world.Robot() {
			n++
		}
		done, err := r.runWorlds(ctx, todo[:n])
		if err != nil {
			return err
		}
		todo = todo[done:]
		if r.out.beyond(r.lim.Total) {
			r.failRest(todo, problem.Timeout, "time limit for all tests together", 0)
			return nil
		}
	}
	return nil
}

// shuffled orders items by a hash of the program, so that no program can know which
// world it is in. Results are reported in the tests' order all the same.
func (r *run) shuffled(items []int) []int {
	seed := sha256.Sum256([]byte(r.program))
	key := func(i int) string {
		h := sha256.Sum256(fmt.Appendf(seed[:], "%d", i))
		return string(h[:8])
	}
	out := slices.Clone(items)
	slices.SortFunc(out, func(a, b int) int {
		ra, rb := r.pl.items[a].robot.world.Robot().Name, r.pl.items[b].robot.world.Robot().Name
		return cmp.Or(cmp.Compare(ra, rb), cmp.Compare(key(a), key(b)))
	})
	return out
}

// runWorlds runs one process through the worlds of items, until it is through or has to
// be ended, and returns how many of them have their verdict.
func (r *run) runWorlds(ctx context.Context, items []int) (done int, err error) {
	u, err := r.w.sharedRobot(ctx)
	if err != nil {
		return 0, err
	}
	p := u.p
	d := r.pl.items[items[0]].robot.world.Robot()
	job, err := json.Marshal(robotJob{Mode: "robot", Code: r.program, Entry: d.Entry, API: r.pl.items[items[0]].robot.api, Seconds: d.Limits.Seconds, Worlds: len(items), Shared: r.w.j.cfg.Share})
	if err != nil {
		p.End()
		return 0, err
	}
	if err := p.Prompt(promptTime); err != nil {
		p.End()
		return 0, err
	}
	c := &conversation{r: r, p: p, clock: robotClock{p: p, limit: r.lim.PerTest}}
	start, before := time.Now(), r.out.total
	cause := p.SendFrame(start.Add(r.lim.PerTest*wallFactor), job)
	if cause != nil && isPipe(cause) {
		cause = nil
	}
	// What comes first is said before the program runs, and so not by it.
	var first robotEnd
	if cause == nil {
		first, cause = c.first(ctx)
		if u.programs > 0 && (first.Closed == nil || !*first.Closed) && ctx.Err() == nil { // it did not run here
			_, err := p.End()
			return 0, err
		}
		if cause == nil && first.Stage != "" {
			for _, i := range items {
				r.row(i).fail(first.E.outcome(first.Stage), first.E.text(), first.E.Line)
			}
			return len(items), r.end(ctx, p, items, nil)
		}
	}
	harmless := true
	for done < len(items) && cause == nil && r.withinTotal(p, before) {
		i := items[done]
		test := r.pl.items[i].robot
		sim := robot.New(test.world)
		var left robotEnd
		left, cause = c.world(ctx, sim)
		if u.doubtful(cause, left.E) && ctx.Err() == nil { // this world again, in a fresh process
			_, err := p.End()
			return done, err
		}
		harmless = harmless && left.E.harmless()
		r.spent(c.clock.spent, cause)
		c.clock.nextWorld()
		if test.watch != nil {
			test.watch(sim)
		}
		switch {
		case errors.Is(cause, robot.ErrOver), errors.Is(cause, errTimeout) && test.mayNotEnd:
			r.stopped(r.row(i), test, sim)
			return done + 1, r.end(ctx, p, items[:done+1], nil)
		case cause == nil:
			r.judgeRun(r.row(i), test, sim, left)
		}
		done++
	}
	if cause != nil {
		done = max(done, 1) // it broke off before its first world
	}
	if cause == nil && harmless && done == len(items) && *first.Closed {
		if cpu, ok := r.w.keep(&r.w.usedRobot, u); ok {
			r.out.cpu += cpu
			return done, nil
		}
	}
	return done, r.end(ctx, p, items[:done], cause)
}

// withinTotal reports whether the program has time left for more worlds. It had been
// charged before when its process p began; where the clock says no, CPU time decides.
func (r *run) withinTotal(p *sandbox.Process, before time.Duration) bool {
	if r.out.beyond(r.lim.Total) {
		if cpu, _, ok := p.Clock(); ok {
			r.out.total = min(r.out.total, before+cpu)
		}
	}
	return !r.out.beyond(r.lim.Total)
}

// stopped judges a run that had to be ended.
func (r *run) stopped(t testRow, test *robotTest, sim *robot.Simulation) {
	if sim.Fault() != nil {
		t.fail(problem.Infrastructure, sim.Fault().Error(), 0)
		return
	}
	if test.mayNotEnd {
		r.judgeTrace(t, test, sim)
		return
	}
	t.fail(problem.Timeout, fmt.Sprintf("still running after %d actions and %.0f s of the robot's time", min(sim.Actions(), test.world.Robot().Limits.Actions), sim.Now()), 0)
}

// judgeRun gives the verdict on a run that ended by itself.
func (r *run) judgeRun(t testRow, test *robotTest, sim *robot.Simulation, end robotEnd) {
	failure := sim.Failure()
	switch {
	case end.E != nil && end.Robot == 1 && failure != nil:
		t.fail(problem.RobotError, failure.Error(), end.E.Line)
	case end.E != nil:
		t.fail(end.E.outcome(""), end.E.text(), end.E.Line)
	default:
		r.judgeTrace(t, test, sim)
	}
}

// judgeTrace evaluates the check.
func (r *run) judgeTrace(t testRow, test *robotTest, sim *robot.Simulation) {
	if test.check == nil {
		t.Verdict = problem.Pass
		return
	}
	res, err := test.check.Evaluate(sim.Trace(), sim.World())
	switch {
	case err != nil:
		t.fail(problem.Infrastructure, "check: "+err.Error(), 0)
	case res.Holds:
		t.Verdict = problem.Pass
	default:
		t.fail(problem.WrongAnswer, res.Why, 0)
		t.Got = cut(showTrace(sim.Trace()))
	}
}

func showTrace(trace []robot.Event) string {
	var b strings.Builder
	for i, e := range trace {
		if i > 0 {
			b.WriteString("; ")
		}
		if b.WriteString(e.String()); b.Len() > problem.MaxShown {
			break
		}
	}
	return b.String()
}

// robotEnd is how a program left a world, or what is said before its first.
type robotEnd struct {
	Stage  string   `json:"stage"`  // at which it could not begin
	Closed *bool    `json:"closed"` // it can begin, and reaches nothing that outlives it
	World  *int     `json:"w"`
	E      *pyError `json:"e"`
	Robot  int      `json:"robot"` // the exception is one of the robot's
}

// conversation relays between a program and its simulations.
type conversation struct {
	r     *run
	p     *sandbox.Process
	clock robotClock
	out   []byte // a frame to send
}

// first awaits what is said before a program runs.
func (c *conversation) first(ctx context.Context) (robotEnd, error) {
	var end robotEnd
	frame, err := c.clock.hear(ctx)
	if err == nil && (json.Unmarshal(frame, &end) != nil || end.Closed == nil && (end.Stage == "" || end.E == nil)) {
		err = errProtocol
	}
	return end, err
}

// world serves one simulation until the program leaves its world. Whatever a program
// sends, it is a call, an end, or garbage, and can do no more than these.
func (c *conversation) world(ctx context.Context, sim *robot.Simulation) (robotEnd, error) {
	for {
		frame, err := c.clock.hear(ctx)
		if err != nil {
			return robotEnd{}, err
		}
		if len(frame) == 0 {
			return robotEnd{}, errProtocol
		}
		if frame[0] != '>' {
			var end robotEnd
			if json.Unmarshal(frame, &end) != nil || end.World == nil {
				return robotEnd{}, errProtocol
			}
			return end, nil
		}
		reply, err := c.call(sim, frame[1:])
		if err != nil {
			return robotEnd{}, err
		}
		if err := c.p.SendFrame(time.Now().Add(c.clock.limit*wallFactor), reply); err != nil && !isPipe(err) {
			return robotEnd{}, err
		}
		c.clock.sent()
	}
}

// call carries out one call and returns the reply. After a fault of the definition there
// is no point in going on.
func (c *conversation) call(sim *robot.Simulation, frame []byte) ([]byte, error) {
	action, args, line, slept, err := decodeCall(frame)
	if err != nil {
		return nil, err
	}
	var v any
	if err = sim.Sleep(slept); err == nil && action != "" {
		v, err = sim.Call(action, args, line)
	}
	failed, text := byte('0'), json.RawMessage("null")
	var f *robot.Failure
	switch {
	case errors.As(err, &f):
		failed, text = '1', problem.EncodeValue(f.Error())
	case sim.Fault() != nil:
		return nil, robot.ErrOver
	case err != nil:
		return nil, err
	case v != nil:
		text = problem.EncodeValue(toValue(v))
	}
	c.out = strconv.AppendFloat(append(c.out[:0], failed), sim.Now(), 'g', -1, 64)
	c.out = append(append(c.out, '\n'), text...)
	return c.out, nil
}

// decodeCall reads the lines action, line of the program, seconds slept, arguments.
func decodeCall(frame []byte) (action string, args []any, line int, slept float64, err error) {
	parts := bytes.SplitN(frame, []byte{'\n'}, 4)
	if len(parts) != 4 {
		return "", nil, 0, 0, errProtocol
	}
	action = string(parts[0])
	var bad [2]error
	line, bad[0] = strconv.Atoi(string(parts[1]))
	slept, bad[1] = strconv.ParseFloat(string(parts[2]), 64)
	if bad[0] != nil || bad[1] != nil {
		return "", nil, 0, 0, errProtocol
	}
	v, err := problem.DecodeValue(parts[3])
	if err != nil {
		return "", nil, 0, 0, badValue(err)
	}
	args, ok := fromValue(v).([]any)
	if !ok {
		return "", nil, 0, 0, errProtocol
	}
	return action, args, line, slept, nil
}

// fromValue makes of a program's value what simulations take.
func fromValue(v problem.Value) any {
	switch v := v.(type) {
	case nil, bool, int64, float64, string:
		return v
	case *big.Int:
		return robot.Other("int of more than 64 bits")
	case problem.List:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = fromValue(x)
		}
		return out
	case problem.Object:
		return robot.Other(v.Type)
	}
	return robot.Other(strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", v), "problem.")))
}

// toValue is the reverse for what actions return.
func toValue(v any) problem.Value {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	out := make(problem.List, len(list))
	for i, x := range list {
		out[i] = toValue(x)
	}
	return out
}

// promptTime is how long the next call of a program is waited for in the kernel: most
// come within some 20 µs.
const promptTime = 2 * time.Millisecond

// robotClock charges a program for the time between a reply and its next frame. The
// simulator's own time and the way there are not the program's; where all this adds up
// to the limit, the CPU time that the process really used decides.
type robotClock struct {
	p     *sandbox.Process
	limit time.Duration
	since time.Time     // the last reply
	spent time.Duration // in this world
	prior time.Duration // in the worlds before, at least
}

func (c *robotClock) sent() { c.since = time.Now() }

func (c *robotClock) nextWorld() { c.prior, c.spent = c.prior+c.spent, 0 }

func (c *robotClock) hear(ctx context.Context) ([]byte, error) {
	if c.since.IsZero() {
		c.since = time.Now()
	}
	for {
		b, err := await(ctx, c.p, started(c.p), c.since, c.limit-c.spent)
		if errors.Is(err, errTimeout) {
			cpu, _, ok := c.p.Clock()
			if used := max(cpu-c.prior, 0); ok && used < c.spent {
				c.spent = used // what was charged before held waiting, too
				continue
			}
			c.spent = c.limit
			return nil, err
		}
		now := time.Now()
		c.spent += now.Sub(c.since)
		c.since = now
		return b, err
	}
}
