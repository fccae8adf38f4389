package judge_test

import (
	"context"
	"testing"

	"hone/judge"
	"hone/problem"
	"hone/sandbox"
)

func newJudge(t testing.TB, cfg judge.Config) *judge.Judge {
	t.Helper()
	if cfg.Python.Path == "" {
		py, err := sandbox.FindPython(context.Background(), "", false)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Python = py
	}
	j, err := judge.New(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	return j
}

func test(t testing.TB, name string, kind problem.Kind, spec any) problem.Test {
	t.Helper()
	tt, err := problem.NewTest(name, kind, "", spec)
	if err != nil {
		t.Fatal(err)
	}
	return tt
}

func TestVerdicts(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1})
	add := &problem.Problem{Benchmark: "t", TaskID: "add", Tests: []problem.Test{
		test(t, "a", problem.KindAssert, problem.AssertSpec{Code: "assert add(1, 2) == 3"}),
		test(t, "b", problem.KindAssert, problem.AssertSpec{Code: "assert sorted([add(1, 1), add(0, 1)]) == [1, 2]"}),
	}}
	for _, c := range []struct {
		name, code string
		want       problem.Outcome
	}{
		{"right", "def add(a, b): return a + b", problem.Pass},
		{"wrong", "def add(a, b): return a - b", problem.WrongAnswer},
		{"raises", "def add(a, b): return a + c", problem.Exception},
		{"syntax", "def add(a, b) return", problem.SyntaxError},
		{"python 2", "print 'x'", problem.SyntaxError},
		{"nul", "x = 1\x00", problem.SyntaxError},
		{"loop", "def add(a, b):\n  while True: pass", problem.Timeout},
		{"sleep", "import time\ndef add(a, b): time.sleep(100)", problem.Timeout},
		{"memory", "def add(a, b): return [0] * 10**9", problem.MemoryLimit},
		{"exit", "import os\ndef add(a, b): os._exit(0)", problem.ProtocolError},
		{"sys.exit", "import sys\ndef add(a, b): sys.exit(0)", problem.Exception},
		{"socket", "import socket\ndef add(a, b):\n  socket.socket()\n  return a + b", problem.Forbidden},
		{"fork", "import os\ndef add(a, b):\n  os.fork()\n  return a + b", problem.Forbidden},
		{"system", "import os\ndef add(a, b):\n  os.system('true')\n  return a + b", problem.Forbidden},
		{"module", "import nosuchmodule\ndef add(a, b): return a + b", problem.MissingModule},
		{"missing", "def sub(a, b): return a + b", problem.Exception},
		{"object", "class A:\n  def __eq__(s, o): return True\n  def __lt__(s, o): return True\ndef add(a, b): return A()", problem.WrongAnswer},
	} {
		v, err := j.Verify(t.Context(), add, c.code)
		if err != nil {
			t.Fatal(err)
		}
		if v.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %+v", c.name, v.Verdict, c.want, v.Tests)
		}
		t.Logf("%-10s %-15s %.1f ms cpu %.1f ms %+v", c.name, v.Verdict, v.WallMillis, v.CPUMillis, v.Tests)
	}
}
