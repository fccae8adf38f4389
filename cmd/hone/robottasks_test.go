//go:build linux

package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestRobotTasks: tasks are written, their references pass, programs with mistakes get the
// verdicts they are said to get, and the same seed writes the same bytes.
func TestRobotTasks(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	args := []string{"robot", "tasks", "--robot", "kitchen", "--levels", "1-3,5", "--n", "16", "--seed", "3"}
	u.hone(append(args, "--out", "t.jsonl", "--faults", "f.jsonl", "--rows", "rows.jsonl", "--text", "t.txt")...).exits(0).prints("16 tasks of ", "level 5: 4", "f.jsonl: wrong_answer ")
	u.hone(append(args, "--out", "again.jsonl", "--json")...).exits(0).prints(`"tasks": 16`)
	if u.read("t.jsonl") != u.read("again.jsonl") {
		t.Error("the same seed gives other tasks")
	}
	var text strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(u.read("rows.jsonl")), "\n") {
		var row pairRow
		if err := json.Unmarshal([]byte(line), &row); err != nil || !strings.HasSuffix(row.Prompt, "def task_program():\n") || !strings.HasPrefix(row.Completion, "    ") {
			t.Fatalf("%v: %s", err, line)
		}
		text.WriteString(row.Prompt + row.Completion)
	}
	if text.String() != u.read("t.txt") {
		t.Error("the text is not that of the rows")
	}
	u.hone("judge", "--problems", "t.jsonl", "--reference", "--out", "r.jsonl").exits(0)
	for _, v := range u.verdicts("r.jsonl") {
		if v.Verdict != "pass" {
			t.Errorf("%s: the reference gets %s", v.TaskID, v.Verdict)
		}
	}
	u.hone("judge", "--problems", "t.jsonl", "--samples", "f.jsonl", "--out", "v.jsonl").exits(0)
	verdicts := u.verdicts("v.jsonl")
	rows := strings.Split(strings.TrimSpace(u.read("f.jsonl")), "\n")
	if len(rows) != len(verdicts) || len(rows) < 32 {
		t.Fatalf("%d programs, %d verdicts", len(rows), len(verdicts))
	}
	for i, row := range rows {
		var f faultRow
		if err := json.Unmarshal([]byte(row), &f); err != nil {
			t.Fatal(err)
		}
		if f.Verdict != verdicts[i].Verdict {
			t.Errorf("%s: %s, not %s: %s", f.TaskID, verdicts[i].Verdict, f.Verdict, f.Mistake)
		}
	}
	u.hone("robot", "tasks", "--robot", "service", "--n", "8", "--split", "test", "--short", "--out", "held.jsonl").exits(0)
	if held := u.read("held.jsonl"); strings.Contains(held, `"split":"train"`) || strings.Contains(held, "get_all_rooms() -> list") {
		t.Errorf("a training task, or the API in a short prompt:\n%s", held)
	}
}

func TestRobotTasksUsage(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("there.jsonl", "mine")
	for _, c := range []struct{ args, says string }{
		{"", "--out is missing"},
		{"--out t --n 0", "at least one task"},
		{"--out t --levels 0-3", "levels are 1 to 6"},
		{"--out t --levels 3-1", "levels are 1 to 6"},
		{"--out t --levels x", "levels are 1 to 6"},
		{"--out t --split dev", "it is train, test or all"},
		{"--out t --faults t", "t is named twice"},
		{"--out there.jsonl", "is there already"},
	} {
		u.hone(append([]string{"robot", "tasks"}, strings.Fields(c.args)...)...).exits(2).says(c.says)
	}
	u.hone("robot", "tasks", "--robot", "kichen", "--out", "t.jsonl").exits(1).says(`nearest: "kitchen"`)
	if u.read("there.jsonl") != "mine" || u.exists("t.jsonl") {
		t.Error("a file was touched")
	}
}
