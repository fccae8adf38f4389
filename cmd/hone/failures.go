package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"hone/failures"
	"hone/store"
)

// failuresFlags are the flags of hone failures.
type failuresFlags struct {
	programs   []string
	problems   []string
	format     string
	examples   bool
	json       bool
	jsonOut    string
	report     string
	labels     []string
	curriculum string
	regression string
	csv        string
	irt        bool
	sandboxFlags
}

func newFailures(in *interrupts) *cobra.Command {
	var f failuresFlags
	c := &cobra.Command{
		Use:   "failures RESULTS…",
		Short: "Say what models consistently fail, and why",
		Long: `Say which tasks every model fails, which tell models apart, what those tasks have in common, and what was
wrong with the results.

RESULTS are files or folders: verdicts of hone judge, tables with a row a task and a column a model
(FailureBench, LiveCodeBench, EvalPerf), rows with benchmark, task_id, model and passed or rate (CSV or JSON
lines), evaluation files of LiveCodeBench and EvalPlus. NAME=FILE says what a file does not: the model of
verdicts, else the benchmark.

With --problems, programs are run: published results are compared with what comes out, and what happened
suggests why tasks are failed. docs/failures.md describes all of it.`,
		Example: `  hone failures failurebench/
  hone failures failurebench/ --problems HumanEval.jsonl.gz --problems MbppBase.jsonl.gz --report failures.html
  hone failures tiny=a.jsonl small=b.jsonl --json-out failures.json
  hone failures LiveCodeBench=table.csv --json | jq .consistent_failures`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("name files or folders with results (see: hone failures --help)")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), in, c.OutOrStdout(), args) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringArrayVar(&f.programs, "programs", nil, "file or folder with programs: rows with task_id, model, code (repeatable)")
	fl.StringArrayVar(&f.problems, "problems", nil, "file with problems and tests to run the programs with (repeatable)")
	fl.BoolVar(&f.examples, "examples", false, "run programs of tasks without tests on the examples in their prompts")
	fl.StringVar(&f.format, "format", "auto", "format of the problem files: "+formatNames())
	fl.StringArrayVar(&f.labels, "labels", nil, "file or folder with labels of failures by people, to compare suggestions with (repeatable)")
	fl.StringVar(&f.report, "report", "", "file for a report (HTML)")
	fl.StringVar(&f.jsonOut, "json-out", "", "file for the JSON")
	fl.StringVar(&f.csv, "csv", "", "folder for tables (CSV): tasks, disagreements, patterns, complexity, scores, items, defects")
	fl.BoolVar(&f.json, "json", false, "print JSON on standard output")
	fl.StringVar(&f.curriculum, "curriculum", "", "file for the consistently failed tasks as problems to train on (needs --problems)")
	fl.StringVar(&f.regression, "regression", "", "file for them and those that only some models pass, as problems to judge with (needs --problems)")
	fl.BoolVar(&f.irt, "irt", false, "fit item difficulties also where there are more than 10,000 results")
	f.register(c)
	return c
}

// check finds mistakes in the flags before anything is read.
func (f *failuresFlags) check(args []string) error {
	if f.json && f.jsonOut == "-" {
		return usagef("--json prints it already: name a file with --json-out")
	}
	if len(f.problems) == 0 && f.curriculum+f.regression != "" {
		return usagef("--curriculum and --regression write problems: name files that have them with --problems")
	}
	for _, out := range []string{f.jsonOut, f.report, f.curriculum, f.regression} {
		if err := checkReport(out, slices.Concat(args, f.programs, f.problems, f.labels)...); err != nil {
			return err
		}
	}
	return f.sandboxFlags.check()
}

func (f *failuresFlags) run(ctx context.Context, in *interrupts, w io.Writer, args []string) error {
	if err := f.check(args); err != nil {
		return err
	}
	var sources []failures.Source
	for _, a := range append(slices.Clone(args), f.programs...) {
		sources = append(sources, failures.ParseSource(a))
	}
	results, err := failures.Read(sources, os.Stdin)
	if err != nil {
		return err
	}
	if len(f.problems) > 0 || f.examples {
		if err := f.judgePrograms(ctx, in, results); err != nil {
			return err
		}
	}
	a, err := failures.Analyze(results, failures.Options{IRT: f.irt})
	if err != nil {
		return err
	}
	var labels []failures.Label
	for _, path := range f.labels {
		l, err := failures.ReadLabels(path)
		if err != nil {
			return err
		}
		labels = append(labels, l...)
	}
	if len(labels) > 0 {
		a.Scores = failures.Compare(results, a.Patterns, labels)
	}
	if err := f.export(w, results); err != nil {
		return err
	}
	if f.report != "" {
		if err := failuresReport(results, a).WriteFile(f.report); err != nil {
			return err
		}
	}
	if f.jsonOut != "" {
		if err := store.Create(f.jsonOut, 0o644, func(w io.Writer) error { return printJSON(w, a) }); err != nil {
			return err
		}
	}
	if f.csv != "" {
		if err := writeTables(f.csv, failures.Tables(results, a)); err != nil {
			return err
		}
	}
	if f.json {
		return printJSON(os.Stdout, a)
	}
	printFailures(w, a)
	if f.report != "" {
		fmt.Fprintf(w, "\nreport: %s\n", f.report)
	}
	return nil
}

