package judge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hone/judge"
	"hone/problem"
	"hone/sandbox"
)

func verify(t *testing.T, j *judge.Judge, p *problem.Problem, program string) problem.Verdict {
	t.Helper()
	v, err := j.Verify(t.Context(), p, program)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// outcomes lists the verdicts of the single tests.
func outcomes(v problem.Verdict) []problem.Outcome {
	var out []problem.Outcome
	for _, t := range v.Tests {
		out = append(out, t.Verdict)
	}
	return out
}

func TestStdio(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: time.Minute, Output: 1 << 20}})
	hasty := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: 300 * time.Millisecond, Output: 1 << 20}})
	p := &problem.Problem{Benchmark: "t", TaskID: "double", Tests: []problem.Test{
		test(t, "one", problem.KindStdio, problem.StdioSpec{Input: "1 2\n", Outputs: []string{"2 4\n"}}),
		test(t, "either", problem.KindStdio, problem.StdioSpec{Input: "3", Outputs: []string{"7", "6"}}),
		test(t, "near", problem.KindStdio, problem.StdioSpec{Input: "0.1 0.2", Outputs: []string{"0.2 0.4"}, Atol: 1e-6}),
		test(t, "lines", problem.KindStdio, problem.StdioSpec{Input: "5", Outputs: []string{"10"}, Compare: "lines"}),
	}}
	const right = "import sys\nprint(*[2 * (float(x) if '.' in x else int(x)) for x in sys.stdin.read().split()])\n"
	for _, c := range []struct {
		name, program string
		want          []problem.Outcome
	}{
		{"right", right, []problem.Outcome{"pass", "pass", "pass", "pass"}},
		{"input()", strings.ReplaceAll(right, "sys.stdin.read()", "input()"), []problem.Outcome{"pass", "pass", "pass", "pass"}},
		{"main guard", "if __name__ == '__main__':\n    exec(" + fmt.Sprintf("%q", right) + ")", []problem.Outcome{"pass", "pass", "pass", "pass"}},
		{"exits", right + "sys.exit()", []problem.Outcome{"pass", "pass", "pass", "pass"}},
		{"leaves", "import os\n" + right + "sys.stdout.flush(); os._exit(0)", []problem.Outcome{"pass", "pass", "pass", "pass"}},
		{"exit status", right + "sys.exit(3)", []problem.Outcome{"exception", "exception", "exception", "exception"}},
		{"silent", "pass", []problem.Outcome{"wrong_answer", "wrong_answer", "wrong_answer", "wrong_answer"}},
		{"syntax", "print(", []problem.Outcome{"syntax_error", "syntax_error", "syntax_error", "syntax_error"}},
		{"reads too much", "input(); input()", []problem.Outcome{"exception", "exception", "exception", "exception"}},
		{"floods", "while True: print('x' * 1000)", []problem.Outcome{"output_limit", "output_limit", "output_limit", "output_limit"}},
		{"hangs", "while True: pass", []problem.Outcome{"timeout", "timeout", "timeout", "timeout"}},
	} {
		by := j
		if c.want[0] == problem.Timeout {
			by = hasty
		}
		v := verify(t, by, p, c.program)
		if diff := cmp.Diff(c.want, outcomes(v)); diff != "" {
			t.Errorf("%s: %s\n%+v", c.name, diff, v.Tests)
		}
		if v.Judge != problem.ModeStdio {
			t.Errorf("%s: judged by %s", c.name, v.Judge)
		}
	}
}

