// Package irt fits item-response models to results: how able models are, how difficult tasks are and how well they tell models
// apart.
//
// The chance that a program of model j solves task i is
//
//	p = 1 / (1 + exp(−a_i (θ_j − b_i)))
//
// with ability θ_j, difficulty b_i and discrimination a_i: the two-parameter logistic model (Birnbaum, in Lord and Novick,
// "Statistical Theories of Mental Test Scores", 1968). With all a_i = 1 it is the one-parameter or Rasch model, which is additive
// logistic regression with a random effect of tasks.
//
// There are few models and many tasks, the reverse of a school test. So abilities are parameters, and tasks are drawn from a
// population, b ~ N(μ, σ²) and log a ~ N(0, τ²), whose μ, σ, τ are estimated too: marginal maximum likelihood by expectation and
// maximisation (Bock and Aitkin, "Marginal Maximum Likelihood Estimation of Item Parameters", 1981) with the sides exchanged. What is
// said of a task is its posterior, which is wide where data are few.
package irt

import (
	"errors"
	"fmt"
	"math"
)

// Cell is a result: of N programs of a model for an item, Passed passed.
type Cell struct {
	Item, Model int // from 0
	Passed, N   float64
}

// Options say which model is fitted.
type Options struct {
	// Rasch holds all discriminations at 1.
	Rasch bool
	// Correlation is that of the programs of one cell, in [0, 1]: N of them count as N / (1 + (N−1) Correlation). Programs of one model for one
	// task are far from independent.
	Correlation float64
	// Iterations is the largest number, 0 for 500. They end when the log-likelihood changes by less than this share of itself: Tolerance,
	// 0 for 1e-6.
	Iterations int
	Tolerance  float64
}

// Estimate is a posterior: its mean and the 2.5 and 97.5 % quantiles.
type Estimate struct {
	Mean float64 `json:"mean"`
	Lo   float64 `json:"lo"`
	Hi   float64 `json:"hi"`
}

// Model is a fit.
type Model struct {
	Ability        []Estimate // [models]; the interval is the normal one of the complete-data curvature
	Difficulty     []Estimate // [items]
	Discrimination []Estimate // [items]
	Mu, Sigma, Tau float64    // of the population of items; Tau is 0 for Rasch
	LogLikelihood  float64    // marginal, with the prior of abilities
	Iterations     int
	predicted      []float64 // [items × models]
}

// Predict is the posterior mean of the chance that a program of a model solves an item.
func (m *Model) Predict(item, model int) float64 { return m.predicted[item*len(m.Ability)+model] }

const (
	// abilityVariance is that of the prior of abilities, N(0, 9): weak, it keeps a model that solves all finite.
	abilityVariance = 9
	// A grid of places and shapes, in standard deviations of the population.
	places, placeReach = 81, 4.5
	shapes, shapeReach = 11, 3.5
)

// fit is the state of the iterations.
type fit struct {
	items, models int
	passed        []float64 // [items × models], weighted
	missed        []float64 // [items × models], weighted: those that did not pass
	theta         []float64 // [models]
	mu, sigma     float64
	tau           float64
	// The grid: nodes with difficulty b, discrimination a and the logarithm of their weight.
	nodes  int
	b, a   []float64 // [nodes]
	prior  []float64 // [nodes]
	logs   []float64 // [nodes × models × 2]: log p, log (1 − p)
	weight []float64 // [items × nodes]: the posterior
}

// Fit estimates a model from cells of items and models that are counted from 0. Cells without programs are passed over.
func Fit(cells []Cell, items, models int, o Options) (*Model, error) {
	f, err := newFit(cells, items, models, o)
	if err != nil {
		return nil, err
	}
	iterations, tolerance := o.Iterations, o.Tolerance
	if iterations <= 0 {
		iterations = 500
	}
	if tolerance <= 0 {
		tolerance = 1e-6
	}
	before := math.Inf(-1)
	for i := 1; ; i++ {
		f.grid(o.Rasch)
		likelihood := f.expect()
		if i == iterations || math.Abs(likelihood-before) < tolerance*(1+math.Abs(likelihood)) {
			return f.model(likelihood, i), nil
		}
		before = likelihood
		f.maximize(o.Rasch)
	}
}

