package judge

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"hone/problem"
)

// tracedFactor widens the limits of a traced run: tracing makes Python several times slower.
const tracedFactor = 3

// cover runs the tests that gave a wrong answer once more, traced, and notes in their rows
// which lines of the program ran. A run of its own leaves speed and limits of the first one
// as they are. What cannot be traced (tests in the program's own process, a program that
// takes too long now, or traces itself) keeps its rows without lines.
func (w *worker) cover(ctx context.Context, pl *plan, program string, out *outcome) error {
	wrong := make([]bool, len(pl.items))
	for row := range out.tests {
		if out.tests[row].Verdict == problem.WrongAnswer {
			wrong[out.item(row)] = true
		}
	}
	only, err := pl.only(wrong)
	if err != nil || len(only.data)+len(only.split)+len(only.stdio) == 0 {
		return err
	}
	r := &run{w: w, pl: only, program: program, lim: pl.limits().scale(tracedFactor), out: outcome{tests: pl.results()}, lines: map[int][]int{}}
	if err := r.steps(ctx); err != nil {
		w.close()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	for row := range out.tests {
		if t := &out.tests[row]; t.Verdict == problem.WrongAnswer {
			t.Lines = r.lines[out.item(row)]
		}
	}
	return nil
}

// item is the plan's item that a row is of.
func (o *outcome) item(row int) int {
	if o.items == nil {
		return row
	}
	return o.items[row]
}

// only is the plan of some items alone, without those that run in the program's process.
func (pl *plan) only(which []bool) (*plan, error) {
	out := &plan{problem: pl.problem, base: pl.base, items: pl.items, partial: true}
	kept := func(items []int) []int {
		return slices.DeleteFunc(slices.Clone(items), func(i int) bool { return !which[i] })
	}
	out.data, out.stdio = kept(pl.data), kept(pl.stdio)
	if len(kept(pl.split)) > 0 { // these are one job
		out.split, out.splitJob = pl.split, pl.splitJob
	}
	var calls [][]json.RawMessage
	if err := json.Unmarshal(pl.dataCalls, &calls); err != nil {
		return nil, err
	}
	var some [][]json.RawMessage
	for n, i := range pl.data {
		if which[i] {
			number, err := json.Marshal(len(some))
			if err != nil {
				return nil, err
			}
			calls[n][0] = number
			some = append(some, calls[n])
		}
	}
	var err error
	out.dataCalls, err = json.Marshal(some)
	return out, err
}

// traced notes lines that ran for an item, as the program's process reports them: those
// that the program has, in order, each once.
func (r *run) traced(item int, lines []int) {
	if r.lines == nil {
		return
	}
	last := strings.Count(r.program, "\n") + strings.Count(r.program, "\r") + 1
	lines = slices.DeleteFunc(lines, func(l int) bool { return l < 1 || l > last })
	all := append(r.lines[item], lines...)
	slices.Sort(all)
	r.lines[item] = slices.Compact(all)
}
