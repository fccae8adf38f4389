package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// publicData returns the path of a public data file, or skips the test.
func publicData(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("HONE_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	path, err := filepath.Abs(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("NOT RUN: needs %s (docs/data.md; HONE_DATA names its folder)", name)
	}
	return path
}

const (
	robotWorld   = `{"locations": ["start", "kitchen"], "objects": [{"pattern": "milk", "at": "kitchen"}], "robot": {"at": "start"}}`
	robotProgram = "def task_program():\n    go_to('kitchen')\n    pick('milk')\n    say('Got it')\n"
	robotCheck   = `{"op": "exists", "match": {"element": "Pick", "value1_re": "milk"}}`
)

func TestRobotRun(t *testing.T) {
	u := newUser(t)
	u.write("w.json", robotWorld)
	u.write("p.py", robotProgram)
	u.write("c.json", robotCheck)
	u.write("bad.py", "def task_program():\n    pick('milk')\n")
	u.write("broken.yaml", "locations: [start]\nrobot: {at: strat}\n")
	u.hone("robot", "run", "--robot", "service", "--world", "w.json", "--program", "p.py", "--check", "c.json").exits(0).prints(
		`0.0 s  line 2    GoTo("kitchen")`, `25.0 s  line 3    Pick("milk")`, `28.0 s  the program ended and the check holds, after 3 actions`)
	for _, file := range []string{"r.svg", "r.html"} {
		u.hone("robot", "run", "--robot", "service", "--world", "w.json", "--program", "p.py", "--replay", file).exits(0)
		if text := u.read(file); !strings.Contains(text, "<svg") || !strings.Contains(text, "kitchen") {
			t.Errorf("%s: %.200s", file, text)
		}
	}
	u.hone("robot", "run", "--robot", "service", "--world", "w.json", "--program", "p.py", "--replay", "r.png").exits(2).says("ends in .svg or .html")
	r := u.hone("robot", "run", "--robot", "service", "--world", "w.json", "--program", "bad.py", "--json").exits(1)
	var out struct {
		Verdict, Class, Error string
		Line, Actions         int
		World                 struct{ Robot struct{ At string } }
	}
	if err := json.Unmarshal([]byte(r.out), &out); err != nil {
		t.Fatal(err)
	}
	if out.Verdict != "robot_error" || out.Class != "robot execution error" || out.Line != 2 || out.Actions != 1 || out.World.Robot.At != "start" || !strings.Contains(out.Error, "milk") {
		t.Errorf("%+v", out)
	}
	u.hone("robot", "run", "--robot", "service", "--world", "broken.yaml", "--program", "p.py").exits(1).says(`broken.yaml:2:13: world.robot.at is "strat", which is not in locations (nearest: "start")`)
	u.hone("robot", "run", "--robot", "servis", "--world", "w.json", "--program", "p.py").exits(1).says(`there is no robot "servis" (nearest: "service"`)
	u.hone("robot", "run", "--robot", "own.yaml", "--world", "w.json", "--program", "p.py").exits(1).says("--robot: there is no file own.yaml")
	u.hone("robot", "run", "--robot", "service").exits(2).says("--world is missing")
	u.hone("robot", "show", "--robot", "service").exits(0).prints("def go_to(location: str) -> None: ...", "# Recorded: Ask, CheckEntity, GoTo, Pick, Place, Say")
	u.hone("robot", "show").exits(0).prints("service")
}

// robotProblem is a row with one robot test.
func robotProblem(id string) string {
	return `{"benchmark": "own", "task_id": "` + id + `", "prompt": "Fetch the milk.", "entry_point": "task_program", "tests": [{"name": "t", "kind": "robot", "spec": {"robot": "service", "world": ` + robotWorld + `, "check": ` + robotCheck + `}}]}`
}

func TestRobotEval(t *testing.T) {
	u := newUser(t)
	u.write("t.jsonl", robotProblem("milk/0")+"\n"+robotProblem("milk/1")+"\n")
	var samples strings.Builder
	for i, program := range []string{robotProgram, "def task_program(): pass", "def task_program(): pick('milk')", "def task_program(): fly()"} {
		row, _ := json.Marshal(map[string]any{"task_id": "milk/0", "sample": i, "solution": program})
		samples.Write(append(row, '\n'))
	}
	u.write("s.jsonl", samples.String())
	for range 2 { // the second time the file is complete
		u.hone("robot", "eval", "--tasks", "t.jsonl", "--samples", "s.jsonl", "--out", "v.jsonl").exits(0).prints(
			"4 programs for 1 task", "success                    1   25.0 %", "python error               1", "robot execution error      1", "task completion error      1", "pass@1")
		wantOutcomes(t, u.verdicts("v.jsonl"), "milk/0 0 pass", "milk/0 1 wrong_answer", "milk/0 2 robot_error", "milk/0 3 exception")
	}
	u.hone("judge", "--problems", "t.jsonl", "--samples", "s.jsonl").exits(0).prints("robot_error  1")
	u.write("other.jsonl", `{"benchmark": "own", "task_id": "a", "prompt": "p", "tests": [{"name": "t", "kind": "assert", "spec": {"code": "assert 1"}}]}`)
	u.hone("robot", "eval", "--tasks", "other.jsonl", "--samples", "s.jsonl").exits(1).says(`a: test "t" is of kind assert, robot tasks have tests of kind robot`)
}

