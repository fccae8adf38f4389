package judge

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hone/problem"
	"hone/sandbox"
)

// oneWorld is a judge with one worker, and a task for its robot in three worlds that are alike.
func oneWorld(t testing.TB) (*Judge, *problem.Problem) {
	t.Helper()
	py, err := sandbox.FindPython(context.Background(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	j, err := New(context.Background(), Config{Python: py, Workers: 1, Share: true, Limits: Limits{PerTest: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	p := &problem.Problem{Benchmark: "t", TaskID: "say", EntryPoint: "task_program"}
	for i := range 3 {
		spec := problem.RobotSpec{
			Robot: "service", World: []byte(`{"locations": ["start", "kitchen"], "robot": {"at": "start"}}`),
			Check: []byte(`{"op": "terminal", "match": {"element": "Say", "value1_re": "here"}}`),
		}
		test, err := problem.NewTest(fmt.Sprint(i), problem.KindRobot, "", spec)
		if err != nil {
			t.Fatal(err)
		}
		p.Tests = append(p.Tests, test)
	}
	return j, p
}

// rowsOf is what each test of a program came to.
func rowsOf(t testing.TB, j *Judge, p *problem.Problem, program string) string {
	t.Helper()
	if strings.HasSuffix(program, "while True: pass") || strings.Contains(program, "builtins.len") { // only what never ends is short of time
		pl, err := j.plan(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		defer func(lim Limits) { pl.lim = lim }(pl.lim)
		pl.lim.PerTest, pl.lim.Total = 200*time.Millisecond, time.Second
	}
	v, err := j.Verify(t.Context(), p, program)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range v.Tests {
		fmt.Fprintf(&b, "%s %s %d %s; ", r.Verdict, r.Error, r.Line, r.Got)
	}
	return b.String()
}

// kept reports whether the worker's process waits for another program, and which it is.
func kept(t testing.TB, j *Judge) (used, bool) {
	t.Helper()
	w, release, err := j.worker(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	return w.usedRobot, w.usedRobot.p != nil
}

// programs with a robot by whether the next one may have their process.
var (
	closedPrograms = []string{
		"def task_program(): say('here')",
		"def task_program(): say('there')",
		"def task_program(): pass",
		"import time\nfrom time import sleep\ndef task_program():\n  time.sleep(5); sleep(1); t = time.time()\n  say(f'here {t:.0f} {t!r}')",
		"seen = []\ndef more(x, n=2, *a, key=None, **k):\n  seen.append(x); return x * n\ndef task_program():\n  global seen\n  for r in get_all_rooms(): more(r, key=1)\n  say('here' if len(seen) == 2 else 'no')",
		"def task_program():\n  d = {'a': [1, 2], **{}}\n  d['a'][0] += 1; d.update(b=(x for x in [3])); a, *b = sorted({4, 5}, key=lambda x: -x)\n  try: d['z']\n  except KeyError as e: say('here')",
		"def task_program():\n  def inner():\n    nonlocal n; n += 1\n  n = 0; inner(); assert n == 1\n  while True:\n    if n > 3: break\n    n += 1; continue\n  say('here')\nif __name__ == '__main__': task_program()",
		"def task_program(): go_to('attic')", // a robot error ends it
		"def task_program():\n  print('here', [x.strip() for x in 'a, b'.split(',')]); say('%s' % 'here')",
		"def len(x): return 5\ndef task_program(): say('here' * len([]))",
		"def task_program(_x=1):\n  for _ in range(1): say('here')",
		"time = 3\ndef task_program(): say('here')",
		"import time as t\ndef task_program(): say('here')",
		"def g(): yield 1\ndef task_program(): say('here')",
		"x = 1\ndel x\ndef task_program(): say('here')",
		"def task_program(): say('here' if type(1) is int and int == type(2) else '')",
		"def task_program(): say('here' if (x := 1) else '')",
		"def task_program():\n  x: int = 1; say('here')",
		"def task_program(): nothing()",
		"def task_program():\n  [][0]",
		"import math, re as r\nfrom collections import Counter as C, defaultdict\nfrom typing import List\nd = defaultdict(list)\ndef task_program():\n  d['a'].append(math.floor(2.5)); x: List[int] = d['a']\n  assert r.sub('a', lambda m: m.group(), 'a') == 'a' and C('aa').most_common(1)[0][1] == 2\n  say('here' if x == [2] else 'no')",
	}
	openPrograms = []string{
		"import os\ndef task_program(): say('here')",
		"from time import *\ndef task_program(): say('here')",
		"import time, os\ndef task_program(): say('here')",
		"def task_program():\n  time.sleep = print\n  say('here')",
		"def task_program():\n  x = (1).__class__; say('here')",
		"def task_program(): say('{0.__class__}here'.format(1))",
		"def task_program(): say(str.format('here'))",
		"def task_program(): say(getattr('here', 'lower')())",
		"def task_program(): say(f'{print.__self__}here')",
		"import sys\ndef task_program(): say('here' if sys.path else '')",
		"import sys\ndef task_program(): say('here' if sys.modules else '')",
		"from sys import modules\ndef task_program(): say('here')",
		"from collections import namedtuple\ndef task_program(): say('here')",
		"import collections.abc\ndef task_program(): say('here')",
		"from re import functools\ndef task_program(): say('here')",
		"import typing\ndef task_program(): say('here' if typing.sys else '')",
		"import copy\ndef task_program(): say('here' if copy.types else '')",
		"import functools\ndef task_program(): say(functools.partial(str, 'here')())",
		"from operator import attrgetter\ndef task_program(): say('here')",
		"import random\ndef task_program(): say('here')",
		"import re as __re\ndef task_program(): say('here')",
		// What a review found: a class or code to call, code that runs when the next program does.
		"import copy\ndef task_program(): say('here')",
		"from copy import deepcopy\ndef task_program(): say('here')",
		"def task_program(): say(type('')('here'))",
		"x = type(int)\ndef task_program(): say('here')",
		"x = [type(1)] == [int]\ndef task_program(): say('here')",
		"from collections import Counter\ndef task_program(): say('here' if Counter.copy else '')",
		"import typing\ndef task_program(): say('here' if typing.Counter([1]).copy() else '')",
		"from collections import Counter as C\nc = C.copy(int)\ndef task_program(): say('here')",
		"def g():\n  try: yield 1\n  finally:\n    while True: pass\ni = g(); next(i)\ndef task_program(): say('here')",
		"from time import sleep\ndef g(s):\n  try: yield 1\n  finally: s(1e9)\ndef task_program():\n  i = [g(sleep)]; i.append(i); next(i[0]); say('here')",
		"def task_program(): say('here' if [x async for x in y] else '') if 0 else say('here')",
		"t = type\ndef task_program(): say('here')",
		"A = type('A', (), {})\ndef task_program(): say('here')",
		"A = type(*['a'])\ndef task_program(): say('here')",
		"def task_program(): say(type('a', name=1) if 0 else 'here')",
		"def f(x): return x\n@f\nclass A: pass\ndef task_program(): say('here')",
		"import math\nmath.pi = 3\ndef task_program(): say('here')",
		"for str.x in []: pass\ndef task_program(): say('here')",
		"def task_program():\n  try: [][0]\n  except IndexError as e: e.x = 1\n  say('here')",
		"def task_program():\n  try: [][0]\n  except IndexError as e: say('here' if e.args else '')",
		"def task_program():\n  def f(): f()\n  f()", // too deep
		"class A: pass\ndef task_program(): say('here')",
		"async def g(): pass\ndef task_program(): say('here')",
		"x = __builtins__\ndef task_program(): say('here')",
		"def task_program(): say(eval('\"here\"'))",
		"x = globals()\ndef task_program(): say('here')",
		"def task_program():\n  with open('/dev/null'): say('here')",
		"def task_program():\n  match 1:\n    case 1: say('here')",
		"def task_program(__x=1): say('here')",
		"def task_program(): say(\uff47etattr('here', 'lower')())", // Python reads getattr
		"say.x = 1\ndef task_program(): say('here')",
		"def task_program():\n  try: raise_(1)\n  except NameError: say('here')", // not a builtin on the list
	}
)

// TestClosedPrograms: after which programs the process is used again, and that it is.
func TestClosedPrograms(t *testing.T) {
	j, p := oneWorld(t)
	var last used
	for i, program := range closedPrograms {
		if _, err := j.Verify(t.Context(), p, program); err != nil {
			t.Fatal(err)
		}
		u, ok := kept(t, j)
		if !ok {
			t.Errorf("not closed:\n%s", program)
		}
		if i > 0 && last.p != u.p || u.programs != i+1 {
			t.Errorf("after program %d: %+v, before %+v", i, u, last)
		}
		last = u
	}
	for _, program := range openPrograms {
		if _, err := j.Verify(t.Context(), p, program); err != nil {
			t.Fatal(err)
		}
		if _, ok := kept(t, j); ok {
			t.Errorf("closed:\n%s", program)
		}
		j.Verify(t.Context(), p, closedPrograms[0]) // the next one finds a used process, too
	}
	for range mostPrograms + 2 {
		j.Verify(t.Context(), p, closedPrograms[0])
	}
	if u, _ := kept(t, j); u.programs > mostPrograms {
		t.Errorf("a process has run %d programs", u.programs)
	}
}

// TestUsedProcesses: what a program gets depends on no other, whichever ran before it in the same process.
func TestUsedProcesses(t *testing.T) {
	j, p := oneWorld(t)
	programs := slices.Concat(closedPrograms, openPrograms, []string{
		"def task_program():\n  while True: pass",
		"def task_program():\n  x = 'here'\n  while True: x += x",
		"def task_program():\n  def f(): f()\n  try: f()\n  except RuntimeError: say('here')",
		"def task_program() say('here')",
		"import os\nos._exit(1)",
		"import builtins, time\nbuiltins.len = lambda x: 99\ntime.time = None\ndef task_program(): say('here' * (len([]) - 98))",
		"def task_program(): say('here' if len([1]) == 1 and isinstance(time.time(), float) else 'no')",
	})
	alone := map[string]string{}
	for _, program := range programs {
		if alone[program] = rowsOf(t, j, p, program); program == programs[len(programs)-1] && !strings.HasPrefix(alone[program], "pass") {
			t.Errorf("%s", alone[program])
		}
		w, release, err := j.worker(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if w.usedRobot.p != nil {
			w.usedRobot.p.End()
			w.usedRobot = used{}
		}
		release()
	}
	r := rand.New(rand.NewPCG(1, 2))
	again := 0
	for range 2 {
		for _, at := range r.Perm(len(programs)) {
			if _, ok := kept(t, j); ok {
				again++
			}
			if got := rowsOf(t, j, p, programs[at]); got != alone[programs[at]] {
				t.Errorf("%s\ngot  %s\nalone %s", programs[at], got, alone[programs[at]])
			}
		}
	}
	if again < 10 {
		t.Errorf("only %d programs had a used process", again)
	}
}

// TestUsedCandidates is TestUsedProcesses for calls.
func TestUsedCandidates(t *testing.T) {
	j, _ := oneWorld(t)
	p := &problem.Problem{Benchmark: "t", TaskID: "f", EntryPoint: "f"}
	for i := range 3 {
		test, err := problem.NewTest(fmt.Sprint(i), problem.KindAssert, "", problem.AssertSpec{Code: fmt.Sprintf("assert f(%d) == %d", i, i+1)})
		if err != nil {
			t.Fatal(err)
		}
		p.Tests = append(p.Tests, test)
	}
	split := &problem.Problem{Benchmark: "t", TaskID: "split", EntryPoint: "f"}
	test, err := problem.NewTest("split", problem.KindAssert, "", problem.AssertSpec{Code: "for i in range(3): assert f(i) in (i + 1, i + 2)"})
	if err != nil {
		t.Fatal(err)
	}
	split.Tests = append(split.Tests, test)
	type program struct {
		text   string
		closed bool
	}
	programs := []program{
		{"def f(x): return x + 1", true},
		{"def f(x): return x", true},
		{"def f(x): return x + y", true},
		{"seen = []\ndef f(x):\n  seen.append(x)\n  return x + 1 if seen == list(range(x + 1)) else seen", true},
		{"from functools import lru_cache\n@lru_cache(None)\ndef g(x): return 0 if x == 0 else g(x - 1) + 1\ndef f(x): return g(x + 1)", true},
		{"import re\nfrom collections import *\ndef f(x): return x + 1", false},
		{"def f(x):\n  def g(): yield from (x, x + 1)\n  a, b = g(); del a\n  return b", true},
		{"def g(x):\n  try:\n    while True: yield x + 1\n  finally:\n    for i in range(9): pass\nkeep = []\ndef f(x):\n  keep.append(g(x))\n  return next(keep[-1])", false},
		{"once = []\ndef f(x):\n  if not once:\n    once.append(1); a = [bytearray(100 << 20)]; a.append(a)\n  return x + 1", true}, // frees it
		{"from typing import List\nkeep = []\ndef f(x):\n  keep.append(bytearray(100 << 20)) if x == 0 else 0\n  List[lambda: keep]\n  return x + 1", true},
		{"def f(x):\n  try: a = bytearray(90 << 20)\n  except Exception: return 0\n  return x + 1", true},
		{"import gc, types\ndef f(x):\n  for o in gc.get_objects():\n    if isinstance(o, types.FunctionType) and o.__name__ == 'solve': return o(x)\n  return -77", false},
		{"def f(x):\n  def solve(n): return n + 1 if n >= 0 else solve(-n)\n  return solve(x)", true},
		{"import sys\ndef f(x): return x + 1 if sys.maxsize > 1 else 0", true},
		{"import math\nmath.floor = None\ndef f(x): return x + 1", false},
		{"import math\ndef f(x): return math.floor(x + 1.5)", true},
		{"class A:\n  def __eq__(self, o): return True\ndef f(x): return A()", false},
		{"import builtins\nbuiltins.print = None\ndef f(x): return x + 1", false},
		{"def f(x):\n  print(x)\n  return x + 1", true},
		{"def f(x): return f(x)", false}, // too deep: the process is not kept
		{"def f(x):\n  while True: pass", false},
		{"def f(x): return [0] * 10**10", false},
		{"def f(x) return 1", false},
		{"raise ValueError(1)", false},
		{"import os\ndef f(x): os._exit(0)", false},
		{"def f(x): return ('a' * x).join(['b', 'c'])", true},
	}
	slot := func(end bool) used {
		w, release, err := j.worker(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		u := w.usedCandidate
		if end && u.p != nil {
			u.p.End()
			w.usedCandidate = used{}
		}
		return u
	}
	alone := map[string]string{}
	for _, c := range programs {
		alone[c.text] = rowsOf(t, j, p, c.text)
		if kept := slot(true).p != nil; kept != c.closed {
			t.Errorf("kept is %v, %s\n%s", kept, alone[c.text], c.text)
		}
	}
	if got := alone[programs[0].text]; got != strings.Repeat("pass  0 ; ", 3) {
		t.Errorf("%q", got)
	}
	r := rand.New(rand.NewPCG(1, 2))
	again := 0
	for range 3 {
		for _, at := range r.Perm(len(programs)) {
			if slot(false).p != nil {
				again++
			}
			if got := rowsOf(t, j, p, programs[at].text); got != alone[programs[at].text] {
				t.Errorf("%s\ngot  %s\nalone %s", programs[at].text, got, alone[programs[at].text])
			}
			if r.IntN(4) == 0 {
				if got := rowsOf(t, j, split, programs[0].text); !strings.HasPrefix(got, "pass") {
					t.Errorf("split: %s", got)
				}
			}
		}
	}
	if again < 10 {
		t.Errorf("only %d programs had a used process", again)
	}
	j.cfg.Share = false
	rowsOf(t, j, p, programs[0].text)
	if slot(true).p != nil {
		t.Error("a process was kept though every program is to have its own")
	}
}
