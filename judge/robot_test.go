package judge_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hone/judge"
	"hone/problem"
	"hone/robot"
)

// errand is a robot task in three worlds that differ in where the milk is.
func errand(t testing.TB) *problem.Problem {
	t.Helper()
	p := &problem.Problem{Benchmark: "t", TaskID: "errand", EntryPoint: "task_program"}
	for i, room := range []string{"kitchen", "cellar", "garage"} {
		p.Tests = append(p.Tests, test(t, room, problem.KindRobot, problem.RobotSpec{
			Robot: "service",
			World: fmt.Appendf(nil, `{"locations": ["start", "kitchen", "cellar", "garage"], "objects": [{"pattern": "milk", "at": %q}], "robot": {"at": "start"}}`, room),
			Check: fmt.Appendf(nil, `{"op": "and", "args": [
				{"op": "act_at_any_visit", "loc": %q, "match": {"element": "Pick", "value1_re": "milk"}},
				{"op": "terminal", "match": {"element": "Say", "value1_re": "here"}}]}`, room),
			MayNotEnd: i == 2,
		}))
	}
	return p
}

const fetches = `
def task_program():
    for room in get_all_rooms():
        go_to(room)
        if is_in_room("milk"):
            pick("milk")
            break
    go_to("start")
    say("Here you are")
`

func TestRobot(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: time.Minute}})
	hasty := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: 600 * time.Millisecond}})
	p := errand(t)
	// Outcomes of the tests kitchen, cellar, garage; the last may go on for ever.
	for _, c := range []struct{ name, program, want string }{
		{"right", fetches, "pass pass pass"},
		{"one room", "def task_program():\n  go_to('cellar'); pick('milk'); say('here')", "robot_error pass robot_error"},
		{"does nothing", "def task_program(): pass", "wrong_answer wrong_answer wrong_answer"},
		{"catches", "def task_program():\n  for r in get_all_rooms():\n    go_to(r)\n    try: pick('milk')\n    except Exception: pass\n  say('here')", "pass pass pass"},
		{"catches all", "def task_program():\n  while True:\n    try: say('here')\n    except: pass", "timeout timeout wrong_answer"},
		{"no such function", "def task_program(): fly('home')", "exception exception exception"},
		{"no such room", "def task_program(): go_to('attic')", "robot_error robot_error robot_error"},
		{"wrong type", "def task_program(): go_to(3)", "robot_error robot_error robot_error"},
		{"wrong arguments", "def task_program(): go_to()", "exception exception exception"},
		{"by name", strings.ReplaceAll(fetches, `pick("milk")`, `pick(obj="milk")`), "pass pass pass"},
		{"own error", "class RobotError(Exception): pass\ndef task_program(): raise RobotError('go_to')", "exception exception exception"},
		{"no entry", "def program(): pass", "exception exception exception"},
		{"main guard", fetches + "\nif __name__ == '__main__': task_program()", "pass pass pass"},
		{"syntax", "def task_program() pass", "syntax_error syntax_error syntax_error"},
		{"sleeps", strings.Replace(fetches, "go_to(room)", "go_to(room); time.sleep(3000)", 1), "pass pass pass"},
		{"imports time", strings.Replace(fetches, "go_to(room)", "import time; from time import sleep; sleep(3000)\n        go_to(room)", 1), "pass pass pass"},
		{"sleeps for days", "def task_program():\n  say('here')\n  while True: time.sleep(600)", "timeout timeout wrong_answer"},
		{"sleeps backwards", "def task_program(): time.sleep(-1)", "exception exception exception"},
		{"waits", "def task_program():\n  go_to('garage'); pick('milk'); say('here')\n  while True: is_in_room('bob'); time.sleep(1)", "robot_error robot_error wrong_answer"},
		{"waits silently", "def task_program():\n  go_to('garage'); pick('milk'); say('here')\n  while True: time.sleep(1)", "robot_error robot_error pass"},
		{"loops", "def task_program():\n  while True: pass", "timeout timeout wrong_answer"},
		{"computes", strings.Replace(fetches, "():\n", "():\n    sum(range(1_000_000))\n", 1), "pass pass pass"},
		{"datetime", "from datetime import datetime\nimport time\ndef task_program():\n  a = datetime.now(); t = time.time(); go_to('kitchen')\n  assert (datetime.now() - a).total_seconds() == 20 == time.time() - t, a", "wrong_answer wrong_answer wrong_answer"},
		{"exits", fetches + "    import sys; sys.exit()", "pass pass pass"},
		{"exits badly", fetches + "    import sys; sys.exit(1)", "exception exception exception"},
		{"threads", "import threading\ndef task_program():\n  t = threading.Thread(target=go); t.start()\ndef go():\n" + strings.Replace(fetches, "\ndef task_program():\n", "", 1), "pass pass pass"},
		{"module state", "import sys\nsys.seen = getattr(sys, 'seen', 0) + 1\nx = []\ndef task_program():\n  assert x == []; x.append(1)\n  raise KeyError(sys.seen)", "exception exception exception"},
	} {
		by := j
		if strings.Contains(c.want, string(problem.Timeout)) {
			by = hasty
		}
		v := verify(t, by, p, c.program)
		if got := robotOutcomes(v); got != c.want {
			t.Errorf("%s: %s, want %s\n%+v", c.name, got, c.want, v.Tests)
		}
		if v.Judge != problem.ModeRobot {
			t.Errorf("%s: judged by %s", c.name, v.Judge)
		}
	}
}

