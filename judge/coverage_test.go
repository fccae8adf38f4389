package judge_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hone/judge"
	"hone/problem"
)

// TestCoverage: tests with a wrong answer report the lines that ran, in every way of
// running tests but the program's own process; others report none.
func TestCoverage(t *testing.T) {
	patient := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: time.Minute}, Cache: &memoryCache{m: map[[32]byte][]byte{}}})
	hasty := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: 500 * time.Millisecond}, Cache: &memoryCache{m: map[[32]byte][]byte{}}})
	calls := &problem.Problem{Benchmark: "t", TaskID: "calls", EntryPoint: "f", Tests: []problem.Test{
		test(t, "right", problem.KindCall, problem.CallSpec{Function: "f", Args: []byte("[1]"), Expected: []byte("1")}),
		test(t, "wrong", problem.KindCall, problem.CallSpec{Function: "f", Args: []byte("[5]"), Expected: []byte("6")}),
		test(t, "assert", problem.KindAssert, problem.AssertSpec{Code: "assert f(2) == 6"}),
		test(t, "split", problem.KindAssert, problem.AssertSpec{Code: "assert sorted([f(1), f(7)]) == [9, 9]"}),
		test(t, "raises", problem.KindCall, problem.CallSpec{Function: "f", Args: []byte(`["x"]`), Expected: []byte("6")}),
	}}
	check := &problem.Problem{Benchmark: "t", TaskID: "check", EntryPoint: "f", Tests: []problem.Test{
		test(t, "c", problem.KindCheck, problem.CheckSpec{EntryPoint: "f", Code: "def check(candidate):\n    x = 1\n    assert candidate(x) == 1\n    for i in [7]:\n        assert candidate(i) == 9\n"}),
	}}
	stdio := &problem.Problem{Benchmark: "t", TaskID: "stdio", Tests: []problem.Test{
		test(t, "right", problem.KindStdio, problem.StdioSpec{Input: "1", Outputs: []string{"2"}}),
		test(t, "wrong", problem.KindStdio, problem.StdioSpec{Input: "9", Outputs: []string{"2"}}),
	}}
	const f = "def f(x):\n    if x > 3:\n        y = x\n        return y\n    return x\n"
	for _, c := range []struct {
		name, program string
		p             *problem.Problem
		want          [][]int
	}{
		{"calls", f, calls, [][]int{nil, {2, 3, 4}, {2, 5}, {2, 3, 4, 5}, nil}},
		{"a check's sites", f, check, [][]int{nil, {2, 3, 4, 5}}},
		{"stdio", "n = int(input())\nif n > 3:\n    print(3)\nelse:\n    print(2)\n", stdio, [][]int{nil, {1, 2, 3}}},
		{"generators and comprehensions", "def g(n):\n    yield n\ndef f(x):\n    return [\n        i\n        for i in g(x)]\n", calls, [][]int{{2, 4, 5, 6}, {2, 4, 5, 6}, {2, 4, 5, 6}, {2, 4, 5, 6}, {2, 4, 5, 6}}},
		{"lines far away", "def f(x):\n    return -x\n" + strings.Repeat("\r", 9) + "h = 3\n", calls, [][]int{{2}, {2}, {2}, {2}, nil}},
		{"traces itself", "import sys\ndef f(x):\n    sys.settrace(lambda *a: None)\n    return -x\n", calls, [][]int{{3, 4}, {3, 4}, {3, 4}, {3, 4}, nil}},
		{"hangs when traced", "import sys\ndef f(x):\n    while sys.gettrace():\n        pass\n    return -x\n", &problem.Problem{Benchmark: "t", TaskID: "hang", Tests: calls.Tests[:2]}, [][]int{nil, nil}},
		{"syntax error", "def f(", calls, [][]int{nil, nil, nil, nil, nil}},
	} {
		j := patient
		if c.name == "hangs when traced" {
			j = hasty
		}
		for _, again := range []bool{false, true} {
			v, err := j.Do(t.Context(), judge.Job{Problem: c.p, TaskID: c.p.TaskID, Program: c.program, Coverage: true})
			if err != nil {
				t.Fatal(err)
			}
			if v.Cached != again {
				t.Errorf("%s: cached %v, want %v", c.name, v.Cached, again)
			}
			for i, row := range v.Tests {
				if c.want != nil && row.Verdict == problem.WrongAnswer && !slices.Equal(row.Lines, c.want[i]) || row.Verdict != problem.WrongAnswer && row.Lines != nil {
					t.Errorf("%s, %s: lines %v of %s", c.name, row.Name, row.Lines, row.Verdict)
				}
			}
		}
		plain := verify(t, j, c.p, c.program)
		for _, row := range plain.Tests {
			if row.Lines != nil {
				t.Errorf("%s: lines nobody asked for: %v", c.name, row)
			}
		}
	}
}
