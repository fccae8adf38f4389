package judge

import (
	"context"
	"time"

	"hone/problem"
	"hone/sandbox"
)

// A program can report tests for ever, each in time.
const (
	maxModule = 5    // times Limits.InProcess for all tests of a module
	maxStray  = 1000 // reports of tests that the module does not declare
)

// runInProcess runs tests in the program's own process and believes its report,
// as far as it covers every test that the test module declares.
func (r *run) runInProcess(ctx context.Context) error {
	p, err := r.w.inprocessProcess(ctx)
	if err != nil {
		return err
	}
	r.out.watch(p)
	items := r.pl.inproc
	job := candidateJob{Mode: "inprocess", Code: r.program, Tests: r.pl.inprocJob}
	if r.w.j.tier == sandbox.TierFull {
		job.Scratch = sandbox.ScratchDir
	}
	ok, err := r.begin(ctx, p, items, job.encode(), r.lim.InProcess)
	if !ok || err != nil {
		return err
	}
	byName := map[string]int{}
	for _, i := range items {
		byName[r.pl.items[i].name] = i
	}
	var cause error
	var stray []problem.TestResult // setUpClass and the like, or tests made at run time
	for {
		start := time.Now()
		var rep reply
		rep, cause = r.hear(ctx, p, start, r.lim.InProcess)
		r.spent(time.Since(start), cause)
		if cause != nil || rep.Done == 1 {
			break
		}
		if rep.Test == "" || len(stray) > maxStray {
			cause = errProtocol
			break
		}
		if r.out.over(p, r.lim.InProcess, maxModule*r.lim.InProcess) {
			cause = errTimeout
			break
		}
		t := problem.TestResult{Name: rep.Test, Verdict: harnessOutcome(rep)}
		if rep.E != nil && t.Verdict != problem.Pass {
			t.Error, t.Line = cut(rep.E.text()), rep.E.Line
		}
		if i, ok := byName[rep.Test]; ok {
			r.out.tests[i] = t
		} else {
			stray = append(stray, t)
		}
	}
	if cause == nil {
		r.unreported(items, stray)
	}
	return r.end(ctx, p, items, cause)
}

// unreported settles declared tests that no report named: what failed around
// them (an import, setUpClass) explains them, and otherwise they are missing.
func (r *run) unreported(items []int, stray []problem.TestResult) {
	o, msg, line := problem.ProtocolError, "the test was not reported", 0
	allPassed := len(stray) > 0
	for _, t := range stray {
		if t.Verdict != problem.Pass {
			o, msg, line, allPassed = t.Verdict, t.Error, t.Line, false
			break
		}
	}
	for _, i := range items {
		t := r.row(i)
		switch {
		case t.Verdict != "":
		case t.Name == "*" && allPassed: // tests the planner could not name
			t.Verdict = problem.Pass
		default:
			t.fail(o, msg, line)
		}
	}
}
