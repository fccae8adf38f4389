package loop

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"hone/judge"
	"hone/problem"
	"hone/reward"
)

// Evaluation is how good a model is on the held-out problems of one benchmark. All shares
// are fractions of the programs that were scored.
type Evaluation struct {
	Benchmark string `json:"benchmark"`
	Problems  int    `json:"problems"`
	Programs  int    `json:"programs"`
	// PassAt1 and PassAt10 are of sampled programs, with intervals over problems. PassAt10
	// is missing where fewer than 10 were sampled. Greedy is pass@1 at temperature 0.
	PassAt1  judge.Interval  `json:"pass_at_1"`
	PassAt10 *judge.Interval `json:"pass_at_10,omitempty"`
	Greedy   judge.Interval  `json:"greedy"`
	Syntax   float64         `json:"syntax"` // programs that are Python
	// Executes are programs that run to their end in all tests, whatever they answer.
	Executes float64 `json:"executes"`
	// PassOfExecutes is the share of those that pass: what is gained here is not form.
	PassOfExecutes float64 `json:"pass_of_executes"`
	// Style and Security are means over the programs that the reward counts them for.
	Style     float64 `json:"style"`
	Security  float64 `json:"security"`
	Reward    float64 `json:"reward"`
	Truncated float64 `json:"truncated"`
	Tokens    float64 `json:"tokens"` // mean of a program
	Unique    float64 `json:"unique"` // different texts of a problem's
	// Outcomes counts verdicts.
	Outcomes map[problem.Outcome]int `json:"outcomes"`
	// Groups is pass@1 of levels.
	Groups map[string]judge.Interval `json:"groups,omitempty"`
	// Counts are those of problems, in their order: how many programs were scored and passed.
	Counts []judge.Count `json:"counts"`
	// Formed are those counts without programs that are no Python or were cut off: a gain that is there
	// too is not one of form.
	Formed []judge.Count `json:"formed"`
	NotRun int           `json:"not_scored,omitempty"`
	// levels are the groups of the problems that Counts are of.
	levels []string
}

// evaluate makes an evaluation of the programs for the problems of a benchmark; greedy has
// one program for each.
func evaluate(benchmark string, problems []*problem.Problem, programs, greedy []Program, samples int) *Evaluation {
	e := &Evaluation{Benchmark: benchmark, Outcomes: map[problem.Outcome]int{}, Groups: map[string]judge.Interval{}}
	groups := map[string][]judge.Count{}
	var executes, styled, secured int
	var styleSum, securitySum float64
	var best []judge.Count
	for i, p := range problems {
		if p.Benchmark != benchmark {
			continue
		}
		var c, formed judge.Count
		texts := map[string]bool{}
		for _, g := range programs[i*samples : (i+1)*samples] {
			if !g.Scored {
				e.NotRun++
				continue
			}
			c.N++
			if g.Outcome != problem.SyntaxError && !g.Truncated {
				formed.N++
			}
			texts[g.Text] = true
			e.Outcomes[g.Outcome]++
			e.Reward += g.Reward
			e.Tokens += float64(g.Tokens)
			if g.Passed() {
				c.C++
				if !g.Truncated {
					formed.C++
				}
			}
			if g.Truncated {
				e.Truncated++
			}
			if g.Outcome != problem.SyntaxError {
				e.Syntax++
			}
			if g.Ran() {
				executes++
			}
			if v, ok := g.Components[reward.Style]; ok {
				styleSum, styled = styleSum+v, styled+1
			}
			if v, ok := g.Components[reward.Security]; ok {
				securitySum, secured = securitySum+v, secured+1
			}
		}
		e.Problems++
		e.Programs += c.N
		e.Unique += float64(len(texts))
		e.Counts, e.Formed, e.levels = append(e.Counts, c), append(e.Formed, formed), append(e.levels, group(p.TaskID))
		groups[group(p.TaskID)] = append(groups[group(p.TaskID)], c)
		g := judge.Count{}
		if greedy[i].Scored {
			g.N = 1
			if greedy[i].Passed() {
				g.C = 1
			}
		}
		best = append(best, g)
	}
	n := float64(max(1, e.Programs))
	for _, x := range []*float64{&e.Syntax, &e.Reward, &e.Truncated, &e.Tokens, &e.Unique} {
		*x /= n
	}
	e.Executes = float64(executes) / n
	if executes > 0 {
		e.PassOfExecutes = float64(e.Outcomes[problem.Pass]) / float64(executes)
	}
	e.Style, e.Security = styleSum/float64(max(1, styled)), securitySum/float64(max(1, secured))
	e.PassAt1, _ = judge.Estimate(scored(e.Counts), 1, chance())
	if at10, ok := judge.Estimate(scored(e.Counts), 10, chance()); ok {
		e.PassAt10 = &at10
	}
	e.Greedy, _ = judge.Estimate(scored(best), 1, chance())
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		if in, ok := judge.Estimate(scored(groups[name]), 1, chance()); ok {
			e.Groups[name] = in
		}
	}
	return e
}

// scored leaves out problems without a scored program.
func scored(counts []judge.Count) []judge.Count {
	return slices.DeleteFunc(slices.Clone(counts), func(c judge.Count) bool { return c.N == 0 })
}

// chance is that of all bootstraps: the same each time.
func chance() *rand.Rand { return rand.New(rand.NewPCG(20261129, 7)) }

// Difference is the mean of b's pass rate less a's over problems and seeds, with the 2.5 and 97.5 %
// quantiles of 2,000 bootstrap resamples of both. Counts are [seed][problem]; what two models came to
// on one problem with one seed stays together. One seed says nothing of others, and few say little.
func Difference(a, b [][]judge.Count) judge.Interval {
	ds := make([][]float64, len(a))
	any := false
	for s := range a {
		for i, x := range a[s] {
			d := math.NaN()
			if y := b[s][i]; x.N > 0 && y.N > 0 {
				d, any = float64(y.C)/float64(y.N)-float64(x.C)/float64(x.N), true
			}
			ds[s] = append(ds[s], d)
		}
	}
	if !any {
		return judge.Interval{}
	}
	return judge.BootstrapBoth(ds, 2000, chance())
}
