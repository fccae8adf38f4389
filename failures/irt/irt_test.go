package irt

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

type golden struct {
	Ability        []float64 `json:"ability"`
	Mu             float64   `json:"mu"`
	Sigma          float64   `json:"sigma"`
	Tau            float64   `json:"tau"`
	LogLikelihood  float64   `json:"log_likelihood"`
	Difficulty     []float64 `json:"difficulty"`
	Discrimination []float64 `json:"discrimination"`
}

// The same model, its marginal likelihood maximised directly by SciPy: testdata/gen/marginal.py.
func TestAgainstDirectMaximisation(t *testing.T) {
	raw, err := os.ReadFile("testdata/marginal.json")
	if err != nil {
		t.Fatal(err)
	}
	var data struct {
		Passed [][]float64 `json:"passed"`
		N      [][]float64 `json:"n"`
		Two    golden      `json:"two"`
		Rasch  golden      `json:"rasch"`
	}
	if err := json.Unmarshal(raw, &data); err != nil {
		t.Fatal(err)
	}
	var cells []Cell
	for i := range data.N {
		for j, n := range data.N[i] {
			cells = append(cells, Cell{i, j, data.Passed[i][j], n})
		}
	}
	for _, c := range []struct {
		name  string
		rasch bool
		want  golden
	}{{"two", false, data.Two}, {"rasch", true, data.Rasch}} {
		m, err := Fit(cells, len(data.N), len(data.N[0]), Options{Rasch: c.rasch, Iterations: 3000, Tolerance: 1e-8})
		if err != nil {
			t.Fatal(err)
		}
		near := func(what string, got, want, within float64) {
			t.Helper()
			if math.Abs(got-want) > within || math.IsNaN(got) {
				t.Errorf("%s: %s is %.4f, want %.4f", c.name, what, got, want)
			}
		}
		near("log-likelihood", m.LogLikelihood, c.want.LogLikelihood, 0.05)
		near("sigma", m.Sigma, c.want.Sigma, 0.05)
		near("tau", m.Tau, c.want.Tau, 0.05)
		for j, want := range c.want.Ability {
			near("ability less mu", m.Ability[j].Mean-m.Mu, want-c.want.Mu, 0.05)
		}
		for i, want := range c.want.Difficulty {
			near("difficulty less mu", m.Difficulty[i].Mean-m.Mu, want-c.want.Mu, 0.1)
			near("discrimination", m.Discrimination[i].Mean, c.want.Discrimination[i], 0.1)
		}
	}
}

// simulated are results of items whose parameters are known.
func simulated(items, models int, seed uint64) (cells []Cell, b, a, theta []float64) {
	rng := rand.New(rand.NewPCG(seed, 8))
	for range models {
		theta = append(theta, rng.NormFloat64())
	}
	for i := range items {
		b, a = append(b, 1.5*rng.NormFloat64()), append(a, math.Exp(0.5*rng.NormFloat64()))
		for j := range models {
			c := Cell{Item: i, Model: j, N: 10}
			for range 10 {
				if rng.Float64() < 1/(1+math.Exp(-a[i]*(theta[j]-b[i]))) {
					c.Passed++
				}
			}
			cells = append(cells, c)
		}
	}
	return cells, b, a, theta
}

func TestIntervalsCoverTheTruth(t *testing.T) {
	cells, b, a, theta := simulated(300, 12, 3)
	m, err := Fit(cells, 300, 12, Options{})
	if err != nil {
		t.Fatal(err)
	}
	shift := 0.0 // abilities and difficulties have no zero of their own
	for j := range theta {
		shift += (m.Ability[j].Mean - theta[j]) / 12
	}
	inB, inA := 0, 0
	for i := range b {
		if m.Difficulty[i].Lo <= b[i]+shift && b[i]+shift <= m.Difficulty[i].Hi {
			inB++
		}
		if m.Discrimination[i].Lo <= a[i] && a[i] <= m.Discrimination[i].Hi {
			inA++
		}
	}
	if inB < 270 || inA < 270 || inB == 300 && inA == 300 {
		t.Errorf("of 300 95 %% intervals %d hold the difficulty and %d the discrimination", inB, inA)
	}
}

// What happens to items and models does not depend on their order, and the chance that is predicted is one.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items, models := rapid.IntRange(1, 6).Draw(t, "items"), rapid.IntRange(1, 4).Draw(t, "models")
		var cells, turned []Cell
		for i := range items {
			for j := range models {
				n := rapid.IntRange(0, 5).Draw(t, "n")
				c := Cell{i, j, float64(rapid.IntRange(0, n).Draw(t, "passed")), float64(n)}
				cells = append(cells, c)
				c.Item, c.Model = items-1-i, models-1-j
				turned = append(turned, c)
			}
		}
		o := Options{Iterations: 20, Rasch: rapid.Bool().Draw(t, "rasch"), Correlation: rapid.Float64Range(0, 1).Draw(t, "correlation")}
		m, err := Fit(cells, items, models, o)
		if err != nil {
			if !strings.Contains(err.Error(), "no result") {
				t.Fatal(err)
			}
			return
		}
		back, err := Fit(turned, items, models, o)
		if err != nil {
			t.Fatal(err)
		}
		// Abilities are found to 1e-10 each, which the steepest items magnify.
		most := 1e-6 + 1e-9*math.Exp(shapeReach*m.Tau)
		for i := range items {
			for j := range models {
				p, q := m.Predict(i, j), back.Predict(items-1-i, models-1-j)
				if !(p > 0 && p < 1) || math.Abs(p-q) > most {
					t.Fatalf("item %d, model %d: %g, turned round %g", i, j, p, q)
				}
			}
			if d := m.Difficulty[i]; !(d.Lo <= d.Mean && d.Mean <= d.Hi) {
				t.Fatalf("difficulty %+v", d)
			}
		}
	})
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		cells []Cell
		o     Options
		says  string
	}{
		{nil, Options{}, "no result"},
		{[]Cell{{0, 0, 2, 1}}, Options{}, "2 of 1 programs"},
		{[]Cell{{1, 0, 0, 1}}, Options{}, "item 1"},
		{[]Cell{{0, 0, 1, 1}}, Options{Correlation: 2}, "correlation 2"},
	} {
		if _, err := Fit(c.cells, 1, 1, c.o); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v, want %q", c.cells, err, c.says)
		}
	}
}
