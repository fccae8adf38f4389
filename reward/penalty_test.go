package reward

import (
	"math"
	"testing"
)

func TestPenalty(t *testing.T) {
	logp, ref := []float64{-1, -2, -0.5}, []float64{-1, -1, -1.5}
	for kind, want := range map[PenaltyKind][]float64{ // with d = 0, 1, −1 and β = 0.1
		K1: {0, 0.1, -0.1},
		K2: {0, -0.05, -0.05},
		K3: {0, -0.1 * (math.E - 2), -0.1 / math.E},
	} {
		got, err := Penalty(kind, 0.1, logp, ref)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if !near(got[i], want[i]) {
				t.Errorf("%s: %v, want %v", kind, got, want)
				break
			}
		}
	}
	for name, c := range map[string]struct {
		kind      PenaltyKind
		logp, ref []float64
	}{
		"lengths":   {K1, logp, ref[:2]},
		"kind":      {"k4", logp, ref},
		"infinite":  {K1, []float64{math.Inf(-1)}, []float64{-1}},
		"NaN":       {K2, []float64{math.NaN()}, []float64{-1}},
		"overflow":  {K3, []float64{-2000}, []float64{-1}},
		"both":      {K1, []float64{math.Inf(-1)}, []float64{math.Inf(-1)}},
		"reference": {K3, []float64{-1}, []float64{math.Inf(-1)}},
	} {
		if got, err := Penalty(c.kind, 0.1, c.logp, c.ref); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestPenaltyGradient: the policy gradient of k1 in the reward is the gradient of the
// divergence; that of k3 is not, and can have the other sign. The policy is a softmax over
// three actions, all expectations are exact.
func TestPenaltyGradient(t *testing.T) {
	softmax := func(z []float64) []float64 {
		p, sum := make([]float64, len(z)), 0.0
		for i := range z {
			p[i] = math.Exp(z[i])
			sum += p[i]
		}
		for i := range p {
			p[i] /= sum
		}
		return p
	}
	logs := func(p []float64) []float64 {
		out := make([]float64, len(p))
		for i := range p {
			out[i] = math.Log(p[i])
		}
		return out
	}
	kl := func(p, q []float64) float64 {
		s := 0.0
		for i := range p {
			s += p[i] * math.Log(p[i]/q[i])
		}
		return s
	}
	// gradient ascends E[r]: Σ_a p(a) r(a) ∇ log p(a), with r = −k and ∂ log p(a)/∂z_j = [a=j] − p(j).
	policy := func(kind PenaltyKind, p, q []float64) []float64 {
		r, err := Penalty(kind, 1, logs(p), logs(q))
		if err != nil {
			t.Fatal(err)
		}
		g := make([]float64, len(p))
		for j := range g {
			for a := range p {
				d := -p[j]
				if a == j {
					d++
				}
				g[j] += p[a] * r[a] * d
			}
		}
		return g
	}
	z, q := []float64{1.5, 0.2, -1}, softmax([]float64{-2, 0.5, 0.3})
	p := softmax(z)
	k1, k3 := policy(K1, p, q), policy(K3, p, q)
	flipped := false
	for j := range z {
		const h = 1e-6
		up, down := append([]float64(nil), z...), append([]float64(nil), z...)
		up[j] += h
		down[j] -= h
		want := -(kl(softmax(up), q) - kl(softmax(down), q)) / (2 * h)
		if math.Abs(k1[j]-want) > 1e-8 {
			t.Errorf("k1 has gradient %v in direction %d, the divergence %v", k1[j], j, want)
		}
		flipped = flipped || k3[j]*want < 0
	}
	if !flipped {
		t.Errorf("k3 %v has the signs of the divergence's gradient %v: choose a policy where it has not", k3, k1)
	}
}
