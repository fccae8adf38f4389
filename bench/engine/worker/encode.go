package main

import (
	"context"
	"fmt"

	"hone/bench/engine/line"
	"hone/model"
	"hone/tensor"
	"hone/train"
)

// Of a batch's tokens, those at 3, 10, 17 … are hidden, as in bench/peers/encoder.py.
const hiddenEvery, hiddenFirst = 7, 3

// encodes answers "step N": N optimizer steps of an encoder on masked tokens, no row padded.
func encodes(ctx context.Context, o options, h line.Header) error {
	all := o.batch * o.length
	n := (all - hiddenFirst + hiddenEvery - 1) / hiddenEvery
	tokens, lengths, at, targets := tensor.NewInts(o.batch, o.length), tensor.NewInts(o.batch), tensor.NewInts(n), tensor.NewInts(n)
	for i := range lengths.I32 {
		lengths.I32[i] = int32(o.length)
	}
	for i := range at.I32 {
		at.I32[i] = int32(hiddenFirst + i*hiddenEvery)
	}
	b := &train.Batch{
		Shape:  train.Shape{B: o.batch, T: o.length},
		Inputs: map[string]*tensor.Tensor{"tokens": tokens, "lengths": lengths, "at": at, "targets": targets},
		Weight: float64(n), Tokens: all,
	}
	loss := func(g *tensor.Graph, f *model.Forward, s train.Shape) *tensor.Value {
		hidden := f.Hidden(g.Input("tokens", tensor.I32, s.B, s.T), g.Input("lengths", tensor.I32, s.B))
		rows := tensor.Gather(tensor.Reshape(hidden, s.B*s.T, hidden.Cols()), g.Input("at", tensor.I32, n))
		return tensor.SumAll(tensor.CrossEntropy(f.Masked(rows), g.Input("targets", tensor.I32, n)))
	}
	opt := optimizer
	opt.SSMRate = 1
	return steps(ctx, o, h, loss, opt, b, func(m *model.Model, data []int32, i int) error {
		if len(data) < all {
			return fmt.Errorf("the token file has %d tokens, a batch needs %d", len(data), all)
		}
		copy(tokens.I32, data[i*all%(len(data)-all+1):])
		for k, p := range at.I32 {
			targets.I32[k], tokens.I32[p] = tokens.I32[p], int32(m.Vocab-1)
		}
		return nil
	})
}
