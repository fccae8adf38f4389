package problem

import (
	"encoding/json"
	"strings"
	"testing"
)

const roboEvalFile = `{
 "labels": {},
 "tasks": [
  {"task": "Fetch", "split": "main", "prompts": ["Fetch it.", "Bring it."], "tests": [
   {"index": 0, "expect_timeout": true, "state": {"locations": ["a"], "objects": [{"label_re": "x", "location": "a"}],
    "agents": [{"name_re": ".*", "location": "a", "answers_re": ["yes"]}], "robot_location": "a"},
    "formula": {"op": "exists", "slices": [], "match": {"element": "Say", "value1_re": ".*"}}}]},
  {"task": "Fetch", "split": "other", "prompts": ["Fetch."], "tests": [{"state": {"locations": ["a"], "objects": [], "agents": [], "robot_location": "a"}, "formula": true}]}
 ]
}`

func TestRoboEval(t *testing.T) {
	s := read(t, roboEvalFile, FormatAuto)
	if s.Format != FormatRoboEval || len(s.Problems) != 3 || len(s.Issues) != 0 {
		t.Fatalf("%s: %d problems, %v", s.Format, len(s.Problems), s.Issues)
	}
	got, err := json.Marshal(s.Problems[1])
	const want = `{"benchmark":"RoboEval","task_id":"Fetch/1","prompt":"# Bring it.\ndef task_program():\n","entry_point":"task_program","split":"main","tests":[{"name":"world[0]","kind":"robot","visibility":"hidden","spec":{"robot":"service","world":{"locations":["a"],"objects":[{"pattern":"x","at":"a"}],"people":[{"pattern":".*","at":"a","answers":["yes"]}],"robot":{"at":"a"}},"check":{"op":"exists","slices":[],"match":{"element":"Say","value1_re":".*"}},"may_not_end":true}}],"prefix":"# Bring it.\ndef task_program():\n"}`
	if err != nil || string(got) != want {
		t.Errorf("(%v)\n got %s\nwant %s", err, got, want)
	}
	if id := s.Problems[2].TaskID; id != "other/Fetch/0" {
		t.Error(id)
	}
}

func TestRoboEvalFaults(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`"formula": true`, `"formula": 3`, `f.jsonl: tasks[1]: field "tests[0].formula" is missing or no formula`},
		{`"split": "other"`, `"split": "main"`, `f.jsonl: tasks[1]: field "task" "Fetch" is there twice`},
		{`"prompts": ["Fetch."]`, `"prompts": []`, `f.jsonl: tasks[1]: field "prompts" is missing or empty`},
	} {
		s := read(t, strings.Replace(roboEvalFile, c.old, c.new, 1), FormatRoboEval)
		if len(s.Issues) != 1 || !strings.Contains(s.Issues[0].Error(), c.want) || len(s.Problems) != 2 {
			t.Errorf("%q: %d problems, %v, want %s", c.new, len(s.Problems), s.Issues, c.want)
		}
	}
	for text, want := range map[string]string{
		`{"tasks": [}`:  "f.jsonl: invalid character",
		`{"tasks": []}`: "f.jsonl: no tasks",
		`{"tasks": [{"task": "x", "split": "main", "prompts": ["y"]}]}`: `field "tests" is missing or empty`,
	} {
		if _, err := Read(strings.NewReader(text), "f.jsonl", FormatRoboEval); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
