package judge

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"hone/problem"
	"hone/sandbox"
)

// plan is a problem made ready to judge.
type plan struct {
	problem *problem.Problem
	mode    problem.JudgeMode // the least trusted among the tests
	items   []item            // one per row of a verdict's tests
	hash    [32]byte          // of the tests

	data      []int           // items judged as data
	dataCalls json.RawMessage // their calls, as candidate.py wants them
	split     []int           // items that are whole tests for tester.py; check sites expand at run time
	splitJob  []byte
	stdio     []int
	robot     []int
	inproc    []int
	inprocJob json.RawMessage

	partial bool // a trial of some items only; the others stay without verdict

	base    Limits    // before the reference was timed
	calOnce sync.Once // times the reference
	calMu   sync.Mutex
	lim     Limits

	ready     sync.Once
	err       error
	transient bool // err is not the problem's fault
	// excluded names tests dropped because the reference itself fails on their input.
	excluded []string
}

// item is one test as it appears in verdicts.
type item struct {
	name     string
	line     int
	cmp      problem.Comparison
	atol     float64
	raw      json.RawMessage // expected, encoded as CPython encodes it; nil: unknown yet
	expected problem.Value
	known    bool // expected is set
	stdio    problem.StdioSpec
	robot    *robotTest
}

// results returns the rows of a verdict before anything ran.
func (pl *plan) results() []problem.TestResult {
	out := make([]problem.TestResult, len(pl.items))
	for i, it := range pl.items {
		out[i].Name = it.name
	}
	return out
}

// call is a function call in the form [q, function, args, kwargs, report arguments back].
type call struct {
	Function string                     `json:"f"`
	Args     []json.RawMessage          `json:"a"`
	Kwargs   map[string]json.RawMessage `json:"k"`
	// set by the planner for asserts and checks
	Compare  problem.Comparison `json:"c"`
	Expected json.RawMessage    `json:"x"`
	Eps      float64            `json:"eps"`
	Line     int                `json:"line"`
}

func (c call) wire(q int, back bool) []any {
	if c.Args == nil {
		c.Args = []json.RawMessage{}
	}
	if c.Kwargs == nil {
		c.Kwargs = map[string]json.RawMessage{}
	}
	b := 0
	if back {
		b = 1
	}
	return []any{q, c.Function, c.Args, c.Kwargs, b}
}

// planned is one test's answer of tester.py's plan mode.
type planned struct {
	Mode  string   `json:"mode"`
	Calls []call   `json:"calls"`
	Names []string `json:"names"`
	Code  string   `json:"code"` // of a split test, compiled
	E     pyError  `json:"e"`
}

// Prepare decides how each test of a problem is run and computes the expected
// values that the benchmark leaves to its reference solution. Verify does it when
// needed; calling it first shows early what cannot be judged.
func (j *Judge) Prepare(ctx context.Context, p *problem.Problem) error {
	_, err := j.plan(ctx, p)
	return err
}

// plan returns the prepared problem, preparing it on first use.
func (j *Judge) plan(ctx context.Context, p *problem.Problem) (*plan, error) {
	j.mu.Lock()
	pl := j.plans[p]
	if pl == nil {
		for old := range j.plans { // any will do: it can be made again
			if len(j.plans) < maxPlans {
				break
			}
			delete(j.plans, old)
		}
		pl = &plan{problem: p}
		j.plans[p] = pl
	}
	j.mu.Unlock()
	transient := false
	pl.ready.Do(func() {
		pl.err = j.prepare(ctx, pl)
		var se *sandbox.StartError
		if transient = pl.err != nil && (ctx.Err() != nil || errors.As(pl.err, &se)); transient {
			pl.transient = true
			j.mu.Lock()
			delete(j.plans, p)
			j.mu.Unlock()
		}
	})
	if pl.transient && !transient && ctx.Err() == nil { // another caller gave up while we waited for it
		return j.plan(ctx, p)
	}
	if pl.err != nil {
		return nil, fmt.Errorf("%s: %w", p.TaskID, pl.err)
	}
	return pl, nil
}

// maxPlans bounds the problems that are kept prepared.
const maxPlans = 1 << 14

// Excluded names the problem's tests that are left out because its own reference
// solution fails on their input (after Verify or Prepare).
func (j *Judge) Excluded(p *problem.Problem) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	if pl := j.plans[p]; pl != nil {
		return pl.excluded
	}
	return nil
}

