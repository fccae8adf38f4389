package irt

import (
	"cmp"
	"slices"
)

// order is the indices of values from the smallest.
func order(values []float64) []int {
	out := make([]int, len(values))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	return out
}

// posterior is the mean and the quantiles of values, in the order given, with weights that sum to one.
func posterior(values, weights []float64, order []int) Estimate {
	mean := 0.0
	for i, x := range values {
		mean += x * weights[i]
	}
	return Estimate{mean, quantile(values, weights, order, 0.025), quantile(values, weights, order, 0.975)}
}

// quantile takes each value for the middle of its weight and interpolates between them.
func quantile(values, weights []float64, order []int, q float64) float64 {
	x, at := values[order[0]], 0.0 // the value before, and the share of weight up to its middle
	below := 0.0
	for k := 0; k < len(order); {
		next, w := values[order[k]], 0.0
		for ; k < len(order) && values[order[k]] == next; k++ {
			w += weights[order[k]]
		}
		middle := below + w/2
		if middle >= q {
			if middle == at {
				return next
			}
			return x + (next-x)*(q-at)/(middle-at)
		}
		x, at, below = next, middle, below+w
	}
	return x
}