func TestUnittest(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: time.Minute}})
	hasty := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: 200 * time.Millisecond}})
	const tests = `
import unittest
from unittest.mock import patch
class TestCases(unittest.TestCase):
    def test_value(self): self.assertEqual(f(2), 4)
    def test_sub(self):
        for i in range(3):
            with self.subTest(i=i): self.assertEqual(f(i), 2 * i)
    @patch('builtins.print')
    def test_mock(self, p):
        f(1)
        p.assert_called_once()
    def test_value(self): self.assertEqual(f(3), 6)
    @unittest.skip('not here')
    def test_skipped(self): f(5)
`
	p := &problem.Problem{Benchmark: "t", TaskID: "f", Tests: []problem.Test{test(t, "unittest", problem.KindUnittest, problem.UnittestSpec{Code: tests})}}
	for _, c := range []struct {
		name, program string
		want          []problem.Outcome // test_value, test_sub, test_mock, test_skipped
	}{
		{"right", "def f(x):\n  print(x)\n  return 2 * x", []problem.Outcome{"pass", "pass", "pass", "pass"}},
		{"skips", "import unittest\ndef f(x): raise unittest.SkipTest(x)", []problem.Outcome{"wrong_answer", "wrong_answer", "wrong_answer", "pass"}},
		{"no print", "def f(x): return 2 * x", []problem.Outcome{"pass", "pass", "wrong_answer", "pass"}},
		{"wrong", "def f(x):\n  print(x)\n  return 6", []problem.Outcome{"pass", "wrong_answer", "pass", "pass"}},
		{"raises", "def f(x): raise KeyError(x)", []problem.Outcome{"exception", "exception", "exception", "pass"}},
		{"leaves", "import os\ndef f(x): os._exit(0)", []problem.Outcome{"protocol_error", "protocol_error", "protocol_error", "protocol_error"}},
		{"hangs", "def f(x):\n  while True: pass", []problem.Outcome{"timeout", "timeout", "timeout", "timeout"}},
	} {
		by := j
		if c.want[0] == problem.Timeout {
			by = hasty
		}
		v := verify(t, by, p, c.program)
		if diff := cmp.Diff(c.want, outcomes(v)); diff != "" {
			t.Errorf("%s: %s\n%+v", c.name, diff, v.Tests)
		}
		if v.Judge != problem.ModeInProcess {
			t.Errorf("%s: judged by %s", c.name, v.Judge)
		}
	}
	strict := newJudge(t, judge.Config{Workers: 1, NoInProcess: true})
	if v := verify(t, strict, p, "def f(x): return 2 * x"); v.Passed != nil || !strings.Contains(v.Tests[0].Error, "forged") {
		t.Errorf("NoInProcess: %+v", v)
	}
}

func TestCheckSplit(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: time.Minute}})
	p := &problem.Problem{Benchmark: "t", TaskID: "inc", Tests: []problem.Test{test(t, "check", problem.KindCheck, problem.CheckSpec{
		EntryPoint: "inc", Prelude: "def twice(x): return 2 * x\ndef inc(x): pass\n",
		Code: "def check(candidate):\n    for i in range(3):\n        assert candidate(i) == i + 1\n    assert candidate(twice(2)) == 5\n    xs = [1]\n    assert candidate(xs) is None\n    assert xs == [2]\n",
	})}}
	const right = "def inc(x):\n  if isinstance(x, list):\n    x[:] = [y + 1 for y in x]\n    return None\n  return x + 1\n"
	for _, c := range []struct {
		name, program string
		want          []problem.Outcome // lines 3, 4, 6, 7
	}{
		{"right", right, []problem.Outcome{"pass", "pass", "pass", "pass"}},
		{"copies the list", strings.Replace(right, "x[:] =", "x =", 1), []problem.Outcome{"pass", "pass", "pass", "wrong_answer"}},
		{"off by one at 0", "def inc(x):\n  if x == 0: return 0\n" + strings.TrimPrefix(right, "def inc(x):\n"), []problem.Outcome{"wrong_answer", "pass", "pass", "pass"}},
		{"object", "class Any:\n  __eq__ = lambda s, o: True\ndef inc(x): return Any()", []problem.Outcome{"wrong_answer", "wrong_answer", "wrong_answer", "wrong_answer"}},
		{"dies", "import os\ndef inc(x): os._exit(0)", []problem.Outcome{"protocol_error"}},
	} {
		v := verify(t, j, p, c.program)
		if diff := cmp.Diff(c.want, outcomes(v)); diff != "" {
			t.Errorf("%s: %s\n%+v", c.name, diff, v.Tests)
		}
		if v.Judge != problem.ModeSplit {
			t.Errorf("%s: judged by %s", c.name, v.Judge)
		}
	}
}

