package cpu

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestTruncate compares top-k and top-p with a sort of everything.
func TestTruncate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "n")
		logits := make([]float32, n)
		for i := range logits {
			logits[i] = float32(rapid.IntRange(-40, 40).Draw(t, "logit")) / 4 // with ties
		}
		p := make([]float32, n)
		var sum float64
		for i, x := range logits {
			p[i] = float32(math.Exp(float64(x)))
			sum += float64(p[i])
		}
		for i := range p {
			p[i] = float32(float64(p[i]) / sum)
		}
		topK, topP := rapid.IntRange(0, n+1).Draw(t, "k"), float32(rapid.IntRange(1, 100).Draw(t, "p"))/100
		ids := make([]int, n)
		for i := range ids {
			ids[i] = i
		}
		slices.SortStableFunc(ids, func(a, b int) int {
			switch {
			case p[a] > p[b]:
				return -1
			case p[a] < p[b]:
				return 1
			}
			return 0
		})
		if topK > 0 && topK < n {
			ids = ids[:topK]
		}
		var kept, have float64
		for _, i := range ids {
			kept += float64(p[i])
		}
		want := map[int]bool{}
		for _, i := range ids {
			if topP < 1 && have >= float64(topP)*kept*(1+1e-12) {
				break
			}
			want[i], have = true, have+float64(p[i])
		}
		got := slices.Clone(p)
		truncate(got, topP, topK)
		var mass float64
		for i, x := range got {
			if x != 0 {
				mass += float64(x)
				if x != p[i] {
					t.Fatalf("probability %d changed from %v to %v", i, p[i], x)
				}
			}
			// Where sums reach the limit to a rounding, one more or less may be kept.
			if (x != 0) != want[i] && math.Abs(have-float64(topP)*kept) > 1e-9 && math.Abs(have-float64(p[i])-float64(topP)*kept) > 1e-9 {
				t.Fatalf("%d is kept: %v, should be: %v (k %d, p %v)", i, x != 0, want[i], topK, topP)
			}
		}
		if topP < 1 && mass < float64(topP)*kept-1e-6 {
			t.Fatalf("a share of %v was kept of %v, at least %v is wanted", mass, kept, topP)
		}
	})
}

// TestDraw looks at the ends of the unit interval and at what cannot be drawn from.
func TestDraw(t *testing.T) {
	logits := []float32{1, 3, 2}
	for _, c := range []struct {
		temperature, topP float32
		topK              int
		u                 float32
		want              int32
	}{
		{0, 1, 0, .99, 1},
		{1, 1, 1, .99, 1},
		{1, 1, 0, 0, 0},
		{1, 1, 0, math.Nextafter32(1, 0), 2},
		{1, .01, 0, .5, 1},
		{1, 1, 2, .99, 2},
		{1, 1, 2, 0, 1},
		{1e-6, 1, 0, .99, 1},
		{1e-39, 1, 0, .99, 1},
		{1e-39, .9, 2, .99, 1},
		{1e-38, .9, 0, 0, 1},
		{1, 1e-45, 0, .99, 1},
		{1, 0, 2, .99, 1},
	} {
		got, lp := draw(logits, make([]float32, 3), c.temperature, c.topP, c.topK, c.u)
		if got != c.want {
			t.Errorf("%+v drew %d", c, got)
		}
		if want := float64(logits[got]) - math.Log(math.Exp(1)+math.Exp(2)+math.Exp(3)); math.Abs(float64(lp)-want) > 1e-6 {
			t.Errorf("%+v: log-probability %v, not %v", c, lp, want)
		}
	}
	nan := float32(math.NaN())
	if got, _ := draw([]float32{nan, nan}, make([]float32, 2), 1, .9, 0, .5); got != 0 {
		t.Errorf("from NaN %d was drawn", got)
	}
}
