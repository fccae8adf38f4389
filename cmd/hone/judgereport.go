package main

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"hone/judge"
	"hone/problem"
	"hone/report"
)

// verdictReport is what --report of hone judge and hone eval shows.
type verdictReport struct {
	suite    *suite
	sum      *summary
	verdicts []problem.Verdict
	// programs are the judged programs, in the order of the verdicts.
	programs iter.Seq[judge.Job]
	// drawn says what model wrote the programs and how, if that is known.
	drawn []string
}

// outcomeColors: what passes is blue, what fails is warm by how it fails, what is nobody's fault is grey.
var outcomeColors = map[string]report.Color{
	string(problem.Pass): report.Good, string(problem.WrongAnswer): report.Bad, string(problem.Exception): report.Orange,
	string(problem.SyntaxError): report.Purple, string(problem.Timeout): report.Ochre, string(problem.MemoryLimit): report.Teal,
	string(problem.OutputLimit): report.Teal, string(problem.Forbidden): report.Purple, string(problem.ProtocolError): report.Purple,
	string(problem.MissingModule): report.Sky, string(problem.Infrastructure): report.Neutral,
}

// task is the problem's own id, which samples may spell differently.
func (r *verdictReport) task(v *problem.Verdict) string {
	if p, err := r.suite.index.Find(v.TaskID); err == nil {
		return p.TaskID
	}
	return v.TaskID
}

func (r *verdictReport) page() *report.Page {
	page := &report.Page{
		Title: "Verdicts on " + count(r.sum.Programs, "program", "programs"),
		Lead: fmt.Sprintf("%s, %d of %s, judged at isolation tier %s.",
			r.benchmarks(), r.sum.Tasks, count(r.sum.TasksTotal, "task", "tasks"), r.sum.Tier),
		Footer: fmt.Sprintf("Intervals are 95 %%: of pass@k the bootstrap over tasks (2,000 resamples, fixed seed), of shares Wilson's. Hone %s, %s, %s, %s.",
			r.sum.Hone, r.sum.Python, r.sum.Machine, count(r.sum.Workers, "worker", "workers")),
	}
	if r.drawn != nil {
		page.Blocks = append(page.Blocks, report.Text(r.drawn[0]+": "+strings.Join(r.drawn[1:], "; ")+"."))
	}
	page.Blocks = append(page.Blocks, r.headline())
	for _, note := range r.notes() {
		page.Blocks = append(page.Blocks, report.Text(note))
	}
	page.Blocks = append(page.Blocks, report.Heading("Outcomes"), r.outcomes())
	page.Blocks = append(page.Blocks, r.tasks()...)
	page.Blocks = append(page.Blocks, report.Heading("Time"), r.timeByOutcome(), r.timeByProgram())
	page.Blocks = append(page.Blocks, report.Heading("The slowest"), r.slowest())
	page.Blocks = append(page.Blocks, report.Heading("Programs"), r.table())
	return page
}

func (r *verdictReport) benchmarks() string {
	var names []string
	for i := range r.verdicts {
		if b := r.verdicts[i].Benchmark; b != "" && !slices.Contains(names, b) {
			names = append(names, b)
		}
	}
	slices.Sort(names)
	return cmp.Or(strings.Join(names, ", "), "No benchmark")
}

func (r *verdictReport) headline() report.Figures {
	var out report.Figures
	add := func(label string, es []judge.Estimated) {
		for _, e := range es {
			out = append(out, report.Figure{Name: fmt.Sprintf("pass@%d%s", e.K, label), Value: fmt.Sprintf("%.1f %%", 100*e.Mean), Note: fmt.Sprintf("95 %% [%.1f, %.1f]", 100*e.Lo, 100*e.Hi)})
		}
	}
	add("", r.sum.PassAt)
	add(", taken literally", r.sum.Strict)
	solved, tasks := 0, r.counts()
	for _, t := range tasks {
		if t.passed > 0 {
			solved++
		}
	}
	out = append(out, report.Figure{Name: "Tasks solved", Value: fmt.Sprintf("%d of %d", solved, len(tasks)), Note: "by at least one program"})
	return append(out, report.Figure{
		Name: "Programs passed", Value: shortNumber(r.sum.Outcomes[problem.Pass]),
		Note: fmt.Sprintf("of %s scored", shortNumber(r.sum.Programs-r.sum.Faults)),
	})
}

