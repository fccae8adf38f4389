package train

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hone/model"
	"hone/tensor"
)

// tiny is a fresh model for a vocabulary of 61.
func tiny(t *testing.T, a model.Architecture) *model.Model {
	t.Helper()
	c, err := (&ModelRecipe{Architecture: a, Layers: 2, Width: 32, Heads: 4, Positions: 32}).config(32)
	if err != nil {
		t.Fatal(err)
	}
	c.Vocab, c.BOS, c.EOS = 61, 0, []int{0}
	m, err := model.New(c, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// randomBatch has rows of different weights.
func randomBatch(rng *rand.Rand, b, n int) *Batch {
	ids := make([]int64, b*n)
	for i := range ids {
		ids[i] = rng.Int64N(61)
	}
	out := batchOf(ids, b, n)
	for i := range b * n / 3 {
		out.Inputs["weights"].F32[i*2] = 0
	}
	out.Weight = 0
	for _, w := range out.Inputs["weights"].F32 {
		out.Weight += float64(w)
	}
	return out
}

// halves cuts a batch into two of half its rows.
func halves(b *Batch) []*Batch {
	var out []*Batch
	n := b.B / 2 * b.T
	for i := range 2 {
		h := &Batch{Shape: Shape{b.B / 2, b.T}, Tokens: b.Tokens / 2, Inputs: map[string]*tensor.Tensor{}}
		for name, x := range b.Inputs {
			if x.DType == tensor.I32 {
				h.Inputs[name], _ = tensor.OfInts(x.I32[i*n:(i+1)*n], b.B/2, b.T)
			} else {
				h.Inputs[name], _ = tensor.Of(x.F32[i*n:(i+1)*n], b.B/2, b.T)
			}
		}
		for _, w := range h.Inputs["weights"].F32 {
			h.Weight += float64(w)
		}
		out = append(out, h)
	}
	return out
}

func weights(m *model.Model) []float32 {
	var out []float32
	for _, p := range m.Params {
		out = append(out, p.F32...)
	}
	return out
}

// The gradients of two half batches together are those of the whole one, although
// the halves have different numbers of tokens that count.
func TestAccumulation(t *testing.T) {
	whole, parts := tiny(t, model.ArchLlama), tiny(t, model.ArchLlama)
	o := adamW
	o.Eps = 1e-3 // so that rounding of tiny gradients does not become a whole step
	a, b := newTestStepper(t, whole, 2, o), newTestStepper(t, parts, 2, o)
	rng := rand.New(rand.NewPCG(3, 4))
	for step := 1; step <= 3; step++ {
		batch := randomBatch(rng, 4, 16)
		hs := halves(batch)
		if hs[0].Weight == hs[1].Weight {
			t.Fatal("the halves weigh the same: the test would not see a mean of means")
		}
		ra, err := a.Step(context.Background(), step, 1e-2, batch)
		if err != nil {
			t.Fatal(err)
		}
		rb, err := b.Step(context.Background(), step, 1e-2, hs...)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(ra.Loss-rb.Loss) > 1e-5 || math.Abs(ra.Norm-rb.Norm) > 1e-5*ra.Norm {
			t.Errorf("step %d: loss %v and norm %v whole, %v and %v in halves", step, ra.Loss, ra.Norm, rb.Loss, rb.Norm)
		}
	}
	if d := away(weights(parts), weights(whole)); d > 2e-6 {
		t.Errorf("weights differ by %.2g after three steps", d)
	}
}

// One thread and two give the same bits, with dropout, for every architecture.
func TestThreads(t *testing.T) {
	for _, arch := range model.Architectures() {
		t.Run(string(arch), func(t *testing.T) {
			o := adamW
			o.Dropout, o.Clip, o.Seed = 0.2, 0.5, 7
			var got [][]float32
			for _, threads := range []int{1, 2, 3} {
				m := tiny(t, arch)
				s := newTestStepper(t, m, threads, o)
				rng := rand.New(rand.NewPCG(5, 6))
				for step := 1; step <= 3; step++ {
					r, err := s.Step(context.Background(), step, 1e-2, randomBatch(rng, 4, 16), randomBatch(rng, 2, 32))
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, []float32{float32(r.Loss), float32(r.Norm)})
				}
				got = append(got, weights(m))
			}
			for i, x := range got[4:] {
				if !slices.Equal(x, got[i%4]) {
					t.Errorf("result %d of %d threads differs from that of one", i%4, i/4+2)
				}
			}
		})
	}
}

func TestDropoutChangesWithStepAndSeed(t *testing.T) {
	loss := func(seed uint64, step int) float64 {
		o := adamW
		o.Dropout, o.Seed = 0.3, seed
		s := newTestStepper(t, tiny(t, model.ArchGPT2), 1, o)
		r, err := s.Step(context.Background(), step, 0, randomBatch(rand.New(rand.NewPCG(1, 1)), 2, 16))
		if err != nil {
			t.Fatal(err)
		}
		return r.Loss
	}
	first := loss(1, 1)
	if again := loss(1, 1); again != first {
		t.Errorf("the same seed and step give %v and %v", first, again)
	}
	if other := loss(1, 2); other == first {
		t.Error("another step drops the same")
	}
	if other := loss(2, 1); other == first {
		t.Error("another seed drops the same")
	}
}

// A NaN is named by the operation that gave it, and nothing is changed.
func TestNonFinite(t *testing.T) {
	huge := math.MaxFloat32
	for _, c := range []struct {
		name   string
		poison func(m *model.Model)
		want   string
	}{
		{"a weight is NaN", func(m *model.Model) { m.Param("layers.1.ffn.down.weight").F32[3] = float32(math.NaN()) }, "input layers.1.ffn.down.weight holds"},
		{"a product overflows", func(m *model.Model) {
			w := m.Param("layers.1.ffn.up.weight").F32
			for i := range w {
				w[i] = float32(huge)
			}
		}, "layers.1.ffn: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := tiny(t, model.ArchLlama)
			s := newTestStepper(t, m, 2, adamW)
			b := randomBatch(rand.New(rand.NewPCG(1, 1)), 2, 16)
			if _, err := s.Step(context.Background(), 1, 1e-3, b); err != nil {
				t.Fatal(err)
			}
			c.poison(m)
			before := weights(m)
			_, err := s.Step(context.Background(), 2, 1e-3, b, b)
			var nf *NonFiniteError
			if !errors.As(err, &nf) || nf.Step != 2 || !strings.Contains(nf.What, c.want) {
				t.Fatalf("got %v", err)
			}
			after := weights(m)
			for i := range before {
				if math.Float32bits(before[i]) != math.Float32bits(after[i]) {
					t.Fatal("the step was made all the same")
				}
			}
		})
	}
}

func TestSound(t *testing.T) {
	m := tiny(t, model.ArchLlama)
	s := newTestStepper(t, m, 1, adamW)
	if err := s.Sound(); err != nil {
		t.Fatal(err)
	}
	s.V[2].F32[1] = float32(math.Inf(1))
	if err := s.Sound(); err == nil || !strings.Contains(err.Error(), m.Params[2].Name) {
		t.Errorf("got %v", err)
	}
}

func TestNothingToPredict(t *testing.T) {
	s := newTestStepper(t, tiny(t, model.ArchLlama), 1, adamW)
	b := randomBatch(rand.New(rand.NewPCG(1, 1)), 2, 16)
	clear(b.Inputs["weights"].F32)
	b.Weight = 0
	if _, err := s.Step(context.Background(), 1, 1e-3, b); err == nil {
		t.Error("a step without anything to predict was made")
	}
}
