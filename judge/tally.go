package judge

import (
	"math/rand/v2"
	"slices"

	"hone/problem"
)

// Tally counts verdicts as they come.
type Tally struct {
	Programs int                       `json:"programs"`
	Outcomes map[problem.Outcome]int   `json:"outcomes"`
	Modes    map[problem.JudgeMode]int `json:"judge"`
	Cached   int                       `json:"cached"`
	Faults   int                       `json:"infrastructure"` // not scored

	tasks  map[taskKey]*taskCount
	strict bool
}

type taskKey struct{ benchmark, task string }

type taskCount struct{ n, passed, strict int }

// Add counts one verdict. task is the problem's own id, since samples may spell it differently.
func (t *Tally) Add(task string, v *problem.Verdict) {
	if t.tasks == nil {
		t.tasks, t.Outcomes, t.Modes = map[taskKey]*taskCount{}, map[problem.Outcome]int{}, map[problem.JudgeMode]int{}
	}
	t.Programs++
	t.Outcomes[v.Verdict]++
	if v.Judge != "" { // a problem that cannot be judged has none
		t.Modes[v.Judge]++
	}
	if v.Cached {
		t.Cached++
	}
	if v.Passed == nil {
		t.Faults++
		return
	}
	k := taskKey{v.Benchmark, task}
	c := t.tasks[k]
	if c == nil {
		c = &taskCount{}
		t.tasks[k] = c
	}
	c.n++
	if *v.Passed {
		c.passed++
	}
	if v.Strict != "" {
		t.strict = true
	}
	if v.Strict == problem.Pass || v.Strict == "" && *v.Passed {
		c.strict++
	}
}

// Tasks is the number of tasks with at least one scored program.
func (t *Tally) Tasks() int { return len(t.tasks) }

// Estimated is pass@k with its interval.
type Estimated struct {
	K int `json:"k"`
	Interval
}

// Estimates is pass@1, 10 and 100 for those k that every task has samples for.
// strict takes chat responses literally. Intervals are bootstrapped over tasks with a fixed seed.
func (t *Tally) Estimates(strict bool) []Estimated {
	counts := make([]Count, 0, len(t.tasks))
	for _, c := range t.tasks {
		n := c.passed
		if strict {
			n = c.strict
		}
		counts = append(counts, Count{N: c.n, C: n})
	}
	slices.SortFunc(counts, func(a, b Count) int { // map order must not change the resampling
		if a.N != b.N {
			return a.N - b.N
		}
		return a.C - b.C
	})
	var out []Estimated
	for _, k := range []int{1, 10, 100} {
		if est, ok := Estimate(counts, k, rand.New(rand.NewPCG(1, uint64(k)))); ok {
			out = append(out, Estimated{k, est})
		}
	}
	return out
}

// HasStrict reports whether any verdict carried a strict outcome.
func (t *Tally) HasStrict() bool { return t.strict }
