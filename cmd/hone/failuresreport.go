package main

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"hone/failures"
	"hone/judge"
	"hone/problem"
	"hone/report"
)

var (
	//go:embed failureslabel.js
	labelScript string
	//go:embed failuresexport.js
	exportScript string
)

// failuresReport is the page of hone failures --report.
func failuresReport(r *failures.Results, a *failures.Analysis) *report.Page {
	p := &report.Page{
		Title: "What models consistently fail",
		Lead: fmt.Sprintf("%s of %s on %s; %s failed by every model with a result.", count(a.Results, "result", "results"),
			count(a.Models, "model", "models"), count(a.Tasks, "task", "tasks"), count(len(a.ConsistentFailures), "task is", "tasks are")),
		Footer:  fmt.Sprintf("Intervals are 95 %%. Patterns are suggestions from what happened when programs ran; no rule reads what people said. Hone %s, %s.", version(), machine()),
		Widgets: map[string]string{"label": labelScript, "export": exportScript},
	}
	var figures report.Figures
	for _, b := range a.PerBenchmark {
		figures = append(figures, report.Figure{Name: b.Benchmark, Value: fmt.Sprint(len(b.ConsistentFailures)), Note: fmt.Sprintf("of %d tasks failed by all %d models", b.Tasks, b.Models)})
	}
	if len(figures) <= 8 {
		p.Blocks = append(p.Blocks, figures)
	}
	p.Blocks = append(p.Blocks, report.Heading("Tasks"), report.Text("Each row is a task. Choose one to see its prompt, its programs and the tests they fail; / filters, arrow keys and Enter move and open."), tasksTable(r, a))
	if len(a.Patterns) > 0 && a.EvidenceCoverage.Evidence > 0 {
		p.Blocks = append(p.Blocks, report.Heading("Why"), patternChart(a), complicationChart(a), exportWidget(a))
	}
	if len(a.Scores) > 0 {
		p.Blocks = append(p.Blocks, report.Text("Suggestions beside what people said; majority and metadata are learnt from the labels of the other benchmarks."), scoreTable(a))
	}
	p.Blocks = append(p.Blocks, report.Heading("Models"), modelChart(a), agreementTable(a))
	if len(a.Complexity) > 0 {
		p.Blocks = append(p.Blocks, report.Heading("Complexity"), complexityChart(a), complexityTable(a))
	}
	if len(a.Items) > 0 {
		p.Blocks = append(p.Blocks, report.Heading("Difficulty and discrimination"), itemChart(a.Items))
	}
	if len(a.Disagreements) > 0 {
		p.Blocks = append(p.Blocks, report.Heading("Published results that running does not give"), disagreementTable(a))
	}
	if len(a.Defects) > 0 {
		p.Blocks = append(p.Blocks, report.Heading("Wrong with the input"), defectTable(a))
	}
	return p
}

var (
	resultColors = map[string]report.Color{"pass": report.Good, "fail": report.Bad, "some": report.Ochre, "no result": report.Neutral}
	stateColors  = map[string]report.Color{"all fail": report.Bad, "mixed": report.Ochre, "all pass": report.Good, "unknown": report.Neutral}
)

// mostColumns is how many models have a column of their own in the table of tasks.
const mostColumns = 24

