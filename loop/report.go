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

// Row is a model's line of a table: a stage over all seeds. Intervals are over problems and seeds.
type Row struct {
	Stage    string          `json:"stage"`
	PassAt1  judge.Interval  `json:"pass_at_1"`
	PassAt10 *judge.Interval `json:"pass_at_10,omitempty"`
	OverBase judge.Interval  `json:"over_base"` // difference of PassAt1, see [Difference]
	// FormedOverBase is that of [Evaluation.Formed]: without what is gained by form.
	FormedOverBase judge.Interval `json:"formed_over_base"`
	// The rest are means over seeds.
	Greedy         float64   `json:"greedy"`
	Syntax         float64   `json:"syntax"`
	Executes       float64   `json:"executes"`
	PassOfExecutes float64   `json:"pass_of_executes"`
	Style          float64   `json:"style"`
	Security       float64   `json:"security"`
	Unique         float64   `json:"unique"`
	Tokens         float64   `json:"tokens"`
	Seeds          []float64 `json:"seeds"` // pass@1 of each
	Total          Cost      `json:"total"` // mean
}

// Pair is by how much a stage's pass@1 is above another's.
type Pair struct {
	Stage string         `json:"stage"`
	Other string         `json:"other"`
	By    judge.Interval `json:"by"`
}

// Summary is what the models came to on a benchmark.
type Summary struct {
	Benchmark string `json:"benchmark"`
	Problems  int    `json:"problems"`
	Rows      []Row  `json:"rows"`
	Pairs     []Pair `json:"pairs,omitempty"` // each stage with each before it
}