// errNoTests means that a problem cannot be judged.
var errNoTests = errors.New("the problem has no tests")

func (j *Judge) prepare(ctx context.Context, pl *plan) error {
	p := pl.problem
	if len(p.Tests) == 0 {
		return errNoTests
	}
	if p.Language != "" && p.Language != "python" {
		return fmt.Errorf("language %q cannot be judged, only python", p.Language)
	}
	pl.lim = j.cfg.Limits.scale(j.speed)
	if s := time.Duration(p.Seconds * j.speed * float64(time.Second)); s > pl.lim.PerTest {
		pl.lim.PerTest = s
		pl.lim.Total = max(pl.lim.Total, 5*s)
	}
	pl.base = pl.lim
	h := sha256.New()
	for _, t := range p.Tests {
		fmt.Fprintf(h, "%s\n%s\n%d\n%s\n", t.Name, t.Kind, len(t.Spec), t.Spec)
		if t.Kind == problem.KindRobot {
			rt, err := j.robotTest(&t)
			if err != nil {
				return err
			}
			fmt.Fprintln(h, rt.world.Robot().Hash())
		}
	}
	fmt.Fprintf(h, "%v\n%s", p.Seconds, p.Reference)
	pl.hash = [32]byte(h.Sum(nil))
	// What needs Python's own parser goes to the tester in one batch.
	var ask []map[string]any
	for _, t := range p.Tests {
		spec := map[string]any{"kind": t.Kind, "name": t.Name}
		switch t.Kind {
		case problem.KindAssert:
			var s problem.AssertSpec
			if err := json.Unmarshal(t.Spec, &s); err != nil {
				return fmt.Errorf("test %q: %w", t.Name, err)
			}
			spec["code"], spec["setup"] = s.Code, s.Setup
		case problem.KindCheck:
			var s problem.CheckSpec
			if err := json.Unmarshal(t.Spec, &s); err != nil {
				return fmt.Errorf("test %q: %w", t.Name, err)
			}
			spec["code"], spec["entry"], spec["prelude"] = s.Code, s.EntryPoint, s.Prelude
		case problem.KindUnittest:
			var s problem.UnittestSpec
			if err := json.Unmarshal(t.Spec, &s); err != nil {
				return fmt.Errorf("test %q: %w", t.Name, err)
			}
			spec["code"] = s.Code
		case problem.KindCall, problem.KindStdio, problem.KindRobot:
			continue
		default:
			return fmt.Errorf("test %q: unknown kind %q", t.Name, t.Kind)
		}
		ask = append(ask, spec)
	}
	answers, err := j.planner.ask(ctx, ask)
	if err != nil {
		return err
	}
	if err := j.arrange(pl, ask, answers); err != nil {
		return err
	}
	if err := j.crossBorder(ctx, pl, ask, answers); err != nil {
		return err
	}
	return j.expectFromReference(ctx, pl)
}

// crossBorder finds split tests that even the reference fails, because they pass
// something that is no data (a class, a function), and runs those in process if
// the reference passes there.
func (j *Judge) crossBorder(ctx context.Context, pl *plan, ask []map[string]any, answers []planned) error {
	if len(pl.split) == 0 || pl.problem.Reference == "" || j.cfg.NoInProcess {
		return nil
	}
	trial := func(pl *plan) (passed map[string]bool, err error) {
		w, release, err := j.worker(ctx)
		if err != nil {
			return nil, err
		}
		defer release()
		only := &plan{partial: true, problem: pl.problem, base: pl.base, items: pl.items, split: pl.split, splitJob: pl.splitJob, inproc: pl.inproc, inprocJob: pl.inprocJob}
		out, err := w.retry(ctx, only, pl.problem.Reference, pl.base.scale(10), false)
		if err != nil {
			return nil, err
		}
		passed = map[string]bool{}
		for _, t := range out.tests {
			name, _, _ := strings.Cut(t.Name, ":") // sites of a check are named after it
			ok, seen := passed[name]
			passed[name] = t.Verdict == problem.Pass && (ok || !seen)
		}
		return passed, nil
	}
	apart, err := trial(pl)
	if err != nil {
		return err
	}
	changed := slices.Clone(answers)
	n := 0
	for i, a := range answers {
		if a.Mode == "split" && !apart[ask[i]["name"].(string)] {
			changed[i].Mode = "in-process"
			n++
		}
	}
	if n == 0 {
		return nil
	}
	other := &plan{problem: pl.problem, base: pl.base, lim: pl.lim, hash: pl.hash}
	if err := j.arrange(other, ask, changed); err != nil {
		return err
	}
	together, err := trial(other)
	if err != nil {
		return err
	}
	for i, a := range changed {
		if name := ask[i]["name"].(string); a.Mode != answers[i].Mode && !together[name] {
			return nil // no better there: keep the more trusted way
		}
	}
	return j.arrange(pl, ask, changed)
}