func tasksTable(r *failures.Results, a *failures.Analysis) report.Table {
	suggested := map[string]*failures.Suggestion{}
	for i := range a.Patterns {
		suggested[a.Patterns[i].Benchmark+" "+a.Patterns[i].TaskID] = &a.Patterns[i]
	}
	n := len(r.Tasks)
	id, benchmark, difficulty, state, why := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	failed := make([]float64, n)
	models := make([][]string, min(len(r.Models), mostColumns))
	for j := range models {
		models[j] = slices.Repeat([]string{"no result"}, n)
	}
	for i := range r.Tasks {
		t := &r.Tasks[i]
		id[i], benchmark[i], difficulty[i] = t.ID, t.Benchmark, t.Difficulty
		passed := 0
		for _, c := range t.Cells {
			text := "some"
			switch c.Rate {
			case 0:
				text = "fail"
				failed[i]++
			case 1:
				text = "pass"
				passed++
			}
			if c.Model < len(models) {
				models[c.Model][i] = text
			}
		}
		switch {
		case t.ConsistentlyFailed():
			state[i] = "all fail"
		case len(t.Cells) == 0:
			state[i] = "unknown"
		case passed == len(t.Cells):
			state[i] = "all pass"
		default:
			state[i] = "mixed"
		}
		if s := suggested[t.Name()]; s != nil {
			why[i] = strings.Join(plainTexts(s.Patterns), ", ")
		}
	}
	table := report.Table{
		Name: "tasks", Caption: "Tasks and models",
		Columns: []report.Column{
			{Name: "task", Texts: id},
			{Name: "models", Texts: state, Colors: stateColors},
		},
		Detail: func(i int) []report.Block { return taskDetail(r, &r.Tasks[i], suggested[r.Tasks[i].Name()]) },
	}
	for j, column := range models {
		table.Columns = append(table.Columns, report.Column{Name: r.Models[j], Texts: column, Colors: resultColors})
	}
	table.Columns = append(table.Columns, report.Column{Name: "failed", Numbers: failed, Help: "models none of whose programs passes"})
	if slices.ContainsFunc(why, func(s string) bool { return s != "" }) {
		table.Columns = append(table.Columns, report.Column{Name: "suggested", Texts: why})
	}
	table.Columns = append(table.Columns, report.Column{Name: "benchmark", Texts: benchmark, Colors: map[string]report.Color{}})
	if slices.ContainsFunc(difficulty, func(s string) bool { return s != "" }) {
		table.Columns = append(table.Columns, report.Column{Name: "difficulty", Texts: difficulty, Colors: map[string]report.Color{}})
	}
	return table
}

// plainTexts are names as people write them.
func plainTexts[T ~string](names []T) []string {
	var out []string
	for _, n := range names {
		out = append(out, strings.ReplaceAll(string(n), "_", " "))
	}
	return out
}

// taskDetail is what opens from a task: why it may be failed, its prompt, and each program with the test it fails.
func taskDetail(r *failures.Results, t *failures.Task, s *failures.Suggestion) []report.Block {
	var blocks []report.Block
	if s != nil {
		for _, why := range s.Reasons {
			blocks = append(blocks, report.Text(strings.ReplaceAll(why, "_", " ")+"."))
		}
		if s.Evidence == nil {
			blocks = append(blocks, report.Text("No program of this task ran and failed here: nothing is suggested."))
		}
		blocks = append(blocks, report.Widget{Script: "label", Title: "Why models fail " + t.ID, Data: map[string]any{
			"benchmark": t.Benchmark, "task_id": t.ID, "patterns": failures.Patterns, "suggested": s.Patterns,
		}})
	}
	prompt := t.Prompt
	if prompt == "" && t.Problem != nil {
		prompt = t.Problem.Prompt
	}
	if prompt != "" {
		blocks = append(blocks, report.Details{Summary: "Prompt", Blocks: []report.Block{report.Code{Text: prompt}}})
	}
	if t.Problem != nil && t.Problem.Reference != "" {
		name := "The benchmark's own solution"
		if t.ReferenceFails {
			name += ", which fails its tests here"
		}
		blocks = append(blocks, report.Details{Summary: name, Blocks: []report.Block{report.Code{Text: t.Problem.Reference}}})
	}
	for _, p := range t.Programs {
		blocks = append(blocks, programDetail(r, t, p))
	}
	if len(blocks) == 0 {
		blocks = append(blocks, report.Text("The input has neither the prompt nor the programs of this task."))
	}
	return blocks
}

