package offline

import (
	"crypto/sha256"
	"slices"
	"strings"

	"hone/problem"
)

// Leaks are what rows have of problems that a model is to be evaluated on: their tasks or
// prompts, which are errors, and programs with the syntax tree of their references, which
// are warnings, because short programs are alike by chance.
func Leaks(rows []Row, held []*problem.Problem) []Issue {
	type task struct{ benchmark, id string }
	byTask := map[task][]int{}
	byPrompt := map[string][]int{}
	byProgram := map[[sha256.Size]byte][]int{}
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	for i := range rows {
		r := &rows[i]
		t, p, h := task{r.Benchmark, r.TaskID}, words(r.Prompt), Hash(r.Prompt, r.Program)
		byTask[t] = append(byTask[t], i)
		byPrompt[p] = append(byPrompt[p], i)
		byProgram[h] = append(byProgram[h], i)
	}
	r := &Report{}
	for _, p := range held {
		same := byTask[task{p.Benchmark, p.TaskID}]
		if len(same) > 0 {
			r.add(true, rows, same, "%s of %s is evaluated on: a result on it would mean nothing", p.TaskID, p.Benchmark)
			continue
		}
		prompts := []string{words(p.Prompt)}
		if q := words(p.Prefix); q != "" && q != prompts[0] {
			prompts = append(prompts, q)
		}
		found := false
		for _, q := range prompts {
			if at := byPrompt[q]; len(at) > 0 && !found {
				found = true
				r.add(true, rows, at, "the prompt is that of %s of %s, which is evaluated on", p.TaskID, p.Benchmark)
			}
		}
		if found || p.Reference == "" {
			continue
		}
		if at := byProgram[Hash("", p.Reference)]; len(at) > 0 {
			r.add(false, rows, at, "the program is the reference of %s of %s, which is evaluated on", p.TaskID, p.Benchmark)
		}
	}
	slices.SortStableFunc(r.Issues, func(a, b Issue) int { return order(a) - order(b) })
	return r.Issues
}

// order puts errors first.
func order(i Issue) int {
	if i.Error {
		return 0
	}
	return 1
}