func robotOutcomes(v problem.Verdict) string {
	var out []string
	for _, o := range outcomes(v) {
		out = append(out, string(o))
	}
	return strings.Join(out, " ")
}

// TestRobotText: what a verdict says.
func TestRobotText(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1})
	p := errand(t)
	v := verify(t, j, p, "def task_program():\n    go_to('kitchen')\n    pick('bread')\n")
	if r := v.Tests[0]; r.Error != `pick: there is no "bread" at "kitchen"` || r.Line != 3 || r.Verdict != problem.RobotError {
		t.Errorf("%+v", r)
	}
	v = verify(t, j, p, "def task_program():\n    say('there')\n")
	if r := v.Tests[0]; r.Got != `Say("there")` || !strings.HasPrefix(r.Error, "args[0]: it does not hold that Pick(/milk/) happens at a visit, GoTo(/kitchen/)") {
		t.Errorf("%+v", r)
	}
	v = verify(t, j, p, "def task_program():\n    while True: say('x')\n")
	if r := v.Tests[0]; r.Error != "still running after 1000 actions and 3000 s of the robot's time" {
		t.Errorf("%+v", r)
	}
}

// TestRobotAttacks: a program that tampers with the channel can at best call the robot.
func TestRobotAttacks(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: time.Minute}})
	p := errand(t)
	const channel = `
import os, json, socket, stat
def channel():
    for fd in range(3, 64):
        try: os.fstat(fd)
        except OSError: continue
        if stat.S_ISSOCK(os.fstat(fd).st_mode): return fd
def send(o):
    if isinstance(o, list): o = '>%s\n%d\n%r\n%s' % (o[0], o[2], o[3], json.dumps(o[1]))
    b = o if isinstance(o, bytes) else o.encode() if isinstance(o, str) else json.dumps(o).encode()
    os.write(channel(), len(b).to_bytes(4, 'little') + b)
`
	body := func(s string) string {
		return channel + "def task_program():\n    " + strings.ReplaceAll(s, "\n", "\n    ")
	}
	for _, c := range []struct{ name, program, want string }{
		{"forges an end", body("send({'w': 0})"), "wrong_answer wrong_answer wrong_answer"},
		{"forges a verdict", body("send({'verdict': 'pass', 'w': 0, 'o': 'pass'})"), "wrong_answer wrong_answer wrong_answer"},
		{"forges a trace", body("send(['Pick', ['milk'], 1, 0]); send(['Say', ['here'], 1, 0])"), "wrong_answer wrong_answer wrong_answer"},
		{"forges calls of actions", body("for a, x in (('go_to', 'kitchen'), ('pick', 'milk'), ('say', 'here')):\n    send([a, [x], 1, 0]); os.read(channel(), 9999)"), "pass wrong_answer wrong_answer"},
		{"writes rubbish", body("os.write(channel(), b'\\x03\\0\\0\\0abc')"), "protocol_error"},
		{"writes an empty frame", body("send(b'')"), "protocol_error"},
		{"sends half a call", body("send('>go_to\\n1')"), "protocol_error"},
		{"claims a huge frame", body("os.write(channel(), b'\\xff\\xff\\xff\\x7f')"), "output_limit"},
		{"sleeps for NaN", body("send(['', [], 1, float('nan')])"), "wrong_answer wrong_answer wrong_answer"},
		{"sleeps backwards", body("send(['', [], 1, -5]); os.read(channel(), 9999)"), "wrong_answer wrong_answer wrong_answer"},
		{"closes the channel", body("os.close(channel())"), "protocol_error"},
		{"leaves", body("os._exit(0)"), "protocol_error"},
		{"says too much", body("say('x' * 10**6)"), "robot_error robot_error robot_error"},
		{"says far too much", body("say('x' * (17 << 20))"), "output_limit"},
		{"recursive list", body("x = []; x.append(x)\nask('a', 'b', x)"), "exception exception exception"},
		{"asks objects", body("ask('a', 'b', [object(), {1: 2}, (3,), 10**30])"), "robot_error robot_error robot_error"},
		{"patches the stubs", body("import builtins\nbuiltins.isinstance = lambda *a: True\nraise ValueError"), "protocol_error"},
		{"a thread outlives its world", body("import threading\ndef late():\n    while True:\n        try: say('here')\n        except RuntimeError: return\nthreading.Thread(target=late, daemon=True).start()"), "wrong_answer wrong_answer wrong_answer"},
		{"network", body("socket.socket()"), "forbidden forbidden forbidden"},
	} {
		v := verify(t, j, p, c.program)
		got := robotOutcomes(v)
		if strings.Contains(c.want, " ") {
			if got != c.want {
				t.Errorf("%s: %s, want %s\n%+v", c.name, got, c.want, v.Tests)
			}
		} else if string(v.Verdict) != c.want {
			t.Errorf("%s: %s, want %s\n%+v", c.name, v.Verdict, c.want, v.Tests)
		}
		if v.Verdict == problem.Pass || v.Verdict == problem.Infrastructure {
			t.Errorf("%s: %s", c.name, v.Verdict)
		}
	}
}