func programDetail(r *failures.Results, t *failures.Task, p failures.Program) report.Block {
	summary := r.Models[p.Model]
	for _, c := range t.Cells {
		if c.Model == p.Model {
			summary += fmt.Sprintf(": published %s", map[float64]string{0: "failed", 1: "passed"}[c.Rate])
			if c.N > 1 {
				summary = fmt.Sprintf("%s: %.0f %% of %d programs pass", r.Models[p.Model], 100*c.Rate, c.N)
			}
		}
	}
	var marks []report.Mark
	var tests []report.Block
	for i := range t.Judged {
		if j := &t.Judged[i]; j.Model == p.Model {
			summary += ", " + happened(t, j)
			tests = failedTests(&j.Verdict, t.Problem)
			if j.Recorded {
				tests = append([]report.Block{report.Fields{{Name: "input", Value: j.Input, Code: true}}}, tests...)
			}
			marks = failedLines(&j.Verdict)
		}
	}
	return report.Details{Summary: summary, Blocks: append(tests, report.Code{Text: p.Code, Marks: marks})}
}

// happened says in a few words what a program's verdict is and where it is from.
func happened(t *failures.Task, j *failures.Judged) string {
	v := &j.Verdict
	switch {
	case j.Recorded:
		return fmt.Sprintf("recorded %s", v.Verdict)
	case t.Examples:
		return fmt.Sprintf("here %s (%d of %d examples of the prompt)", v.Verdict, v.PassedTests(), len(v.Tests))
	}
	return fmt.Sprintf("here %s (%d of %d tests pass)", v.Verdict, v.PassedTests(), len(v.Tests))
}

// failedLines mark where the first failing test says that the program failed.
func failedLines(v *problem.Verdict) []report.Mark {
	for _, x := range v.Tests {
		if x.Verdict != problem.Pass && x.Line > 0 {
			return []report.Mark{{Line: x.Line, Note: x.Error}}
		}
	}
	return nil
}

func patternChart(a *failures.Analysis) report.Chart {
	c := countsChart(a, failures.Patterns, func(s failures.Suggestion) []failures.Pattern { return s.Patterns })
	c.Title = "Suggested reasons"
	c.Caption = fmt.Sprintf("Consistently failed tasks with a program that ran and failed: %d of %d. A task can have several reasons.", a.EvidenceCoverage.Evidence, a.EvidenceCoverage.Failed)
	return c
}

func complicationChart(a *failures.Analysis) report.Chart {
	c := countsChart(a, failures.Complications, func(s failures.Suggestion) []failures.Complication { return s.Complications })
	c.Title = "What may be wrong with the tasks themselves"
	return c
}

// countsChart counts the tasks of each benchmark for which each of names is suggested.
func countsChart[T ~string](a *failures.Analysis, names []T, of func(failures.Suggestion) []T) report.Chart {
	c := report.Chart{Sideways: true, Y: report.Axis{Name: "tasks"}, Height: 80 + 34*len(names)}
	c.X.Categories = plainTexts(names)
	for _, b := range a.PerBenchmark {
		s := report.Series{Name: b.Benchmark, Stacked: true}
		any := false
		for _, name := range names {
			n := 0.0
			for _, x := range a.Patterns {
				if x.Benchmark == b.Benchmark && slices.Contains(of(x), name) {
					n++
				}
			}
			any = any || n > 0
			s.Y = append(s.Y, n)
		}
		if any {
			c.Series = append(c.Series, s)
		}
	}
	return c
}

func exportWidget(a *failures.Analysis) report.Block {
	tasks := []string{}
	for _, s := range a.Patterns {
		tasks = append(tasks, s.Benchmark+"\x00"+s.TaskID)
	}
	return report.Widget{Script: "export", Title: "Export labels", Data: map[string]any{"tasks": tasks}}
}

func modelChart(a *failures.Analysis) report.Chart {
	c := report.Chart{Title: "Pass rate", Y: report.Axis{Percent: true, Min: new(float64)}, Caption: "By model and benchmark, with 95 % intervals."}
	at := map[string]int{}
	for _, m := range a.PerModel {
		if _, ok := at[m.Model]; !ok {
			at[m.Model] = len(at)
			c.X.Categories = append(c.X.Categories, m.Model)
		}
	}
	for _, b := range a.PerBenchmark {
		s := report.Series{Name: b.Benchmark, Shape: report.Points}
		for _, m := range a.PerModel {
			if m.Benchmark == b.Benchmark {
				s.X, s.Y = append(s.X, float64(at[m.Model])), append(s.Y, m.Rate.Mean)
				s.Lo, s.Hi = append(s.Lo, m.Rate.Lo), append(s.Hi, m.Rate.Hi)
			}
		}
		c.Series = append(c.Series, s)
	}
	return c
}

