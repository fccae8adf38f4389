package problem

import (
	"strings"
	"testing"

	"hone/internal/words"
)

func TestIndexFind(t *testing.T) {
	p := func(benchmark, id string) *Problem { return &Problem{Benchmark: benchmark, TaskID: id} }
	mbpp := NewIndex([]*Problem{p("MBPP", "2"), p("MBPP", "12"), p("MBPP", "3")})
	mixed := NewIndex([]*Problem{p("MBPP", "2"), p("HumanEval", "HumanEval/2"), p("LiveCodeBench", "arc182_c"), p("LiveCodeBench", "ARC182_C"), p("LiveCodeBench", "1873_A"), p("MBPP+", "Mbpp/7"), p("MBPP", "7"), p("X", "same"), p("Y", "same")})
	for _, c := range []struct {
		x        *Index
		id, want string // want is "benchmark id" or "! part of the error"
	}{
		{mbpp, "2", "MBPP 2"},
		{mbpp, "Mbpp/2", "MBPP 2"},
		{mbpp, "MBPP/2", "MBPP 2"},
		{mbpp, "mbpp_2", "MBPP 2"},
		{mbpp, "HumanEval/2", "! unknown (nearest of 3:"},
		{mbpp, "", "! unknown"},
		{mixed, "2", "MBPP 2"},
		{mixed, "Mbpp/2", "MBPP 2"},
		{mixed, "humaneval/2", "HumanEval HumanEval/2"},
		{mixed, "humaneval_2", "HumanEval HumanEval/2"},
		{mixed, "arc182_c", "LiveCodeBench arc182_c"},
		{mixed, "Arc182_c", "! ambiguous: arc182_c of LiveCodeBench, ARC182_C of LiveCodeBench"},
		{mixed, "1873_a", "LiveCodeBench 1873_A"},
		{mixed, "7", "MBPP 7"},
		{mixed, "mbpp/7", "MBPP+ Mbpp/7"},
		{mixed, "same", "! ambiguous: same of X, same of Y"},
		{mixed, "HumanEval/3", `! nearest of 9: "HumanEval/2"`},
		{NewIndex(nil), "1", "! there are no problems"},
	} {
		got, err := c.x.Find(c.id)
		text := ""
		if err == nil {
			text = got.Benchmark + " " + got.TaskID
		} else {
			text = "! " + err.Error()
		}
		part, isErr := strings.CutPrefix(c.want, "! ")
		if !isErr && text != c.want || isErr && (err == nil || !strings.Contains(text, part)) {
			t.Errorf("%q: %s; want %s", c.id, text, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{"promt": "prompt", "TEST": "tests", "": "tests", "taskid": "task_id"} {
		if got := words.Nearest(word, []string{"prompt", "tests", "task_id", "entry_point"}); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
