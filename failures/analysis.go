package failures

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"hone/judge"
)

// Analysis is what [Analyze] says; it is the JSON of hone failures.
type Analysis struct {
	Tasks   int `json:"tasks"`
	Models  int `json:"models"`
	Results int `json:"results"`
	// Repeated counts results that a second input gave again, the same.
	Repeated int `json:"repeated,omitempty"`
	// ConsistentFailures are the ids of the tasks that every model with a result fails, see [Results.ConsistentlyFailed].
	ConsistentFailures []string           `json:"consistent_failures"`
	PerBenchmark       []BenchmarkSummary `json:"per_benchmark"`
	PerModel           []ModelSummary     `json:"per_model"`
	PerDifficulty      []GroupSummary     `json:"per_difficulty,omitempty"`
	PerYear            []GroupSummary     `json:"per_year,omitempty"`
	Agreement          []Agreement        `json:"agreement,omitempty"`
	// Complexity is how complexity of solutions goes with failures; empty without programs and references.
	Complexity []Relation `json:"complexity"`
	// Disagreements are results that running the program did not give; EvidenceCoverage says of how many tasks that is known.
	Disagreements    []Disagreement `json:"disagreements"`
	EvidenceCoverage Coverage       `json:"evidence_coverage"`
	// Patterns are suggestions why tasks are consistently failed.
	Patterns []Suggestion `json:"patterns"`
	// Scores compare them with labels of people, where there are some.
	Scores []Score `json:"scores,omitempty"`
	// Items is which tasks tell models apart; absent where the fit was left out.
	Items        []ItemFit          `json:"items,omitempty"`
	Defects      []Defect           `json:"defects"`
	DefectCounts map[DefectKind]int `json:"defect_counts"`
}

// BenchmarkSummary counts the tasks of a benchmark by how many models fail them.
type BenchmarkSummary struct {
	Benchmark          string   `json:"benchmark"`
	Tasks              int      `json:"tasks"`
	Models             int      `json:"models"`
	ConsistentFailures []string `json:"consistent_failures"`
	Mixed              int      `json:"mixed"`
	AlwaysPassed       int      `json:"always_passed"`
	// ByFailures[k] is how many tasks exactly k models fail.
	ByFailures []int `json:"by_failures"`
	// Missing counts the results of models of this benchmark that are not there.
	Missing int `json:"missing"`
}

// ModelSummary is a model on a benchmark.
type ModelSummary struct {
	Model     string `json:"model"`
	Benchmark string `json:"benchmark"`
	Tasks     int    `json:"tasks"`
	// Failed counts the tasks none of the model's programs solves, Passed those all of them do.
	Failed int `json:"failed"`
	Passed int `json:"passed"`
	// Alone counts the tasks that only this model fails, AloneSolved those that only it solves with some program.
	Alone       int `json:"fails_alone"`
	AloneSolved int `json:"solves_alone"`
	// Rate is the mean pass rate, Wilson's interval over tasks where there is one program each, else the normal one of the mean.
	Rate judge.Interval `json:"pass_rate"`
}

// GroupSummary is the tasks of a benchmark that share a property.
type GroupSummary struct {
	Benchmark          string         `json:"benchmark"`
	Group              string         `json:"group"`
	Tasks              int            `json:"tasks"`
	ConsistentFailures int            `json:"consistent_failures"`
	Share              judge.Interval `json:"share"` // of consistent failures, Wilson's interval
	Rate               float64        `json:"pass_rate"`
}

// Agreement is how much two models fail the same tasks of a benchmark.
type Agreement struct {
	Benchmark string `json:"benchmark"`
	A         string `json:"a"`
	B         string `json:"b"`
	Tasks     int    `json:"tasks"`
	Both      int    `json:"both_fail"`
	OnlyA     int    `json:"only_a_fails"`
	OnlyB     int    `json:"only_b_fails"`
	// Kappa is Cohen's kappa of failing, NaN (absent) where one of the models always or never fails.
	Kappa *float64 `json:"kappa,omitempty"`
}

// ConsistentlyFailed reports whether every model with a result on the task fails it: no program of any of them passed. It
// takes at least two models. Missing results count neither way.
func (t *Task) ConsistentlyFailed() bool {
	failed, _ := t.count()
	return len(t.Cells) >= 2 && failed == len(t.Cells)
}

