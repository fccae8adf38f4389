package irt

import (
	"cmp"
	"slices"
)

// posterior is the mean and the quantiles of values with weights that sum to one.
func posterior(values, weights []float64) Estimate {
	order := make([]int, len(values))
	mean := 0.0
	for i, x := range values {
		order[i] = i
		mean += x * weights[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	return Estimate{mean, quantile(values, weights, order, 0.025), quantile(values, weights, order, 0.975)}
}

// quantile interpolates the distribution function between values, each of which has half of its weight below it.
func quantile(values, weights []float64, order []int, q float64) float64 {
	below, last := 0.0, values[order[0]]
	lastAt := 0.0
	for k := 0; k < len(order); {
		x, w := values[order[k]], 0.0
		for k < len(order) && values[order[k]] == x {
			w += weights[order[k]]
			k++
		}
		at := below + w/2
		if at >= q {
			if at == lastAt || below == 0 && lastAt == 0 {
				return x
			}
			return last + (x-last)*(q-lastAt)/(at-lastAt)
		}
		below, last, lastAt = below+w, x, at
	}
	return last
}
