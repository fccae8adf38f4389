package failures

import (
	"fmt"
	"maps"
	"slices"

	"hone/failures/irt"
)

// ItemFit is what a two-parameter item-response model says of one benchmark.
type ItemFit struct {
	Benchmark string    `json:"benchmark"`
	Abilities []Ability `json:"abilities"`
	Items     []Item    `json:"items"`
}

// Ability is how able a model is, in logits; the mean over models is near 0.
type Ability struct {
	Model string `json:"model"`
	irt.Estimate
}

// Item is how difficult a task is, in logits on the scale of abilities, and how well it tells models apart. Intervals are
// 95 % of the posterior, wide where there are few models.
type Item struct {
	TaskID         string       `json:"task_id"`
	Difficulty     irt.Estimate `json:"difficulty"`
	Discrimination irt.Estimate `json:"discrimination"`
}

// SameCell is the correlation that is assumed between programs of one model for one task. It is a guess between independence, 0, and one program repeated, 1; TestStudyIRT
// compares values on held-out cells.
const SameCell = 0.25

// FitItems fits each benchmark with at least three models on its own, in at most 100 iterations.
func FitItems(r *Results) ([]ItemFit, error) {
	var out []ItemFit
	for _, tasks := range r.byBenchmark() {
		cells, models := Cells(tasks)
		if len(models) < 3 {
			continue
		}
		m, err := irt.Fit(cells, len(tasks), len(models), irt.Options{Correlation: SameCell, Iterations: 100})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", tasks[0].Benchmark, err)
		}
		fit := ItemFit{Benchmark: tasks[0].Benchmark}
		for j, k := range models {
			fit.Abilities = append(fit.Abilities, Ability{r.Models[k], m.Ability[j]})
		}
		for i := range tasks {
			fit.Items = append(fit.Items, Item{tasks[i].ID, m.Difficulty[i], m.Discrimination[i]})
		}
		out = append(out, fit)
	}
	return out, nil
}

// Cells are the results of tasks for [irt.Fit], with the models that have some, which are the columns.
func Cells(tasks []Task) (cells []irt.Cell, models []int) {
	column := map[int]int{}
	for i := range tasks {
		for _, c := range tasks[i].Cells {
			column[c.Model] = 0
		}
	}
	models = slices.Sorted(maps.Keys(column))
	for j, m := range models {
		column[m] = j
	}
	for i := range tasks {
		for _, c := range tasks[i].Cells {
			n := float64(c.N)
			cells = append(cells, irt.Cell{Item: i, Model: column[c.Model], Passed: c.Rate * n, N: n})
		}
	}
	return cells, models
}
