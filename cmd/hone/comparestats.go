package main

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"hone/judge"
	"hone/problem"
)

// pair is one program's place in two runs.
type pair struct{ a, b *problem.Verdict }

// taskChange is a task in two runs: of N programs each, A and B passed.
type taskChange struct {
	Benchmark string `json:"benchmark"`
	TaskID    string `json:"task_id"`
	N         int    `json:"n"`
	A         int    `json:"a"`
	B         int    `json:"b"`
}

// difference is B's pass rate less A's, a fraction of 1.
func (t *taskChange) difference() float64 { return float64(t.B-t.A) / float64(t.N) }

// transition is how often an outcome in A became another in B.
type transition struct {
	From problem.Outcome `json:"from"`
	To   problem.Outcome `json:"to"`
	N    int             `json:"n"`
}

// side is one of the runs.
type side struct {
	File   string         `json:"file"`
	Passed int            `json:"passed"`
	PassAt judge.Interval `json:"pass_at_1"`
}

// comparison is what hone compare says; --json prints it.
type comparison struct {
	A side `json:"a"`
	B side `json:"b"`
	// Difference is B's pass@1 less A's: the mean over tasks, with the 2.5 and 97.5 % quantiles of
	// bootstrap resamples of the tasks, both runs of a task staying together.
	Difference judge.Interval `json:"difference"`
	Pairs      int            `json:"pairs"`      // programs scored in both runs
	NotScored  int            `json:"not_scored"` // infrastructure in either
	Both       int            `json:"both_pass"`
	OnlyA      int            `json:"only_a_passes"`
	OnlyB      int            `json:"only_b_passes"`
	Neither    int            `json:"neither_passes"`
	// McNemar is the exact two-sided p of the programs that pass in one run only.
	McNemar float64 `json:"mcnemar_p"`
	Tasks   int     `json:"tasks"`
	Better  int     `json:"tasks_better"`
	Worse   int     `json:"tasks_worse"`
	// Sign is the exact two-sided p of the tasks that got better or worse. Where a task has
	// several programs these are not independent, and this holds rather than McNemar.
	Sign        float64      `json:"sign_p"`
	Changed     []taskChange `json:"changed"` // the most improved first
	Transitions []transition `json:"transitions"`
	Resamples   int          `json:"resamples"`
	Seed        uint64       `json:"seed"`
	Notes       []string     `json:"notes,omitempty"`
}

const (
	compareResamples = 10000
	compareSeed      = 1
)

// comparePairs compares the runs of pairs, which are in the order of the first run.
func comparePairs(a, b string, pairs []pair) *comparison {
	c := &comparison{A: side{File: a}, B: side{File: b}, Resamples: compareResamples, Seed: compareSeed}
	tasks := map[problem.Key]*taskChange{}
	var order []*taskChange
	moved := map[transition]int{}
	for _, p := range pairs {
		if p.a.Passed == nil || p.b.Passed == nil {
			c.NotScored++
			continue
		}
		c.Pairs++
		key := problem.Key{Benchmark: p.a.Benchmark, TaskID: p.a.TaskID}
		t := tasks[key]
		if t == nil {
			t = &taskChange{Benchmark: key.Benchmark, TaskID: key.TaskID}
			tasks[key] = t
			order = append(order, t)
		}
		t.N++
		t.A += one(*p.a.Passed)
		t.B += one(*p.b.Passed)
		switch {
		case *p.a.Passed && *p.b.Passed:
			c.Both++
		case *p.a.Passed:
			c.OnlyA++
		case *p.b.Passed:
			c.OnlyB++
		default:
			c.Neither++
		}
		if p.a.Verdict != p.b.Verdict {
			moved[transition{From: p.a.Verdict, To: p.b.Verdict}]++
		}
	}
	c.A.Passed, c.B.Passed = c.Both+c.OnlyA, c.Both+c.OnlyB
	c.McNemar = signTest(c.OnlyA, c.OnlyB)
	c.overTasks(order)
	for t, n := range moved {
		t.N = n
		c.Transitions = append(c.Transitions, t)
	}
	slices.SortFunc(c.Transitions, func(x, y transition) int {
		return cmp.Or(cmp.Compare(y.N, x.N), cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To))
	})
	return c
}

// overTasks fills what is counted or resampled by task.
func (c *comparison) overTasks(tasks []*taskChange) {
	c.Tasks = len(tasks)
	if c.Tasks == 0 {
		c.Sign = 1
		return
	}
	differences := make([]float64, len(tasks))
	for i, t := range tasks {
		differences[i] = t.difference()
		switch {
		case t.B > t.A:
			c.Better++
		case t.B < t.A:
			c.Worse++
		default:
			continue
		}
		c.Changed = append(c.Changed, *t)
	}
	slices.SortStableFunc(c.Changed, func(x, y taskChange) int { return cmp.Compare(y.difference(), x.difference()) })
	c.Sign = signTest(c.Worse, c.Better)
	c.A.PassAt, c.B.PassAt = passAtOne(tasks, func(t *taskChange) int { return t.A }), passAtOne(tasks, func(t *taskChange) int { return t.B })
	c.Difference = judge.Bootstrap(differences, compareResamples, rand.New(rand.NewPCG(compareSeed, 0)))
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// passAtOne is pass@1 with the interval that hone judge gives.
func passAtOne(tasks []*taskChange, passed func(*taskChange) int) judge.Interval {
	var tally judge.Tally
	yes, no := true, false
	for _, t := range tasks {
		for i := range t.N {
			v := problem.Verdict{Benchmark: t.Benchmark, Passed: &no}
			if i < passed(t) {
				v.Passed = &yes
			}
			tally.Add(t.TaskID, &v)
		}
	}
	return tally.Estimates(false)[0].Interval
}

// signTest is the exact two-sided p of a and b under a fair coin, which for the pairs
// that differ is McNemar's test (McNemar, "Note on the Sampling Error of the
// Difference Between Correlated Proportions or Percentages", 1947).
func signTest(a, b int) float64 {
	if a == b {
		return 1
	}
	coin := distuv.Binomial{N: float64(a + b), P: 0.5}
	return math.Min(1, 2*coin.CDF(float64(min(a, b))))
}
