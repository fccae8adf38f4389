package failures

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"hone/judge"
)

// normal95 is the 97.5 % quantile of the normal distribution.
const normal95 = 1.959963984540054

// Spearman is the rank correlation of x and y, ties having their mean rank, with a 95 % interval and the two-sided p of no
// correlation. The interval is Bonett and Wright's ("Sample size requirements for estimating Pearson, Kendall and Spearman
// correlations", 2000), p is from Student's t. Fewer than 4 pairs, or one side that is constant, give NaN.
func Spearman(x, y []float64) (rho judge.Interval, p float64) {
	n := float64(len(x))
	r := math.NaN()
	if len(x) > 3 {
		r = stat.Correlation(ranks(x), ranks(y), nil)
	}
	if math.IsNaN(r) {
		return judge.Interval{Mean: r, Lo: r, Hi: r}, r
	}
	r = math.Max(-1, math.Min(1, r))
	half := normal95 * math.Sqrt((1+r*r/2)/(n-3))
	rho = judge.Interval{Mean: r, Lo: math.Tanh(math.Atanh(r) - half), Hi: math.Tanh(math.Atanh(r) + half)}
	t := r * math.Sqrt((n-2)/((1-r)*(1+r)))
	return rho, 2 * distuv.StudentsT{Sigma: 1, Nu: n - 2}.Survival(math.Abs(t))
}

// ranks are from 1; equal values share the mean of theirs.
func ranks(xs []float64) []float64 {
	order := argsort(len(xs), func(a, b int) int { return cmp.Compare(xs[a], xs[b]) })
	out := make([]float64, len(xs))
	for i := 0; i < len(order); {
		j := i + 1
		for j < len(order) && xs[order[j]] == xs[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			out[k] = float64(i+j+1) / 2
		}
		i = j
	}
	return out
}

// Logistic fits the chance of y[i] of n[i] to x by maximum likelihood, logit = α + β x, and returns β with the 95 % interval
// and p of its sandwich variance (White, 1982; HC0), which holds although the trials of one observation are not independent.
// Where the data have no finite fit all is NaN.
func Logistic(x, y, n []float64) (beta judge.Interval, p float64) {
	alpha, slope := 0.0, 0.0
	nan := math.NaN()
	none := judge.Interval{Mean: nan, Lo: nan, Hi: nan}
	for range 50 {
		var g, h moments
		for i := range x {
			mu := 1 / (1 + math.Exp(-alpha-slope*x[i]))
			g.add(y[i]-n[i]*mu, x[i])
			h.add(n[i]*mu*(1-mu), x[i])
		}
		det := h[0]*h[2] - h[1]*h[1]
		if !(det > 1e-9*h[0]*h[0]) {
			return none, nan
		}
		da, db := (h[2]*g[0]-h[1]*g[1])/det, (h[0]*g[1]-h[1]*g[0])/det
		alpha, slope = alpha+da, slope+db
		if math.Abs(slope) > 30 {
			return none, nan
		}
		if math.Abs(da)+math.Abs(db) < 1e-12 {
			break
		}
	}
	var h, meat moments
	for i := range x {
		mu := 1 / (1 + math.Exp(-alpha-slope*x[i]))
		h.add(n[i]*mu*(1-mu), x[i])
		e := y[i] - n[i]*mu
		meat.add(e*e, x[i])
	}
	det := h[0]*h[2] - h[1]*h[1]
	b0, b1 := -h[1]/det, h[0]/det // the row of the inverse that belongs to the slope
	se := math.Sqrt(b0*b0*meat[0] + 2*b0*b1*meat[1] + b1*b1*meat[2])
	p = 2 * distuv.UnitNormal.Survival(math.Abs(slope)/se)
	return judge.Interval{Mean: slope, Lo: slope - normal95*se, Hi: slope + normal95*se}, p
}

// moments are the sums of w, w x and w x².
type moments [3]float64

func (m *moments) add(w, x float64) {
	m[0] += w
	m[1] += w * x
	m[2] += w * x * x
}

// Holm adjusts p-values for being several (Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979). NaNs are
// no tests and stay.
func Holm(ps []float64) []float64 {
	order := argsort(len(ps), func(a, b int) int { return cmp.Compare(ps[a], ps[b]) })
	order = slices.DeleteFunc(order, func(i int) bool { return math.IsNaN(ps[i]) })
	out := slices.Clone(ps)
	highest := 0.0
	for k, i := range order {
		highest = math.Max(highest, math.Min(1, ps[i]*float64(len(order)-k)))
		out[i] = highest
	}
	return out
}
