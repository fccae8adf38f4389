// Command checks judges the public benchmarks' own solutions and 16,400 labelled
// completions, and writes what it found as Markdown. It takes about ten minutes on
// two cores:
//
//	go run ./bench/checks -data ../shared/data -python VENV > bench/CHECKS.md
//
// VENV is a virtual environment with scientific packages, for BigCodeBench and
// for HumanEvalPlus-OriginFmt, whose tests need numpy; without it both are left out.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"hone/judge"
	"hone/problem"
	"hone/sandbox"
)

func main() {
	data := flag.String("data", filepath.Join("..", "shared", "data"), "folder with the public data (docs/data.md)")
	python := flag.String("python", "", "virtual environment with scientific packages")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *data, *python); err != nil {
		log.Fatal("checks: ", err)
	}
}

func run(ctx context.Context, w io.Writer, data, python string) error {
	plain, err := sandbox.FindPython(ctx, "", false)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "# Checks on public data\n\nWritten by `go run ./bench/checks`, %s, %s/%s, %d cores, %s.\n",
		time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), plain.Short())
	fmt.Fprint(w, "\n## Do the benchmarks' own solutions pass?\n\nThe + benchmarks store inputs only; their expected results are what the reference returns, so for them a pass says that\nthe reference is deterministic and compares equal to itself. HumanEvalPlus-OriginFmt holds recorded results: it is the independent check.\n\n| file | problems | pass | tests | left out | data | split | in process | seconds |\n|---|---|---|---|---|---|---|---|---|\n")
	var notes []string
	for _, file := range []string{
		"humaneval/HumanEval.jsonl.gz", "humanevalplus/HumanEvalPlus.jsonl.gz", "humanevalplus/HumanEvalPlus-Mini.jsonl.gz",
		"mbpp/mbpp.jsonl.gz", "mbpp/sanitized-mbpp.json.gz", "mbppplus/MbppPlus.v0-767efcc.jsonl.gz", "mbppplus/MbppBase.v0-767efcc.jsonl.gz",
	} {
		n, err := references(ctx, w, data, file, plain)
		if err != nil {
			return err
		}
		notes = append(notes, n...)
	}
	if python != "" {
		rich, err := sandbox.FindPython(ctx, python, true)
		if err != nil {
			return err
		}
		for _, file := range []string{"humanevalplus/HumanEvalPlus-OriginFmt.jsonl.gz", "bigcodebench/BigCodeBench.hf.jsonl.gz"} {
			n, err := references(ctx, w, data, file, rich)
			if err != nil {
				return err
			}
			notes = append(notes, n...)
		}
	}
	fmt.Fprint(w, "\nWhat does not pass, and tests left out because the reference itself fails on their input:\n\n")
	for _, n := range notes {
		fmt.Fprintln(w, "-", n)
	}
	return labels(ctx, w, data, plain)
}

