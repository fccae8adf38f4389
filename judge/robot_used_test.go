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
	j, err := New(context.Background(), Config{Python: py, Workers: 1, Limits: Limits{PerTest: 400 * time.Millisecond}})
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

// kept reports whether the worker's process waits for another program, and which it is.
func kept(t testing.TB, j *Judge) (used, bool) {
	t.Helper()
	w, release, err := j.worker(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	return w.used, w.used.p != nil
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
		"time = 3\ndef task_program(): say('here')",
	}
	openPrograms = []string{
		"import os\ndef task_program(): say('here')",
		"import time as t\ndef task_program(): say('here')",
		"from time import *\ndef task_program(): say('here')",
		"import time, sys\ndef task_program(): say('here')",
		"def task_program():\n  time.sleep = print\n  say('here')",
		"def task_program():\n  x = (1).__class__; say('here')",
		"def task_program(): say('{0.__class__}here'.format(1))",
		"def task_program(): say(str.format('here'))",
		"def task_program(): say(getattr('here', 'lower')())",
		"def task_program(): say(f'{print.__self__}here')",
		"class A: pass\ndef task_program(): say('here')",
		"def g(): yield 1\ndef task_program(): say('here')",
		"async def g(): pass\ndef task_program(): say('here')",
		"x = __builtins__\ndef task_program(): say('here')",
		"def task_program(): say(eval('\"here\"'))",
		"x = globals()\ndef task_program(): say('here')",
		"x = 1\ndel x\ndef task_program(): say('here')",
		"def task_program():\n  with open('/dev/null'): say('here')",
		"def task_program(): say('here' if type(1) is int else '')",
		"def task_program(): say('here' if (x := 1) else '')",
		"def task_program():\n  match 1:\n    case 1: say('here')",
		"def task_program(_x=1): say('here')",
		"def task_program(): say(\uff47etattr('here', 'lower')())", // Python reads getattr
		"say.x = 1\ndef task_program(): say('here')",
		"def task_program():\n  x: int = 1; say('here')",
		"def task_program():\n  try: raise_(1)\n  except NameError: say('here')", // a builtin that is not on the list
		"def task_program(): nothing()",                                          // an exception
		"def task_program():\n  [][0]",
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
		if i > 0 && last.p != u.p || u.programs != i+1 || u.cpu <= last.cpu {
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
	verdict := func(j *Judge, program string) string {
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
	alone := map[string]string{}
	for _, program := range programs {
		if alone[program] = verdict(j, program); program == programs[len(programs)-1] && !strings.HasPrefix(alone[program], "pass") {
			t.Errorf("%s", alone[program])
		}
		w, release, err := j.worker(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if w.used.p != nil {
			w.used.p.End()
			w.used = used{}
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
			if got := verdict(j, programs[at]); got != alone[programs[at]] {
				t.Errorf("%s\ngot  %s\nalone %s", programs[at], got, alone[programs[at]])
			}
		}
	}
	if again < 10 {
		t.Errorf("only %d programs had a used process", again)
	}
}
