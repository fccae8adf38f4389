package tensor

import (
	"fmt"
	"slices"
)

// CrossEntropyOp is −log softmax(logits)[target] for every row. A negative target
// is none: its loss is zero and so is its gradient. The loss is also minus the
// log-probability of the target, which is what reinforcement learning needs.
//
//	logits [..., V], targets i32[...] → loss [...], probabilities [..., V]
//
// The probabilities, kept for the gradient, take the logits' place in memory where
// nothing else needs these.
type CrossEntropyOp struct{}

// Name implements [Op].
func (CrossEntropyOp) Name() string { return "cross entropy" }

// Infer implements [Op].
func (CrossEntropyOp) Infer(in []Type) ([]Type, error) {
	x, y := in[0], in[1]
	if x.DType != F32 || len(x.Shape) == 0 || !y.Equal(Type{I32, x.Shape[:len(x.Shape)-1]}) {
		return nil, fmt.Errorf("logits %v and targets %v", x, y)
	}
	return []Type{{F32, slices.Clone(y.Shape)}, x}, nil
}

// Overwrites implements [InPlace].
func (CrossEntropyOp) Overwrites() [][2]int { return [][2]int{{1, 0}} }

// Gradient implements [Differentiable]; the probabilities have none.
func (CrossEntropyOp) Gradient(n *Node, dout []*Value) []*Value {
	if dout[1] != nil {
		n.graph.Fail("%v: only the loss has a gradient", n)
	}
	return []*Value{apply1(CrossEntropyGradOp{}, n.Out[1], n.In[1], dout[0]), nil}
}

// Lower implements [Lowerable].
func (CrossEntropyOp) Lower(in []*Value) []*Value {
	x, y := in[0], in[1]
	g, last := x.Graph(), len(x.Shape)-1
	m := Reduce(ReduceMax, x, last)
	e := Map(Exp, Sub(x, broadcastRows(m, x)))
	sum := Reduce(ReduceSum, e, last)
	zero := Splat(g, 0, x.Shape...)
	hit := Select(Equals, Iota(g, last, x.Shape...), broadcastRows(y, x), x, zero)
	loss := Sub(Add(m, Map(Log, sum)), Reduce(ReduceSum, hit, last))
	none := splat(g, I32, 0, y.Shape)
	return []*Value{Select(Less, y, none, Splat(g, 0, y.Shape...), loss), Div(e, broadcastRows(sum, e))}
}

// CrossEntropy is the loss of every row; see [CrossEntropyOp].
func CrossEntropy(logits, targets *Value) *Value {
	return Apply(CrossEntropyOp{}, logits, targets)[0]
}

// CrossEntropyGradOp is the gradient of [CrossEntropyOp], in the probabilities' own memory.
//
//	probabilities [..., V], targets i32[...], dloss [...] → dlogits [..., V]
type CrossEntropyGradOp struct{}

// Name implements [Op].
func (CrossEntropyGradOp) Name() string { return "cross entropy gradient" }

// Infer implements [Op].
func (CrossEntropyGradOp) Infer(in []Type) ([]Type, error) { return in[:1:1], nil }

// Overwrites implements [InPlace].
func (CrossEntropyGradOp) Overwrites() [][2]int { return [][2]int{{0, 0}} }

// Lower implements [Lowerable].
func (CrossEntropyGradOp) Lower(in []*Value) []*Value {
	p, y, d := in[0], in[1], in[2]
	g := p.Graph()
	d = Select(Less, y, splat(g, I32, 0, y.Shape), Splat(g, 0, y.Shape...), d)
	one, zero := Splat(g, 1, p.Shape...), Splat(g, 0, p.Shape...)
	hit := Select(Equals, Iota(g, len(p.Shape)-1, p.Shape...), broadcastRows(y, p), one, zero)
	return []*Value{Mul(Sub(p, hit), broadcastRows(d, p))}
}

// WeightedSum is Σ w·x, a scalar.
func WeightedSum(x, w *Value) *Value { return SumAll(Mul(x, w)) }

// SquaredError is (x − y)² at every place.
func SquaredError(x, y *Value) *Value {
	d := Sub(x, y)
	return Mul(d, d)
}

// SampleOp draws a token from every row of logits. Settings are, for each row, the
// temperature (0: the most likely token), top-p, top-k (0: all) and a uniform
// number in [0, 1). The log-probability is that of the model itself, before
// temperature and truncation.
//
//	logits [B, V], settings [B, 4] → tokens i32[B], logprobs [B]
type SampleOp struct{}

// Name implements [Op].
func (SampleOp) Name() string { return "sample" }

// Infer implements [Op].
func (SampleOp) Infer(in []Type) ([]Type, error) {
	if len(in[0].Shape) != 2 || !in[1].Equal(Type{F32, []int{in[0].Shape[0], 4}}) {
		return nil, fmt.Errorf("logits [batch,vocabulary] and settings [batch,4] are needed, not %v and %v", in[0], in[1])
	}
	b := in[0].Shape[:1]
	return []Type{{I32, slices.Clone(b)}, {F32, slices.Clone(b)}}, nil
}

// Sample draws a token from every row; see [SampleOp].
func Sample(logits, settings *Value) (tokens, logprobs *Value) {
	r := Apply(SampleOp{}, logits, settings)
	return r[0], r[1]
}