func newFit(cells []Cell, items, models int, o Options) (*fit, error) {
	if items < 1 || models < 1 {
		return nil, fmt.Errorf("irt: %d items and %d models: at least one of each is wanted", items, models)
	}
	if o.Correlation < 0 || o.Correlation > 1 {
		return nil, fmt.Errorf("irt: correlation %g is not in [0, 1]", o.Correlation)
	}
	f := &fit{
		items: items, models: models, passed: make([]float64, items*models), missed: make([]float64, items*models),
		theta: make([]float64, models), sigma: 2, tau: 0.5,
	}
	any := false
	for _, c := range cells {
		if c.Item < 0 || c.Item >= items || c.Model < 0 || c.Model >= models {
			return nil, fmt.Errorf("irt: a cell of item %d and model %d, there are %d and %d", c.Item, c.Model, items, models)
		}
		if c.N < 0 || c.Passed < 0 || c.Passed > c.N {
			return nil, fmt.Errorf("irt: item %d, model %d: %g of %g programs passed", c.Item, c.Model, c.Passed, c.N)
		}
		if c.N > 0 {
			w := 1 / (1 + math.Max(0, c.N-1)*o.Correlation)
			f.passed[c.Item*models+c.Model] += c.Passed * w
			f.missed[c.Item*models+c.Model] += (c.N - c.Passed) * w
			any = true
		}
	}
	if !any {
		return nil, errors.New("irt: there is no result")
	}
	f.start()
	return f, nil
}

// start puts abilities at the logits of the shares that passed.
func (f *fit) start() {
	mean := 0.0
	for j := range f.models {
		y, n := 0.5, 1.0
		for i := range f.items {
			y += f.passed[i*f.models+j]
			n += f.passed[i*f.models+j] + f.missed[i*f.models+j]
		}
		f.theta[j] = math.Log(y / (n - y))
		mean += f.theta[j] / float64(f.models)
	}
	f.mu = -mean
	for j := range f.theta {
		f.theta[j] -= mean
	}
}

// grid lays nodes over the population of items as it is estimated now.
func (f *fit) grid(rasch bool) {
	m := shapes
	if rasch {
		m = 1
	}
	f.nodes = places * m
	f.b, f.a, f.prior = make([]float64, 0, f.nodes), make([]float64, 0, f.nodes), make([]float64, 0, f.nodes)
	for s := range m {
		u := 0.0
		if m > 1 {
			u = shapeReach * (2*float64(s)/float64(m-1) - 1)
		}
		for p := range places {
			v := placeReach * (2*float64(p)/float64(places-1) - 1)
			f.b = append(f.b, f.mu+f.sigma*v)
			f.a = append(f.a, math.Exp(f.tau*u))
			f.prior = append(f.prior, -(u*u+v*v)/2)
		}
	}
	if rasch {
		for g := range f.a {
			f.a[g] = 1
		}
	}
	normalize(f.prior)
	f.logs = make([]float64, f.nodes*f.models*2)
	for g := range f.nodes {
		for j, theta := range f.theta {
			x := f.a[g] * (theta - f.b[g])
			at := (g*f.models + j) * 2
			f.logs[at], f.logs[at+1] = -softplus(-x), -softplus(x)
		}
	}
}

// softplus is log(1 + exp(x)).
func softplus(x float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}

// normalize makes logarithms of weights sum to one and returns the logarithm of what their sum was.
func normalize(logs []float64) float64 {
	top := math.Inf(-1)
	for _, x := range logs {
		top = math.Max(top, x)
	}
	sum := 0.0
	for _, x := range logs {
		sum += math.Exp(x - top)
	}
	total := top + math.Log(sum)
	for i := range logs {
		logs[i] -= total
	}
	return total
}

// expect computes the posterior of each item over the nodes, and returns the marginal log-likelihood.
func (f *fit) expect() float64 {
	if len(f.weight) != f.items*f.nodes {
		f.weight = make([]float64, f.items*f.nodes)
	}
	total := 0.0
	for i := range f.items {
		w := f.weight[i*f.nodes : (i+1)*f.nodes]
		copy(w, f.prior)
		passed, missed := f.passed[i*f.models:(i+1)*f.models], f.missed[i*f.models:(i+1)*f.models]
		for g := range w {
			logs := f.logs[g*f.models*2 : (g+1)*f.models*2]
			sum := 0.0
			for j, y := range passed {
				sum += y*logs[2*j] + missed[j]*logs[2*j+1]
			}
			w[g] += sum
		}
		total += normalize(w)
		for g := range w {
			w[g] = math.Exp(w[g])
		}
	}
	for _, theta := range f.theta {
		total -= theta * theta / (2 * abilityVariance)
	}
	return total
}