// writeTables writes each table into a file of its own.
func writeTables(dir string, tables []failures.Table) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, t := range tables {
		err := store.Create(filepath.Join(dir, t.Name+".csv"), 0o644, func(w io.Writer) error { return csv.NewWriter(w).WriteAll(t.Rows) })
		if err != nil {
			return err
		}
	}
	return nil
}

// export writes the tasks to train on and those to judge with.
func (f *failuresFlags) export(w io.Writer, r *failures.Results) error {
	for _, x := range []struct {
		flag, path string
		write      func(io.Writer, *failures.Results) (int, int, error)
	}{{"curriculum", f.curriculum, failures.Curriculum}, {"regression", f.regression, failures.Regression}} {
		if x.path == "" {
			continue
		}
		written, left := 0, 0
		err := store.Create(x.path, 0o644, func(w io.Writer) (err error) {
			written, left, err = x.write(w, r)
			return err
		})
		if err != nil {
			return err
		}
		if !f.json {
			fmt.Fprintf(w, "%s: %s in %s; %d left out, which have no tests or a solution that fails them\n", x.flag, count(written, "problem", "problems"), x.path, left)
		}
	}
	return nil
}

func printFailures(w io.Writer, a *failures.Analysis) {
	fmt.Fprintf(w, "%s of %s on %s\n\n", count(a.Results, "result", "results"), count(a.Models, "model", "models"), count(a.Tasks, "task", "tasks"))
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tw, "benchmark\ttasks\tmodels\tall fail\tmixed\tall pass\tmissing\t\n")
	for _, b := range a.PerBenchmark {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", b.Benchmark, b.Tasks, b.Models, len(b.ConsistentFailures), b.Mixed, b.AlwaysPassed, b.Missing)
	}
	tw.Flush()
	printEvidence(w, a)
	fmt.Fprintf(w, "\nconsistently failed: %s\n", count(len(a.ConsistentFailures), "task", "tasks"))
	for _, b := range a.PerBenchmark {
		if n := len(b.ConsistentFailures); n > 0 {
			fmt.Fprintf(w, "  %s: %s%s\n", b.Benchmark, strings.Join(b.ConsistentFailures[:min(n, 12)], " "), map[bool]string{true: " …"}[n > 12])
		}
	}
	if len(a.DefectCounts) == 0 {
		return
	}
	fmt.Fprintln(w, "\nwrong with the input")
	for _, k := range slices.Sorted(maps.Keys(a.DefectCounts)) {
		fmt.Fprintf(w, "  %d %s\n", a.DefectCounts[k], strings.ReplaceAll(string(k), "_", " "))
		shown := 0
		for _, d := range a.Defects {
			if d.Kind == k && shown < 3 {
				fmt.Fprintf(w, "    %s: %s\n", d.Where, d.Message)
				shown++
			}
		}
	}
}

// printEvidence says how much is known from running programs, and what it says.
func printEvidence(w io.Writer, a *failures.Analysis) {
	c := a.EvidenceCoverage
	if c.Ran == 0 {
		return
	}
	fmt.Fprintf(w, "\nevidence: of %d consistently failed tasks %d have tests", c.Failed, c.WithTests)
	if c.Examples > 0 {
		fmt.Fprintf(w, " (%d but the examples of their prompts)", c.Examples)
	}
	fmt.Fprintf(w, ", %d a program that ran, %d a program that failed\n", c.Ran, c.Evidence)
	for _, b := range c.PerBenchmark {
		if b.Judged > 0 {
			fmt.Fprintf(w, "  %s: %d of %d verdicts as published; %s failed by all programs here\n", b.Benchmark, b.Agree, b.Scored, count(b.FailedHere, "task is", "tasks are"))
		}
		if b.Undecided > 0 {
			fmt.Fprintf(w, "  %s: %s published as failed pass the examples of the prompt, which decides nothing\n", b.Benchmark, count(b.Undecided, "program", "programs"))
		}
		if b.Recorded > 0 {
			fmt.Fprintf(w, "  %s: the input records how %s failed\n", b.Benchmark, count(b.Recorded, "program", "programs"))
		}
	}
	classes := map[string]int{}
	for _, d := range a.Disagreements {
		classes[d.Benchmark+" "+strings.ReplaceAll(d.Class, "_", " ")]++
	}
	for _, k := range slices.Sorted(maps.Keys(classes)) {
		fmt.Fprintf(w, "  %d not as published: %s\n", classes[k], k)
	}
	for _, s := range a.Scores {
		if s.Benchmark == "" {
			fmt.Fprintf(w, "  %s, %s: precision %s, recall %s\n", s.Method, strings.ReplaceAll(string(s.Pattern), "_", " "), percentInterval(s.Precision), percentInterval(s.Recall))
		}
	}
}
