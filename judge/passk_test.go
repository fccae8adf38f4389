package judge

import (
	"encoding/json"
	"math"
	"math/bits"
	"math/rand/v2"
	"os"
	"testing"

	"pgregory.net/rapid"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12+1e-10*math.Abs(b) }

func TestPassAtKGolden(t *testing.T) {
	raw, err := os.ReadFile("testdata/passk.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ PassK, Wilson [][4]float64 }
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.PassK) < 300 || len(golden.Wilson) < 20 {
		t.Fatalf("%d and %d values", len(golden.PassK), len(golden.Wilson))
	}
	for _, g := range golden.PassK {
		if got := PassAtK(int(g[0]), int(g[1]), int(g[2])); !near(got, g[3]) {
			t.Errorf("PassAtK(%v, %v, %v) = %v, want %v", g[0], g[1], g[2], got, g[3])
		}
	}
	for _, g := range golden.Wilson {
		w := Wilson(int(g[0]), int(g[1]))
		if !near(w.Lo, g[2]) || !near(w.Hi, g[3]) || w.Mean != g[0]/g[1] {
			t.Errorf("Wilson(%v, %v) = %v, want %v to %v", g[0], g[1], w, g[2], g[3])
		}
	}
}

func TestPassAtKUndefined(t *testing.T) {
	for _, a := range [][3]int{{0, 0, 1}, {5, 6, 1}, {5, -1, 1}, {5, 2, 0}, {5, 2, 6}, {5, 5, 6}} {
		if got := PassAtK(a[0], a[1], a[2]); !math.IsNaN(got) {
			t.Errorf("PassAtK%v = %v", a, got)
		}
	}
	if w := Wilson(0, 0); w != (Interval{0, 0, 1}) {
		t.Errorf("Wilson of nothing: %v", w)
	}
}

func TestPassAtKProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 2000).Draw(t, "n")
		c := rapid.IntRange(0, n-1).Draw(t, "c")
		k := rapid.IntRange(1, n-1).Draw(t, "k")
		p := PassAtK(n, c, k)
		if p < 0 || p > 1 {
			t.Fatalf("pass@k = %v", p)
		}
		if got := PassAtK(n, c, 1); got != float64(c)/float64(n) {
			t.Fatalf("pass@1 = %v", got)
		}
		// More of either never lowers it (up to rounding).
		if PassAtK(n, c+1, k) < p-1e-12 || PassAtK(n, c, k+1) < p-1e-12 {
			t.Fatal("not monotone")
		}
		if c == 0 && p != 0 {
			t.Fatal("passes without a passing sample")
		}
	})
}

// TestPassAtKUnbiased takes the expectation over all 2^n outcomes of n samples that
// each pass with probability p: it has to be 1 − (1−p)^k.
func TestPassAtKUnbiased(t *testing.T) {
	for n := 1; n <= 10; n++ {
		for k := 1; k <= n; k++ {
			for _, p := range []float64{0, 0.1, 0.5, 0.93, 1} {
				sum := 0.0
				for outcome := range 1 << n {
					c := bits.OnesCount(uint(outcome))
					sum += math.Pow(p, float64(c)) * math.Pow(1-p, float64(n-c)) * PassAtK(n, c, k)
				}
				if want := 1 - math.Pow(1-p, float64(k)); math.Abs(sum-want) > 1e-12 {
					t.Errorf("n=%d k=%d p=%v: %v, want %v", n, k, p, sum, want)
				}
			}
		}
	}
}

func TestEstimate(t *testing.T) {
	rng := func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
	counts := []Count{{10, 5}, {10, 0}, {10, 10}, {20, 1}}
	one, ok := Estimate(counts, 1, rng())
	if want := (0.5 + 0 + 1 + 0.05) / 4; !ok || one.Mean != want || one.Lo >= want || one.Hi <= want {
		t.Errorf("pass@1 = %v, %v", one, ok)
	}
	if again, _ := Estimate(counts, 1, rng()); again != one {
		t.Errorf("the same seed gives %v and %v", one, again)
	}
	if ten, ok := Estimate(counts, 10, rng()); !ok || ten.Mean <= one.Mean {
		t.Errorf("pass@10 = %v, %v", ten, ok)
	}
	for _, k := range []int{0, 11} {
		if _, ok := Estimate(counts, k, rng()); ok {
			t.Errorf("pass@%d is defined", k)
		}
	}
	if _, ok := Estimate(nil, 1, rng()); ok {
		t.Error("defined without tasks")
	}
	if _, ok := Estimate([]Count{{1, 1}, {0, 0}}, 1, rng()); ok {
		t.Error("defined with a task without samples")
	}
	if single, _ := Estimate([]Count{{4, 1}}, 1, rng()); single != (Interval{0.25, 0.25, 0.25}) {
		t.Errorf("one task: %v", single)
	}
}

