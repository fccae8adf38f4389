package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDataGraded(t *testing.T) {
	u := newUser(t)
	u.hone("data", "graded", "--n", "24", "--split", "test", "--out", "p.jsonl", "--rows", "r.jsonl", "--wordings", "3", "--text", "t.txt", "--faults", "f.jsonl").
		exits(0).prints("24 problems of as many meanings (level 1: 4,", "near meanings fail a test", "rows of prompt and completion", "syntax error ")
	u.hone("judge", "--problems", "p.jsonl", "--reference").exits(0).prints("24 programs for 24 of 24 tasks", "pass  24  100.0 %")
	u.hone("judge", "--problems", "p.jsonl", "--samples", "f.jsonl", "--out", "v.jsonl").exits(0)
	for _, v := range u.verdicts("v.jsonl") {
		if v.Passed == nil || *v.Passed {
			t.Errorf("a program with a mistake is %s: %+v", v.Verdict, v)
		}
	}
	var row pairRow
	rows := strings.Split(strings.TrimSpace(u.read("r.jsonl")), "\n")
	if err := json.Unmarshal([]byte(rows[0]), &row); err != nil || !strings.HasPrefix(row.Prompt, "# ") || !strings.Contains(row.Completion, "return") || len(rows) < 48 || len(rows) > 72 {
		t.Errorf("%d rows, the first %+v, %v", len(rows), row, err)
	}
	if text := u.read("t.txt"); !strings.HasPrefix(text, row.Prompt+row.Completion) {
		t.Errorf("the text begins with %.100q", text)
	}
	before := u.read("p.jsonl")
	u.hone("data", "graded", "--n", "24", "--split", "test", "--out", "p.jsonl").exits(2).says("p.jsonl is there already", "--force")
	u.hone("data", "graded", "--n", "24", "--split", "test", "--out", "p.jsonl", "--force", "--json").exits(0).prints(`"problems": 24`)
	if u.read("p.jsonl") != before {
		t.Error("the same seed gives other problems")
	}
	for args, says := range map[string]string{
		"":                              "--out is missing",
		"--out x --levels 7":            "levels are 1 to 6",
		"--out x --n 0":                 "--n 0",
		"--out x --split dev":           `--split "dev": it is train, validation, test or all`,
		"--out x --wordings 2":          "--wordings is for --rows and --text",
		"--out x --rows x":              "x is named twice",
		"--out x --rows y --wordings 0": "--wordings 0",
	} {
		u.hone(append([]string{"data", "graded"}, strings.Fields(args)...)...).exits(2).says(says)
	}
}
