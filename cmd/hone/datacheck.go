package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hone/internal/progress"
	"hone/judge"
	"hone/offline"
	"hone/problem"
)

// dataCheckFlags are the flags of hone data check.
type dataCheckFlags struct {
	group    int
	against  []string
	problems []string
	format   string
	json     bool
	sandboxFlags
}

func newDataCheck(in *interrupts) *cobra.Command {
	var f dataCheckFlags
	c := &cobra.Command{
		Use:   "check FILE…",
		Short: "Find what makes rows of judged programs useless or wrong",
		Long: `Find what is wrong with rows for hone train (kind offline), each with its line: rows that cannot
be read, rewards that are no number, one program with two verdicts, problems without a correct
or without an incorrect program. With --against, problems that a model is to be evaluated on: rows
that have their tasks, prompts or references. With --problems, the problems that the rows are of:
references that fail their own tests (they are run), tests that nothing passes, rows of the test split.

Exit status 1 where training on the rows is impossible or would make an evaluation worthless.`,
		Example: `  hone data check rows.jsonl
  hone data check 'rows/*.jsonl' --against test.jsonl --problems train.jsonl`,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), in, c.OutOrStdout(), args) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.IntVar(&f.group, "group", 4, "programs of one problem that are compared")
	fl.StringArrayVar(&f.against, "against", nil, "file with problems that are evaluated on (repeatable)")
	fl.StringArrayVar(&f.problems, "problems", nil, "file with the problems of the rows (repeatable)")
	fl.StringVar(&f.format, "format", "auto", "format of the problem files: "+formatNames())
	fl.BoolVar(&f.json, "json", false, "print JSON")
	f.register(c)
	return c
}

// rowCheck is what hone data check --json prints.
type rowCheck struct {
	Rows     int             `json:"rows"`
	Problems int             `json:"problems"`
	Usable   int             `json:"problems_used"`
	Errors   []dataIssue     `json:"errors"`
	Warnings []dataIssue     `json:"warnings"`
	report   *offline.Report // for people
	console  *console
}

// dataIssue is something that is wrong.
type dataIssue struct {
	Rows    []string `json:"rows,omitempty"` // "file:line (task)"
	Message string   `json:"message"`
}

func (k *rowCheck) add(issues ...offline.Issue) {
	for _, i := range issues {
		if c := (dataIssue{i.Rows, i.Message}); i.Error {
			k.Errors = append(k.Errors, c)
		} else {
			k.Warnings = append(k.Warnings, c)
		}
	}
}

func (f *dataCheckFlags) run(ctx context.Context, in *interrupts, w io.Writer, files []string) error {
	switch {
	case len(files) == 0:
		return usagef("name a file of rows (see: hone data check --help)")
	case f.group < 2:
		return usagef("--group %d: at least 2 programs are compared", f.group)
	case !slices.Contains(problem.Formats(), problem.Format(f.format)):
		return usagef("--format %q: it is one of %s", f.format, formatNames())
	}
	if err := f.sandboxFlags.check(); err != nil {
		return err
	}
	k := &rowCheck{console: newConsole(), Errors: []dataIssue{}, Warnings: []dataIssue{}}
	var rows []offline.Row
	for _, file := range files {
		r, bad, err := offline.ReadAll(file)
		if err != nil {
			return err
		}
		rows = append(rows, r...)
		for _, b := range bad {
			k.add(offline.Issue{Error: true, Message: b.Error()})
		}
	}
	_, k.report = offline.Check(rows, offline.Options{Group: f.group})
	k.Rows, k.Problems, k.Usable = k.report.Rows, k.report.Problems, k.report.Usable
	k.add(k.report.Issues...)
	rep := &reporter{console: k.console}
	if len(f.against) > 0 {
		s, err := loadSuite(problemFiles{"--against", filesOf(f.against), f.format, false}, rep)
		if err != nil {
			return err
		}
		k.add(offline.Leaks(rows, s.problems)...)
	}
	if len(f.problems) > 0 {
		s, err := loadSuite(problemFiles{"--problems", filesOf(f.problems), f.format, false}, rep)
		if err != nil {
			return err
		}
		if err := f.tests(ctx, in, k, s, rows); err != nil {
			return err
		}
	}
	if f.json {
		if err := printJSON(w, k); err != nil {
			return err
		}
	} else {
		k.print(w)
	}
	if n := len(k.Errors); n > 0 {
		return fmt.Errorf("%s: nothing should be trained on these rows", count(n, "error", "errors"))
	}
	return nil
}

