package metrics

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"hone/problem"
	"hone/source/python"
)

// TestSevenOfReferences compares with the oracle on the canonical solutions of
// FailureBench's tasks: HumanEval, MBPP+ and BigCodeBench-Hard. LiveCodeBench
// has none.
func TestSevenOfReferences(t *testing.T) {
	dir := os.Getenv("HONE_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	prompts := filepath.Join(dir, "failurebench", "prompts.jsonl.gz")
	if _, err := os.Stat(prompts); err != nil {
		t.Skipf("NOT RUN: needs %s (docs/data.md; HONE_DATA names its folder)", prompts)
	}
	tasks := failureTasks(t, prompts)
	o := newOracle(t, "seven.py")
	var programs []program
	for _, c := range []struct {
		benchmark, file string
		tasks           int
	}{
		{"HumanEval", "humaneval/HumanEval.jsonl.gz", 164},
		{"MBPP", "mbppplus/MbppPlus.v0-767efcc.jsonl.gz", 378},
		{"BCB-Hard", "bigcodebench/BigCodeBench.hf.jsonl.gz", 148},
	} {
		suite, err := problem.Load(filepath.Join(dir, filepath.FromSlash(c.file)), problem.FormatAuto, nil)
		if err != nil {
			t.Fatal(err)
		}
		index := problem.NewIndex(suite.Problems)
		if n := len(tasks[c.benchmark]); n != c.tasks {
			t.Errorf("%s has %d tasks, want %d", c.benchmark, n, c.tasks)
		}
		for _, id := range tasks[c.benchmark] {
			p, err := index.Find(id)
			if err != nil {
				t.Error(err)
				continue
			}
			programs = append(programs, program{id, []byte(p.Reference)})
		}
	}
	if n := compareSeven(t, o, programs); n != 690 {
		t.Errorf("%d canonical solutions were compared, want 690", n)
	}
}

// TestSevenOfPrograms compares with the oracle on real programs.
func TestSevenOfPrograms(t *testing.T) {
	n := 100
	if long() {
		n = 2500
	}
	o := newOracle(t, "seven.py")
	t.Logf("%d programs of %d", compareSeven(t, o, realPrograms(t, n)), n)
}

// compareSeven is how many of the programs CPython reads.
func compareSeven(t *testing.T, o *oracle, programs []program) int {
	t.Helper()
	compared := 0
	for p, answer := range ask[FailureBench](t, o, programs, 25) {
		want, err := answer()
		if err != nil {
			t.Logf("%s: CPython: %v", p.name, err)
			continue
		}
		compared++
		m, err := python.Parse(p.text)
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		if got := Of(m).FailureBench; got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", p.name, got, want)
		}
	}
	return compared
}

// failureTasks are the ids of each benchmark's tasks.
func failureTasks(t *testing.T, prompts string) map[string][]string {
	t.Helper()
	tasks := map[string][]string{}
	for row := range jsonRows[struct {
		Benchmark string `json:"benchmark"`
		TaskID    string `json:"task_id"`
	}](t, prompts) {
		tasks[row.Benchmark] = append(tasks[row.Benchmark], row.TaskID)
	}
	for _, ids := range tasks {
		slices.Sort(ids)
	}
	return tasks
}
