package loop

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"hone/judge"
	"hone/problem"
	"hone/report"
)

// Row is a model's line of a table: a stage over all seeds.
type Row struct {
	Stage    string
	PassAt1  judge.Interval // of all seeds' programs of a problem together
	PassAt10 *judge.Interval
	OverBase judge.Interval // difference of PassAt1, see [Difference]
	// The rest are means over seeds.
	Greedy, Syntax, Executes, PassOfExecutes float64
	Style, Security, Unique, Tokens          float64
	Seeds                                    []float64 // pass@1 of each
	Total                                    Cost      // mean
}

// Benchmarks are those of the held-out problems.
func (r *Result) Benchmarks() []string { return benchmarks(r.HeldOut) }

// HeldOutOf is how many problems of a benchmark are held out.
func (r *Result) HeldOutOf(benchmark string) int {
	n := 0
	for _, p := range r.HeldOut {
		if p.Benchmark == benchmark {
			n++
		}
	}
	return n
}

// stages are the names of models, the base first.
func (r *Result) stages() []string {
	out := []string{Base}
	for _, s := range r.Recipe.Stages {
		out = append(out, s.Name)
	}
	return out
}

// evaluations are those of a stage on a benchmark, a seed each.
func (r *Result) evaluations(stage, benchmark string) []*Evaluation {
	var out []*Evaluation
	for _, seed := range r.Recipe.Seeds {
		if m := r.Of(stage, seed); m != nil {
			for _, e := range m.Evaluations {
				if e.Benchmark == benchmark {
					out = append(out, e)
				}
			}
		}
	}
	return out
}

// together adds up the counts of seeds, problem by problem.
func together(es []*Evaluation) []judge.Count {
	var out []judge.Count
	for _, e := range es {
		if out == nil {
			out = make([]judge.Count, len(e.Counts))
		}
		for i, c := range e.Counts {
			out[i].N, out[i].C = out[i].N+c.N, out[i].C+c.C
		}
	}
	return out
}

// Between is by how much one stage's pass@1 is above another's, problem by problem, over all seeds.
func (r *Result) Between(benchmark, stage, other string) judge.Interval {
	return Difference(together(r.evaluations(other, benchmark)), together(r.evaluations(stage, benchmark)))
}

// Table is a row for each model.
func (r *Result) Table(benchmark string) []Row {
	var out []Row
	for _, stage := range r.stages() {
		es := r.evaluations(stage, benchmark)
		if len(es) == 0 {
			continue
		}
		row := Row{Stage: stage, OverBase: r.Between(benchmark, stage, Base)}
		row.PassAt1, _ = judge.Estimate(scored(together(es)), 1, chance())
		if in, ok := judge.Estimate(scored(together(es)), 10, chance()); ok {
			row.PassAt10 = &in
		}
		n := float64(len(es))
		for _, e := range es {
			row.Seeds = append(row.Seeds, e.PassAt1.Mean)
			for _, x := range []struct {
				to *float64
				is float64
			}{
				{&row.Greedy, e.Greedy.Mean},
				{&row.Syntax, e.Syntax},
				{&row.Executes, e.Executes},
				{&row.PassOfExecutes, e.PassOfExecutes},
				{&row.Style, e.Style},
				{&row.Security, e.Security},
				{&row.Unique, e.Unique},
				{&row.Tokens, e.Tokens},
			} {
				*x.to += x.is / n
			}
		}
		for _, seed := range r.Recipe.Seeds {
			row.Total = row.Total.plus(r.Of(stage, seed).Total)
		}
		k := len(r.Recipe.Seeds)
		row.Total.Seconds /= float64(k)
		row.Total.Executions /= k
		row.Total.Trained, row.Total.Written, row.Total.Scored = row.Total.Trained/int64(k), row.Total.Written/int64(k), row.Total.Scored/int64(k)
		out = append(out, row)
	}
	return out
}