// TestCalls covers what call tests can say: methods, keywords, tolerance, the reference's own results.
func TestCalls(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1})
	one := func(kind problem.Kind, spec any) *problem.Problem {
		return &problem.Problem{Benchmark: "t", TaskID: "x", Reference: "def f(x, y=0): return x / (y + 2)", Tests: []problem.Test{test(t, "a", kind, spec)}}
	}
	raw := func(s string) []byte { return []byte(s) }
	for _, c := range []struct {
		name    string
		problem *problem.Problem
		program string
		want    problem.Outcome
	}{
		{"method", one(problem.KindCall, problem.CallSpec{Function: "Solution.f", Args: raw("[1]"), Expected: raw("2")}), "class Solution:\n  def f(self, x): return x + 1", problem.Pass},
		{"keyword", one(problem.KindCall, problem.CallSpec{Function: "f", Args: raw("[1]"), Kwargs: map[string]jsonRaw{"y": raw("2")}, Expected: raw("3")}), "def f(x, y): return x + y", problem.Pass},
		{"float near", one(problem.KindCall, problem.CallSpec{Function: "f", Args: raw("[]"), Expected: raw("0.3"), Atol: 1e-9}), "def f(): return 0.1 + 0.2", problem.Pass},
		{"float exact", one(problem.KindCall, problem.CallSpec{Function: "f", Args: raw("[]"), Expected: raw("0.3")}), "def f(): return 0.1 + 0.2", problem.WrongAnswer},
		{"tuple is no list", one(problem.KindCall, problem.CallSpec{Function: "f", Args: raw("[]"), Expected: raw(`{"tuple":[1]}`)}), "def f(): return [1]", problem.WrongAnswer},
		{"set", one(problem.KindCall, problem.CallSpec{Function: "f", Args: raw("[]"), Expected: raw(`{"set":[1,2]}`)}), "def f(): return frozenset([2, True])", problem.Pass},
		{"reference", one(problem.KindCall, problem.CallSpec{Function: "f", Args: raw("[4]")}), "def f(x): return 2", problem.Pass},
		{"reference, wrong", one(problem.KindCall, problem.CallSpec{Function: "f", Args: raw("[4]")}), "def f(x): return 3", problem.WrongAnswer},
		{"is True", one(problem.KindAssert, problem.AssertSpec{Code: "assert f(1) is True"}), "def f(x): return 1", problem.WrongAnswer},
		{"truthy", one(problem.KindAssert, problem.AssertSpec{Code: "assert f(1)"}), "def f(x): return 1", problem.Pass},
		{"falsy", one(problem.KindAssert, problem.AssertSpec{Code: "assert not f(1)"}), "def f(x): return []", problem.Pass},
		{"near", one(problem.KindAssert, problem.AssertSpec{Code: "assert abs(f(1) - 0.3) < 1e-6"}), "def f(x): return 0.1 + 0.2", problem.Pass},
		{"at the bound", one(problem.KindAssert, problem.AssertSpec{Code: "assert abs(f(1) - 3) < 1"}), "def f(x): return 2", problem.WrongAnswer},
		{"at the bound, or equal", one(problem.KindAssert, problem.AssertSpec{Code: "assert abs(f(1) - 3) <= 1"}), "def f(x): return 2", problem.Pass},
		{"near, large", one(problem.KindAssert, problem.AssertSpec{Code: "assert abs(f(1) - 9007199254740992) < 0.5"}), "def f(x): return 9007199254740993", problem.WrongAnswer},
		{"near, fraction", one(problem.KindAssert, problem.AssertSpec{Code: "assert abs(f(1) - 1) < 0.6"}), "from fractions import Fraction\ndef f(x): return Fraction(1, 2)", problem.Pass},
		{"match is true", one(problem.KindAssert, problem.AssertSpec{Code: "assert f('ab')"}), "import re\ndef f(x): return re.match('a', x)", problem.Pass},
		{"object is not", one(problem.KindAssert, problem.AssertSpec{Code: "assert f('ab')"}), "class re: pass\nclass Match: pass\ndef f(x): return type('re Match', (), {})()", problem.WrongAnswer},
		{"nor false", one(problem.KindAssert, problem.AssertSpec{Code: "assert not f('ab')"}), "class A:\n  __bool__ = lambda s: False\ndef f(x): return A()", problem.WrongAnswer},
		{"computed expectation", one(problem.KindAssert, problem.AssertSpec{Code: "assert f([0] * 3) == math.floor(2.5)", Setup: "import math"}), "def f(x): return 2", problem.Pass},
		{"own class in the test", one(problem.KindAssert, problem.AssertSpec{Code: "assert f(P(3)) == 3"}), "class P:\n  def __init__(s, x): s.x = x\ndef f(p): return p.x", problem.Exception},
	} {
		v := verify(t, j, c.problem, c.program)
		if v.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %+v", c.name, v.Verdict, c.want, v.Tests)
		}
	}
	broken := &problem.Problem{Benchmark: "t", TaskID: "b", Reference: "def f(x): return 1 / x", Tests: []problem.Test{
		test(t, "zero", problem.KindCall, problem.CallSpec{Function: "f", Args: raw("[0]")}),
		test(t, "one", problem.KindCall, problem.CallSpec{Function: "f", Args: raw("[1]")}),
	}}
	if v := verify(t, j, broken, "def f(x): return 1.0"); v.Verdict != problem.Pass || len(v.Tests) != 1 {
		t.Errorf("an input the reference fails on must be left out: %+v", v)
	}
	if ex := j.Excluded(broken); len(ex) != 1 || !strings.Contains(ex[0], "zero: ZeroDivisionError") {
		t.Errorf("left out: %q", ex)
	}
	none := &problem.Problem{Benchmark: "t", TaskID: "n"}
	if v := verify(t, j, none, "x = 1"); v.Verdict != problem.Infrastructure || v.Passed != nil {
		t.Errorf("a problem without tests: %+v", v)
	}
}

