package main

import (
	"fmt"
	"slices"

	"hone/problem"
	"hone/report"
)

// compareReport is the page of hone compare --report.
func compareReport(c *comparison, pairs []pair) *report.Page {
	page := &report.Page{
		Title: "Two runs compared",
		Lead: fmt.Sprintf("A is %s, B is %s: %s for %s, paired by benchmark, task and sample.",
			c.A.File, c.B.File, count(c.Pairs, "program", "programs"), count(c.Tasks, "task", "tasks")),
		Blocks: []report.Block{
			report.Figures{
				{Name: "B − A, pass@1", Value: points(c.Difference.Mean) + " points", Note: fmt.Sprintf("95 %% [%s, %s]", points(c.Difference.Lo), points(c.Difference.Hi))},
				{Name: "A, pass@1", Value: fmt.Sprintf("%.1f %%", 100*c.A.PassAt.Mean), Note: fmt.Sprintf("95 %% [%.1f, %.1f]", 100*c.A.PassAt.Lo, 100*c.A.PassAt.Hi)},
				{Name: "B, pass@1", Value: fmt.Sprintf("%.1f %%", 100*c.B.PassAt.Mean), Note: fmt.Sprintf("95 %% [%.1f, %.1f]", 100*c.B.PassAt.Lo, 100*c.B.PassAt.Hi)},
				{Name: "Tasks better, worse", Value: fmt.Sprintf("%d, %d", c.Better, c.Worse), Note: "sign test p = " + pText(c.Sign)},
			},
		},
		Footer: fmt.Sprintf("Intervals are the 2.5 and 97.5 %% quantiles over %d paired bootstrap resamples of the tasks (seed %d). McNemar's test and the sign test are exact and two-sided. Hone %s.",
			c.Resamples, c.Seed, version()),
	}
	for _, n := range c.Notes {
		page.Blocks = append(page.Blocks, report.Text("Note: "+n+"."))
	}
	page.Blocks = append(page.Blocks,
		report.Heading("Programs"),
		report.Text(fmt.Sprintf("%s in A only and %s in B only: McNemar's exact p = %s.",
			count(c.OnlyA, "program passes", "programs pass"), count(c.OnlyB, "program passes", "programs pass"), pText(c.McNemar))),
		report.Table{Columns: []report.Column{
			{Name: "", Texts: []string{"A passes", "A fails"}},
			{Name: "B passes", Numbers: []float64{float64(c.Both), float64(c.OnlyB)}},
			{Name: "B fails", Numbers: []float64{float64(c.OnlyA), float64(c.Neither)}},
		}})
	if len(c.Transitions) > 0 {
		page.Blocks = append(page.Blocks, transitionChart(c))
	}
	if len(c.Changed) > 0 {
		page.Blocks = append(page.Blocks, report.Heading("Tasks that changed"), changedChart(c), changedTable(c))
	}
	return withChangedPrograms(page, pairs)
}

func transitionChart(c *comparison) report.Chart {
	top := c.Transitions[:min(12, len(c.Transitions))]
	chart := report.Chart{
		Title: "Verdicts that changed, A → B", Sideways: true, Height: 60 + 26*len(top),
		X: report.Axis{}, Y: report.Axis{Name: "programs"},
		Table: "programs", Column: "change",
	}
	better := report.Series{Name: "now passes", Stacked: true, Color: report.Good}
	worse := report.Series{Name: "passed before", Stacked: true, Color: report.Bad}
	other := report.Series{Name: "fails differently", Stacked: true, Color: report.Neutral}
	for i, t := range top {
		chart.X.Categories = append(chart.X.Categories, changeText(t.From, t.To))
		s := &other
		switch {
		case t.To == problem.Pass:
			s = &better
		case t.From == problem.Pass:
			s = &worse
		}
		s.X, s.Y = append(s.X, float64(i)), append(s.Y, float64(t.N))
	}
	for _, s := range []report.Series{better, worse, other} {
		if len(s.Y) > 0 {
			chart.Series = append(chart.Series, s)
		}
	}
	return chart
}

func changeText(from, to problem.Outcome) string { return fmt.Sprintf("%s → %s", from, to) }

func changedChart(c *comparison) report.Chart {
	better := report.Series{Name: "better in B", Stacked: true, Color: report.Good}
	worse := report.Series{Name: "worse in B", Stacked: true, Color: report.Bad}
	chart := report.Chart{
		Title: "Change of the share of programs that pass", Y: report.Axis{Percent: true},
		Caption: fmt.Sprintf("One bar a task; the %s without a change %s left out.", count(c.Tasks-len(c.Changed), "task", "tasks"), isAre(c.Tasks-len(c.Changed))),
		Height:  240, Table: "programs", Column: "task",
	}
	for i, t := range c.Changed {
		chart.X.Categories = append(chart.X.Categories, t.TaskID)
		s := &better
		if t.B < t.A {
			s = &worse
		}
		s.X, s.Y = append(s.X, float64(i)), append(s.Y, t.difference())
	}
	for _, s := range []report.Series{better, worse} {
		if len(s.Y) > 0 {
			chart.Series = append(chart.Series, s)
		}
	}
	return chart
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func changedTable(c *comparison) report.Table {
	var task, benchmark []string
	var a, b, n, d []float64
	for _, t := range c.Changed {
		task, benchmark = append(task, t.TaskID), append(benchmark, t.Benchmark)
		a, b, n, d = append(a, float64(t.A)), append(b, float64(t.B)), append(n, float64(t.N)), append(d, 100*t.difference())
	}
	return report.Table{Name: "tasks", Columns: []report.Column{
		{Name: "task", Texts: task},
		{Name: "benchmark", Texts: benchmark},
		{Name: "programs", Numbers: n},
		{Name: "A passed", Numbers: a},
		{Name: "B passed", Numbers: b},
		{Name: "change, points", Numbers: d, Digits: 1},
	}}
}

// withChangedPrograms lists the programs whose verdict changed, with what the tests said in both runs.
func withChangedPrograms(page *report.Page, pairs []pair) *report.Page {
	changed := slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return p.a.Verdict == p.b.Verdict })
	if len(changed) == 0 {
		page.Blocks = append(page.Blocks, report.Text("No program's verdict changed."))
		return page
	}
	var task, from, to, change []string
	var sample []float64
	for _, p := range changed {
		task, sample = append(task, p.a.TaskID), append(sample, float64(p.a.Sample))
		from, to = append(from, string(p.a.Verdict)), append(to, string(p.b.Verdict))
		change = append(change, changeText(p.a.Verdict, p.b.Verdict))
	}
	page.Blocks = append(page.Blocks, report.Heading("Programs whose verdict changed"), report.Table{
		Name: "programs",
		Columns: []report.Column{
			{Name: "task", Texts: task},
			{Name: "sample", Numbers: sample},
			{Name: "A", Texts: from, Colors: outcomeColors},
			{Name: "B", Texts: to, Colors: outcomeColors},
			{Name: "change", Texts: change},
		},
		Detail: func(i int) []report.Block {
			blocks := []report.Block{report.Heading("A")}
			blocks = append(blocks, failedTests(changed[i].a, nil)...)
			blocks = append(blocks, report.Heading("B"))
			return append(blocks, failedTests(changed[i].b, nil)...)
		},
	})
	return page
}