// tests looks at the problems of the rows: their splits, and whether their tests can pass.
func (f *dataCheckFlags) tests(ctx context.Context, in *interrupts, k *rowCheck, s *suite, rows []offline.Row) error {
	known := map[problem.Key]*problem.Problem{}
	for _, p := range s.problems {
		known[problem.Key{Benchmark: p.Benchmark, TaskID: p.TaskID}] = p
	}
	of := map[*problem.Problem][]*offline.Row{}
	unknown := 0
	for i := range rows {
		p := known[problem.Key{Benchmark: rows[i].Benchmark, TaskID: rows[i].TaskID}]
		if p == nil {
			unknown++
			continue
		}
		of[p] = append(of[p], &rows[i])
	}
	warn := func(p *problem.Problem, format string, args ...any) {
		k.add(offline.Issue{Rows: []string{fmt.Sprintf("%s (%s)", of[p][0].Where, p.TaskID)}, Message: fmt.Sprintf(format, args...)})
	}
	if unknown > 0 {
		k.add(offline.Issue{Message: fmt.Sprintf("%s of tasks that are in no file of --problems", count(unknown, "row is", "rows are"))})
	}
	var judged []*problem.Problem
	for _, p := range s.problems {
		switch {
		case len(of[p]) == 0:
			continue
		case p.Split == "test" || p.Split == "validation":
			warn(p, "the problem is of the %s split of %s", p.Split, p.Benchmark)
		}
		switch passes := slices.ContainsFunc(of[p], func(r *offline.Row) bool { return r.Correct() }); {
		case p.Reference != "":
			judged = append(judged, p)
		case !passes:
			warn(p, "no program passes, and there is no reference: perhaps nothing can pass its tests")
		}
	}
	if len(judged) == 0 {
		return nil
	}
	j, _, closeJudge, err := f.open(ctx, s.problems, k.console)
	if err != nil {
		return err
	}
	defer closeJudge()
	bar := progress.New(os.Stderr, "references", len(judged), 0)
	k.console.bar.Store(bar)
	stop, done := in.finishing(bar, "finishing the programs that are running")
	n := 0
	err = judge.Stream(ctx, stop, j, references(judged), func(v problem.Verdict) error {
		p := judged[n]
		n++
		bar.Add(1, "")
		if v.Passed == nil || *v.Passed {
			return nil
		}
		var failed []string
		for _, t := range v.Tests {
			if t.Verdict != problem.Pass {
				failed = append(failed, t.Name)
			}
		}
		warn(p, "the reference fails its own tests (%s: %s): the verdicts on this problem cannot be trusted", v.Verdict, strings.Join(failed, ", "))
		return nil
	})
	done()
	bar.Finish()
	return err
}

// references are the problems' own solutions.
func references(problems []*problem.Problem) iter.Seq[judge.Job] {
	return func(yield func(judge.Job) bool) {
		for _, p := range problems {
			if !yield(judge.Job{Problem: p, TaskID: p.TaskID, Program: p.Reference}) {
				return
			}
		}
	}
}

func (k *rowCheck) print(w io.Writer) {
	counts := *k.report
	counts.Issues = nil
	counts.Print(w)
	for _, l := range []struct {
		kind string
		list []dataIssue
	}{{"error", k.Errors}, {"warning", k.Warnings}} {
		for i, c := range l.list {
			if i == maxIssues {
				fmt.Fprintf(w, "%s: %d more (--json lists all)\n", l.kind, len(l.list)-i)
				break
			}
			fmt.Fprintln(w, offline.Issue{Error: l.kind == "error", Rows: c.Rows, Message: c.Message})
		}
	}
}
