package train

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"hone/corpus"
	"hone/model"
	"hone/tensor"
)

// Shape is the size of a batch: B rows of T tokens. There are to be few, because
// programs are compiled for each.
type Shape struct{ B, T int }

// Batch is what one run of a gradient program reads.
type Batch struct {
	Shape
	// Inputs of the graph that the loss traced, by name.
	Inputs map[string]*tensor.Tensor
	// Weight is what the sum of the batch's losses is divided by, together with the
	// other batches of a step: the number of tokens that are predicted.
	Weight float64
	Tokens int // that are no padding
	// Then is the rest of the batch, whose rows are shorter; nil: there is none.
	Then *Batch
}

// parts are the batches with all that belongs to them.
func parts(batches []*Batch) []*Batch {
	var out []*Batch
	for _, b := range batches {
		for ; b != nil; b = b.Then {
			out = append(out, b)
		}
	}
	return out
}

// Batches is a sequence of batches without end or state: batch i, from 0, is the same
// whenever it is asked for.
type Batches interface {
	Batch(i int64) (*Batch, error)
	// Epoch is the number of batches that go through the data once.
	Epoch() int64
}

// Loss traces Σ loss over a batch of the given shape, a scalar, and declares the
// inputs that it reads of the batch. It is what differs between objectives.
type Loss func(g *tensor.Graph, f *model.Forward, s Shape) *tensor.Value

// NextToken is the loss of both clm and sft: −Σ w·log p(target | tokens before it).
// It reads tokens, targets i32[B, T] and weights [B, T]; what has the target -1 is
// not predicted.
func NextToken(g *tensor.Graph, f *model.Forward, s Shape) *tensor.Value {
	logits := f.Logits(f.Hidden(g.Input("tokens", tensor.I32, s.B, s.T), nil))
	losses := tensor.CrossEntropy(logits, g.Input("targets", tensor.I32, s.B, s.T))
	return tensor.WeightedSum(losses, g.Input("weights", tensor.F32, s.B, s.T))
}

// NextTokens makes what [NextToken] reads from the batches of a corpus.
type NextTokens struct{ From corpus.Batches }

// Epoch implements [Batches].
func (n NextTokens) Epoch() int64 { return n.From.Batches() }

// Batch implements [Batches].
func (n NextTokens) Batch(i int64) (*Batch, error) {
	c, err := n.From.Batch(i)
	if err != nil {
		return nil, fmt.Errorf("batch %d: %w", i, err)
	}
	return NextTokenBatch(c), nil
}

// NextTokenBatch makes a batch for [NextToken] of one of a corpus.
func NextTokenBatch(c *corpus.Batch) *Batch {
	tokens, targets, weights := tensor.NewInts(c.B, c.T), tensor.NewInts(c.B, c.T), tensor.New(c.B, c.T)
	copy(weights.F32, c.Mask)
	b := &Batch{
		Shape:  Shape{c.B, c.T},
		Inputs: map[string]*tensor.Tensor{"tokens": tokens, "targets": targets, "weights": weights},
	}
	for row := range c.B {
		from := c.Tokens[row*(c.T+1) : (row+1)*(c.T+1)]
		copy(tokens.I32[row*c.T:], from[:c.T])
		copy(targets.I32[row*c.T:], from[1:])
		b.Tokens += int(c.Lengths[row])
	}
	for i, w := range c.Mask {
		if w == 0 {
			targets.I32[i] = -1 // neither computed nor learned
		}
		b.Weight += float64(w)
	}
	return b
}

// seed derives the seed of one purpose from that of the run. All randomness of
// training comes from here, so that there is no state of generators to save.
func seed(run uint64, purpose string, n ...int64) [2]uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %d", run, purpose, n))
	return [2]uint64{binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])}
}
