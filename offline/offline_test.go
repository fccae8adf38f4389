package offline

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hone/problem"
)

const good = `{"benchmark":"b","task_id":"t","prompt":"p","program":"x = 1\n","reward":1,"verdict":"pass"}`

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ row, want string }{
		{`{`, "f:2: no JSON object"},
		{strings.Replace(good, `"reward":1`, `"reward":NaN`, 1), `f:2: field "reward" is NaN`},
		{strings.Replace(good, `"reward":1`, `"reward":1,"components":{"tests":-Infinity}`, 1), `field "tests" is -Infinity`},
		{strings.Replace(good, `"reward":1,`, ``, 1), `field "reward" is missing`},
		{strings.Replace(good, `"reward":1`, `"reward":null`, 1), `field "reward" is missing`},
		{strings.Replace(good, `"reward"`, `"rewrad"`, 1), `field "rewrad" is unknown (did you mean "reward"?)`},
		{strings.Replace(good, `"pass"`, `"passed"`, 1), `field "verdict" is "passed" (did you mean "pass"?)`},
		{strings.Replace(good, `x = 1\n`, ` \n`, 1), `field "program" is empty`},
		{strings.Replace(good, `"prompt":"p"`, `"prompt":""`, 1), `field "prompt" is empty`},
		{strings.Replace(good, `"reward":1`, `"reward":"1"`, 1), `f:2: json: `},
		{strings.Replace(good, `}`, `,"behaviour_logprob":0.5}`, 1), "at most 0"},
	} {
		_, err := Parse(strings.NewReader(good+"\n"+c.row+"\n"), "f")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.row, err, c.want)
		}
	}
}

func TestReadWrite(t *testing.T) {
	lp := -3.25
	rows := []Row{
		{Benchmark: "b", TaskID: "t", Prompt: "p <&>\u2028", Program: "é\n", Reward: -0.3, Verdict: problem.WrongAnswer, BehaviourLogProb: &lp},
		{TaskID: "u", Prompt: "q", Program: "y", Verdict: problem.Pass, Components: map[string]float64{"tests": 1}, Source: "s", Model: "m"},
	}
	var b strings.Builder
	if err := Write(&b, rows); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rows.jsonl")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := Read(filepath.Join(filepath.Dir(path), "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if want := fmt.Sprintf("%s:%d", path, i+1); got[i].Where != want {
			t.Errorf("row %d is at %s, not %s", i, got[i].Where, want)
		}
		got[i].Where = ""
	}
	if fmt.Sprintf("%+v", got[1]) != fmt.Sprintf("%+v", rows[1]) || *got[0].BehaviourLogProb != lp || got[0].Prompt != rows[0].Prompt {
		t.Errorf("got %+v", got)
	}
	if _, err := Read(path + ".no"); err == nil {
		t.Error("a file that is not there was read")
	}
}

// row makes a row of task with the verdict's reward.
func row(task, program string, v problem.Outcome) Row {
	r := Row{TaskID: task, Prompt: "write " + task, Program: program, Verdict: v, Where: "f:" + program}
	if r.Correct() {
		r.Reward = 1
	}
	return r
}

