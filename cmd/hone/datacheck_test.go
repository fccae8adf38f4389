//go:build linux

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"hone/offline"
	"hone/problem"
)

// judgedRows are rows of two problems, each with both kinds of programs.
func judgedRows() string {
	var b strings.Builder
	if err := offline.Write(&b, []offline.Row{
		{Benchmark: "own", TaskID: "own/0", Prompt: "def add(a, b):\n", Program: "    return a + b\n", Reward: 1, Verdict: problem.Pass, Model: "m"},
		{Benchmark: "own", TaskID: "own/0", Prompt: "def add(a, b):\n", Program: "    return a - b\n", Reward: -0.3, Verdict: problem.WrongAnswer},
		{Benchmark: "own", TaskID: "own/1", Prompt: "Subtract.", Program: "def sub(a, b):\n    return a - b\n", Reward: 1.2, Verdict: problem.Pass},
		{Benchmark: "own", TaskID: "own/1", Prompt: "Subtract.", Program: "def sub(a, b):\n    return a * b\n", Reward: -0.3, Verdict: problem.Exception},
	}); err != nil {
		panic(err)
	}
	return b.String()
}

func TestDataInfo(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("rows.jsonl", judgedRows())
	u.hone("data", "info", "rows.jsonl").exits(0).prints("4  rows", "2  problems, 2 of them with programs of both kinds: 2 groups of 4", "pass 2, exception 1, wrong_answer 1", "(not said) 3, m 1", "program, bytes")
	var n offline.Info
	if err := json.Unmarshal([]byte(u.hone("data", "info", "rows.jsonl", "rows.jsonl", "--json").exits(0).out), &n); err != nil || n.Duplicates != 4 || n.CorrectReward.Mean != 1.1 || n.Program.Min != 17 {
		t.Errorf("%v: %+v", err, n)
	}
	u.hone("data", "info").exits(2).says("name a file of rows")
	u.hone("data", "info", "none.jsonl").exits(1).says("there is no such file")
}

func TestDataCheck(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("rows.jsonl", judgedRows())
	u.write("p.jsonl", buildProblems)
	u.write("other.jsonl", strings.ReplaceAll(buildProblems, "own/", "new/"))
	u.hone("data", "check", "rows.jsonl", "--problems", "p.jsonl").exits(0).prints("2  problems used")
	u.hone("data", "check", "rows.jsonl", "--against", "p.jsonl").exits(1).
		prints("error: rows.jsonl:1 (own/0), rows.jsonl:2 (own/0): own/0 of own is evaluated on").says("2 errors")
	u.hone("data", "check", "rows.jsonl", "--against", "other.jsonl").exits(0).
		prints("warning: rows.jsonl:3 (own/1): the program is the reference of new/1 of own")
	u.write("same.jsonl", strings.ReplaceAll(strings.ReplaceAll(buildProblems, "own/", "new/"), "Write a function sub.", "  Subtract. "))
	u.hone("data", "check", "rows.jsonl", "--against", "same.jsonl").exits(1).prints("the prompt is that of new/1")
	// What is wrong with rows is said of all of them, with their lines.
	lines := strings.SplitAfter(judgedRows(), "\n")
	lines[0] = strings.Replace(lines[0], `"reward":1`, `"reward":NaN`, 1)
	lines = append(lines, strings.Replace(lines[3], `"exception"`, `"pass"`, 1), "{\n")
	u.write("bad.jsonl", strings.Join(lines, ""))
	var k rowCheck
	if err := json.Unmarshal([]byte(u.hone("data", "check", "bad.jsonl", "--json").exits(1).out), &k); err != nil {
		t.Fatal(err)
	}
	if len(k.Errors) != 4 || !strings.Contains(k.Errors[0].Message, `bad.jsonl:1: field "reward" is NaN`) || !strings.Contains(k.Errors[1].Message, "bad.jsonl:6: no JSON") ||
		!strings.Contains(k.Errors[2].Message, "the same program is exception and pass") || !strings.Contains(k.Errors[3].Message, "none of 2 problems has both") {
		t.Errorf("the errors are %+v", k.Errors)
	}
	if len(k.Warnings) != 2 || !strings.Contains(k.Warnings[0].Message, "no program is correct") {
		t.Errorf("the warnings are %+v", k.Warnings)
	}
	// Problems whose tests cannot pass, and those of the test split.
	u.write("broken.jsonl", strings.Replace(strings.ReplaceAll(buildProblems, `"expected":-1`, `"expected":7`), `"task_id":"own/0"`, `"split":"test","task_id":"own/0"`, 1))
	u.hone("data", "check", "rows.jsonl", "--problems", "broken.jsonl").exits(0).
		prints("rows.jsonl:1 (own/0): the problem is of the test split", "rows.jsonl:3 (own/1): the reference fails its own tests (wrong_answer: t)")
	u.write("none.jsonl", strings.Replace(buildProblems, `"reference":"def add(a, b):\n    \"\"\"Add.\"\"\"\n    return a + b\n",`, "", 1))
	u.write("wrong.jsonl", strings.Join(strings.SplitAfter(judgedRows(), "\n")[1:], ""))
	u.hone("data", "check", "wrong.jsonl", "--problems", "none.jsonl").exits(0).prints("wrong.jsonl:1 (own/0): no program passes, and there is no reference")
}