// shortNumber groups digits as the page does.
func shortNumber(n int) string {
	s := fmt.Sprint(n)
	if len(s) > 4 {
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + "\u202f" + s[i:]
		}
	}
	return s
}

// notes are what a reader should know before believing the numbers.
func (r *verdictReport) notes() (out []string) {
	note := func(n int, one, many, rest string) {
		if n > 0 {
			out = append(out, fmt.Sprintf("Note: %s %s.", count(n, one, many), rest))
		}
	}
	note(r.sum.Modes[problem.ModeInProcess], "verdict comes", "verdicts come", "from tests that ran in the program's own process and could be forged")
	note(r.sum.Faults, "program was", "programs were", "not scored because of a fault of the machine (infrastructure) and left out of every share")
	note(r.sum.Outcomes[problem.MissingModule], "program imports", "programs import", "modules that this interpreter lacks")
	note(len(r.sum.Excluded), "test was", "tests were", "left out because the reference solution itself fails on the input")
	note(r.sum.Skipped, "input row was", "input rows were", "skipped")
	return out
}

// outcomes is the share of each outcome.
func (r *verdictReport) outcomes() report.Chart {
	c := report.Chart{
		Sideways: true, X: report.Axis{}, Y: report.Axis{Percent: true, Min: new(float64)},
		Caption: fmt.Sprintf("Share of %s scored, with Wilson's 95 %% intervals. Choose a bar to see its programs.", count(r.sum.Programs-r.sum.Faults, "program", "programs")),
		Table:   "programs", Column: "verdict",
	}
	for _, o := range problem.Outcomes {
		n := r.sum.Outcomes[o]
		if n == 0 || o == problem.Infrastructure {
			continue
		}
		share := judge.Wilson(n, r.sum.Programs-r.sum.Faults)
		s := report.Series{
			X: []float64{float64(len(c.X.Categories))}, Y: []float64{share.Mean}, Lo: []float64{share.Lo}, Hi: []float64{share.Hi},
			Stacked: true, Color: outcomeColors[string(o)], Labels: []string{count(n, "program", "programs")},
		}
		c.X.Categories = append(c.X.Categories, string(o))
		c.Series = append(c.Series, s)
	}
	c.Height = 50 + 30*len(c.X.Categories)
	return c
}

// taskCount is a task's scored programs, those that passed, and how each ended.
type taskCount struct {
	task      string
	n, passed int
	outcomes  map[problem.Outcome]int
}

func (t *taskCount) share() float64 { return float64(t.passed) / float64(t.n) }

// counts are the tasks with scored programs, those that most programs solve first.
func (r *verdictReport) counts() []*taskCount {
	type key struct{ benchmark, task string }
	byTask := map[key]*taskCount{}
	var out []*taskCount
	for i := range r.verdicts {
		v := &r.verdicts[i]
		if v.Passed == nil {
			continue
		}
		k := key{v.Benchmark, r.task(v)}
		t := byTask[k]
		if t == nil {
			t = &taskCount{task: v.TaskID, outcomes: map[problem.Outcome]int{}}
			byTask[k] = t
			out = append(out, t)
		}
		t.n++
		t.outcomes[v.Verdict]++
		if *v.Passed {
			t.passed++
		}
	}
	slices.SortStableFunc(out, func(a, b *taskCount) int { return cmp.Compare(b.share(), a.share()) })
	return out
}

// maxBars is how many tasks a chart shows one by one.
const maxBars = 500

// tasks are outcomes by task and pass@k, where tasks have several programs.
func (r *verdictReport) tasks() []report.Block {
	tasks := r.counts()
	least := math.MaxInt
	for _, t := range tasks {
		least = min(least, t.n)
	}
	if len(tasks) == 0 || len(tasks) == r.sum.Programs-r.sum.Faults {
		return nil // one program a task: nothing to stack
	}
	blocks := []report.Block{report.Heading("Tasks"), outcomesByTask(tasks)}
	if least >= 5 {
		blocks = append(blocks, passAtChart(tasks, least))
	}
	return blocks
}

