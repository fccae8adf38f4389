package train

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"hone/corpus"
	"hone/model"
	"hone/recipe"
	"hone/tensor"
)

// MLMRecipe says what is hidden from a masked language model (Devlin et al., "BERT", 2019, §3.1).
type MLMRecipe struct {
	Share  float64 `yaml:"share"`  // of tokens that are predicted
	Mask   float64 `yaml:"mask"`   // of these, become the mask
	Random float64 `yaml:"random"` // of these, become any token; the rest stays as it is
}

// Default fills m in.
func (m *MLMRecipe) Default() { *m = MLMRecipe{Share: .15, Mask: .8, Random: .1} }

// Check reports values that cannot be.
func (m *MLMRecipe) Check() error {
	var errs []error
	if !(m.Share > 0 && m.Share <= 1) {
		errs = append(errs, recipe.Keyf("share", "must be above 0 and at most 1, is %v", m.Share))
	}
	if !(m.Mask >= 0 && m.Random >= 0 && m.Mask+m.Random <= 1) {
		errs = append(errs, recipe.Keyf("mask", "and random must be shares of one whole, are %v and %v", m.Mask, m.Random))
	}
	return errors.Join(errs...)
}

// slots is the most tokens of a batch that are predicted.
func (m *MLMRecipe) slots(s Shape) int { return max(1, int(math.Round(m.Share*float64(s.B*s.T)))) }

// loss is −Σ log p(token that was there) over the places at i32[slots] of tokens i32[B, T], whose
// targets i32[slots] are -1 where a batch has fewer. Logits are computed of these places alone.
func (m *MLMRecipe) loss(g *tensor.Graph, f *model.Forward, s Shape) *tensor.Value {
	hidden := f.Hidden(g.Input("tokens", tensor.I32, s.B, s.T), g.Input("lengths", tensor.I32, s.B))
	n := m.slots(s)
	targets := g.Input("targets", tensor.I32, n)
	at := tensor.Gather(tensor.Reshape(hidden, s.B*s.T, hidden.Cols()), g.Input("at", tensor.I32, n))
	return tensor.SumAll(classLosses(g, f.Masked(at), targets))
}

// classLosses are the cross-entropies; how often the target was the likeliest is measured.
func classLosses(g *tensor.Graph, logits, targets *tensor.Value) *tensor.Value {
	hit := tensor.Correct(logits, targets)
	one, zero := tensor.Splat(g, 1, targets.Shape...), tensor.Splat(g, 0, targets.Shape...)
	there := tensor.Select(tensor.Less, tensor.Convert(targets, tensor.F32), zero, zero, one)
	measure(g, "accuracy", tensor.SumAll(hit), tensor.SumAll(there))
	return tensor.CrossEntropy(logits, targets)
}

// masked hides tokens of the batches of a corpus.
type masked struct {
	o     *MLMRecipe
	from  corpus.Batches
	seed  uint64
	split string // so that splits are hidden independently
	mask  int32  // the token that stands for a hidden one, the first that no text has
}

// Epoch implements [Batches].
func (m *masked) Epoch() int64 { return m.from.Batches() }

// Batch implements [Batches].
func (m *masked) Batch(i int64) (*Batch, error) {
	c, err := m.from.Batch(i)
	if err != nil {
		return nil, fmt.Errorf("batch %d: %w", i, err)
	}
	s := Shape{c.B, c.T}
	n := m.o.slots(s)
	tokens, lengths, at, targets := tensor.NewInts(s.B, s.T), tensor.NewInts(s.B), tensor.NewInts(n), tensor.NewInts(n)
	b := &Batch{Shape: s, Inputs: map[string]*tensor.Tensor{"tokens": tokens, "lengths": lengths, "at": at, "targets": targets}}
	var live []int32
	for row := range s.B {
		copy(tokens.I32[row*s.T:(row+1)*s.T], c.Tokens[row*(s.T+1):])
		lengths.I32[row] = c.Lengths[row]
		b.Tokens += int(c.Lengths[row])
		for t := range c.Lengths[row] {
			live = append(live, int32(row*s.T)+t)
		}
	}
	k := seed(m.seed, "mask "+m.split, i)
	rng := rand.New(rand.NewPCG(k[0], k[1]))
	rng.Shuffle(len(live), func(i, j int) { live[i], live[j] = live[j], live[i] })
	hidden := min(n, max(1, int(math.Round(m.o.Share*float64(len(live))))))
	for j := range n {
		if j >= hidden {
			targets.I32[j] = -1
			continue
		}
		p := live[j]
		at.I32[j], targets.I32[j] = p, tokens.I32[p]
		switch x := rng.Float64(); {
		case x < m.o.Mask:
			tokens.I32[p] = m.mask
		case x < m.o.Mask+m.o.Random:
			tokens.I32[p] = rng.Int32N(m.mask)
		}
	}
	b.Weight = float64(hidden)
	return b, nil
}

// hide turns the batches of a corpus into those of a masked language model.
func (d *data) hide(r *Recipe, mask int32) {
	for _, split := range []struct {
		name    string
		batches *Batches
	}{{"train", &d.train}, {"validation", &d.validation}} {
		if w, ok := (*split.batches).(NextTokens); ok {
			*split.batches = &masked{o: r.MLM, from: w.From, seed: r.Train.Seed, split: split.name, mask: mask}
		}
	}
}
