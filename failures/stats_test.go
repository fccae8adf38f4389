package failures

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// testdata/gen/stats.py makes the file with SciPy and statsmodels.
func TestStatistics(t *testing.T) {
	raw, err := os.ReadFile("testdata/stats.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Cases []struct {
			X     []float64 `json:"x"`
			Y     []float64 `json:"y"`
			N     []float64 `json:"n"`
			Rho   float64   `json:"rho"`
			P     float64   `json:"p"`
			Beta  float64   `json:"beta"`
			Lo    float64   `json:"lo"`
			Hi    float64   `json:"hi"`
			BetaP float64   `json:"beta_p"`
		} `json:"cases"`
		Ps   []float64 `json:"ps"`
		Holm []float64 `json:"holm"`
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-6*(1+math.Abs(want))) {
			t.Errorf("%s is %g, want %g", what, got, want)
		}
	}
	for _, c := range want.Cases {
		rho, p := Spearman(c.X, c.Y)
		near("rho", rho.Mean, c.Rho)
		near("p", p, c.P)
		beta, p := Logistic(c.X, c.Y, c.N)
		near("beta", beta.Mean, c.Beta)
		near("beta from", beta.Lo, c.Lo)
		near("beta to", beta.Hi, c.Hi)
		near("p of beta", p, c.BetaP)
	}
	for i, p := range Holm(append([]float64{math.NaN()}, want.Ps...)) {
		if i > 0 {
			near("Holm's p", p, want.Holm[i-1])
		}
	}
}

func TestWithoutFit(t *testing.T) {
	ones := []float64{1, 1, 1, 1, 1}
	if _, p := Spearman(ones, []float64{1, 2, 3, 4, 5}); !math.IsNaN(p) {
		t.Errorf("a constant has p %g", p)
	}
	if _, p := Logistic([]float64{1, 2, 3, 4, 5}, []float64{0, 0, 0, 1, 1}, ones); !math.IsNaN(p) {
		t.Errorf("separated data have p %g", p)
	}
}

func TestFormDifference(t *testing.T) {
	for _, c := range []struct{ got, expected, want string }{
		{"[1, 2]", "[1,2]", "white space"},
		{`'2\n3'`, `'2\n3\n'`, "white space"},
		{"'23'", "23", "quotes"},
		{"'Yes'", "'YES'", "case"},
		{"(1, 2)", "[1, 2]", "type"},
		{"3.0", "3", "type"},
		{"Counter({'a': 1})", "{'a': 1}", "type"},
		{"(1,)", "[1]", "type"},
		{"[2, 1]", "[1, 2]", "order"},
		{"[1, 2]", "[1, 3]", ""},
		{"1", "1", ""},
		{"[]", "()", ""},
		{"", "1", ""},
		{"3.01", "3", ""},
		{"[1, 2, 2]", "[1, 2]", ""},
	} {
		if got := FormDifference(c.got, c.expected); got != c.want {
			t.Errorf("%s for %s differs in %q, want %q", c.got, c.expected, got, c.want)
		}
	}
}