func outcomesByTask(tasks []*taskCount) report.Chart {
	c := report.Chart{
		Title: "Outcomes by task", X: report.Axis{Name: "tasks, those that most programs solve first"}, Y: report.Axis{Percent: true, Min: new(float64), Max: ptr(1.0)},
		Caption: "Each bar is a task: the shares of its programs by how they ended. Choose one to see its programs.",
		Table:   "programs", Column: "task", Height: 320,
	}
	groups := make([][]*taskCount, 0, maxBars)
	for i := range min(len(tasks), maxBars) {
		n := min(len(tasks), maxBars)
		groups = append(groups, tasks[i*len(tasks)/n:(i+1)*len(tasks)/n])
	}
	if len(tasks) > maxBars {
		c.Caption = fmt.Sprintf("Each bar stands for %.1f tasks on average: the shares of their programs by how they ended.", float64(len(tasks))/maxBars)
		c.Table = ""
	}
	for _, g := range groups {
		name := g[0].task
		if len(g) > 1 {
			name += " …"
		}
		c.X.Categories = append(c.X.Categories, name)
	}
	for _, o := range problem.Outcomes {
		s := report.Series{Name: string(o), Stacked: true, Color: outcomeColors[string(o)]}
		seen := false
		for _, g := range groups {
			share := 0.0
			for _, t := range g {
				share += float64(t.outcomes[o]) / float64(t.n) / float64(len(g))
			}
			s.Y = append(s.Y, math.Round(1e6*share)/1e6)
			seen = seen || share > 0
		}
		if seen {
			c.Series = append(c.Series, s)
		}
	}
	return c
}

func ptr[T any](x T) *T { return &x }

// passAtChart is pass@k for k up to the least number of programs of a task.
func passAtChart(tasks []*taskCount, least int) report.Chart {
	counts := make([]judge.Count, len(tasks))
	for i, t := range tasks {
		counts[i] = judge.Count{N: t.n, C: t.passed}
	}
	slices.SortFunc(counts, func(a, b judge.Count) int { return cmp.Or(a.N-b.N, a.C-b.C) })
	s := report.Series{Shape: report.Line, Color: report.Blue}
	for k := 1; k <= least; k = max(k+1, int(math.Round(1.35*float64(k)))) {
		e, ok := judge.Estimate(counts, k, rand.New(rand.NewPCG(1, uint64(k))))
		if !ok {
			break
		}
		s.X, s.Y, s.Lo, s.Hi = append(s.X, float64(k)), append(s.Y, e.Mean), append(s.Lo, e.Lo), append(s.Hi, e.Hi)
	}
	return report.Chart{
		Title: "pass@k", X: report.Axis{Name: "k", Log: true, Min: ptr(1.0), Max: ptr(s.X[len(s.X)-1])}, Y: report.Axis{Percent: true, Min: new(float64)},
		Caption: fmt.Sprintf("The chance that at least one of k programs passes, unbiased, over %s with %d programs or more; 95 %% intervals over tasks.", count(len(tasks), "task", "tasks"), least),
		Series:  []report.Series{s}, Height: 280,
	}
}

// writeReport writes the page of --report; kept are the verdicts where they are in no file.
func (f *judgeFlags) writeReport(s *suite, programs *sampleFile, sum *summary, kept []problem.Verdict) (err error) {
	if f.out != "" && f.out != "-" {
		if kept, err = readVerdicts(f.out); err != nil {
			return err
		}
	}
	jobs := s.samples(programs, silent(), new(error))
	if f.reference {
		jobs = s.references(silent(), new(error))
	}
	r := &verdictReport{suite: s, sum: sum, verdicts: kept, programs: jobs}
	return r.page().WriteFile(f.report)
}

// silent says nothing about bad rows, which were reported when they were judged.
func silent() *reporter { return &reporter{n: maxIssues + 1} }
