//go:build linux

package main

import (
	"encoding/json"
	"strings"
	"syscall"
	"testing"
	"time"

	"hone/offline"
)

// rows reads a file of package offline.
func (u *user) rows(name string) []offline.Row {
	u.t.Helper()
	rows, err := offline.Read(u.path(name))
	if err != nil {
		u.t.Fatal(err)
	}
	return rows
}

const buildProblems = `{"benchmark":"own","task_id":"own/0","prompt":"def add(a, b):\n    \"\"\"Add.\"\"\"\n","prefix":"def add(a, b):\n    \"\"\"Add.\"\"\"\n","entry_point":"add","reference":"def add(a, b):\n    \"\"\"Add.\"\"\"\n    return a + b\n","tests":[{"name":"t","kind":"call","spec":{"function":"add","args":[1,2],"expected":3}}]}
{"benchmark":"own","task_id":"own/1","prompt":"Write a function sub.","entry_point":"sub","reference":"def sub(a, b):\r\n    return a - b\r\n","tests":[{"name":"t","kind":"call","spec":{"function":"sub","args":[1,2],"expected":-1}}]}
`

const buildSamples = `{"task_id":"own/0","completion":"    return a - b\n","model":"m","behaviour_logprob":-2}
{"task_id":"own/0","completion":"    return (a - b)  # the same\n","model":"n"}
{"task_id":"own/0","solution":"def add(a, b):\n    return b + a\n","behaviour_logprob":-2}
{"task_id":"own/0","solution":"def add(x, y):\n    return y + x\n"}
{"task_id":"own/0","completion":"  \n"}
{"task_id":"own/1","solution":"def sub(a, b):\n    return a * b\n"}
{"task_id":"own/1","solution":"def sub(a, b:\n"}
{"task_id":"other/1","solution":"x"}
{"task_id":"own/1"}
`

// A folder that is not there is noticed before anything is run.
func TestFolderOfOutput(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", buildProblems)
	u.write("s.jsonl", buildSamples)
	for _, args := range []string{
		"data build --problems p.jsonl --samples s.jsonl", "data graded --n 5", "robot tasks --n 5", "robot eval --tasks p.jsonl --samples s.jsonl",
		"judge --problems p.jsonl --samples s.jsonl", "generate http://localhost:1 --prompts p.jsonl",
	} {
		u.hone(append(strings.Fields(args), "--out", "no/rows.jsonl")...).exits(1).says("no/rows.jsonl: there is no folder no (make it: mkdir -p no)")
	}
}

