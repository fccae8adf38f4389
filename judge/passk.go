package judge

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Count is the number of a task's scored samples, N, and of those that passed, C.
type Count struct{ N, C int }

// Interval is a mean with its 95 % confidence interval; all three are fractions of 1.
type Interval struct {
	Mean float64 `json:"mean"`
	Lo   float64 `json:"lo"`
	Hi   float64 `json:"hi"`
}

const (
	resamples = 2000
	// z is the 97.5 % quantile of the normal distribution.
	z = 1.959963984540054
)

// PassAtK is the unbiased estimate of the probability that one of k samples passes,
// from n samples of which c passed: 1 − C(n−c, k) / C(n, k), as a product (Chen et
// al., "Evaluating Large Language Models Trained on Code", 2021, eq. 1 and fig. 3).
// It is NaN unless 0 ≤ c ≤ n and 1 ≤ k ≤ n.
func PassAtK(n, c, k int) float64 {
	if c < 0 || c > n || k < 1 || k > n {
		return math.NaN()
	}
	if k == 1 {
		return float64(c) / float64(n)
	}
	if n-c < k {
		return 1
	}
	// C(n−c, k) / C(n, k) is a product of c factors, and by symmetry of k factors.
	few, many := min(c, k), max(c, k)
	miss := 1.0
	for i := range few {
		miss *= 1 - float64(many)/float64(n-i)
	}
	return 1 - miss
}

// Estimate is pass@k over tasks: the mean of [PassAtK], and the 2.5 and 97.5 %
// quantiles of that mean over 2,000 bootstrap resamples of the tasks drawn from rng.
// It reports false unless there is a task and every task has at least k samples.
// With one task, or where all tasks agree, the interval has no width.
func Estimate(counts []Count, k int, rng *rand.Rand) (Interval, bool) {
	if len(counts) == 0 {
		return Interval{}, false
	}
	scores := make([]float64, len(counts))
	for i, c := range counts {
		if scores[i] = PassAtK(c.N, c.C, k); math.IsNaN(scores[i]) {
			return Interval{}, false
		}
	}
	return Bootstrap(scores, resamples, rng), true
}

// Bootstrap is the mean of xs, at least one, with the 2.5 and 97.5 % quantiles of that mean
// over resamples of xs with replacement, drawn from rng (Efron, "Bootstrap Methods", 1979).
func Bootstrap(xs []float64, resamples int, rng *rand.Rand) Interval {
	means := make([]float64, resamples)
	for r := range means {
		sum := 0.0
		for range xs {
			sum += xs[rng.IntN(len(xs))]
		}
		means[r] = sum / float64(len(xs))
	}
	slices.Sort(means)
	return Interval{Mean: mean(xs), Lo: quantile(means, 0.025), Hi: quantile(means, 0.975)}
}

// BootstrapBoth is [Bootstrap] for rows of equal length, such as seeds by tasks: each resample draws
// rows and columns with replacement, and takes the mean of where they cross (Owen, "The Pigeonhole
// Bootstrap", 2007). NaN is a place without a number, of which there must be others.
func BootstrapBoth(xs [][]float64, resamples int, rng *rand.Rand) Interval {
	rows, columns := make([]int, len(xs)), make([]int, len(xs[0])) // how often each was drawn
	mean := func() float64 {
		sum, n := 0.0, 0
		for r, k := range rows {
			for c, l := range columns {
				if x := xs[r][c]; k*l > 0 && !math.IsNaN(x) {
					sum, n = sum+float64(k*l)*x, n+k*l
				}
			}
		}
		return sum / float64(n)
	}
	draw := func(times []int) {
		clear(times)
		for range times {
			times[rng.IntN(len(times))]++
		}
	}
	for _, times := range [][]int{rows, columns} {
		for i := range times {
			times[i] = 1
		}
	}
	out := Interval{Mean: mean()}
	var means []float64
	for range resamples {
		draw(rows)
		draw(columns)
		if m := mean(); !math.IsNaN(m) {
			means = append(means, m)
		}
	}
	slices.Sort(means)
	out.Lo, out.Hi = quantile(means, 0.025), quantile(means, 0.975)
	return out
}

func mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}

// quantile interpolates linearly between the two nearest of the sorted xs.
func quantile(xs []float64, q float64) float64 {
	at := q * float64(len(xs)-1)
	i := int(at)
	if i+1 == len(xs) {
		return xs[i]
	}
	return xs[i] + (at-float64(i))*(xs[i+1]-xs[i])
}

// Wilson is the share c of n with Wilson's score interval (Wilson, "Probable
// Inference, the Law of Succession, and Statistical Inference", 1927). Of no
// observations it is 0 within [0, 1].
func Wilson(c, n int) Interval {
	if n == 0 {
		return Interval{Hi: 1}
	}
	nf := float64(n)
	p := float64(c) / nf
	scale := 1 + z*z/nf
	center := (p + z*z/(2*nf)) / scale
	half := z / scale * math.Sqrt(p*(1-p)/nf+z*z/(4*nf*nf))
	w := Interval{Mean: p, Lo: center - half, Hi: center + half}
	// At the ends rounding would leave a little of what cancels.
	if c == 0 {
		w.Lo = 0
	}
	if c == n {
		w.Hi = 1
	}
	return w
}