// Page shows the result; command is the one that made it.
func (r *Result) Page(command string) *report.Page {
	page := &report.Page{
		Title: r.Recipe.Name,
		Lead: fmt.Sprintf("A model, what it learned from running its own programs, and how much better it became on %d problems that were held out. Seeds: %s.",
			len(r.HeldOut), strings.Trim(fmt.Sprint(r.Recipe.Seeds), "[]")),
		Footer: "Made by " + command + ".",
	}
	best := r.best()
	for _, b := range r.Benchmarks() {
		page.Blocks = append(page.Blocks, report.Heading(b))
		page.Blocks = append(page.Blocks, r.figures(b, best)...)
		page.Blocks = append(page.Blocks, r.models(b), r.levels(b), r.outcomes(b))
	}
	page.Blocks = append(page.Blocks, report.Heading("Learning"))
	page.Blocks = append(page.Blocks, r.curves()...)
	page.Blocks = append(page.Blocks, report.Heading("Programs, before and after"), r.programs(best))
	return page
}

// best is the stage that ends the longest lineage, the last of those: what the recipe is after.
func (r *Result) best() string {
	out, depth := Base, 0
	for _, s := range r.Recipe.Stages {
		if d := len(r.Recipe.lineage(s.Name)); d >= depth && s.Match == "" {
			out, depth = s.Name, d
		}
	}
	return out
}

func percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

func points(in judge.Interval) string {
	return fmt.Sprintf("%+.1f [%+.1f, %+.1f]", 100*in.Mean, 100*in.Lo, 100*in.Hi)
}