// TestIntervalsCover draws experiments with a known truth: about 95 % of the
// intervals have to hold it.
func TestIntervalsCover(t *testing.T) {
	const runs, tasks, p = 400, 100, 0.3
	rng := rand.New(rand.NewPCG(7, 7))
	bootstrap, wilson := 0, 0
	for range runs {
		counts, passed := make([]Count, tasks), 0
		for i := range counts {
			counts[i].N = 1
			if rng.Float64() < p {
				counts[i].C = 1
				passed++
			}
		}
		if e, _ := Estimate(counts, 1, rng); e.Lo <= p && p <= e.Hi {
			bootstrap++
		}
		if w := Wilson(passed, tasks); w.Lo <= p && p <= w.Hi {
			wilson++
		}
	}
	for name, n := range map[string]int{"bootstrap": bootstrap, "Wilson": wilson} {
		if share := float64(n) / runs; share < 0.91 || share > 0.98 {
			t.Errorf("%s intervals hold the truth in %.1f %%", name, 100*share)
		}
	}
}

func BenchmarkEstimate(b *testing.B) {
	counts := make([]Count, 500)
	for i := range counts {
		counts[i] = Count{10, i % 11}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for b.Loop() {
		Estimate(counts, 1, rng)
	}
}

// TestBootstrap: the interval is near that of the normal approximation, where that is good.
func TestBootstrap(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 7))
	differences := make([]float64, 400)
	var sum, squares float64
	for i := range differences {
		differences[i] = float64(rng.IntN(3) - 1)
		sum += differences[i]
		squares += differences[i] * differences[i]
	}
	n := float64(len(differences))
	mean := sum / n
	half := 1.96 * math.Sqrt((squares/n-mean*mean)/n)
	got := Bootstrap(differences, 10000, rand.New(rand.NewPCG(1, 0)))
	if math.Abs(got.Mean-mean) > 1e-12 || math.Abs(got.Lo-(mean-half)) > 0.1*half || math.Abs(got.Hi-(mean+half)) > 0.1*half {
		t.Errorf("interval %+v, want near %v ± %v", got, mean, half)
	}
}

// TestBootstrapBoth: of one row it is the interval of the row; of sums of a row's and a column's
// number it is near that of the normal approximation, whose variances add up.
func TestBootstrapBoth(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 1))
	const rows, columns = 30, 60
	effect := func(n int, scale float64) (out []float64, variance float64) {
		for range n {
			out = append(out, scale*rng.NormFloat64())
		}
		m := mean(out)
		for _, x := range out {
			variance += (x - m) * (x - m) / float64(n)
		}
		return out, variance / float64(n)
	}
	a, va := effect(rows, 1)
	b, vb := effect(columns, 2)
	xs := make([][]float64, rows)
	for r := range xs {
		for c := range columns {
			xs[r] = append(xs[r], a[r]+b[c])
		}
	}
	half := 1.96 * math.Sqrt(va+vb)
	got := BootstrapBoth(xs, 5000, rand.New(rand.NewPCG(1, 0)))
	if m := mean(a) + mean(b); math.Abs(got.Mean-m) > 1e-9 || math.Abs(got.Lo-(m-half)) > 0.1*half || math.Abs(got.Hi-(m+half)) > 0.1*half {
		t.Errorf("interval %+v, want near %v ± %v", got, m, half)
	}
	one, alone := BootstrapBoth([][]float64{b}, 5000, rng), Bootstrap(b, 5000, rng)
	if math.Abs(one.Mean-alone.Mean) > 1e-9 || math.Abs(one.Lo-alone.Lo) > 0.1*half || math.Abs(one.Hi-alone.Hi) > 0.1*half {
		t.Errorf("of one row %+v, of its numbers %+v", one, alone)
	}
	if got := BootstrapBoth([][]float64{{1, math.NaN()}, {math.NaN(), 1}}, 100, rng); got != (Interval{1, 1, 1}) {
		t.Errorf("with gaps: %+v", got)
	}
}
