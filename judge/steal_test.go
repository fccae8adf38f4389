//go:build linux

package judge_test

import (
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"hone/judge"
	"hone/problem"
)

// TestStolenTime: time in which the hypervisor gives the processor to others is not charged, whatever the clock says.
func TestStolenTime(t *testing.T) {
	p := &problem.Problem{Benchmark: "t", TaskID: "steal", Tests: []problem.Test{
		test(t, "a", problem.KindAssert, problem.AssertSpec{Code: "assert f() == 1"}),
	}}
	const asleep = "import time\ndef f():\n  time.sleep(1.5)\n  return 1"
	limits := judge.Limits{PerTest: 500 * time.Millisecond}
	if v := verify(t, newJudge(t, judge.Config{Workers: 1, Limits: limits}), p, asleep); v.Verdict != problem.Timeout {
		t.Fatalf("on a machine of its own %s: %+v", v.Verdict, v.Tests)
	}
	start := time.Now()
	defer judge.SetSteal(func() []time.Duration { return []time.Duration{time.Second, time.Since(start)} })()
	if v := verify(t, newJudge(t, judge.Config{Workers: 1, Limits: limits}), p, asleep); v.Verdict != problem.Pass {
		t.Errorf("while the hypervisor takes all it is %s: %+v", v.Verdict, v.Tests)
	}
	if v := verify(t, newJudge(t, judge.Config{Workers: 1, Limits: limits}), p, "def f():\n  while True: pass"); v.Verdict != problem.Timeout {
		t.Errorf("what uses a processor meanwhile is %s: %+v", v.Verdict, v.Tests)
	}
}

// TestTotalOfBusyMachine: the limit of all tests together charges no waiting for a processor either, and what was
// waited in earlier tests is no excuse for a later one.
func TestTotalOfBusyMachine(t *testing.T) {
	const n = 10
	// A little work in each test, by the processor's time.
	const works = "import time\ndef f(x):\n  end = time.thread_time() + (FEW if x < 9 else LAST)\n  while time.thread_time() < end: pass\n  return x\n"
	each := func(kind problem.Kind, spec func(i int) any) *problem.Problem {
		p := &problem.Problem{Benchmark: "t", TaskID: "total-" + string(kind)}
		for i := range n {
			p.Tests = append(p.Tests, test(t, fmt.Sprint(i), kind, spec(i)))
		}
		return p
	}
	calls := each(problem.KindCall, func(i int) any {
		return problem.CallSpec{Function: "f", Args: jsonRaw(fmt.Sprintf("[%d]", i)), Expected: jsonRaw(fmt.Sprint(i))}
	})
	checks := &problem.Problem{Benchmark: "t", TaskID: "total-check", Tests: []problem.Test{test(t, "check", problem.KindCheck, problem.CheckSpec{
		EntryPoint: "f", Code: "def check(candidate):\n  for i in range(10):\n    assert candidate(i) == i",
	})}}
	scripts := each(problem.KindStdio, func(i int) any { return problem.StdioSpec{Input: fmt.Sprintln(i), Outputs: []string{fmt.Sprintln(i)}} })
	total := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: 10 * time.Second, Total: 900 * time.Millisecond}})
	both := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: 500 * time.Millisecond, Total: 3 * time.Second}})
	for range 2 * runtime.NumCPU() {
		busy := exec.Command("sh", "-c", "while :; do :; done")
		busy.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // processors are shared between sessions first
		if err := busy.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = busy.Process.Kill(); _ = busy.Wait() }()
	}
	for _, c := range []struct {
		name      string
		j         *judge.Judge
		p         *problem.Problem
		few, last float64 // seconds of work
		want      problem.Outcome
	}{
		{"calls in time", total, calls, .03, .03, problem.Pass},
		{"too many calls", total, calls, .15, .15, problem.Timeout},
		{"a check in time", total, checks, .03, .03, problem.Pass},
		{"a check too long", total, checks, .15, .15, problem.Timeout},
		{"scripts in time", total, scripts, .02, .02, problem.Pass},
		{"scripts too long", total, scripts, .15, .15, problem.Timeout},
		{"calls that wait", both, calls, .1, .1, problem.Pass},
		{"a long one behind calls that wait", both, calls, .1, 1, problem.Timeout},
	} {
		program := works
		if c.p == scripts {
			program += "print(f(int(input())))\n"
		}
		speed := max(1, c.j.Speed()) // a slow machine gives more time
		program = strings.NewReplacer("FEW", fmt.Sprint(speed*c.few), "LAST", fmt.Sprint(speed*c.last)).Replace(program)
		if v := verify(t, c.j, c.p, program); v.Verdict != c.want {
			t.Errorf("%s: %s, not %s: %+v", c.name, v.Verdict, c.want, v.Tests)
		}
	}
}

// TestReadSteal: it is the eighth number of a processor's line, in hundredths of a second.
func TestReadSteal(t *testing.T) {
	const stat = "cpu  319 90 660 997 11 1 719 851 2 3\ncpu0 1 2 3 4 5 6 7 457 9 10\ncpu1 1 2 3 4 5 6 7 394 0 0\nintr 5 1 2 3 4 5 6 7 8 9\ncpufreq 1 2 3 4 5 6 7 8 9\n"
	if got, want := judge.ParseSteal(stat), []time.Duration{4570 * time.Millisecond, 3940 * time.Millisecond}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	for _, old := range []string{"", "cpu  1 2 3 4 5 6 7\ncpu0 1 2 3 4 5 6 7\n", "cpu0 1 2 3 4 5 6 7 x 9\n"} { // kernels before 2.6.11 do not tell
		if got := judge.ParseSteal(old); len(got) != 0 {
			t.Errorf("%q: %v", old, got)
		}
	}
}