// TestRobotProblems: what is wrong with a task is said before any program runs, and is no program's fault.
func TestRobotProblems(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1})
	const world, check = `{"locations": ["a"], "robot": {"at": "a"}}`, `{"op": "exists", "match": {"element": "Say"}}`
	for _, c := range []struct{ robot, world, check, want string }{
		{"servise", world, check, `there is no robot "servise" (nearest: "service"`},
		{"service", `{"locations": ["a"], "robot": {"at": "b"}}`, check, `world of test t:1:36: world.robot.at is "b", which is not in locations`},
		{"service", world, `{"op": "exists", "match": {"element": "Shout"}}`, `check of test t:1:41: match.element: no event is called "Shout"`},
	} {
		p := &problem.Problem{Benchmark: "t", TaskID: "x", Tests: []problem.Test{test(t, "t", problem.KindRobot, problem.RobotSpec{Robot: c.robot, World: json.RawMessage(c.world), Check: json.RawMessage(c.check)})}}
		if err := j.Prepare(t.Context(), p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v\nwant %s", err, c.want)
		}
		if v := verify(t, j, p, fetches); v.Verdict != problem.Infrastructure || v.Passed != nil {
			t.Errorf("%+v", v)
		}
	}
}

func TestSimulate(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1})
	d, err := robot.Load("service")
	if err != nil {
		t.Fatal(err)
	}
	w, err := d.World([]byte(`{"locations": ["start", "kitchen"], "objects": [{"pattern": "milk", "at": "kitchen"}], "robot": {"at": "start"}}`), "w")
	if err != nil {
		t.Fatal(err)
	}
	s, err := j.Simulate(t.Context(), w, nil, fetches)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(s.Trace); got != `[GoTo("start") CheckEntity("milk") GoTo("kitchen") CheckEntity("milk") Pick("milk") GoTo("start") Say("Here you are")]` {
		t.Error(got)
	}
	if s.Trace[4].Line != 6 || s.Trace[4].At != 47 || s.Actions != 8 || s.Seconds != 70 || s.Result.Verdict != problem.Pass {
		t.Errorf("%+v", s)
	}
}

// BenchmarkSimulate runs distinct small programs in three worlds each, on all workers; it
// reports simulations (a program in a world) per second.
func BenchmarkSimulate(b *testing.B) {
	for _, share := range []bool{false, true} {
		b.Run(fmt.Sprintf("share=%v", share), func(b *testing.B) { benchmarkSimulate(b, share) })
	}
}

func benchmarkSimulate(b *testing.B, share bool) {
	j := newJudge(b, judge.Config{Share: share})
	p := errand(b)
	if err := j.Prepare(b.Context(), p); err != nil {
		b.Fatal(err)
	}
	var n, cpu atomic.Int64
	b.ResetTimer()
	var wg sync.WaitGroup
	for range j.Workers() {
		wg.Go(func() {
			for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
				v, err := j.Verify(b.Context(), p, fmt.Sprintf("%s# %d", fetches, i))
				if err != nil || v.Verdict != problem.Pass {
					b.Errorf("%v %+v", err, v)
				}
				cpu.Add(int64(v.CPUMillis * 1000))
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(len(p.Tests)*b.N)/b.Elapsed().Seconds(), "simulations/s")
	b.ReportMetric(float64(cpu.Load())/float64(b.N), "cpu_us/program")
}
