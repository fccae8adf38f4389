package offline

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"hone/problem"
)

// Info says what is in rows.
type Info struct {
	Rows       int `json:"rows"`
	Problems   int `json:"problems"`
	Both       int `json:"problems_with_both_kinds"`
	Correct    int `json:"correct"`
	Incorrect  int `json:"incorrect"`
	NotScored  int `json:"not_scored"`
	Duplicates int `json:"duplicates"`              // rows of which an earlier one has the program
	Known      int `json:"with_behaviour_logprob"`  // rows
	Groups     int `json:"groups_of_4_in_an_epoch"` // of what can be used, duplicates left out

	Verdicts   map[string]int `json:"verdicts"`
	Benchmarks map[string]int `json:"benchmarks"`
	Sources    map[string]int `json:"sources"`
	Models     map[string]int `json:"models"`
	Licences   map[string]int `json:"licences"`

	PerProblem      Distribution `json:"programs_of_a_problem"`
	Prompt          Distribution `json:"prompt_length"`
	Program         Distribution `json:"program_length"`
	CorrectReward   Distribution `json:"reward_of_correct"`
	IncorrectReward Distribution `json:"reward_of_incorrect"`
	Unit            string       `json:"unit_of_lengths"`
}

// Distribution is that of some numbers; all 0 where there are none.
type Distribution struct {
	Min    float64 `json:"min"`
	P10    float64 `json:"p10"`
	Median float64 `json:"median"`
	P90    float64 `json:"p90"`
	Max    float64 `json:"max"`
	Mean   float64 `json:"mean"`
}

// distribution takes quantiles at the nearest rank.
func distribution(xs []float64) Distribution {
	if len(xs) == 0 {
		return Distribution{}
	}
	slices.Sort(xs)
	at := func(share float64) float64 { return xs[int(share*float64(len(xs)-1)+0.5)] }
	d := Distribution{Min: xs[0], P10: at(.1), Median: at(.5), P90: at(.9), Max: xs[len(xs)-1]}
	for _, x := range xs {
		d.Mean += x / float64(len(xs))
	}
	return d
}

// Describe counts what is in rows; length measures texts in a unit.
func Describe(rows []Row, unit string, length func(string) int) *Info {
	n := &Info{
		Rows: len(rows), Unit: unit, Verdicts: map[string]int{}, Benchmarks: map[string]int{},
		Sources: map[string]int{}, Models: map[string]int{}, Licences: map[string]int{},
	}
	type task struct{ benchmark, id string }
	programs, correct := map[task]int{}, map[task]int{}
	type program struct {
		task
		hash [sha256.Size]byte
	}
	seen := map[program]bool{}
	var prompts, texts, good, bad []float64
	for i := range rows {
		r := &rows[i]
		t := task{r.Benchmark, r.TaskID}
		key := program{t, Hash(r.Prompt, r.Program)}
		if seen[key] {
			n.Duplicates++
		}
		seen[key] = true
		n.Verdicts[string(r.Verdict)]++
		n.Benchmarks[r.Benchmark]++
		n.Sources[r.Source]++
		n.Models[r.Model]++
		n.Licences[r.Licence]++
		if r.BehaviourLogProb != nil {
			n.Known++
		}
		prompts, texts = append(prompts, float64(length(r.Prompt))), append(texts, float64(length(r.Program)))
		programs[t]++
		switch {
		case r.Verdict == problem.Infrastructure:
			n.NotScored++
		case r.Correct():
			n.Correct++
			correct[t]++
			good = append(good, r.Reward)
		default:
			n.Incorrect++
			bad = append(bad, r.Reward)
		}
	}
	n.Problems = len(programs)
	set, report := Check(rows, Options{Group: 4, SkipContradictions: true})
	n.Both = report.Usable
	n.Groups = set.PerEpoch()
	var sizes []float64
	for _, k := range programs {
		sizes = append(sizes, float64(k))
	}
	n.PerProblem = distribution(sizes)
	n.Prompt, n.Program = distribution(prompts), distribution(texts)
	n.CorrectReward, n.IncorrectReward = distribution(good), distribution(bad)
	return n
}

// Print writes the counts for people.
func (n *Info) Print(w io.Writer) {
	fmt.Fprintf(w, "%8d  rows\n%8d  problems, %d of them with programs of both kinds: %d groups of 4 in an epoch\n", n.Rows, n.Problems, n.Both, n.Groups)
	fmt.Fprintf(w, "%8d  correct programs\n%8d  incorrect programs\n%8d  not scored\n%8d  the same program again\n%8d  with a known behaviour_logprob\n\n", n.Correct, n.Incorrect, n.NotScored, n.Duplicates, n.Known)
	fmt.Fprintf(w, "%-26s %10s %10s %10s %10s %10s %10s\n", "", "min", "10 %", "median", "90 %", "max", "mean")
	for _, l := range []struct {
		name string
		d    Distribution
	}{
		{"programs of a problem", n.PerProblem},
		{"prompt, " + n.Unit, n.Prompt},
		{"program, " + n.Unit, n.Program},
		{"reward of correct ones", n.CorrectReward},
		{"reward of incorrect ones", n.IncorrectReward},
	} {
		fmt.Fprintf(w, "%-26s", l.name)
		for _, x := range []float64{l.d.Min, l.d.P10, l.d.Median, l.d.P90, l.d.Max, l.d.Mean} {
			fmt.Fprintf(w, " %10.4g", x)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
	for _, l := range []struct {
		name string
		of   map[string]int
	}{
		{"verdicts", n.Verdicts},
		{"benchmarks", n.Benchmarks},
		{"sources", n.Sources},
		{"models", n.Models},
		{"licences", n.Licences},
	} {
		fmt.Fprintf(w, "%-12s%s\n", l.name, listed(l.of))
	}
}

// listed names what there is, the most frequent first, at most a few.
func listed(of map[string]int) string {
	const most = 12
	names := slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		return cmp.Or(cmp.Compare(of[b], of[a]), cmp.Compare(a, b))
	})
	var out []string
	for i, name := range names {
		if i == most {
			out = append(out, fmt.Sprintf("%d more", len(names)-most))
			break
		}
		out = append(out, fmt.Sprintf("%s %d", cmp.Or(name, "(not said)"), of[name]))
	}
	return strings.Join(out, ", ")
}