func TestCheck(t *testing.T) {
	rows := []Row{
		row("a", "return 1", problem.Pass), // a body alone has no tree of its own
		row("a", "x = 1", problem.Pass),
		row("a", "x  =  1  # again", problem.Pass), // the same program
		row("a", "x = 2", problem.WrongAnswer),
		row("a", "x = 3", problem.Infrastructure),
		row("only", "x = 1", problem.Pass),
		row("none", "x = 1", problem.Exception),
		row("left", "x = 1", problem.Infrastructure),
		row("twice", "x = 1", problem.Pass),
		row("twice", "x = 1 ", problem.WrongAnswer),
		row("twice", "x = 5", problem.WrongAnswer),
		row("twice", "x = 6", problem.Pass),
		row("odd", "x = 1", problem.Pass),
		row("odd", "x = 2", problem.WrongAnswer),
	}
	rows[13].Reward = 1
	s, r := Check(rows, Options{Group: 4, SkipContradictions: true})
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	want := Report{Rows: 14, Problems: 6, Usable: 3, Correct: 4, Wrong: 3, Duplicates: 1, OnlyOneKind: 3, NotScored: 2, Contradictions: 1, Inconsistencies: 1}
	issues := r.Issues
	r.Issues = nil
	if fmt.Sprintf("%+v", *r) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", *r, want)
	}
	if p := s.Problems[0]; !slices.Equal(p.Correct, []int{0, 1}) || !slices.Equal(p.Wrong, []int{3}) {
		t.Errorf("the first problem is %+v", p)
	}
	var text strings.Builder
	(&Report{Issues: issues}).Print(&text)
	for _, w := range []string{
		"warning: f:x = 1 (only): no program is incorrect", "no program is correct", "no program is left",
		"warning: f:x = 1 (twice), f:x = 1  (twice): the same program is pass and wrong_answer", "f:x = 1 (odd), f:x = 2 (odd): a correct program has the reward 1",
	} {
		if !strings.Contains(text.String(), w) {
			t.Errorf("no %q in\n%s", w, text.String())
		}
	}
	if _, r = Check(rows, Options{Group: 4}); r.Err() == nil || !strings.Contains(r.Err().Error(), "the same program is") {
		t.Errorf("contradictory rows: %v", r.Err())
	}
	if _, r = Check(rows[5:6], Options{Group: 4}); r.Err() == nil || !strings.Contains(r.Err().Error(), "nothing to compare") {
		t.Errorf("one kind: %v", r.Err())
	}
	rows[2].Verdict = problem.MissingModule
	if _, r = Check(rows[2:4], Options{Group: 4, KeepOneKind: true}); r.Err() != nil || !strings.Contains(r.Issues[0].String(), "warning: f:x  =  1  # again (a): imports a module") || r.Usable != 0 || r.Wrong != 2 {
		t.Errorf("a missing module: %+v", r)
	}
	rows[1].Prompt = "other"
	if _, r = Check(rows, Options{Group: 4, SkipContradictions: true}); r.Err() == nil || !strings.Contains(r.Err().Error(), "two prompts") {
		t.Errorf("two prompts: %v", r.Err())
	}
}

// Every group compares a correct with an incorrect program of one problem, no program is
// twice in it, and an epoch uses every program.
func TestGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 6).Draw(t, "group")
		most := rapid.IntRange(0, 7).Draw(t, "most")
		var rows []Row
		for p := range rapid.IntRange(1, 4).Draw(t, "problems") {
			task := fmt.Sprint("t", p)
			for i := range rapid.IntRange(0, 12).Draw(t, "correct") {
				rows = append(rows, row(task, fmt.Sprint("x = ", i), problem.Pass))
			}
			for i := range rapid.IntRange(0, 12).Draw(t, "wrong") {
				rows = append(rows, row(task, fmt.Sprint("y = ", i), problem.Exception))
			}
		}
		if len(rows) == 0 {
			return
		}
		s, r := Check(rows, Options{Group: k, MostCorrect: most, Seed: rapid.Uint64().Draw(t, "seed")})
		if r.Err() != nil {
			return
		}
		epoch := rapid.IntRange(0, 3).Draw(t, "epoch")
		groups := s.Groups(epoch)
		if len(groups) != s.PerEpoch() {
			t.Fatalf("%d groups, PerEpoch says %d", len(groups), s.PerEpoch())
		}
		used := map[int]bool{}
		for _, g := range groups {
			correct, seen := 0, map[int]bool{}
			for _, i := range g {
				if rows[i].TaskID != rows[g[0]].TaskID || seen[i] {
					t.Fatalf("group %v", g)
				}
				seen[i], used[i] = true, true
				if rows[i].Correct() {
					correct++
				}
			}
			if correct == 0 || correct == len(g) || len(g) > k {
				t.Fatalf("group %v has %d correct programs", g, correct)
			}
		}
		for _, p := range s.Problems {
			all := slices.Concat(p.Correct, p.Wrong)
			if most > 0 && (len(p.Correct) > most || len(p.Wrong) > most) {
				t.Fatalf("%d and %d programs, at most %d are wanted", len(p.Correct), len(p.Wrong), most)
			}
			for _, i := range all {
				if !used[i] {
					t.Fatalf("row %d of %v is in no group of %v", i, all, groups)
				}
			}
		}
		if again := s.Groups(epoch); fmt.Sprint(again) != fmt.Sprint(groups) {
			t.Fatal("the same epoch has other groups")
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add(strings.Replace(good, `"reward":1`, `"reward":NaN`, 1))
	f.Add(good + "\n\n" + good)
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := Parse(strings.NewReader(text), "f")
		if err != nil {
			return
		}
		var b strings.Builder
		if err := Write(&b, rows); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := Parse(strings.NewReader(b.String()), "f")
		if err != nil || len(again) != len(rows) {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}
