package train

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// goldenRL is what numpy and torch computed: testdata/gen/rl.py.
type goldenRL struct {
	Advantages []struct {
		Rewards, RLOO, GRPO []float64
		Exp                 map[string][]float64
	}
	GAE []struct {
		Gamma, Lambda                        float64
		Rewards, Values, Advantages, Returns []float64
	}
	Batch struct {
		B, T, V                           int
		Targets                           []int32
		Logits, Mask                      []float32
		Advantage, Positive, Share, Count []float32
		Reference, Behaviour, Known       []float32
		Advantages, Old, Values, Returns  []float32
		OldValues                         []float32 `json:"old_values"`
	}
	Offline, Policy []goldenLoss
}

type goldenLoss struct {
	Settings map[string]float64
	Loss     float64
	Logits   []float32 `json:"logits_gradient"`
	Values   []float32 `json:"values_gradient"`
}

func readGoldenRL(t *testing.T) *goldenRL {
	t.Helper()
	raw, err := os.ReadFile("testdata/rl.json")
	if err != nil {
		t.Fatal(err)
	}
	var g goldenRL
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return &g
}

func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, not %d", what, len(got), len(want))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-9) {
			t.Errorf("%s: number %d is %v, not %v", what, i, got[i], want[i])
		}
	}
}

func TestGoldenAdvantages(t *testing.T) {
	for _, c := range readGoldenRL(t).Advantages {
		for _, a := range []struct {
			kind Advantage
			e    ExpSettings
			want []float64
		}{
			{RLOO, ExpSettings{}, c.RLOO},
			{GroupRelative, ExpSettings{}, c.GRPO},
			{Exponential, ExpSettings{1, 0.05, 10}, c.Exp["1.0"]},
			{Exponential, ExpSettings{0.25, 0.05, 10}, c.Exp["0.25"]},
		} {
			got, err := a.kind.Of(c.Rewards, nil, a.e)
			if err != nil {
				t.Fatal(err)
			}
			near(t, string(a.kind), got, a.want)
		}
	}
}

func TestGoldenReturns(t *testing.T) {
	for _, c := range readGoldenRL(t).GAE {
		a, r := Returns(c.Rewards, c.Values, c.Gamma, c.Lambda)
		near(t, "advantages", a, c.Advantages)
		near(t, "returns", r, c.Returns)
	}
}

// Advantages do not depend on a constant that all rewards have more, those of grpo and exp
// not on their scale either; they sum to 0, or have mean 1; more reward never counts less.
func TestAdvantageProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rewards := rapid.SliceOfN(rapid.Float64Range(-2, 2), 2, 8).Draw(t, "rewards")
		correct := make([]bool, len(rewards))
		e := ExpSettings{rapid.Float64Range(0.2, 3).Draw(t, "temperature"), 0.05, 10}
		if _, d := moments(rewards); d < 1e-3 && d > 0 {
			return // the eps beside the deviation is no longer small
		}
		shifted, scaled := make([]float64, len(rewards)), make([]float64, len(rewards))
		for i, r := range rewards {
			shifted[i], scaled[i] = r+3, 2*r
		}
		for _, a := range []Advantage{RLOO, GroupRelative, Exponential} {
			get := func(r []float64) []float64 {
				out, err := a.Of(r, correct, e)
				if err != nil {
					t.Fatal(err)
				}
				return out
			}
			of, sum := get(rewards), 0.0
			for i, x := range of {
				sum += x
				for k := range of {
					if rewards[i] > rewards[k] && of[i] < of[k] {
						t.Fatalf("%s: reward %v counts %v, %v counts %v", a, rewards[i], x, rewards[k], of[k])
					}
				}
			}
			want := 0.0
			if a == Exponential {
				want = float64(len(of))
			}
			if math.Abs(sum-want) > 1e-6 {
				t.Fatalf("%s: the sum is %v", a, sum)
			}
			for i, x := range get(shifted) {
				if math.Abs(x-of[i]) > 1e-6 {
					t.Fatalf("%s: %v, with shifted rewards %v", a, of[i], x)
				}
			}
			for i, x := range get(scaled) {
				if a != RLOO && math.Abs(x-of[i]) > 2e-2 {
					t.Fatalf("%s: %v, with scaled rewards %v", a, of[i], x)
				}
			}
		}
	})
}

func TestAdvantageOddities(t *testing.T) {
	got, err := Filtered.Of([]float64{1, 2, 3}, []bool{true, false, true}, ExpSettings{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "filtered", got, []float64{1, 0, 1})
	if _, err := RLOO.Of([]float64{1}, nil, ExpSettings{}); err == nil {
		t.Error("rloo of one program")
	}
	if _, err := Advantage("?").Of([]float64{1, 2}, nil, ExpSettings{}); err == nil {
		t.Error("an advantage that does not exist")
	}
	third := []float64{1.0 / 3, 1.0 / 3, 1.0 / 3} // whose sum over 3 is not 1/3 exactly
	if got, _ = GroupRelative.Of(third, nil, ExpSettings{}); got[0] != 0 {
		t.Errorf("equal rewards have the advantage %v", got[0])
	}
	a, b := []float64{1, 2}, []float64{3, 6}
	whiten(a, b)
	near(t, "whitened", []float64{(a[0] + a[1] + b[0] + b[1]), a[0]*a[0] + a[1]*a[1] + b[0]*b[0] + b[1]*b[1]}, []float64{0, 4 / math.Pow(1+advantageEps/math.Sqrt(3.5), 2)})
}