// Options say what [Analyze] may take time for.
type Options struct {
	// IRT fits item difficulties also where there are more than [mostFitted] results.
	IRT bool
}

// mostFitted is how many results item difficulties are fitted to without being asked.
const mostFitted = 10000

// Analyze says all that the results, the programs and what happened when they ran tell.
func Analyze(r *Results, o Options) (*Analysis, error) {
	a := Count(r)
	a.Complexity, a.Disagreements, a.EvidenceCoverage, a.Patterns = Relate(r), Disagreements(r), Cover(r), Suggest(r)
	if o.IRT || a.Results <= mostFitted {
		var err error
		if a.Items, err = FitItems(r); err != nil {
			return nil, err
		}
	}
	a.Defects, a.DefectCounts = append([]Defect{}, r.Defects...), r.DefectCounts
	return a, nil
}

// Count is the part of [Analyze] that results alone tell.
func Count(r *Results) *Analysis {
	a := &Analysis{
		Tasks: len(r.Tasks), Models: len(r.Models), Repeated: r.Repeated, ConsistentFailures: []string{},
		Defects: append([]Defect{}, r.Defects...), DefectCounts: r.DefectCounts,
	}
	for i := range r.Tasks {
		t := &r.Tasks[i]
		a.Results += len(t.Cells)
		if t.ConsistentlyFailed() {
			a.ConsistentFailures = append(a.ConsistentFailures, t.ID)
		}
	}
	for _, tasks := range r.byBenchmark() {
		b, models := summarize(r, tasks)
		a.PerBenchmark = append(a.PerBenchmark, b)
		a.PerModel = append(a.PerModel, models...)
		a.PerDifficulty = append(a.PerDifficulty, groups(tasks, func(t *Task) string { return t.Difficulty })...)
		a.PerYear = append(a.PerYear, groups(tasks, func(t *Task) string {
			if t.Date.IsZero() {
				return ""
			}
			return fmt.Sprint(t.Date.Year())
		})...)
		a.Agreement = append(a.Agreement, agreement(r, tasks)...)
	}
	return a
}

// byBenchmark cuts the tasks, which are in the order of benchmarks.
func (r *Results) byBenchmark() [][]Task {
	var out [][]Task
	for from := 0; from < len(r.Tasks); {
		to := from + 1
		for to < len(r.Tasks) && r.Tasks[to].Benchmark == r.Tasks[from].Benchmark {
			to++
		}
		out = append(out, r.Tasks[from:to])
		from = to
	}
	return out
}