// summarise compares the models on every benchmark.
func (r *Result) summarise() {
	r.Summaries = nil
	for _, b := range benchmarks(r.HeldOut) {
		s := Summary{Benchmark: b, Problems: len(r.evaluations(Base, b)[0].Counts), Rows: r.table(b)}
		stages := r.stages()[1:]
		for i, stage := range stages {
			for _, other := range stages[:i] {
				s.Pairs = append(s.Pairs, Pair{stage, other, r.between(b, stage, other)})
			}
		}
		r.Summaries = append(r.Summaries, s)
	}
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

// between is by how much one stage's pass@1 is above another's, problem by problem and seed by seed.
func (r *Result) between(benchmark, stage, other string) judge.Interval {
	return r.difference(benchmark, stage, other, counts)
}

func counts(e *Evaluation) []judge.Count { return e.Counts }

// passAt is a stage's pass@k; false where some problem has fewer programs.
func (r *Result) passAt(benchmark, stage string, k int, of func(*Evaluation) []judge.Count) (judge.Interval, bool) {
	var rates [][]float64
	some := false
	for _, e := range r.evaluations(stage, benchmark) {
		var row []float64
		for _, c := range of(e) {
			if c.N > 0 && c.N < k {
				return judge.Interval{}, false
			}
			row = append(row, judge.PassAtK(c.N, c.C, k)) // NaN of no program
			some = some || c.N > 0
		}
		rates = append(rates, row)
	}
	if !some {
		return judge.Interval{}, false
	}
	return judge.BootstrapBoth(rates, 2000, chance()), true
}

// difference is [Difference] of the counts that of gives.
func (r *Result) difference(benchmark, stage, other string, of func(*Evaluation) []judge.Count) judge.Interval {
	counts := func(stage string) (out [][]judge.Count) {
		for _, e := range r.evaluations(stage, benchmark) {
			out = append(out, of(e))
		}
		return out
	}
	return Difference(counts(other), counts(stage))
}

// table is a row for each model.
func (r *Result) table(benchmark string) []Row {
	var out []Row
	for _, stage := range r.stages() {
		es := r.evaluations(stage, benchmark)
		if len(es) == 0 {
			continue
		}
		row := Row{
			Stage: stage, OverBase: r.between(benchmark, stage, Base),
			FormedOverBase: r.difference(benchmark, stage, Base, func(e *Evaluation) []judge.Count { return e.Formed }),
		}
		row.PassAt1, _ = r.passAt(benchmark, stage, 1, counts)
		if in, ok := r.passAt(benchmark, stage, 10, counts); ok {
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
		Lead: fmt.Sprintf("A model, what it learned from programs that were run, and how much better it became on %d problems that were held out. Seeds: %s.",
			len(r.HeldOut), strings.Trim(fmt.Sprint(r.Recipe.Seeds), "[]")),
		Footer: "Made by " + command + ".",
	}
	best := r.best()
	for i := range r.Summaries {
		s := &r.Summaries[i]
		page.Blocks = append(page.Blocks, report.Heading(s.Benchmark))
		page.Blocks = append(page.Blocks, s.figures(best)...)
		page.Blocks = append(page.Blocks, s.models(), s.took())
		if len(s.Pairs) > 0 {
			page.Blocks = append(page.Blocks, s.arms())
		}
		page.Blocks = append(page.Blocks, r.levels(s.Benchmark))
		if len(r.Recipe.Stages) > 0 {
			page.Blocks = append(page.Blocks, r.levelGains(s.Benchmark))
		}
		page.Blocks = append(page.Blocks, r.outcomes(s.Benchmark))
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

func (s *Summary) figures(best string) []report.Block {
	base := s.Rows[0]
	after := s.Rows[slices.IndexFunc(s.Rows, func(x Row) bool { return x.Stage == best })]
	return []report.Block{report.Figures{
		{Name: "pass@1 before", Value: percent(base.PassAt1.Mean), Note: fmt.Sprintf("95 %%: %.1f to %.1f", 100*base.PassAt1.Lo, 100*base.PassAt1.Hi)},
		{Name: "pass@1 after " + best, Value: percent(after.PassAt1.Mean), Note: fmt.Sprintf("%s points, %s", points(after.OverBase), counted(s.Problems, "problem"))},
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

// columns makes columns of numbers of rows.
func columns(rows []Row) func(name, help string, digits int, of func(*Row) float64) report.Column {
	return func(name, help string, digits int, of func(*Row) float64) report.Column {
		c := report.Column{Name: name, Help: help, Digits: digits}
		for i := range rows {
			c.Numbers = append(c.Numbers, of(&rows[i]))
		}
		return c
	}
}

// models is the table of all stages.
func (s *Summary) models() report.Block {
	rows := s.Rows
	col := columns(rows)
	names := report.Column{Name: "model"}
	over := report.Column{Name: "over base", Help: "difference of pass@1 in points, with the 95 % interval of 2,000 bootstrap resamples of problems and seeds"}
	formed := report.Column{Name: "form apart", Help: "the same among programs that are Python and were not cut off: a gain here is not one of form"}
	for i := range rows {
		names.Texts = append(names.Texts, rows[i].Stage)
		gain, apart := "–", "–"
		if rows[i].Stage != Base {
			gain, apart = points(rows[i].OverBase), points(rows[i].FormedOverBase)
		}
		over.Texts, formed.Texts = append(over.Texts, gain), append(formed.Texts, apart)
	}
	return report.Table{Name: "models-" + slug(s.Benchmark), Caption: "Every model on the held-out problems. Shares in per cent.", Columns: []report.Column{
		names,
		col("pass@1", "of sampled programs", 1, func(x *Row) float64 { return 100 * x.PassAt1.Mean }),
		over,
		formed,
		col("pass@10", "one of ten programs passes", 1, func(x *Row) float64 {
			if x.PassAt10 == nil {
				return math.NaN()
			}
			return 100 * x.PassAt10.Mean
		}),
		col("greedy", "pass@1 at temperature 0", 1, func(x *Row) float64 { return 100 * x.Greedy }),
		col("syntax", "programs that are Python", 1, func(x *Row) float64 { return 100 * x.Syntax }),
		col("run", "programs that run to their end", 1, func(x *Row) float64 { return 100 * x.Executes }),
		col("style", "mean over programs that pass a test; 1 is clean", 3, func(x *Row) float64 { return x.Style }),
		col("security", "mean over programs that pass a test; 1 is clean", 3, func(x *Row) float64 { return x.Security }),
		col("pass of run", "programs that pass, of those that run to their end", 1, func(x *Row) float64 { return 100 * x.PassOfExecutes }),
	}}
}

// took is the table of what led to each model.
func (s *Summary) took() report.Block {
	rows := s.Rows
	col := columns(rows)
	names, seeds := report.Column{Name: "model"}, report.Column{Name: "pass@1 of each seed"}
	for i := range rows {
		names.Texts = append(names.Texts, rows[i].Stage)
		var each []string
		for _, x := range rows[i].Seeds {
			each = append(each, fmt.Sprintf("%.1f", 100*x))
		}
		seeds.Texts = append(seeds.Texts, strings.Join(each, "  "))
	}
	return report.Table{Name: "took-" + slug(s.Benchmark), Caption: "What led to each model, with all that came before it. Means over seeds.", Columns: []report.Column{
		names,
		col("executions", "programs that were run to learn from", 0, func(x *Row) float64 { return float64(x.Total.Executions) }),
		col("seconds", "of learning and of writing what is learned from", 0, func(x *Row) float64 { return x.Total.Seconds }),
		col("per 1,000 executions", "points over base", 1, func(x *Row) float64 { return gainPer(x, float64(x.Total.Executions)/1000) }),
		col("per minute", "points over base", 1, func(x *Row) float64 { return gainPer(x, x.Total.Seconds/60) }),
		col("computing", "millions of tokens that pass forwards; a trained token counts three", 1, func(x *Row) float64 { return float64(x.Total.Passes()) / 1e6 }),
		col("different", "share of different programs for a problem, in per cent", 1, func(x *Row) float64 { return 100 * x.Unique }),
		seeds,
	}}
}

func slug(s string) string { return strings.ReplaceAll(strings.ToLower(s), " ", "-") }

// gainPer is what a stage gained in points, by what it took; NaN where that is nothing.
func gainPer(x *Row, took float64) float64 {
	if took == 0 {
		return math.NaN()
	}
	return 100 * x.OverBase.Mean / took
}

// arms compares each stage with those before it.
func (s *Summary) arms() report.Block {
	stage, other, by := report.Column{Name: "stage"}, report.Column{Name: "over"}, report.Column{Name: "points"}
	for _, p := range s.Pairs {
		stage.Texts, other.Texts, by.Texts = append(stage.Texts, p.Stage), append(other.Texts, p.Other), append(by.Texts, points(p.By))
	}
	return report.Table{
		Name: "arms-" + slug(s.Benchmark), Caption: "How many points of pass@1 a stage is above another, with 95 % intervals over problems and seeds.",
		Columns: []report.Column{stage, other, by},
	}
}

// levelsOf are the levels of the problems held out, in order.
func (r *Result) levelsOf(benchmark string) []string {
	return slices.Sorted(maps.Keys(r.evaluations(Base, benchmark)[0].Groups))
}

// atLevel gives the counts of the problems of a level.
func atLevel(level string) func(*Evaluation) []judge.Count {
	return func(e *Evaluation) []judge.Count {
		var out []judge.Count
		for i, c := range e.Counts {
			if e.levels[i] == level {
				out = append(out, c)
			}
		}
		return out
	}
}

// levels shows pass@1 by level.
func (r *Result) levels(benchmark string) report.Block {
	names := r.levelsOf(benchmark)
	c := report.Chart{
		Title: "pass@1 by level", Caption: "Means over seeds; whiskers: 95 % over the level's problems and seeds.", Height: 320,
		X: report.Axis{Name: "level", Categories: names}, Y: report.Axis{Name: "pass@1", Percent: true},
	}
	for _, stage := range r.stages() {
		s := report.Series{Name: stage, Shape: report.Bars}
		for _, name := range names {
			in, _ := r.passAt(benchmark, stage, 1, atLevel(name))
			s.Y, s.Lo, s.Hi = append(s.Y, in.Mean), append(s.Lo, in.Lo), append(s.Hi, in.Hi)
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// levelGains says by how much each stage is above the base at each level.
func (r *Result) levelGains(benchmark string) report.Block {
	names := r.levelsOf(benchmark)
	level, problems := report.Column{Name: "level", Texts: names}, report.Column{Name: "problems"}
	for _, name := range names {
		problems.Numbers = append(problems.Numbers, float64(len(atLevel(name)(r.evaluations(Base, benchmark)[0]))))
	}
	t := report.Table{
		Name: "levels-" + slug(benchmark), Caption: "Points of pass@1 over the base by level, with 95 % intervals over problems and seeds.",
		Columns: []report.Column{level, problems},
	}
	for _, stage := range r.stages()[1:] {
		c := report.Column{Name: stage}
		for _, name := range names {
			c.Texts = append(c.Texts, points(r.difference(benchmark, stage, Base, atLevel(name))))
		}
		t.Columns = append(t.Columns, c)
	}
	return t
}

// outcomes shows what became of the programs.
func (r *Result) outcomes(benchmark string) report.Block {
	c := report.Chart{
		Title: "What became of the programs", Caption: "All seeds' programs for the held-out problems.", Sideways: true, Height: 60 + 36*len(r.stages()),
		X: report.Axis{Categories: r.stages()}, Y: report.Axis{Name: "share of programs", Percent: true},
	}
	for _, o := range problem.Outcomes {
		color, ok := colors[o]
		if !ok {
			color = report.Neutral
		}
		s := report.Series{Name: strings.ReplaceAll(string(o), "_", " "), Shape: report.Bars, Stacked: true, Color: color}
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
	problem.Timeout: report.Sky, problem.MemoryLimit: report.Teal,
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
		if len(m.Rounds) > 1 {
			out = append(out, rounds(s.Name, m.Rounds))
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

// rounds shows how expert iteration went.
func rounds(stage string, of []Round) report.Block {
	t := report.Table{
		Name: "rounds-" + slug(stage), Caption: stage + ": what the model wrote in each round before it was trained on what passed.",
		Columns: []report.Column{
			{Name: "round"},
			{Name: "programs"},
			{Name: "pass, %", Digits: 1},
			{Name: "problems solved"},
			{Name: "kept", Help: "different programs that were learned from"},
			{Name: "of these, only ran", Help: "programs that ran to their end, of problems of which none passed"},
		},
	}
	for i, r := range of {
		for c, x := range []float64{float64(i + 1), float64(r.Programs), 100 * r.Passed, float64(r.Solved), float64(r.Kept), float64(r.OnlyRan)} {
			t.Columns[c].Numbers = append(t.Columns[c].Numbers, x)
		}
	}
	return t
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