type jsonRaw = json.RawMessage

// TestCalibration: a task whose reference is slow gives programs its time.
func TestCalibration(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: 400 * time.Millisecond, RefFactor: 5}})
	// More than twice the limit, and a quarter of what the reference itself has.
	slow := fmt.Sprintf("import time\ndef f(x):\n  time.sleep(%g)\n  return x", j.Speed())
	p := &problem.Problem{Benchmark: "t", TaskID: "slow", Reference: slow, Tests: []problem.Test{
		test(t, "a", problem.KindAssert, problem.AssertSpec{Code: "assert f(1) == 1"}),
	}}
	if v := verify(t, j, p, slow+" # mine"); v.Verdict != problem.Pass {
		t.Errorf("as slow as the reference: %+v", v)
	}
	if v := verify(t, j, p, strings.Replace(slow, "sleep(", "sleep(60 * ", 1)); v.Verdict != problem.Timeout {
		t.Errorf("much slower: %+v", v)
	}
	p2 := *p
	p2.Reference = ""
	if v := verify(t, j, &p2, slow); v.Verdict != problem.Timeout {
		t.Errorf("without a reference the limit stands: %+v", v)
	}
}

// fakeQueue gives verdicts late and out of order.
type fakeQueue struct{ fail int }

func (f fakeQueue) Workers() int { return 4 }

func (f fakeQueue) Do(_ context.Context, job judge.Job) (problem.Verdict, error) {
	time.Sleep(time.Duration(7-job.Sample%7) * time.Millisecond)
	if f.fail > 0 && job.Sample == f.fail {
		return problem.Verdict{}, errors.New("broken")
	}
	passed := true
	return problem.Verdict{TaskID: job.TaskID, Sample: job.Sample, Verdict: problem.Pass, Passed: &passed}, nil
}

// stoppedQueue keeps what comes late under way until stop is closed.
type stoppedQueue struct {
	fakeQueue
	stop chan struct{}
}

func (q stoppedQueue) Do(ctx context.Context, job judge.Job) (problem.Verdict, error) {
	if job.Sample >= 20 {
		<-q.stop
	}
	return q.fakeQueue.Do(ctx, job)
}

func jobs(n int) []judge.Job {
	p := &problem.Problem{TaskID: "p"}
	var out []judge.Job
	for i := range n {
		out = append(out, judge.Job{Problem: p, TaskID: "p", Sample: i, Program: fmt.Sprint(i % 50)})
	}
	return out
}

