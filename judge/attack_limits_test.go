package judge_test

import (
	"context"
	"testing"
	"time"

	"hone/judge"
	"hone/problem"
)

// verifyInTime fails a judge that a program keeps busy without end.
func verifyInTime(t *testing.T, j *judge.Judge, p *problem.Problem, program string) problem.Verdict {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	v, err := j.Verify(ctx, p, program)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestEndlessReports: in the tests' own process a program can report tests for
// ever, each in time. It may believe what it likes, but not keep the judge.
func TestEndlessReports(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{InProcess: time.Minute}})
	hasty := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: 200 * time.Millisecond, InProcess: 300 * time.Millisecond}})
	p := &problem.Problem{Benchmark: "attack", TaskID: "reports", Tests: []problem.Test{
		test(t, "module", problem.KindUnittest, problem.UnittestSpec{Code: "import unittest\nclass T(unittest.TestCase):\n  def test_a(self): self.assertEqual(f(1), 2)\n  def test_b(self): self.assertEqual(f(2), 3)"}),
	}}
	const forge = `
import os, json, time, itertools
def report(name):
    b = json.dumps({"t": name, "o": "pass"}).encode()
    for fd in range(3, 8):
        try: os.write(fd, len(b).to_bytes(4, 'little') + b)
        except OSError: pass
def f(n):
`
	for _, c := range []struct {
		name, program string
		want          problem.Outcome
	}{
		{"right", "def f(n): return n + 1", problem.Pass},
		{"the same test for ever", forge + "    while True: report('T.test_a'); time.sleep(.02)", problem.Timeout},
		{"new tests for ever", forge + "    for i in itertools.count(): report('T.test_%d' % i)", problem.ProtocolError},
	} {
		by := j
		if c.want == problem.Timeout {
			by = hasty
		}
		if v := verifyInTime(t, by, p, c.program); v.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %+v", c.name, v.Verdict, c.want, v.Tests)
		}
	}
}

// TestTestersTime: what a program gives the tests to work on is on its bill.
func TestTestersTime(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: time.Minute}})
	hasty := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: 500 * time.Millisecond, Total: time.Second}})
	p := &problem.Problem{Benchmark: "attack", TaskID: "sums", Tests: []problem.Test{
		test(t, "check", problem.KindCheck, problem.CheckSpec{EntryPoint: "f", Code: "def check(candidate):\n  for i in range(300):\n    assert sum(candidate(i)) >= 0"}),
	}}
	if v := verifyInTime(t, j, p, "def f(n): return range(n)"); v.Verdict != problem.Pass || v.Judge != problem.ModeSplit {
		t.Errorf("%s in mode %s: %+v", v.Verdict, v.Judge, v.Tests)
	}
	if v := verifyInTime(t, hasty, p, "def f(n): return range(3 * 10 ** 6)"); v.Verdict != problem.Timeout {
		t.Errorf("%s, want a time-out: %+v", v.Verdict, v.Tests)
	}
}
