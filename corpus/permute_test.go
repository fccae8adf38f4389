package corpus

import (
	"testing"

	"pgregory.net/rapid"
)

func TestPermutation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(1, 3000).Draw(t, "n")
		p := newPermutation(n, rapid.Uint64().Draw(t, "seed"), rapid.Uint64Range(0, 9).Draw(t, "epoch"))
		seen := make([]bool, n)
		for i := range n {
			j := p.at(i)
			if j >= n || seen[j] {
				t.Fatalf("%d goes to %d, which is outside or taken", i, j)
			}
			seen[j] = true
		}
	})
	for _, n := range []uint64{1 << 40, 1<<40 + 1, 1<<62 - 1} {
		p := newPermutation(n, 1, 2)
		for i := range uint64(100) {
			if p.at(n-1-i) >= n || p.at(i) == p.at(i+1) {
				t.Fatal(n, i)
			}
		}
	}
}

// TestPermutationIsRandom: over many seeds and epochs every entry goes everywhere
// about equally often, and neighbours do not stay neighbours.
func TestPermutationIsRandom(t *testing.T) {
	t.Parallel()
	for _, n := range []uint64{2, 3, 7, 50} {
		const trials = 20_000
		first := make([]float64, n) // where 0 goes
		order := 0.0                // how often 0 comes before 1
		for i := range uint64(trials) {
			p := newPermutation(n, i/100, i%100)
			a, b := p.at(0), p.at(1)
			first[a]++
			if a < b {
				order++
			}
		}
		chi := 0.0
		for _, c := range first {
			e := float64(trials) / float64(n)
			chi += (c - e) * (c - e) / e
		}
		// The mean of chi-square is n-1, its standard deviation sqrt(2(n-1)).
		if limit := float64(n) + 6*float64(n); chi > limit {
			t.Errorf("n %d: chi-square %.1f", n, chi)
		}
		if order < 0.47*trials || order > 0.53*trials {
			t.Errorf("n %d: 0 comes before 1 in %.0f of %d", n, order, trials)
		}
	}
}
