package failures

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// public is a file or folder of the public data, or the test is not run.
func public(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("HONE_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("NOT RUN: needs %s (docs/data.md; HONE_DATA names its folder)", name)
	}
	return path
}

func readPublic(t *testing.T, names ...string) *Results {
	t.Helper()
	var sources []Source
	for _, n := range names {
		sources = append(sources, Source{Path: public(t, n)})
	}
	r, err := Read(sources, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The counts of "Where Do LLMs Still Struggle?" (arXiv 2511.04355), by its replication data.
func TestFailureBench(t *testing.T) {
	r := readPublic(t, "failurebench")
	a := Count(r)
	consistent := map[string]int{}
	for _, b := range a.PerBenchmark {
		consistent[b.Benchmark] = len(b.ConsistentFailures)
	}
	want := map[string]int{"HumanEval": 1, "MBPP": 2, "LiveCodeBench": 35, "BigCodeBench-Hard": 76}
	if d := cmp.Diff(want, consistent); d != "" || len(a.ConsistentFailures) != 114 {
		t.Errorf("consistent failures, %d in all (-want +got):\n%s", len(a.ConsistentFailures), d)
	}
	failed := map[string]map[string]int{}
	for _, m := range a.PerModel {
		if failed[m.Benchmark] == nil {
			failed[m.Benchmark] = map[string]int{}
		}
		failed[m.Benchmark][m.Model] = m.Failed
	}
	published := map[string]map[string]int{
		"HumanEval":         {"deepseek-v3": 14, "gpt-4o": 25, "llama-3-3": 32, "mistral-3-2": 28, "qwen3-coder": 7, "sonnet-4": 2},
		"MBPP":              {"deepseek-v3": 9, "gpt-4o": 14, "llama-3-3": 32, "mistral-3-2": 23, "qwen3-coder": 9, "sonnet-4": 11},
		"LiveCodeBench":     {"deepseek-v3": 76, "gpt-4o": 85, "llama-3-3": 100, "mistral-3-2": 110, "qwen3-coder": 73, "sonnet-4": 54},
		"BigCodeBench-Hard": {"deepseek-v3": 107, "gpt-4o": 107, "llama-3-3": 101, "mistral-3-2": 114, "qwen3-coder": 102, "sonnet-4": 109},
	}
	if d := cmp.Diff(published, failed); d != "" {
		t.Errorf("failures (-published +counted):\n%s", d)
	}
	kinds := map[DefectKind]int{
		BlankCell: 9, Contradiction: 5, EmptyProgram: 16, MixedIDs: 1, NoProgram: 16, NotUsed: 4, NoResult: 3,
	}
	if d := cmp.Diff(kinds, a.DefectCounts); d != "" {
		t.Errorf("defects (-want +got):\n%s", d)
	}
	said := ""
	for _, d := range a.Defects {
		said += d.Where + ": " + d.Message + "\n"
	}
	for _, s := range []string{
		"aggregated_failures_mbpp.csv:4: MBPP/630: num_failed is 6, but 0 of 6 results are failures",
		"aggregated_failures_mbpp.csv:284: MBPP/66 by qwen3-coder is blank",
		"aggregated_failures_mbpp.csv:352: MBPP/80 by qwen3-coder is blank",
	} {
		if !strings.Contains(said, s) {
			t.Errorf("no defect says %q", s)
		}
	}
}

func TestPublicTables(t *testing.T) {
	for _, c := range []struct {
		file          string
		tasks, models int
		results       int
		programs      int // of the last model
	}{
		{"livecodebench/codegen_pass1_2024-02-26.csv.gz", 349, 16, 349*16 - 1, 10},
		{"livecodebench/codegen_pass1_2024-04-17.csv.gz", 400, 45, 400 * 45, 10},
		{"livecodebench/codegen_pass1_2025-01-15.csv.gz", 880, 19, 880 * 19, 1},
		{"livecodebench/codegen_pass1_2025-04-22.csv.gz", 1055, 16, 1055 * 16, 1},
		{"livecodebench/repair_pass1_HEAD.csv.gz", 713, 17, 713 * 17, 10},
		{"livecodebench/testgen_pass1_HEAD.csv.gz", 182, 37, 182 * 37, 10},
		{"evalplus/evalperf_pass1_matrix.csv", 118, 34, 118 * 34, 50},
		{"livecodebench/O1-Mini-2024-09-12_codegeneration_eval_all.json.gz", 880, 1, 880, 1},
	} {
		r := readPublic(t, c.file)
		results := 0
		for i := range r.Tasks {
			results += len(r.Tasks[i].Cells)
		}
		if len(r.Tasks) != c.tasks || len(r.Models) != c.models || results != c.results {
			t.Errorf("%s: %d tasks, %d models, %d results, want %d, %d, %d", c.file, len(r.Tasks), len(r.Models), results, c.tasks, c.models, c.results)
		}
		last := r.Tasks[0].Cells[len(r.Tasks[0].Cells)-1]
		if last.N != c.programs {
			t.Errorf("%s: rates of %s are of %d programs, want %d", c.file, r.Models[last.Model], last.N, c.programs)
		}
	}
}
