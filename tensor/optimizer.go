package tensor

import "fmt"

// AdamWOp is one step of AdamW (Loshchilov and Hutter, "Decoupled Weight Decay
// Regularization", 2019), as in PyTorch. Everything that changes from step to step
// is an input. Without Decay the weight decay is left out.
//
//	p, g, m, v [...], hyper [5] → p, m, v
//
// hyper holds the learning rate, the weight decay, 1−β₁ᵗ, 1−β₂ᵗ and a factor on the
// gradient (clipping), at the places HyperRate … HyperGradScale.
type AdamWOp struct {
	Beta1, Beta2, Eps float64
	Decay             bool
}

// The places in AdamWOp's hyper input.
const (
	HyperRate = iota
	HyperDecay
	HyperCorrection1
	HyperCorrection2
	HyperGradScale
	HyperSize
)

// Name implements [Op].
func (AdamWOp) Name() string { return "adamw" }

// Infer implements [Op].
func (AdamWOp) Infer(in []Type) ([]Type, error) {
	for _, t := range in[1:4] {
		if !t.Equal(in[0]) || t.DType != F32 {
			return nil, fmt.Errorf("%v does not fit the parameter %v", t, in[0])
		}
	}
	if !in[4].Equal(Type{F32, []int{HyperSize}}) {
		return nil, fmt.Errorf("hyper is %v, not f32[%d]", in[4], HyperSize)
	}
	return []Type{in[0], in[0], in[0]}, nil
}

// Overwrites implements [InPlace].
func (AdamWOp) Overwrites() [][2]int { return [][2]int{{0, 0}, {1, 2}, {2, 3}} }

// Lower implements [Lowerable].
func (o AdamWOp) Lower(in []*Value) []*Value {
	p, g, m, v, hyper := in[0], in[1], in[2], in[3], in[4]
	whole := func(x *Value) *Value { return Broadcast(Reshape(x), p.Shape, nil) }
	at := func(i int) *Value { return whole(Slice(hyper, 0, i, 1)) }
	g = Mul(g, at(HyperGradScale))
	m = Add(Scale(m, float32(o.Beta1)), Scale(g, float32(1-o.Beta1)))
	v = Add(Scale(v, float32(o.Beta2)), Scale(Mul(g, g), float32(1-o.Beta2)))
	den := Add(Map(Sqrt, Div(v, at(HyperCorrection2))), Splat(p.Graph(), float32(o.Eps), p.Shape...))
	step := Mul(at(HyperRate), Div(Div(m, at(HyperCorrection1)), den))
	if o.Decay {
		p = Sub(p, Mul(p, Mul(at(HyperRate), at(HyperDecay))))
	}
	return []*Value{Sub(p, step), m, v}
}

// AdamW returns the parameter and its moments after one step; see [AdamWOp].
func AdamW(op AdamWOp, p, g, m, v, hyper *Value) (newP, newM, newV *Value) {
	r := Apply(op, p, g, m, v, hyper)
	return r[0], r[1], r[2]
}

// GlobalNormOp is the Euclidean norm of all its inputs together, a scalar.
type GlobalNormOp struct{}

// Name implements [Op].
func (GlobalNormOp) Name() string { return "global norm" }

// Infer implements [Op].
func (GlobalNormOp) Infer(in []Type) ([]Type, error) {
	for _, t := range in {
		if t.DType != F32 {
			return nil, fmt.Errorf("needs floats, not %v", t)
		}
	}
	return []Type{{F32, []int{}}}, nil
}

// Lower implements [Lowerable].
func (GlobalNormOp) Lower(in []*Value) []*Value {
	var sum *Value
	for _, x := range in {
		s := SumAll(Mul(x, x))
		if sum != nil {
			s = Add(sum, s)
		}
		sum = s
	}
	return []*Value{Map(Sqrt, sum)}
}

// GlobalNorm is the norm of all values together.
func GlobalNorm(x ...*Value) *Value { return apply1(GlobalNormOp{}, x...) }