func TestStream(t *testing.T) {
	var samples []int
	cached := 0
	err := judge.Stream(t.Context(), nil, fakeQueue{}, slices.Values(jobs(200)), func(v problem.Verdict) error {
		samples = append(samples, v.Sample)
		if v.Cached {
			cached++
		}
		return nil
	})
	if err != nil || len(samples) != 200 || !slices.IsSorted(samples) || cached != 150 {
		t.Errorf("%d verdicts, sorted %v, %d repeated, %v", len(samples), slices.IsSorted(samples), cached, err)
	}
	n := 0
	err = judge.Stream(t.Context(), nil, fakeQueue{fail: 20}, slices.Values(jobs(200)), func(problem.Verdict) error { n++; return nil })
	if err == nil || err.Error() != "broken" || n != 20 {
		t.Errorf("after %d verdicts: %v", n, err)
	}
	stop := make(chan struct{})
	n = 0
	err = judge.Stream(t.Context(), stop, stoppedQueue{stop: stop}, slices.Values(jobs(200)), func(problem.Verdict) error {
		if n++; n == 10 {
			close(stop)
		}
		return nil
	})
	// Four workers have one each of those that wait, and one more may find a worker as these go on.
	if !errors.Is(err, judge.ErrStopped) || n < 10 || n > 25 {
		t.Errorf("stopped after %d verdicts: %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := judge.Stream(ctx, nil, fakeQueue{}, slices.Values(jobs(10)), func(problem.Verdict) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestDeterministic: hash seeds, random numbers and addresses repeat from run to run.
func TestDeterministic(t *testing.T) {
	p := &problem.Problem{Benchmark: "t", TaskID: "f", Tests: []problem.Test{test(t, "a", problem.KindAssert, problem.AssertSpec{Code: "assert f() == 0"})}}
	const program = "import random\ndef f(): return list({'a', 'b', 'c', 'd', 'e'}), random.random(), hash('x')"
	var first problem.Verdict
	for i := range 3 {
		j := newJudge(t, judge.Config{Workers: 1})
		for k := range 2 {
			v := verify(t, j, p, program+strings.Repeat("\n", k))
			if i == 0 && k == 0 {
				first = v
			}
			if diff := cmp.Diff(first.Tests, v.Tests); diff != "" {
				t.Error(diff)
			}
		}
	}
}

// TestLostSandbox: a sandbox that is killed between and during jobs costs nothing but time.
func TestLostSandbox(t *testing.T) {
	for _, tier := range []sandbox.Tier{sandbox.TierFull, sandbox.TierLandlock} {
		t.Run(string(tier), func(t *testing.T) {
			j := newJudge(t, judge.Config{Workers: 2, Tier: tier})
			p := &problem.Problem{Benchmark: "t", TaskID: "f", Tests: []problem.Test{
				test(t, "a", problem.KindAssert, problem.AssertSpec{Code: "assert f(1) == 1"}),
				test(t, "b", problem.KindAssert, problem.AssertSpec{Code: "assert [f(x) for x in (1, 2)] == [1, 2]"}),
			}}
			// One kill at a time, and none before ten more verdicts: a program whose sandbox is lost three times is blamed for it.
			now, done := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(done)
				var later time.Duration
				for range now {
					time.Sleep(later)
					later += 4 * time.Millisecond
					for _, pid := range j.PIDs() {
						syscall.Kill(pid, syscall.SIGKILL)
					}
				}
			}()
			for i := range 40 {
				if i%10 == 5 {
					now <- struct{}{}
				}
				if v := verify(t, j, p, fmt.Sprintf("import time\ndef f(x):\n  time.sleep(0.005)\n  return x\n#%d", i)); v.Verdict != problem.Pass {
					t.Errorf("%d: %+v", i, v)
				}
			}
			close(now)
			<-done
		})
	}
}

// TestHangingReference: a reference that hangs must not widen the limits.
func TestHangingReference(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: 50 * time.Millisecond}})
	const hang = "def f(x):\n  while x != 1: pass\n  return x"
	p := &problem.Problem{Benchmark: "t", TaskID: "h", Reference: hang, Tests: []problem.Test{
		test(t, "a", problem.KindAssert, problem.AssertSpec{Code: "assert f(2) == 2"}),
	}}
	verify(t, j, p, hang+"#")
	// Limits widened by the reference's own time-out would let this pass.
	if v := verify(t, j, p, "import time\ndef f(x):\n  time.sleep(3)\n  return x"); v.Verdict != problem.Timeout {
		t.Errorf("%+v", v)
	}
	for try := 1; ; try++ {
		partly := &problem.Problem{Benchmark: "t", TaskID: "p", Reference: hang, Tests: []problem.Test{
			test(t, "two", problem.KindCall, problem.CallSpec{Function: "f", Args: jsonRaw("[2]")}),
			test(t, "one", problem.KindCall, problem.CallSpec{Function: "f", Args: jsonRaw("[1]")}),
		}}
		v := verify(t, j, partly, "def f(x): return 1")
		if v.Verdict == problem.Pass && len(v.Tests) == 1 && len(j.Excluded(partly)) == 1 {
			break
		}
		if try == 5 { // 50 ms are soon over on a machine that stalls, but not five times
			t.Errorf("%+v %q", v, j.Excluded(partly))
			break
		}
	}
}