func TestRobotCheck(t *testing.T) {
	u := newUser(t)
	u.write("t.jsonl", robotProblem("milk/0")+"\n")
	rows := func(sat string) string {
		return `{"model": "m", "task": "milk", "prompt": 0, "test": 0, "is_sat": ` + sat + `, "error_message": "", "trace": ["Pick /$@!/ milk /$@!/ None"], "program": ` + "\"def task_program():\\n  go_to('kitchen')\\n  pick('milk')\"}\n"
	}
	u.write("r.jsonl", rows("true"))
	for _, more := range [][]string{nil, {"--simulate"}} {
		u.hone(append([]string{"robot", "check", "--tasks", "t.jsonl", "--traces", "r.jsonl"}, more...)...).exits(0).prints("1 of 1 verdicts agree with is_sat")
	}
	u.write("wrong.jsonl", rows("false"))
	u.hone("robot", "check", "--tasks", "t.jsonl", "--traces", "wrong.jsonl").exits(1).prints("0 of 1 verdicts agree", "m milk prompt 0 completion 0 test 0: true here (), recorded false ()")
	u.write("unknown.jsonl", strings.Replace(rows("true"), `"milk"`, `"mill"`, 1))
	u.hone("robot", "check", "--tasks", "t.jsonl", "--traces", "unknown.jsonl").exits(1).says(`unknown.jsonl:1: there is no task "mill" in the split  (nearest: "milk")`)
	u.hone("robot", "check", "--tasks", "t.jsonl").exits(2).says("--traces is missing")
}

// checkedFile is what hone robot check --json prints, as far as tests look.
type checkedFile struct {
	Split                 string
	Rows, Compared, Agree int
	Classes               map[string]int
	Differ                []checkedRow
}

// TestRoboEvalRecorded: each recorded verdict follows from its recorded trace.
func TestRoboEvalRecorded(t *testing.T) {
	tasks, rows := publicData(t, "roboeval/roboeval_tasks.json"), publicData(t, "roboeval/owk_results_dev.jsonl.gz")
	r := newUser(t).hone("robot", "check", "--tasks", tasks, "--traces", rows, "--json").exits(0)
	var out checkedFile
	if err := json.Unmarshal([]byte(r.out), &out); err != nil {
		t.Fatal(err)
	}
	if out.Split != "open_world_knowledge" || out.Rows != 4500 || out.Compared != 4500 || out.Agree != 4500 || len(out.Differ) != 0 {
		t.Errorf("%s: %d of %d rows agree: %+v", out.Split, out.Agree, out.Rows, out.Differ)
	}
	if out.Classes["python error"] != 373 || out.Classes["robot execution error"] != 913 {
		t.Errorf("%v", out.Classes)
	}
}

// TestRoboEvalSimulated runs the recorded programs in our simulator.
func TestRoboEvalSimulated(t *testing.T) {
	if os.Getenv("HONE_LONG") == "" {
		t.Skip("NOT RUN: runs 2,000 programs, set HONE_LONG=1")
	}
	tasks, rows := publicData(t, "roboeval/roboeval_tasks.json"), publicData(t, "roboeval/owk_results_dev.jsonl.gz")
	r := newUser(t).hone("robot", "check", "--tasks", tasks, "--traces", rows, "--simulate", "--json", "--cache", "off")
	var out checkedFile
	if err := json.Unmarshal([]byte(r.out), &out); err != nil {
		t.Fatal(err, r.err)
	}
	t.Logf("%d of %d verdicts agree in %v; %v", out.Agree, out.Compared, r.took, out.Classes)
	for _, d := range out.Differ {
		// The file's worlds of this task have aiden's office, the prompts and the recorded runs jill's.
		if d.Task != "LunchTime" || d.Why != `go_to: there is no location "Jill's office"` {
			t.Errorf("%s %s prompt %d completion %d test %d: %v here (%s), recorded %v (%s)", d.Model, d.Task, d.Prompt, d.Completion, d.Test, d.Verdict, d.Why, *d.Sat, d.Recorded)
		}
	}
	r = newUser(t).hone("robot", "check", "--tasks", withJillsOffice(t, tasks), "--traces", rows, "--simulate", "--json", "--cache", "off").exits(0)
	out = checkedFile{}
	if err := json.Unmarshal([]byte(r.out), &out); err != nil {
		t.Fatal(err)
	}
	t.Logf("with the worlds of the prompts %d of %d agree in %v; %v", out.Agree, out.Compared, r.took, out.Classes)
	if out.Agree != 4500 || out.Classes["python error"] != 373 || out.Classes["robot execution error"] != 913 {
		t.Errorf("%d agree, %v", out.Agree, out.Classes)
	}
}

// withJillsOffice is a copy of the tasks in which LunchTime's worlds of the open-world
// split have the office that its prompts speak of.
func withJillsOffice(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	for _, task := range file["tasks"].([]any) {
		task := task.(map[string]any)
		if task["task"] != "LunchTime" || task["split"] != "open_world_knowledge" {
			continue
		}
		for _, test := range task["tests"].([]any) {
			test := test.(map[string]any)
			state, err := json.Marshal(test["state"])
			if err != nil {
				t.Fatal(err)
			}
			test["state"] = json.RawMessage(strings.ReplaceAll(string(state), "aiden's office", "jill's office"))
		}
	}
	out, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "tasks.json")
	if err := os.WriteFile(copied, out, 0o644); err != nil {
		t.Fatal(err)
	}
	return copied
}