// summarize counts the tasks of one benchmark.
func summarize(r *Results, tasks []Task) (BenchmarkSummary, []ModelSummary) {
	b := BenchmarkSummary{Benchmark: tasks[0].Benchmark, Tasks: len(tasks), ConsistentFailures: []string{}}
	models := make([]ModelSummary, len(r.Models))
	rates := make([][]float64, len(r.Models))
	single := make([]bool, len(r.Models))
	results := 0
	for i := range tasks {
		t := &tasks[i]
		failed, passed := t.count()
		switch {
		case t.ConsistentlyFailed():
			b.ConsistentFailures = append(b.ConsistentFailures, t.ID)
		case passed == len(t.Cells) && passed > 0:
			b.AlwaysPassed++
		case len(t.Cells) > 0:
			b.Mixed++
		}
		for len(b.ByFailures) <= failed {
			b.ByFailures = append(b.ByFailures, 0)
		}
		b.ByFailures[failed]++
		results += len(t.Cells)
		for _, c := range t.Cells {
			m := &models[c.Model]
			if m.Tasks == 0 {
				single[c.Model] = true
			}
			m.Tasks++
			single[c.Model] = single[c.Model] && c.N == 1
			rates[c.Model] = append(rates[c.Model], c.Rate)
			alone := len(t.Cells) >= 2
			switch c.Rate {
			case 0:
				m.Failed++
				m.Alone += btoi(alone && failed == 1)
			case 1:
				m.Passed++
			}
			m.AloneSolved += btoi(alone && c.Rate > 0 && failed == len(t.Cells)-1)
		}
	}
	var out []ModelSummary
	for i, m := range models {
		if m.Tasks == 0 {
			continue
		}
		m.Model, m.Benchmark = r.Models[i], b.Benchmark
		m.Rate = meanInterval(rates[i])
		if single[i] {
			m.Rate = judge.Wilson(m.Passed, m.Tasks)
		}
		out = append(out, m)
	}
	b.Models = len(out)
	b.Missing = b.Models*b.Tasks - results
	return b, out
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// meanInterval is the mean with its normal 95 % interval.
func meanInterval(xs []float64) judge.Interval {
	n := float64(len(xs))
	mean, square := 0.0, 0.0
	for _, x := range xs {
		mean += x / n
	}
	for _, x := range xs {
		square += (x - mean) * (x - mean)
	}
	half := 0.0
	if n > 1 {
		half = 1.96 * math.Sqrt(square/(n-1)/n)
	}
	return judge.Interval{Mean: mean, Lo: math.Max(0, mean-half), Hi: math.Min(1, mean+half)}
}

// difficulties are in the order that people give them.
var difficulties = []string{"introductory", "easy", "medium", "interview", "hard", "competition"}

// groups counts the tasks of a benchmark by a property, those without it left out.
func groups(tasks []Task, of func(*Task) string) []GroupSummary {
	at := map[string]*GroupSummary{}
	for i := range tasks {
		t := &tasks[i]
		name := of(t)
		if name == "" || len(t.Cells) == 0 {
			continue
		}
		g := at[name]
		if g == nil {
			g = &GroupSummary{Benchmark: t.Benchmark, Group: name}
			at[name] = g
		}
		g.Tasks++
		g.ConsistentFailures += btoi(t.ConsistentlyFailed())
		mean := 0.0
		for _, c := range t.Cells {
			mean += c.Rate / float64(len(t.Cells))
		}
		g.Rate += mean
	}
	var out []GroupSummary
	for _, g := range at {
		g.Rate /= float64(g.Tasks)
		g.Share = judge.Wilson(g.ConsistentFailures, g.Tasks)
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b GroupSummary) int {
		return cmp.Or(slices.Index(difficulties, a.Group)-slices.Index(difficulties, b.Group), cmp.Compare(a.Group, b.Group))
	})
	return out
}

// mostCompared is how many models of a benchmark are compared with each other.
const mostCompared = 64

// agreement compares the models of a benchmark in pairs.
func agreement(r *Results, tasks []Task) []Agreement {
	var models []int
	for i := range tasks {
		for _, c := range tasks[i].Cells {
			models = append(models, c.Model)
		}
		if i%1000 == 0 {
			slices.Sort(models)
			models = slices.Compact(models)
		}
	}
	slices.Sort(models)
	if models = slices.Compact(models); len(models) > mostCompared {
		return nil
	}
	rank := make([]int, len(r.Models))
	for i, m := range models {
		rank[m] = i
	}
	type pair struct{ n, both, a, b int }
	pairs := make([]pair, len(models)*len(models))
	for i := range tasks {
		cells := tasks[i].Cells
		for j, x := range cells {
			for _, y := range cells[j+1:] {
				p := &pairs[rank[x.Model]*len(models)+rank[y.Model]]
				p.n++
				switch fx, fy := x.Rate == 0, y.Rate == 0; {
				case fx && fy:
					p.both++
				case fx:
					p.a++
				case fy:
					p.b++
				}
			}
		}
	}
	var out []Agreement
	for i, a := range models {
		for j := i + 1; j < len(models); j++ {
			p := pairs[i*len(models)+j]
			if p.n == 0 {
				continue
			}
			g := Agreement{Benchmark: tasks[0].Benchmark, A: r.Models[a], B: r.Models[models[j]], Tasks: p.n, Both: p.both, OnlyA: p.a, OnlyB: p.b}
			if k := kappa(p.both, p.a, p.b, p.n); !math.IsNaN(k) {
				g.Kappa = &k
			}
			out = append(out, g)
		}
	}
	return out
}

// kappa is Cohen's (1960) of two raters who both say yes of both, only the first of a, only the second of b, of n.
func kappa(both, a, b, n int) float64 {
	N := float64(n)
	observed := float64(n-a-b) / N
	pa, pb := float64(both+a)/N, float64(both+b)/N
	chance := pa*pb + (1-pa)*(1-pb)
	if chance == 1 {
		return math.NaN()
	}
	return (observed - chance) / (1 - chance)
}
