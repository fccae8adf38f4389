package judge

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"hone/problem"
	"hone/sandbox"
)

// runSplit runs the tests' code in the tester and relays its calls to the
// program. Both sides exchange data only; every message is clocked here.
func (r *run) runSplit(ctx context.Context) error {
	items := r.pl.split
	cand, err := r.w.candidateProcess(ctx)
	if err != nil {
		return err
	}
	r.out.watch(cand)
	if ok, err := r.begin(ctx, cand, items, candidateJob{Mode: "calls", Code: r.program, Trace: r.lines != nil, Calls: json.RawMessage("[]")}.encode(), r.lim.PerTest); !ok || err != nil {
		return err
	}
	tester, err := r.w.testerProcess(ctx)
	if err != nil {
		cand.End()
		return err
	}
	cause, fault := r.relay(ctx, cand, tester)
	u, err := tester.End()
	if err == nil && fault != nil {
		// The tester runs no program code, but it holds data the program chose.
		if errors.Is(fault, io.EOF) && u.Signal == nil {
			cause, fault = errTesterMemory, nil
		} else if errors.Is(fault, errTimeout) {
			cause, fault = errTimeout, nil
		}
	}
	if err := r.end(ctx, cand, items, cause); err != nil {
		return err
	}
	return errors.Join(err, fault)
}

var errTesterMemory = errors.New("the result broke the process that checks it")

// maxTested bounds the tests' own time on the clock, in Limits.Total: each message
// comes in time, but there can be as many as the tests make calls.
const maxTested = 5

// relay carries calls from tester to program until the tests are done. cause is
// what the program did wrong, fault what went wrong with the tester.
func (r *run) relay(ctx context.Context, cand, tester *sandbox.Process) (cause, fault error) {
	start := time.Now()
	if err := tester.SendFrame(start.Add(r.lim.Total*wallFactor), r.pl.splitJob); err != nil {
		return nil, err
	}
	// current is the test whose results arrive; tests report in order.
	current := 0
	var tested time.Duration
	for {
		heard := time.Now()
		rep, err := r.hear(ctx, tester, heard, r.lim.Total)
		tested += time.Since(heard)
		if err != nil {
			return nil, err
		}
		if tested > maxTested*r.lim.Total { // what the program gives the tests to work on is on its bill
			return errTimeout, nil
		}
		switch {
		case rep.Call != nil:
			t0 := time.Now()
			msg, cause := r.forward(ctx, cand, r.pl.split[min(current, len(r.pl.split)-1)], rep.Call, t0)
			r.spent(time.Since(t0), cause)
			if cause != nil {
				return cause, nil
			}
			if r.out.over(cand, r.lim.PerTest, r.lim.Total) {
				return errTimeout, nil
			}
			if err := tester.SendFrame(time.Now().Add(r.lim.Total*wallFactor), msg); err != nil {
				return nil, err
			}
		case rep.Test != "":
			if current < len(r.pl.split) {
				r.site(r.pl.split[current], rep)
			}
		case rep.End != "":
			current++
		case rep.Done == 1:
			return nil, nil
		default:
			return nil, errors.New("tester sent an unknown message")
		}
	}
}

// forward has the program make one call of an item and returns its reply, checked to be data.
func (r *run) forward(ctx context.Context, cand *sandbox.Process, item int, c []json.RawMessage, start time.Time) ([]byte, error) {
	if len(c) != 3 {
		return nil, errProtocol
	}
	frame, err := json.Marshal([][]any{{0, c[0], c[1], c[2], 1}})
	if err != nil {
		return nil, err
	}
	if err := cand.SendFrame(start.Add(r.lim.PerTest*wallFactor), frame); err != nil && !isPipe(err) {
		return nil, err
	}
	b, err := await(ctx, cand, r.out.from(cand), start, r.lim.PerTest)
	if err != nil {
		return nil, err
	}
	var rep reply
	if json.Unmarshal(b, &rep) != nil || rep.Q == nil || *rep.Q != 0 || (rep.V == nil) == (rep.E == nil) {
		return nil, errProtocol
	}
	r.traced(item, rep.Lines)
	if rep.V != nil {
		if _, err := problem.DecodeValue(rep.V); err != nil {
			return nil, badValue(err)
		}
	}
	for _, a := range rep.A {
		if _, err := problem.DecodeValue(a); err != nil {
			return nil, badValue(err)
		}
	}
	// What was checked is what goes on, not the bytes it was read from.
	return json.Marshal(struct {
		V json.RawMessage   `json:"v,omitempty"`
		A []json.RawMessage `json:"a,omitempty"`
		E *pyError          `json:"e,omitempty"`
	}{rep.V, rep.A, rep.E})
}

// site records one result of the tester: an assert of a check, or a whole test.
func (r *run) site(i int, rep reply) {
	t := problem.TestResult{Name: rep.Test, Verdict: harnessOutcome(rep)}
	if t.Verdict != problem.Pass {
		t.Got = cut(rep.Got)
		if rep.E != nil {
			t.Error, t.Line = cut(rep.E.text()), rep.E.Line
		}
		if rep.Taint == 1 {
			t.Error = "the result is an object, not data, and objects are not believed"
		}
	}
	if r.extra == nil {
		r.extra = map[int][]problem.TestResult{}
	}
	r.extra[i] = append(r.extra[i], t)
	// The item's own row stands for all its sites while the run lasts.
	if row := &r.out.tests[i]; row.Verdict == "" || row.Verdict == problem.Pass {
		row.Verdict, row.Error, row.Line, row.Got = t.Verdict, t.Error, t.Line, t.Got
	}
}

// harnessOutcome maps the outcome a harness reports for a test.
func harnessOutcome(rep reply) problem.Outcome {
	switch rep.O {
	case "pass":
		return problem.Pass
	case "exc":
		if rep.E != nil {
			return rep.E.outcome("")
		}
		return problem.Exception
	}
	return problem.WrongAnswer
}
