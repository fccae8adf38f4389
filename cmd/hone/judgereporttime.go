package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"hone/problem"
	"hone/report"
)

// timeByOutcome is where the processor's time went.
func (r *verdictReport) timeByOutcome() report.Chart {
	spent := map[problem.Outcome]float64{} // seconds
	total := 0.0
	for i := range r.verdicts {
		spent[r.verdicts[i].Verdict] += r.verdicts[i].CPUMillis / 1000
		total += r.verdicts[i].CPUMillis / 1000
	}
	c := report.Chart{
		Title: "Processor time by outcome", Sideways: true, Y: report.Axis{Name: "seconds", Min: new(float64)},
		Caption: fmt.Sprintf("%s in all, as measured when each program ran.", (time.Duration(total*1000) * time.Millisecond).Round(100*time.Millisecond)),
	}
	for _, o := range problem.Outcomes {
		if spent[o] > 0 {
			c.Series = append(c.Series, report.Series{
				X: []float64{float64(len(c.X.Categories))}, Y: []float64{math.Round(1000*spent[o]) / 1000}, Stacked: true, Color: outcomeColors[string(o)],
				Labels: []string{fmt.Sprintf("%.0f %% of the time", 100*spent[o]/total)},
			})
			c.X.Categories = append(c.X.Categories, string(o))
		}
	}
	c.Height = 60 + 30*len(c.X.Categories)
	return c
}

// timeByProgram is how many programs took how long: bins of equal ratio, eight a decade.
func (r *verdictReport) timeByProgram() report.Chart {
	const perDecade = 8
	bin := func(ms float64) int { return int(math.Floor(perDecade * math.Log10(max(ms, 0.1)))) }
	passed, failed := map[int]int{}, map[int]int{}
	lo, hi := math.MaxInt, math.MinInt
	for i := range r.verdicts {
		v := &r.verdicts[i]
		b := bin(v.CPUMillis)
		lo, hi = min(lo, b), max(hi, b)
		if v.Verdict == problem.Pass {
			passed[b]++
		} else {
			failed[b]++
		}
	}
	c := report.Chart{
		Title: "Processor time of a program", Caption: "Programs by their processor time in milliseconds, in classes of equal ratio (eight a decade).",
		X: report.Axis{Name: "ms, from"}, Y: report.Axis{Name: "programs", Min: new(float64)}, Height: 240,
	}
	p, f := report.Series{Name: "pass", Stacked: true, Color: report.Good}, report.Series{Name: "do not pass", Stacked: true, Color: report.Bad}
	for b := lo; b <= hi; b++ {
		c.X.Categories = append(c.X.Categories, strconv.FormatFloat(roundTo(math.Pow(10, float64(b)/perDecade), 3), 'f', -1, 64))
		p.Y, f.Y = append(p.Y, float64(passed[b])), append(f.Y, float64(failed[b]))
	}
	c.Series = []report.Series{p, f}
	return c
}

// roundTo keeps so many digits of a positive number.
func roundTo(x float64, digits int) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(x))-float64(digits-1))
	return math.Round(1e6*math.Round(x/unit)*unit) / 1e6
}

// slowest are the ten programs that took the longest.
func (r *verdictReport) slowest() report.Table {
	order := make([]int, len(r.verdicts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.verdicts[b].WallMillis, r.verdicts[a].WallMillis) })
	var task, verdict []string
	var sample, cpu, wall []float64
	for _, i := range order[:min(10, len(order))] {
		v := &r.verdicts[i]
		task, verdict = append(task, v.TaskID), append(verdict, string(v.Verdict))
		sample, cpu, wall = append(sample, float64(v.Sample)), append(cpu, v.CPUMillis), append(wall, v.WallMillis)
	}
	return report.Table{Columns: []report.Column{
		{Name: "task", Texts: task},
		{Name: "sample", Numbers: sample},
		{Name: "verdict", Texts: verdict},
		{Name: "processor, ms", Numbers: cpu, Digits: 1},
		{Name: "clock, ms", Numbers: wall, Digits: 1},
	}}
}