// arrange fills the plan from the tests and the planner's answers.
func (j *Judge) arrange(pl *plan, ask []map[string]any, answers []planned) (err error) {
	pl.items, pl.data, pl.split, pl.stdio, pl.robot, pl.inproc = nil, nil, nil, nil, nil, nil
	var calls []call
	var split, inproc []map[string]any
	asked := 0
	for _, t := range pl.problem.Tests {
		switch t.Kind {
		case problem.KindCall:
			var s problem.CallSpec
			if err := json.Unmarshal(t.Spec, &s); err != nil {
				return fmt.Errorf("test %q: %w", t.Name, err)
			}
			c := call{Function: s.Function, Kwargs: s.Kwargs, Compare: s.Compare, Expected: s.Expected}
			if err := json.Unmarshal(s.Args, &c.Args); err != nil {
				return fmt.Errorf("test %q: args: %w", t.Name, err)
			}
			it := item{name: t.Name, cmp: s.Compare, atol: s.Atol}
			if len(s.Expected) > 0 {
				if err := it.setExpected(s.Expected); err != nil {
					return fmt.Errorf("test %q: expected: %w", t.Name, err)
				}
			}
			pl.data = append(pl.data, len(pl.items))
			pl.items = append(pl.items, it)
			calls = append(calls, c)
			continue
		case problem.KindStdio:
			it := item{name: t.Name}
			if err := json.Unmarshal(t.Spec, &it.stdio); err != nil {
				return fmt.Errorf("test %q: %w", t.Name, err)
			}
			pl.stdio = append(pl.stdio, len(pl.items))
			pl.items = append(pl.items, it)
			continue
		case problem.KindRobot:
			rt, err := j.robotTest(&t)
			if err != nil {
				return err
			}
			pl.robot = append(pl.robot, len(pl.items))
			pl.items = append(pl.items, item{name: t.Name, robot: rt})
			continue
		}
		a, spec := answers[asked], ask[asked]
		asked++
		switch a.Mode {
		case "data":
			for i, c := range a.Calls {
				it := item{name: t.Name, line: c.Line, cmp: c.Compare, atol: c.Eps}
				if len(a.Calls) > 1 {
					it.name = fmt.Sprintf("%s[%d]", t.Name, i)
				}
				if len(c.Expected) > 0 {
					if err := it.setExpected(c.Expected); err != nil {
						return fmt.Errorf("test %q: expected: %w", it.name, err)
					}
				}
				pl.data = append(pl.data, len(pl.items))
				pl.items = append(pl.items, it)
				calls = append(calls, c)
			}
		case "split":
			pl.split = append(pl.split, len(pl.items))
			pl.items = append(pl.items, item{name: t.Name})
			split = append(split, map[string]any{"name": t.Name, "kind": t.Kind, "code": a.Code})
		case "in-process":
			if j.cfg.NoInProcess {
				return fmt.Errorf("test %q only runs in the program's own process, which is switched off here because it can be forged", t.Name)
			}
			if t.Kind != problem.KindUnittest {
				a.Names = []string{t.Name}
			} else if len(a.Names) == 0 {
				a.Names = []string{"*"}
			}
			for _, n := range a.Names {
				pl.inproc = append(pl.inproc, len(pl.items))
				pl.items = append(pl.items, item{name: n})
			}
			inproc = append(inproc, spec)
		default:
			return fmt.Errorf("test %q is no valid Python: %s", t.Name, a.E.text())
		}
	}
	wire := make([]any, len(calls))
	for i, c := range calls {
		wire[i] = c.wire(i, false)
	}
	if pl.dataCalls, err = json.Marshal(wire); err != nil {
		return err
	}
	if pl.splitJob, err = json.Marshal(map[string]any{"m": "run", "tests": split}); err != nil {
		return err
	}
	if pl.inprocJob, err = json.Marshal(inproc); err != nil {
		return err
	}
	switch {
	case len(pl.inproc) > 0:
		pl.mode = problem.ModeInProcess
	case len(pl.split) > 0:
		pl.mode = problem.ModeSplit
	case len(pl.stdio) > 0:
		pl.mode = problem.ModeStdio
	case len(pl.robot) > 0:
		pl.mode = problem.ModeRobot
	default:
		pl.mode = problem.ModeData
	}
	return nil
}