// maximize moves abilities by Newton steps on the expected log-likelihood, and the population to the moments of the posteriors.
func (f *fit) maximize(rasch bool) {
	y, n := f.expectedCounts()
	for j := range f.theta {
		// The slope falls all the way (the log-likelihood is concave), so its zero stays between the two sides seen. A Newton step that would
		// leave them is replaced by half the way: without that, steep items make the steps swing about the zero.
		lo, hi := math.Inf(-1), math.Inf(1)
		for range 60 {
			slope, curvature := f.derivatives(j, y, n)
			if slope > 0 {
				lo = f.theta[j]
			} else {
				hi = f.theta[j]
			}
			step := math.Max(-1, math.Min(1, slope/curvature))
			if next := f.theta[j] + step; next < lo || next > hi {
				step = (lo+hi)/2 - f.theta[j]
			}
			f.theta[j] += step
			if math.Abs(step) < 1e-10 {
				break
			}
		}
	}
	f.population(rasch)
}

// expectedCounts are the passed programs and the programs of each model at each node, [nodes × models].
func (f *fit) expectedCounts() (y, n []float64) {
	y, n = make([]float64, f.nodes*f.models), make([]float64, f.nodes*f.models)
	for i := range f.items {
		for g, w := range f.weight[i*f.nodes : (i+1)*f.nodes] {
			if w < 1e-9 {
				continue
			}
			for j := range f.models {
				y[g*f.models+j] += w * f.passed[i*f.models+j]
				n[g*f.models+j] += w * (f.passed[i*f.models+j] + f.missed[i*f.models+j])
			}
		}
	}
	return y, n
}

// derivatives are the slope and the negative second derivative of the expected log-likelihood in the ability of model j.
func (f *fit) derivatives(j int, y, n []float64) (slope, curvature float64) {
	theta := f.theta[j]
	slope, curvature = -theta/abilityVariance, 1.0/abilityVariance
	for g := range f.nodes {
		at := g*f.models + j
		p := 1 / (1 + math.Exp(-f.a[g]*(theta-f.b[g])))
		slope += f.a[g] * (y[at] - n[at]*p)
		curvature += f.a[g] * f.a[g] * n[at] * p * (1 - p)
	}
	return slope, curvature
}

// population moves μ, σ and τ to the moments of the posteriors.
func (f *fit) population(rasch bool) {
	items := float64(f.items)
	mean, square, shape := 0.0, 0.0, 0.0
	for i := range f.items {
		for g, w := range f.weight[i*f.nodes : (i+1)*f.nodes] {
			mean += w * f.b[g] / items
			square += w * f.b[g] * f.b[g] / items
			u := math.Log(f.a[g])
			shape += w * u * u / items
		}
	}
	f.mu, f.sigma = mean, math.Max(0.05, math.Sqrt(math.Max(0, square-mean*mean)))
	if !rasch {
		f.tau = math.Max(0.05, math.Sqrt(shape))
	}
}

// model says what the fit found, with the mean ability at 0.
func (f *fit) model(likelihood float64, iterations int) *Model {
	m := &Model{Mu: f.mu, Sigma: f.sigma, Tau: f.tau, LogLikelihood: likelihood, Iterations: iterations, predicted: make([]float64, f.items*f.models)}
	if f.nodes == places { // Rasch
		m.Tau = 0
	}
	byB, byA := order(f.b), order(f.a)
	y, n := f.expectedCounts()
	for j, theta := range f.theta {
		_, curvature := f.derivatives(j, y, n)
		half := 1.959964 / math.Sqrt(curvature)
		m.Ability = append(m.Ability, Estimate{theta, theta - half, theta + half})
	}
	for i := range f.items {
		w := f.weight[i*f.nodes : (i+1)*f.nodes]
		m.Difficulty = append(m.Difficulty, posterior(f.b, w, byB))
		m.Discrimination = append(m.Discrimination, posterior(f.a, w, byA))
		for g, x := range w {
			if x < 1e-9 {
				continue
			}
			for j := range f.models {
				m.predicted[i*f.models+j] += x * math.Exp(f.logs[(g*f.models+j)*2])
			}
		}
	}
	return m
}