func (r *Result) figures(benchmark, best string) []report.Block {
	rows := r.Table(benchmark)
	base := rows[0]
	at := slices.IndexFunc(rows, func(x Row) bool { return x.Stage == best })
	if at < 0 {
		return nil
	}
	after := rows[at]
	return []report.Block{report.Figures{
		{Name: "pass@1 before", Value: percent(base.PassAt1.Mean), Note: fmt.Sprintf("95 %%: %.1f to %.1f", 100*base.PassAt1.Lo, 100*base.PassAt1.Hi)},
		{Name: "pass@1 after " + best, Value: percent(after.PassAt1.Mean), Note: fmt.Sprintf("%s points, %s", points(after.OverBase), counted(r.HeldOutOf(benchmark), "problem"))},
		{Name: "greedy", Value: percent(after.Greedy), Note: "before: " + percent(base.Greedy)},
		{Name: "run to their end", Value: percent(after.Executes), Note: "before: " + percent(base.Executes)},
		{Name: "executions", Value: fmt.Sprint(after.Total.Executions), Note: fmt.Sprintf("to learn from, in %.0f s", after.Total.Seconds)},
	}}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// models is the table of all stages.
func (r *Result) models(benchmark string) report.Block {
	rows := r.Table(benchmark)
	col := func(name, help string, digits int, of func(*Row) float64) report.Column {
		c := report.Column{Name: name, Help: help, Digits: digits}
		for i := range rows {
			c.Numbers = append(c.Numbers, of(&rows[i]))
		}
		return c
	}
	names := report.Column{Name: "model"}
	over := report.Column{Name: "over base", Help: "difference of pass@1 in points, with the 95 % interval of 2,000 bootstrap resamples of the problems"}
	seeds := report.Column{Name: "each seed", Help: "pass@1"}
	for i := range rows {
		names.Texts = append(names.Texts, rows[i].Stage)
		text := "–"
		if rows[i].Stage != Base {
			text = points(rows[i].OverBase)
		}
		over.Texts = append(over.Texts, text)
		var each []string
		for _, s := range rows[i].Seeds {
			each = append(each, fmt.Sprintf("%.1f", 100*s))
		}
		seeds.Texts = append(seeds.Texts, strings.Join(each, "  "))
	}
	return report.Table{Name: "models-" + slug(benchmark), Caption: "Every model on the held-out problems. Shares in per cent.", Columns: []report.Column{
		names,
		col("pass@1", "of sampled programs", 1, func(x *Row) float64 { return 100 * x.PassAt1.Mean }),
		over,
		col("pass@10", "one of ten programs passes", 1, func(x *Row) float64 {
			if x.PassAt10 == nil {
				return math.NaN()
			}
			return 100 * x.PassAt10.Mean
		}),
		col("greedy", "pass@1 at temperature 0", 1, func(x *Row) float64 { return 100 * x.Greedy }),
		col("syntax", "programs that are Python", 1, func(x *Row) float64 { return 100 * x.Syntax }),
		col("run", "programs that run to their end", 1, func(x *Row) float64 { return 100 * x.Executes }),
		col("pass of those", "of the programs that run to their end: a gain here is not one of form", 1, func(x *Row) float64 { return 100 * x.PassOfExecutes }),
		col("style", "mean over programs that pass a test; 1 is clean", 3, func(x *Row) float64 { return x.Style }),
		col("security", "mean over programs that pass a test; 1 is clean", 3, func(x *Row) float64 { return x.Security }),
		col("different", "share of different programs for a problem", 1, func(x *Row) float64 { return 100 * x.Unique }),
		col("executions", "programs that were run to learn from", 0, func(x *Row) float64 { return float64(x.Total.Executions) }),
		col("seconds", "of learning and of writing what is learned from", 0, func(x *Row) float64 { return x.Total.Seconds }),
		col("computing", "millions of tokens that pass forwards; a trained token counts three", 1, func(x *Row) float64 { return float64(x.Total.Passes()) / 1e6 }),
		seeds,
	}}
}

func slug(s string) string { return strings.ReplaceAll(strings.ToLower(s), " ", "-") }

// levels shows pass@1 by level.
func (r *Result) levels(benchmark string) report.Block {
	es := r.evaluations(Base, benchmark)
	names := slices.Sorted(maps.Keys(es[0].Groups))
	c := report.Chart{
		Title: "pass@1 by level", Caption: "Whiskers: 95 % over the level's problems, first seed.", Height: 320,
		X: report.Axis{Name: "level", Categories: names}, Y: report.Axis{Name: "pass@1", Percent: true},
	}
	for _, stage := range r.stages() {
		es := r.evaluations(stage, benchmark)
		if len(es) == 0 {
			continue
		}
		s := report.Series{Name: stage, Shape: report.Bars}
		for _, name := range names {
			in := es[0].Groups[name]
			s.Y, s.Lo, s.Hi = append(s.Y, in.Mean), append(s.Lo, in.Lo), append(s.Hi, in.Hi)
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// outcomes shows what became of the programs.
func (r *Result) outcomes(benchmark string) report.Block {
	c := report.Chart{
		Title: "What became of the programs", Caption: "All seeds' programs for the held-out problems.", Sideways: true, Height: 60 + 36*len(r.stages()),
		X: report.Axis{Categories: r.stages()}, Y: report.Axis{Name: "share of programs", Percent: true},
	}
	for _, o := range problem.Outcomes {
		s := report.Series{Name: strings.ReplaceAll(string(o), "_", " "), Shape: report.Bars, Stacked: true, Color: colors[o]}
		any := 0
		for _, stage := range r.stages() {
			n, all := 0, 0
			for _, e := range r.evaluations(stage, benchmark) {
				n, all = n+e.Outcomes[o], all+e.Programs
			}
			any += n
			s.Y = append(s.Y, float64(n)/float64(max(1, all)))
		}
		if any > 0 {
			c.Series = append(c.Series, s)
		}
	}
	return c
}

var colors = map[problem.Outcome]report.Color{
	problem.Pass: report.Good, problem.WrongAnswer: report.Bad, problem.Exception: report.Orange, problem.SyntaxError: report.Purple, problem.RobotError: report.Ochre,
}

// curves show the stages while they learn, in the first seed.
func (r *Result) curves() []report.Block {
	var out []report.Block
	for _, s := range r.Recipe.Stages {
		m := r.Of(s.Name, r.Recipe.Seeds[0])
		if m == nil {
			continue
		}
		line := func(of func(Point) (float64, bool)) (x, y []float64) {
			for _, p := range m.Curve {
				if v, ok := of(p); ok {
					x, y = append(x, float64(p.Step)), append(y, v)
				}
			}
			return x, y
		}
		if s.Online == nil {
			x, y := line(func(p Point) (float64, bool) { return p.Loss, true })
			out = append(out, report.Chart{
				Title: s.Name + ": loss", X: report.Axis{Name: "step"}, Y: report.Axis{Name: "loss per token"}, Height: 220,
				Series: []report.Series{{Name: "loss", Shape: report.Line, X: x, Y: y}},
			})
			continue
		}
		rollout := func(of func(p Point) float64) func(Point) (float64, bool) {
			return func(p Point) (float64, bool) {
				if p.Rollout == nil {
					return 0, false
				}
				return of(p), true
			}
		}
		series := func(name string, of func(p Point) float64) report.Series {
			x, y := line(rollout(of))
			return report.Series{Name: name, Shape: report.Line, X: x, Y: y}
		}
		out = append(out,
			report.Chart{
				Title: s.Name + ": the programs it wrote", Caption: "Each point is an iteration's programs, for problems to learn from.", Height: 260,
				X: report.Axis{Name: "step"}, Y: report.Axis{Name: "share of programs", Percent: true},
				Series: []report.Series{
					series("pass", func(p Point) float64 { return p.Rollout.Passed }),
					series("different within a group", func(p Point) float64 { return p.Rollout.Unique }),
					series("public tests pass, hidden fail", func(p Point) float64 { return p.Rollout.HiddenFail }),
					series("cut off", func(p Point) float64 { return p.Rollout.Truncated }),
				},
			},
			report.Chart{
				Title: s.Name + ": how far it went", Height: 220,
				X: report.Axis{Name: "step"}, Y: report.Axis{Name: "nats per token"},
				Series: []report.Series{
					series("entropy", func(p Point) float64 { return p.Rollout.Entropy }),
					series("divergence from its beginning (k3)", func(p Point) float64 { return p.Rollout.K3 }),
				},
			})
	}
	return out
}

// programs is a table of held-out problems; a row opens the first program of the base
// beside that of a later model, with what each token earned.
func (r *Result) programs(best string) report.Block {
	seed := r.Recipe.Seeds[0]
	base, after := r.Of(Base, seed), r.Of(best, seed)
	n := r.Recipe.Evaluate.Samples
	task, change := report.Column{Name: "problem"}, report.Column{Name: "change", Colors: map[string]report.Color{"better": report.Good, "worse": report.Bad, "same": report.Neutral}}
	before, now := report.Column{Name: "passed before", Help: fmt.Sprintf("of %d programs", n)}, report.Column{Name: "passed after", Help: fmt.Sprintf("of %d programs, %s", n, best)}
	for i, p := range r.HeldOut {
		a, b := passes(base.Programs[i*n:(i+1)*n]), passes(after.Programs[i*n:(i+1)*n])
		task.Texts = append(task.Texts, p.TaskID)
		before.Numbers, now.Numbers = append(before.Numbers, float64(a)), append(now.Numbers, float64(b))
		change.Texts = append(change.Texts, map[bool]string{true: "better", false: map[bool]string{true: "worse", false: "same"}[b < a]}[b > a])
	}
	return report.Table{
		Name: "programs", Caption: "A row opens the first program before and after. Coloured tokens earned (green) or lost (red) a part of the reward; what a program earns as a whole counts at its end and colours nothing.",
		Columns: []report.Column{task, before, now, change},
		Detail: func(i int) []report.Block {
			return append([]report.Block{report.Code{Caption: "prompt", Text: r.HeldOut[i].Prompt}},
				append(shown("before", &base.Programs[i*n]), shown("after "+best, &after.Programs[i*n])...)...)
		},
	}
}

func passes(ps []Program) int {
	n := 0
	for i := range ps {
		if ps[i].Passed() {
			n++
		}
	}
	return n
}

// shown is a program with its reward.
func shown(when string, p *Program) []report.Block {
	code := report.Code{Caption: fmt.Sprintf("%s: %s, reward %.2f", when, strings.ReplaceAll(string(p.Outcome), "_", " "), p.Reward), Text: p.Text}
	most := 0.0
	for _, e := range p.Earned {
		most = max(most, math.Abs(e.Reward))
	}
	for _, e := range p.Earned {
		if e.End > e.Start {
			code.Spans = append(code.Spans, report.Span{From: e.Start, To: e.End, Weight: e.Reward / most, Note: fmt.Sprintf("%+.3f", e.Reward)})
		}
	}
	out := []report.Block{code}
	if f := p.Failure; f != nil {
		fields := report.Fields{{Name: "failing test", Value: f.Test}}
		for _, x := range []report.Field{{Name: "got", Value: f.Got, Code: true}, {Name: "expected", Value: f.Expected, Code: true}, {Name: "message", Value: f.Message, Code: true}} {
			if x.Value != "" {
				fields = append(fields, x)
			}
		}
		out = append(out, fields)
	}
	return out
}