func (it *item) setExpected(raw json.RawMessage) error {
	v, err := problem.DecodeValue(raw)
	if err != nil {
		return err
	}
	it.raw, it.expected, it.known = raw, v, true
	return nil
}

// needsExpected reports whether comparing needs a value.
func (it *item) needsExpected() bool {
	switch it.cmp {
	case problem.CompareAny, cmpTruthy, cmpFalsy:
		return false
	}
	return !it.known
}

// expectFromReference runs the reference solution for the expected values that
// the benchmark does not state, and drops inputs it cannot handle itself.
func (j *Judge) expectFromReference(ctx context.Context, pl *plan) error {
	missing := false
	for _, i := range pl.data {
		missing = missing || pl.items[i].needsExpected()
	}
	if !missing {
		return nil
	}
	if pl.problem.Reference == "" {
		return errors.New("tests state no expected value and there is no reference solution to compute it")
	}
	w, release, err := j.worker(ctx)
	if err != nil {
		return err
	}
	defer release()
	// A reference that dies in one call (a result of gigabytes, say) is run again without it.
	for again := true; again; {
		only := &plan{partial: true, problem: pl.problem, base: pl.base, items: pl.items, data: pl.data, dataCalls: pl.dataCalls}
		ref, err := w.retry(ctx, only, pl.problem.Reference, pl.base.scale(10), true)
		if err != nil {
			return err
		}
		pl.calibrateFrom(ref, j.cfg.Limits.RefFactor)
		if again, err = pl.adopt(ref); err != nil {
			return err
		}
	}
	if len(pl.items) == 0 {
		return fmt.Errorf("the reference solution fails on every input, first: %s", pl.excluded[0])
	}
	return nil
}

// adopt takes the reference's results as expected values and drops the inputs it
// failed on. again is true when it did not get to all of them.
func (pl *plan) adopt(ref outcome) (again bool, err error) {
	keep := make([]bool, len(pl.items))
	for i := range keep {
		keep[i] = true
	}
	for n, i := range pl.data {
		it := &pl.items[i]
		if !it.needsExpected() {
			continue
		}
		why := ref.tests[i].Error
		if raw := ref.values[n]; raw != nil {
			if it.cmp == problem.CompareNotNone { // EvalPlus records whether there was a result
				raw = json.RawMessage(strconv.FormatBool(string(raw) != "null"))
			}
			if err := it.setExpected(raw); err != nil {
				return false, fmt.Errorf("reference result for %s: %w", it.name, err)
			}
			if _, ok := it.expected.(problem.Object); !ok {
				continue
			}
			why = "the reference returns an object, not data"
		} else if strings.HasPrefix(why, notRun) {
			again = true
			continue
		}
		keep[i] = false
		pl.excluded = append(pl.excluded, it.name+": "+why)
	}
	return again, pl.drop(keep)
}

// drop removes the data items that keep denies.
func (pl *plan) drop(keep []bool) error {
	var calls []json.RawMessage
	if err := json.Unmarshal(pl.dataCalls, &calls); err != nil {
		return err
	}
	renumber := make([]int, len(pl.items))
	var items []item
	for i, it := range pl.items {
		renumber[i] = len(items)
		if keep[i] {
			items = append(items, it)
		}
	}
	var data []int
	var kept [][]json.RawMessage
	for n, i := range pl.data {
		if !keep[i] {
			continue
		}
		var parts []json.RawMessage
		if err := json.Unmarshal(calls[n], &parts); err != nil {
			return err
		}
		parts[0], _ = json.Marshal(len(data))
		kept = append(kept, parts)
		data = append(data, renumber[i])
	}
	move := func(xs []int) {
		for k := range xs {
			xs[k] = renumber[xs[k]]
		}
	}
	move(pl.split)
	move(pl.stdio)
	move(pl.robot)
	move(pl.inproc)
	pl.items, pl.data = items, data
	var err error
	pl.dataCalls, err = json.Marshal(kept)
	return err
}
