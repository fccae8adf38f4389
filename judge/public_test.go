package judge_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"hone/judge"
	"hone/problem"
)

// public returns the path of a public data file, or skips the test.
func public(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("HONE_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("NOT RUN: needs %s (docs/data.md; HONE_DATA names its folder)", name)
	}
	return path
}

// long says whether the checks that take minutes were asked for. bench/CHECKS.md
// holds what they gave last.
func long() bool { return os.Getenv("HONE_LONG") != "" }

// TestReferences: a benchmark's own solutions pass its tests.
func TestReferences(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	for _, c := range []struct {
		file       string
		tasks      int
		maxExclude int  // tests that the reference itself cannot do
		long       bool // takes minutes
	}{
		{file: "humaneval/HumanEval.jsonl.gz", tasks: 164},
		{file: "humanevalplus/HumanEvalPlus.jsonl.gz", tasks: 164, long: true},
		{file: "humanevalplus/HumanEvalPlus-Mini.jsonl.gz", tasks: 164},
		{file: "mbpp/mbpp.jsonl.gz", tasks: 974},
		{file: "mbpp/sanitized-mbpp.json.gz", tasks: 427},
		{file: "mbppplus/MbppPlus.v0-767efcc.jsonl.gz", tasks: 399, maxExclude: 10, long: true},
		{file: "mbppplus/MbppBase.v0-767efcc.jsonl.gz", tasks: 409},
	} {
		t.Run(filepath.Base(c.file), func(t *testing.T) {
			if c.long && !long() {
				t.Skip("NOT RUN: takes minutes, set HONE_LONG=1")
			}
			suite, err := problem.Load(public(t, c.file), problem.FormatAuto, nil)
			if err != nil {
				t.Fatal(err)
			}
			j := newJudge(t, judge.Config{})
			var jobs []judge.Job
			for _, p := range suite.Problems {
				jobs = append(jobs, judge.Job{Problem: p, TaskID: p.TaskID, Program: p.Reference})
			}
			passed := 0
			var failed []string
			err = judge.Stream(t.Context(), nil, j, slices.Values(jobs), func(v problem.Verdict) error {
				if v.Verdict == problem.Pass {
					passed++
				} else {
					failed = append(failed, v.TaskID)
					t.Logf("%s: %s %+v", v.TaskID, v.Verdict, v.Tests[0])
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			excluded := 0
			for _, p := range suite.Problems {
				excluded += len(j.Excluded(p))
			}
			if passed != c.tasks || len(failed) > 0 {
				t.Errorf("%d of %d pass, these do not: %v", passed, len(jobs), failed)
			}
			if excluded > c.maxExclude {
				t.Errorf("%d tests were left out because the reference fails on them, at most %d expected", excluded, c.maxExclude)
			}
		})
	}
}

// labelled is a row of the CodeT file.
type labelled struct {
	TaskID     string `json:"task_id"`
	Sample     int    `json:"sample"`
	Completion string `json:"completion"`
	Passed     bool   `json:"passed"`
	Status     string `json:"status"`
}

func readGzipRows[T any](t *testing.T, path string) []T {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []T
	for dec := json.NewDecoder(z); ; {
		var row T
		if err := dec.Decode(&row); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
}

// otherMachine are labels that depend on what was installed where they were made.
var otherMachine = map[string]string{
	"HumanEval/48 88": "imports boto3, which the labelling machine had; where it is there, the program looks for the network (forbidden)",
}

// TestCodeT: verdicts on real completions agree with the labels that came with
// them: 30 of 100 samples a task, or with HONE_LONG all 16,400.
func TestCodeT(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	suite, err := problem.Load(public(t, "humaneval/HumanEval.jsonl.gz"), problem.FormatAuto, nil)
	if err != nil {
		t.Fatal(err)
	}
	index := problem.NewIndex(suite.Problems)
	rows := readGzipRows[labelled](t, public(t, "codet/HumanEval_codegen16B_T0.8_x100_labelled.jsonl.gz"))
	var jobs []judge.Job
	if !long() {
		rows = slices.DeleteFunc(rows, func(r labelled) bool { return r.Sample < 20 || r.Sample >= 50 }) // hone demo has the first 20
	}
	for _, r := range rows {
		p, err := index.Find(r.TaskID)
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, judge.Job{Problem: p, TaskID: r.TaskID, Sample: r.Sample, Program: p.Prefix + r.Completion})
	}
	j := newJudge(t, judge.Config{})
	var tally judge.Tally
	i := 0
	err = judge.Stream(t.Context(), nil, j, slices.Values(jobs), func(v problem.Verdict) error {
		r := rows[i]
		i++
		tally.Add(v.TaskID, &v)
		key := fmt.Sprintf("%s %d", r.TaskID, r.Sample)
		if _, known := otherMachine[key]; !known && (v.Passed == nil || *v.Passed != r.Passed) {
			t.Errorf("%s: %s here, label %q: %+v", key, v.Verdict, r.Status, v.Tests)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !long() {
		return
	}
	for k, want := range []string{"22.4", "50.7", "74.4"} {
		e := tally.Estimates(false)[k]
		if got := fmt.Sprintf("%.1f", 100*e.Mean); got != want {
			t.Errorf("pass@%d is %s %%, want %s %%", e.K, got, want)
		}
	}
}

// TestNoLeak judges many programs, hostile ones among them, and looks at what remains.
func TestNoLeak(t *testing.T) {
	n := 4000
	if testing.Short() {
		n = 400
	}
	j := newJudge(t, judge.Config{})
	p := &problem.Problem{Benchmark: "t", TaskID: "f", Tests: []problem.Test{
		test(t, "a", problem.KindAssert, problem.AssertSpec{Code: "assert f(2) == 4"}),
	}}
	programs := []string{
		"def f(x): return 2 * x", "def f(x): return x", "def f(x", "import os\ndef f(x): os._exit(3)",
		"import socket\ndef f(x): socket.socket()", "def f(x): open('a', 'w').write('b'); return 2 * x",
	}
	descriptors := func() int {
		es, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("NOT RUN: needs /proc")
		}
		return len(es)
	}
	var before, after int
	var m0, m1 runtime.MemStats
	i := 0
	err := judge.Stream(t.Context(), nil, j, func(yield func(judge.Job) bool) {
		for k := range n {
			if !yield(judge.Job{Problem: p, TaskID: "f", Sample: k, Program: fmt.Sprintf("%s\n# %d", programs[k%len(programs)], k)}) {
				return
			}
		}
	}, func(v problem.Verdict) error {
		if v.Verdict == problem.Infrastructure {
			t.Errorf("%+v", v)
		}
		if i++; i == n/4 {
			runtime.GC()
			runtime.ReadMemStats(&m0)
			before = descriptors()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&m1)
	after = descriptors()
	if after > before+8 {
		t.Errorf("%d descriptors after, %d before", after, before)
	}
	if m1.HeapAlloc > m0.HeapAlloc+(16<<20) {
		t.Errorf("heap grew from %d to %d bytes", m0.HeapAlloc, m1.HeapAlloc)
	}
	for _, pid := range j.PIDs() {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		if err != nil {
			continue
		}
		if children := strings.Fields(string(b)); len(children) > 1 { // more than the one that waits
			t.Errorf("zygote %d has children %v", pid, children)
		}
	}
}