// Programs of every form become rows of one; what is left out is counted.
func TestDataBuild(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", buildProblems)
	u.write("s.jsonl", buildSamples)
	r := u.hone("data", "build", "--problems", "p.jsonl", "--reference", "--samples", "s.jsonl", "--licence", "MIT", "--out", "rows.jsonl", "--cache", "off").exits(0).
		prints("10  programs read", "1  bad rows", "1  of tasks that are in no problem file", "1  do not go behind the prompt", "1  empty", "1  the same program again", "6  judged", "3  correct programs kept", "3  incorrect programs kept", "2  of them with programs of both kinds")
	r.says(`s.jsonl:9: no program`)
	var got []string
	for _, row := range u.rows("rows.jsonl") {
		known := ""
		if row.BehaviourLogProb != nil {
			known = " known"
		}
		got = append(got, row.TaskID+" "+string(row.Verdict)+" "+row.Model+" "+row.Source+known+": "+row.Program)
		if row.Licence != "MIT" || len(row.Components) == 0 || (row.Reward > 1.1) != row.Correct() {
			t.Errorf("the row is %+v", row)
		}
		if own := row.TaskID == "own/0"; own != (row.Prompt == "def add(a, b):\n    \"\"\"Add.\"\"\"\n") {
			t.Errorf("the prompt is %q", row.Prompt)
		}
	}
	want := []string{
		"own/0 pass reference own:     return a + b\n",
		"own/1 pass reference own: def sub(a, b):\n    return a - b\n",
		"own/0 wrong_answer m s.jsonl known:     return a - b\n",
		"own/0 pass  s.jsonl:     return b + a\n",
		"own/1 wrong_answer  s.jsonl: def sub(a, b):\n    return a * b\n",
		"own/1 syntax_error  s.jsonl: def sub(a, b:\n",
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	// With verdicts nothing is run but what had to be cut; the rows are the same.
	u.write("whole.jsonl", strings.Join(strings.SplitAfter(buildSamples, "\n")[:7], ""))
	u.hone("judge", "--problems", "p.jsonl", "--samples", "whole.jsonl", "--out", "v.jsonl").exits(0)
	var sum dataSummary
	res := u.hone("data", "build", "--problems", "p.jsonl", "--samples", "whole.jsonl", "--verdicts", "v.jsonl", "--out", "again.jsonl", "--json").exits(0)
	if err := json.Unmarshal([]byte(res.out), &sum); err != nil || sum.Judged != 1 || sum.Correct != 1 || sum.Incorrect != 3 || sum.Duplicates != 1 {
		t.Errorf("%v: %+v", err, sum)
	}
	u.hone("data", "build", "--problems", "p.jsonl", "--samples", "s.jsonl", "--out", "rows.jsonl").exits(1).says("made from other inputs", "--force")
	u.hone("data", "build", "--problems", "p.jsonl", "--samples", "s.jsonl", "--form", "solution", "--most", "1", "--out", "rows.jsonl", "--force").exits(0).prints("above the most of a kind")
	for _, row := range u.rows("rows.jsonl") {
		if !strings.HasPrefix(row.Program, "def ") {
			t.Errorf("the program is %q", row.Program)
		}
	}
	for args, says := range map[string]string{
		"--samples s.jsonl --out o":                                                    "--problems is missing",
		"--problems p.jsonl --out o":                                                   "name programs with --samples",
		"--problems p.jsonl --samples s.jsonl":                                         "--out is missing",
		"--problems p.jsonl --samples s.jsonl --out s.jsonl":                           "would replace an input",
		"--problems p.jsonl --samples s.jsonl --out o --form chat":                     `--form "chat": it is one of eval`,
		"--problems p.jsonl --samples s.jsonl --out o --verdicts v.jsonl --verdicts v": "each file of programs needs its verdicts",
	} {
		u.hone(append([]string{"data", "build"}, strings.Fields(args)...)...).exits(2).says(says)
	}
	u.write("robo.jsonl", strings.ReplaceAll(buildProblems, `"benchmark":"own"`, `"benchmark":"RoboEval"`))
	u.hone("data", "build", "--problems", "robo.jsonl", "--samples", "s.jsonl", "--out", "o").exits(1).says("nothing is trained on it")
}

// A build that was killed goes on, and ends with the rows of one that was not.
func TestDataBuildKilled(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	var samples strings.Builder
	for i := range 300 {
		b, _ := json.Marshal(strings.Repeat("    a += 1\n", i+1) + "    return a + b - " + strings.Repeat("1", 1+i%3) + "\n")
		samples.WriteString(`{"task_id":"own/0","completion":` + string(b) + "}\n")
	}
	u.write("p.jsonl", buildProblems)
	u.write("s.jsonl", samples.String())
	args := []string{"data", "build", "--problems", "p.jsonl", "--samples", "s.jsonl", "--cache", "off", "--most", "0", "--out"}
	u.hone(append(args, "whole.jsonl")...).exits(0).prints("300  judged")
	r := u.start(append(args, "rows.jsonl")...)
	until(t, "some are judged", time.Minute, func() bool { return u.size("rows.verdicts.jsonl.part") > 4000 || u.exists("rows.verdicts.jsonl") })
	r.signal(syscall.SIGKILL)
	r.wait()
	u.hone(append(args, "rows.jsonl")...).exits(0).prints("300  judged")
	if u.read("rows.jsonl") != u.read("whole.jsonl") {
		t.Error("the rows differ")
	}
	u.hone(append(args, "rows.jsonl")...).exits(0).prints("300  judged", "incorrect programs kept")
}
