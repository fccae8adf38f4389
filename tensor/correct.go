package tensor

import "slices"

// CorrectOp is 1 for every row whose target has the largest logit, of several the first, and 0
// for others and for those whose target is negative.
//
//	logits [..., V], targets i32[...] → [...]
type CorrectOp struct{}

// Name implements [Op].
func (CorrectOp) Name() string { return "correct" }

// Infer implements [Op].
func (CorrectOp) Infer(in []Type) ([]Type, error) {
	if _, err := (CrossEntropyOp{}).Infer(in); err != nil {
		return nil, err
	}
	return []Type{{F32, slices.Clone(in[1].Shape)}}, nil
}

// Gradient implements [Differentiable]: there is none.
func (CorrectOp) Gradient(*Node, []*Value) []*Value { return []*Value{nil, nil} }

// Correct is 1 where the target has the largest logit; see [CorrectOp].
func Correct(logits, targets *Value) *Value { return apply1(CorrectOp{}, logits, targets) }