// memoryCache is a Cache in a map.
type memoryCache struct {
	mu sync.Mutex
	m  map[[32]byte][]byte
}

func (c *memoryCache) Get(_ context.Context, key [32]byte) ([]byte, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.m[key]
	return b, ok, nil
}

func (c *memoryCache) Put(key [32]byte, value []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.m[key] = value
}

// TestCacheKey: what changes a verdict changes the key, and names do not.
func TestCacheKey(t *testing.T) {
	cache := &memoryCache{m: map[[32]byte][]byte{}}
	p := &problem.Problem{Benchmark: "t", TaskID: "k", Reference: "def f(g, x): return g(x)", Tests: []problem.Test{
		test(t, "a", problem.KindAssert, problem.AssertSpec{Code: "assert f(lambda x: x + 1, 3) == 4"}),
	}}
	const program = "def f(g, x): return g(x)"
	j := newJudge(t, judge.Config{Workers: 1, Cache: cache})
	if v := verify(t, j, p, program); v.Judge != problem.ModeInProcess || v.Verdict != problem.Pass || v.Cached {
		t.Errorf("first: %+v", v)
	}
	renamed := *p
	renamed.TaskID = "other"
	if v := verify(t, j, &renamed, program); !v.Cached || v.TaskID != "other" {
		t.Errorf("again: %+v", v)
	}
	if v := verify(t, j, p, program+"\n"); v.Cached {
		t.Errorf("another program: %+v", v)
	}
	strict := newJudge(t, judge.Config{Workers: 1, Cache: cache, NoInProcess: true})
	if v := verify(t, strict, p, program); v.Cached || v.Verdict == problem.Pass {
		t.Errorf("NoInProcess must not see a verdict of in-process tests: %+v", v)
	}
	patient := newJudge(t, judge.Config{Workers: 1, Cache: cache, Limits: judge.Limits{PerTest: time.Minute}})
	if v := verify(t, patient, p, program); v.Cached {
		t.Errorf("other limits: %+v", v)
	}
}

// TestClose: closing ends what is under way, and nothing lives on.
func TestClose(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: 5 * time.Minute}})
	p := &problem.Problem{Benchmark: "t", TaskID: "c", Tests: []problem.Test{test(t, "a", problem.KindAssert, problem.AssertSpec{Code: "assert f() == 1"})}}
	if err := j.Prepare(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error)
	go func() {
		_, err := j.Verify(context.Background(), p, "import time\ndef f():\n  time.sleep(200)\n  return 1")
		failed <- err
	}()
	time.Sleep(300 * time.Millisecond)
	j.Close()
	if err := <-failed; err == nil {
		t.Error("a Verify under way must fail")
	}
	if pids := j.PIDs(); len(pids) != 0 {
		t.Errorf("alive: %v", pids)
	}
	if _, err := j.Verify(t.Context(), p, "def f(): return 1"); err == nil {
		t.Error("a closed judge must refuse")
	}
}

// TestSharedPlan: a caller that gives up does not spoil the problem for others.
func TestSharedPlan(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 2})
	for range 10 {
		p := &problem.Problem{Benchmark: "t", TaskID: "s", Reference: "import time\ndef f(x):\n  time.sleep(0.5)\n  return x", Tests: []problem.Test{
			test(t, "a", problem.KindCall, problem.CallSpec{Function: "f", Args: jsonRaw("[1]")}),
		}}
		ctx, cancel := context.WithCancel(t.Context())
		first := make(chan error)
		go func() {
			_, err := j.Verify(ctx, p, "def f(x): return 1")
			first <- err
		}()
		time.Sleep(100 * time.Millisecond)
		second := make(chan problem.Verdict)
		go func() {
			v, _ := j.Verify(context.Background(), p, "def f(x): return 1")
			second <- v
		}()
		time.Sleep(100 * time.Millisecond)
		cancel()
		err, v := <-first, <-second
		if v.Verdict != problem.Pass {
			t.Errorf("the second caller: %+v", v)
		}
		if err != nil {
			return
		}
		// The reference was through before we came to cancel: again, with a new problem.
	}
	t.Error("the first caller was cancelled")
}
