//go:build linux

package judge_test

import (
	"fmt"
	"os/exec"
	"runtime"
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

// TestTotalOfBusyMachine: the limit of all tests together charges no waiting for a processor either.
func TestTotalOfBusyMachine(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: 10 * time.Second, Total: 600 * time.Millisecond}})
	p := &problem.Problem{Benchmark: "t", TaskID: "total"}
	for i := range 12 {
		p.Tests = append(p.Tests, test(t, fmt.Sprint(i), problem.KindCall, problem.CallSpec{Function: "f", Args: jsonRaw("[1]"), Expected: jsonRaw("1")}))
	}
	// A little work in each test, by the processor's time.
	const works = "import time\ndef f(x):\n  end = time.thread_time() + SECONDS\n  while time.thread_time() < end: pass\n  return x"
	worker := func(seconds string) problem.Verdict {
		return verify(t, j, p, strings.Replace(works, "SECONDS", seconds, 1))
	}
	if v := worker(".01"); v.Verdict != problem.Pass {
		t.Fatalf("%s: %+v", v.Verdict, v.Tests)
	}
	for range 4 * runtime.NumCPU() {
		busy := exec.Command("sh", "-c", "while :; do :; done")
		busy.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // processors are shared between sessions first
		if err := busy.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = busy.Process.Kill(); _ = busy.Wait() }()
	}
	if v := worker(".03"); v.Verdict != problem.Pass {
		t.Errorf("beside others, .36 s of work are %s: %+v", v.Verdict, v.Tests)
	}
	if v := worker(fmt.Sprint(.1 * max(1, j.Speed()))); v.Verdict != problem.Timeout {
		t.Errorf("beside others, 3.36 s of work are %s: %+v", v.Verdict, v.Tests)
	}
}

// TestReadSteal: /proc/stat has a number for each processor, and it does not fall.
func TestReadSteal(t *testing.T) {
	first := judge.ReadSteal()
	second := judge.ReadSteal()
	if len(first) < 1 || len(second) != len(first) {
		t.Fatalf("%v, then %v", first, second)
	}
	for i := range first {
		if second[i] < first[i] || first[i] < 0 {
			t.Errorf("%v, then %v", first, second)
		}
	}
}