func agreementTable(a *failures.Analysis) report.Table {
	var benchmark, x, y []string
	var both, onlyX, onlyY, k []float64
	for _, g := range a.Agreement {
		benchmark, x, y = append(benchmark, g.Benchmark), append(x, g.A), append(y, g.B)
		both, onlyX, onlyY = append(both, float64(g.Both)), append(onlyX, float64(g.OnlyA)), append(onlyY, float64(g.OnlyB))
		k = append(k, orNaN(g.Kappa))
	}
	return report.Table{Caption: "Do two models fail the same tasks?", Columns: []report.Column{
		{Name: "benchmark", Texts: benchmark, Colors: map[string]report.Color{}},
		{Name: "A", Texts: x},
		{Name: "B", Texts: y},
		{Name: "both fail", Numbers: both},
		{Name: "only A", Numbers: onlyX},
		{Name: "only B", Numbers: onlyY},
		{Name: "kappa", Numbers: k, Digits: 2, Help: "Cohen's: 1 the same tasks, 0 as by chance"},
	}}
}

func complexityChart(a *failures.Analysis) report.Chart {
	c := report.Chart{
		Title: "Complexity of the models' programs against failures", Sideways: true, Height: 80 + 44*len(failures.Measures),
		Y:       report.Axis{Name: "Spearman's rho"},
		Caption: "Rank correlation of the mean over a task's programs with the share of models that fail it; whiskers are 95 % intervals, not corrected for being several.",
	}
	for _, m := range failures.Measures {
		c.X.Categories = append(c.X.Categories, strings.ReplaceAll(m.Name, "_", " "))
	}
	for _, b := range a.PerBenchmark {
		s := report.Series{Name: b.Benchmark, Shape: report.Points}
		for _, x := range a.Complexity {
			if x.Benchmark == b.Benchmark && x.Of == "programs" && x.Rho != nil {
				k := slices.IndexFunc(failures.Measures, func(m failures.Measure) bool { return m.Name == x.Measure })
				s.X, s.Y = append(s.X, float64(k)), append(s.Y, x.Rho.Mean)
				s.Lo, s.Hi = append(s.Lo, x.Rho.Lo), append(s.Hi, x.Rho.Hi)
			}
		}
		if len(s.Y) > 0 {
			c.Series = append(c.Series, s)
		}
	}
	return c
}

func complexityTable(a *failures.Analysis) report.Table {
	var benchmark, measure, of []string
	var rho, lo, hi, p, odds []float64
	for _, x := range a.Complexity {
		if x.Rho == nil {
			continue
		}
		benchmark, measure, of = append(benchmark, x.Benchmark), append(measure, x.Measure), append(of, x.Of)
		rho, lo, hi = append(rho, x.Rho.Mean), append(lo, x.Rho.Lo), append(hi, x.Rho.Hi)
		p = append(p, orNaN(x.PHolm))
		odds = append(odds, orNaN(nil))
		if x.OddsRatio != nil {
			odds[len(odds)-1] = x.OddsRatio.Mean
		}
	}
	return report.Table{Name: "complexity", Columns: []report.Column{
		{Name: "benchmark", Texts: benchmark, Colors: map[string]report.Color{}},
		{Name: "measure", Texts: measure},
		{Name: "of", Texts: of, Colors: map[string]report.Color{}},
		{Name: "rho", Numbers: rho, Digits: 2},
		{Name: "from", Numbers: lo, Digits: 2},
		{Name: "to", Numbers: hi, Digits: 2},
		{Name: "p, Holm", Numbers: p, Digits: 4},
		{Name: "odds ratio", Numbers: odds, Digits: 2, Help: "of failing, for a standard deviation of the measure"},
	}}
}

