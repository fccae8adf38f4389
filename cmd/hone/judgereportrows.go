package main

import (
	"fmt"
	"iter"
	"strings"

	"hone/judge"
	"hone/problem"
	"hone/report"
)

// table lists all programs; the program and the tests that failed open from a row.
func (r *verdictReport) table() report.Table {
	n := len(r.verdicts)
	task, verdict, test, what := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	sample, passed, tests, cpu := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	var strict []string
	if r.sum.Strict != nil {
		strict = make([]string, n)
	}
	for i := range r.verdicts {
		v := &r.verdicts[i]
		task[i], verdict[i], sample[i] = v.TaskID, string(v.Verdict), float64(v.Sample)
		passed[i], tests[i], cpu[i] = float64(v.PassedTests()), float64(len(v.Tests)), v.CPUMillis
		if f := firstFailed(v); f != nil {
			test[i], what[i] = f.Name, inShort(f)
		}
		if strict != nil {
			strict[i] = string(v.Strict)
		}
	}
	t := report.Table{Name: "programs", Columns: []report.Column{
		{Name: "task", Texts: task},
		{Name: "sample", Numbers: sample},
		{Name: "verdict", Texts: verdict, Colors: outcomeColors},
		{Name: "passed", Help: "tests that passed", Numbers: passed},
		{Name: "tests", Numbers: tests},
		{Name: "CPU ms", Help: "processor time", Numbers: cpu, Digits: 1},
		{Name: "first failure", Help: "the first test that did not pass", Texts: test},
		{Name: "what happened", Texts: what},
	}}
	if strict != nil {
		t.Columns = append(t.Columns, report.Column{Name: "literally", Help: "the verdict of the chat response taken literally", Texts: strict})
	}
	next, stop := iter.Pull(r.programs)
	t.Detail = func(i int) []report.Block {
		job, ok := next()
		if i == n-1 {
			stop()
		}
		v := &r.verdicts[i]
		if !ok || job.TaskID != v.TaskID || job.Sample != v.Sample {
			return append(aboutVerdict(v), failedTests(v, nil)...) // the samples changed meanwhile
		}
		return r.detail(v, &job)
	}
	return t
}

func firstFailed(v *problem.Verdict) *problem.TestResult {
	for i := range v.Tests {
		if v.Tests[i].Verdict != problem.Pass {
			return &v.Tests[i]
		}
	}
	return nil
}

// inShort says in a line what a test found.
func inShort(t *problem.TestResult) string {
	s := t.Error
	if s == "" && (t.Got != "" || t.Expected != "") {
		s = fmt.Sprintf("got %s, expected %s", t.Got, t.Expected)
	}
	s, _, _ = strings.Cut(s, "\n")
	if r := []rune(s); len(r) > 120 {
		s = string(r[:119]) + "…"
	}
	return s
}

func (r *verdictReport) detail(v *problem.Verdict, job *judge.Job) []report.Block {
	blocks := append(aboutVerdict(v), failedTests(v, job.Problem)...)
	var marks []report.Mark
	marked := map[report.Mark]bool{}
	for _, t := range v.Tests {
		m := report.Mark{Line: t.Line, Note: t.Error}
		if t.Line > 0 && !marked[m] && len(marks) < maxFailures {
			marked[m] = true
			marks = append(marks, m)
		}
	}
	blocks = append(blocks, report.Heading("Program"), report.Code{Text: job.Program, Marks: marks})
	if job.Literal != "" {
		blocks = append(blocks, report.Details{Summary: "The response it was taken from", Blocks: []report.Block{report.Code{Text: job.Literal}}})
	}
	if job.Problem.Prompt != "" {
		blocks = append(blocks, report.Details{Summary: "The task's prompt", Blocks: []report.Block{report.Code{Text: job.Problem.Prompt}}})
	}
	return blocks
}

func aboutVerdict(v *problem.Verdict) []report.Block {
	f := report.Fields{
		{Name: "verdict", Value: string(v.Verdict), Color: outcomeColors[string(v.Verdict)]},
		{Name: "tests", Value: fmt.Sprintf("%d of %d passed", v.PassedTests(), len(v.Tests))},
		{Name: "time", Value: fmt.Sprintf("%.1f ms processor, %.1f ms clock", v.CPUMillis, v.WallMillis)},
	}
	if v.Judge != "" {
		f = append(f, report.Field{Name: "judged", Value: fmt.Sprintf("%s, tier %s", v.Judge, v.Tier)})
	}
	if v.Strict != "" {
		f = append(f, report.Field{Name: "literally", Value: string(v.Strict), Color: outcomeColors[string(v.Strict)]})
	}
	return []report.Block{f}
}

// maxFailures is how many failed tests of a program are shown.
const maxFailures = 8

// failedTests shows what failed; with the problem, where it is known, also on which input.
func failedTests(v *problem.Verdict, p *problem.Problem) (blocks []report.Block) {
	shown, failed := 0, 0
	for i := range v.Tests {
		t := &v.Tests[i]
		if t.Verdict == problem.Pass {
			continue
		}
		if failed++; shown == maxFailures {
			continue
		}
		shown++
		f := report.Fields{{Name: t.Name, Value: string(t.Verdict), Color: outcomeColors[string(t.Verdict)]}}
		if p != nil {
			if name, text := testInput(p, t.Name); text != "" {
				f = append(f, report.Field{Name: name, Value: text, Code: true})
			}
		}
		if t.Got != "" || t.Expected != "" {
			f = append(f, report.Field{Name: "got", Value: t.Got, Code: true}, report.Field{Name: "expected", Value: t.Expected, Code: true})
		}
		if t.Error != "" {
			where := ""
			if t.Line > 0 {
				where = fmt.Sprintf(" (line %d)", t.Line)
			}
			f = append(f, report.Field{Name: "error", Value: t.Error + where, Code: true})
		}
		blocks = append(blocks, f)
	}
	switch {
	case failed > shown:
		blocks = append(blocks, report.Text(fmt.Sprintf("and %d more tests that did not pass", failed-shown)))
	case failed == 0 && len(v.Tests) > 0:
		blocks = append(blocks, report.Text("Every test passed."))
	case len(v.Tests) == 0:
		blocks = append(blocks, report.Text("No test was run."))
	}
	return blocks
}
