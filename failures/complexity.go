package failures

import (
	"math"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/stat"

	"hone/judge"
	"hone/source/metrics"
	"hone/source/python"
)

// Measure is a number that says how complex a program is.
type Measure struct {
	Name string
	Of   func(*metrics.Module) float64
}

// Measures are the seven of FailureBench, then standard ones that it leaves out.
var Measures = []Measure{
	{"flow_constructs", func(m *metrics.Module) float64 { return float64(m.FailureBench.FlowConstructs) }},
	{"recursions", func(m *metrics.Module) float64 { return float64(m.FailureBench.Recursions) }},
	{"nesting_depth", func(m *metrics.Module) float64 { return float64(m.FailureBench.NestingDepth) }},
	{"data_structures", func(m *metrics.Module) float64 { return float64(m.FailureBench.DataStructures) }},
	{"function_calls", func(m *metrics.Module) float64 { return float64(m.FailureBench.FunctionCalls) }},
	{"length", func(m *metrics.Module) float64 { return float64(m.FailureBench.Length) }},
	{"cc", func(m *metrics.Module) float64 { return float64(m.FailureBench.CC) }},
	{"mccabe", func(m *metrics.Module) float64 { return float64(m.McCabe) }},
	{"cognitive", func(m *metrics.Module) float64 { return float64(m.Cognitive) }},
	{"halstead_volume", func(m *metrics.Module) float64 { return m.Halstead.Volume }},
	{"maintainability", func(m *metrics.Module) float64 { return m.Maintainability }},
}

// Relation is how a measure of the solutions of a benchmark's tasks goes with the number of models that fail them.
type Relation struct {
	Benchmark string `json:"benchmark"`
	Measure   string `json:"measure"`
	// Of is "reference", the benchmark's own solutions, or "programs", the mean over the models' programs of a task.
	Of    string `json:"of"`
	Tasks int    `json:"tasks"`
	// Rho is Spearman's rank correlation with its 95 % interval; P is of no correlation, PHolm corrected for all
	// relations of the analysis. They are absent where the measure is constant.
	Rho   *judge.Interval `json:"spearman,omitempty"`
	P     *float64        `json:"p,omitempty"`
	PHolm *float64        `json:"p_holm,omitempty"`
	// OddsRatio is by how much the odds that a model fails grow with a standard deviation of the measure (logistic
	// fit, sandwich interval over tasks), absent where there is no finite fit.
	OddsRatio *judge.Interval `json:"odds_ratio,omitempty"`
}

// measured are a task's measures: of its reference, and the mean over its programs; nil where there are none.
type measured struct{ reference, programs []float64 }

// Relate relates complexity to failures, benchmark by benchmark. Programs that are not Python are defects of r.
func Relate(r *Results) []Relation {
	all := measureAll(r)
	var out []Relation
	at := 0
	for _, tasks := range r.byBenchmark() {
		ms := all[at : at+len(tasks)]
		at += len(tasks)
		out = append(out, relate(tasks, "reference", func(i int) []float64 { return ms[i].reference })...)
		out = append(out, relate(tasks, "programs", func(i int) []float64 { return ms[i].programs })...)
	}
	ps := make([]float64, len(out))
	for i, x := range out {
		ps[i] = math.NaN()
		if x.P != nil {
			ps[i] = *x.P
		}
	}
	for i, p := range Holm(ps) {
		if !math.IsNaN(p) {
			out[i].PHolm = &p
		}
	}
	return out
}

// measureAll measures the programs of all tasks, on all cores.
func measureAll(r *Results) []measured {
	out := make([]measured, len(r.Tasks))
	broken := make([][]Program, len(r.Tasks))
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(r.Tasks); i += workers {
				out[i], broken[i] = measureTask(&r.Tasks[i])
			}
		})
	}
	wg.Wait()
	for i, programs := range broken {
		for _, p := range programs {
			r.defect(NoParse, r.Tasks[i].Name(), "the program of %s is not Python: it has no complexity", r.Models[p.Model])
		}
	}
	return out
}

func measureTask(t *Task) (m measured, broken []Program) {
	if t.Problem != nil && t.Problem.Reference != "" {
		m.reference = measure(t.Problem.Reference)
	}
	read := 0.0
	for _, p := range t.Programs {
		xs := measure(p.Code)
		if xs == nil {
			broken = append(broken, p)
			continue
		}
		if m.programs == nil {
			m.programs = make([]float64, len(Measures))
		}
		for k, x := range xs {
			m.programs[k] += x
		}
		read++
	}
	for k := range m.programs {
		m.programs[k] /= read
	}
	return m, broken
}

// measure is nil for what is not Python.
func measure(code string) []float64 {
	module, err := python.Parse([]byte(code))
	if err != nil {
		return nil
	}
	all := metrics.Of(module)
	out := make([]float64, len(Measures))
	for k, m := range Measures {
		out[k] = m.Of(&all)
	}
	return out
}

// relate relates each measure to the failures of one benchmark's tasks, those without a value left out.
func relate(tasks []Task, of string, value func(int) []float64) []Relation {
	var values [][]float64
	var failed, models []float64
	for i := range tasks {
		if v := value(i); v != nil && len(tasks[i].Cells) > 0 {
			f, _ := tasks[i].count()
			values = append(values, v)
			failed, models = append(failed, float64(f)), append(models, float64(len(tasks[i].Cells)))
		}
	}
	if len(values) < 4 {
		return nil
	}
	var out []Relation
	share := make([]float64, len(failed))
	for i := range share {
		share[i] = failed[i] / models[i]
	}
	for k, m := range Measures {
		x := make([]float64, len(values))
		for i := range x {
			x[i] = values[i][k]
		}
		rel := Relation{Benchmark: tasks[0].Benchmark, Measure: m.Name, Of: of, Tasks: len(x)}
		if rho, p := Spearman(x, share); !math.IsNaN(p) {
			rel.Rho, rel.P = &rho, &p
		}
		mean, sd := stat.MeanStdDev(x, nil)
		for i := range x {
			x[i] = (x[i] - mean) / sd
		}
		if beta, _ := Logistic(x, failed, models); sd > 0 && !math.IsNaN(beta.Lo) {
			rel.OddsRatio = &judge.Interval{Mean: math.Exp(beta.Mean), Lo: math.Exp(beta.Lo), Hi: math.Exp(beta.Hi)}
		}
		out = append(out, rel)
	}
	return out
}