// itemChart shows all benchmarks in one chart, though each is fitted on its own and has its own scale.
func itemChart(fits []failures.ItemFit) report.Chart {
	c := report.Chart{
		X: report.Axis{Name: "difficulty, logits"}, Y: report.Axis{Name: "discrimination", Min: new(float64)},
		Caption: "One point a task: the mean of its posterior; tasks that the same models fail coincide. Each benchmark is fitted on its own. " +
			"The intervals, which are wide where there are few models, are in the JSON.",
	}
	for _, f := range fits {
		s := report.Series{Name: f.Benchmark, Shape: report.Points}
		for _, x := range f.Items {
			s.X, s.Y, s.Labels = append(s.X, x.Difficulty.Mean), append(s.Y, x.Discrimination.Mean), append(s.Labels, x.TaskID)
		}
		c.Series = append(c.Series, s)
	}
	return c
}

func scoreTable(a *failures.Analysis) report.Table {
	var method, benchmark, pattern, precision, recall []string
	var labelled, suggested, right []float64
	for _, s := range a.Scores {
		name := s.Benchmark
		if name == "" {
			name = "all"
		}
		method, benchmark, pattern = append(method, s.Method), append(benchmark, name), append(pattern, strings.ReplaceAll(string(s.Pattern), "_", " "))
		labelled, suggested, right = append(labelled, float64(s.Labelled)), append(suggested, float64(s.Suggested)), append(right, float64(s.Right))
		precision, recall = append(precision, shareOf(s.Suggested, s.Precision)), append(recall, shareOf(s.Labelled, s.Recall))
	}
	return report.Table{Name: "scores", Columns: []report.Column{
		{Name: "method", Texts: method, Colors: map[string]report.Color{"evidence": report.Blue, "majority": report.Neutral, "metadata": report.Ochre}},
		{Name: "benchmark", Texts: benchmark},
		{Name: "pattern", Texts: pattern},
		{Name: "labelled", Numbers: labelled},
		{Name: "suggested", Numbers: suggested},
		{Name: "right", Numbers: right},
		{Name: "precision, %", Texts: precision},
		{Name: "recall, %", Texts: recall},
	}}
}

// shareOf is a share of n in percent with its interval, "" where n is 0.
func shareOf(n int, share judge.Interval) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f [%.0f, %.0f]", 100*share.Mean, 100*share.Lo, 100*share.Hi)
}

func disagreementTable(a *failures.Analysis) report.Table {
	var task, benchmark, model, published, verdict, class, test []string
	for _, d := range a.Disagreements {
		task, benchmark, model = append(task, d.TaskID), append(benchmark, d.Benchmark), append(model, d.Model)
		published = append(published, map[float64]string{0: "failed", 1: "passed"}[d.Published])
		verdict, class, test = append(verdict, string(d.Verdict)), append(class, strings.ReplaceAll(d.Class, "_", " ")), append(test, d.Test)
	}
	return report.Table{Name: "disagreements", Columns: []report.Column{
		{Name: "task", Texts: task},
		{Name: "benchmark", Texts: benchmark, Colors: map[string]report.Color{}},
		{Name: "model", Texts: model, Colors: map[string]report.Color{}},
		{Name: "published", Texts: published},
		{Name: "here", Texts: verdict, Colors: outcomeColors},
		{Name: "class", Texts: class, Colors: map[string]report.Color{}},
		{Name: "test", Texts: test},
	}}
}

func defectTable(a *failures.Analysis) report.Table {
	var kind, where, message []string
	for _, d := range a.Defects {
		kind, where, message = append(kind, strings.ReplaceAll(string(d.Kind), "_", " ")), append(where, d.Where), append(message, d.Message)
	}
	return report.Table{Name: "defects", Columns: []report.Column{
		{Name: "kind", Texts: kind, Colors: map[string]report.Color{}},
		{Name: "where", Texts: where},
		{Name: "what", Texts: message},
	}}
}

// orNaN is what tables show nothing for.
func orNaN(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}