// references judges one file's reference solutions, prints a table row and returns what failed.
func references(ctx context.Context, w io.Writer, data, file string, py sandbox.Interpreter) ([]string, error) {
	suite, err := problem.Load(filepath.Join(data, file), problem.FormatAuto, nil)
	if err != nil {
		return nil, err
	}
	cfg := judge.Config{Python: py}
	if len(py.Site) > 0 {
		cfg.Preload = []string{"numpy", "pandas", "matplotlib.pyplot", "scipy", "sklearn", "seaborn"}
	}
	j, err := judge.New(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer j.Close()
	var jobs []judge.Job
	for _, p := range suite.Problems {
		jobs = append(jobs, judge.Job{Problem: p, TaskID: p.TaskID, Program: p.Reference})
	}
	var tally judge.Tally
	var notes []string
	tests := 0
	reasons, missing := map[string]int{}, map[string]int{}
	start := time.Now()
	err = judge.Stream(ctx, nil, j, slices.Values(jobs), func(v problem.Verdict) error {
		tally.Add(v.TaskID, &v)
		tests += len(v.Tests)
		if v.Verdict == problem.Pass {
			return nil
		}
		reason := firstError(v)
		switch v.Verdict {
		case problem.MissingModule:
			_, name, _ := strings.Cut(reason, "named ")
			missing[strings.Trim(name, "'")]++
			return nil
		case problem.Forbidden: // what the call was for differs from task to task
			reason, _, _ = strings.Cut(reason, ";")
		}
		reasons[string(v.Verdict)+": "+reason]++
		return nil
	})
	if err != nil {
		return nil, err
	}
	took := time.Since(start)
	excluded := 0
	for _, p := range suite.Problems {
		for _, name := range j.Excluded(p) {
			excluded++
			notes = append(notes, fmt.Sprintf("%s: %s %s", filepath.Base(file), p.TaskID, name))
		}
	}
	keys := slices.SortedFunc(maps.Keys(reasons), func(a, b string) int {
		if d := reasons[b] - reasons[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for _, k := range keys {
		notes = append(notes, fmt.Sprintf("%s: %d × %s", filepath.Base(file), reasons[k], k))
	}
	if len(missing) > 0 {
		names := slices.Sorted(maps.Keys(missing))
		notes = append(notes, fmt.Sprintf("%s: %d × missing_module: %s", filepath.Base(file), tally.Outcomes[problem.MissingModule], strings.Join(names, ", ")))
	}
	fmt.Fprintf(w, "| %s | %d | %d | %d | %d | %d | %d | %d | %.0f |\n", filepath.Base(file), len(jobs), tally.Outcomes[problem.Pass], tests, excluded,
		tally.Modes[problem.ModeData], tally.Modes[problem.ModeSplit], tally.Modes[problem.ModeInProcess], took.Seconds())
	return notes, nil
}

// firstError is the reason of the first failing test, in one short line without
// what differs from task to task.
func firstError(v problem.Verdict) string {
	for _, t := range v.Tests {
		if t.Verdict == problem.Pass {
			continue
		}
		line := strings.Join(strings.Fields(t.Error), " ")
		if strings.Contains(line, "LookupError") && strings.Contains(line, "not found") {
			line = "NLTK data that is not installed"
		}
		if cut := 110; len(line) > cut {
			line = strings.ToValidUTF8(line[:cut], "") + "…"
		}
		return line
	}
	return ""
}

// labels compares verdicts on CodeT's completions with the labels in the file.
func labels(ctx context.Context, w io.Writer, data string, py sandbox.Interpreter) error {
	suite, err := problem.Load(filepath.Join(data, "humaneval/HumanEval.jsonl.gz"), problem.FormatAuto, nil)
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(data, "codet/HumanEval_codegen16B_T0.8_x100_labelled.jsonl.gz"))
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	type row struct {
		TaskID     string `json:"task_id"`
		Sample     int    `json:"sample"`
		Completion string `json:"completion"`
		Passed     bool   `json:"passed"`
		Status     string `json:"status"`
	}
	var rows []row
	for dec := json.NewDecoder(z); ; {
		var r row
		if err := dec.Decode(&r); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	index := problem.NewIndex(suite.Problems)
	var jobs []judge.Job
	for _, r := range rows {
		p, err := index.Find(r.TaskID)
		if err != nil {
			return err
		}
		jobs = append(jobs, judge.Job{Problem: p, TaskID: r.TaskID, Sample: r.Sample, Program: p.Prefix + r.Completion})
	}
	j, err := judge.New(ctx, judge.Config{Python: py})
	if err != nil {
		return err
	}
	defer j.Close()
	var tally judge.Tally
	var differ []string
	i := 0
	start := time.Now()
	err = judge.Stream(ctx, nil, j, slices.Values(jobs), func(v problem.Verdict) error {
		tally.Add(v.TaskID, &v)
		if r := rows[i]; v.Passed == nil || *v.Passed != r.Passed {
			differ = append(differ, fmt.Sprintf("%s sample %d: %s here (%s), label %q", r.TaskID, r.Sample, v.Verdict, firstError(v), r.Status))
		}
		i++
		return nil
	})
	if err != nil {
		return err
	}
	took := time.Since(start)
	fmt.Fprintf(w, "\n## 16,400 labelled completions (CodeT, CodeGen 16B on HumanEval)\n\n%d of %d verdicts agree with the label in the file; %.0f s, %.0f programs/s, tier %s, %d workers.\n\n",
		len(rows)-len(differ), len(rows), took.Seconds(), float64(len(rows))/took.Seconds(), j.Tier(), j.Workers())
	for _, d := range differ {
		fmt.Fprintln(w, "- differs:", d)
	}
	fmt.Fprint(w, "\n| outcome | programs |\n|---|---|\n")
	for _, o := range problem.Outcomes {
		if n := tally.Outcomes[o]; n > 0 {
			fmt.Fprintf(w, "| %s | %d |\n", o, n)
		}
	}
	fmt.Fprint(w, "\n| | estimate | 95 % interval over tasks |\n|---|---|---|\n")
	for _, e := range tally.Estimates(false) {
		fmt.Fprintf(w, "| pass@%d | %.1f %% | %.1f – %.1f |\n", e.K, 100*e.Mean, 100*e.Lo, 100*e.Hi)
	}
	return nil
}
