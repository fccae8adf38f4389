package train

import (
	"context"
	"fmt"
	"slices"

	"hone/model"
	"hone/tensor"
	"hone/tensor/cpu"
	"hone/token"
)

// sequence is a prompt and what was written after it, as tokens.
type sequence struct {
	tokens []int32
	from   int // the first token of the completion, at least 1
}

// written is the number of tokens of the completion.
func (s *sequence) written() int { return len(s.tokens) - s.from }

// newSequence is a prompt with a completion that ends there, as sft has it.
func newSequence(tok *token.Tokenizer, prompt, completion string) (sequence, error) {
	before, _ := tok.Around()
	ids := tok.AppendEncode(before, prompt)
	from := len(ids)
	if from == 0 {
		return sequence{}, fmt.Errorf("the prompt %q has no tokens", prompt)
	}
	ids = tok.AppendEncode(ids, completion)
	return sequence{append(ids, tok.Special().EOS), from}, nil
}

// stack are sequences as rows of a batch: tokens, targets i32[B, T], which [CrossEntropy]
// compares, and mask [B, T], 1 where a token of a completion is predicted. Rows that no
// sequence fills predict nothing.
type stack struct {
	Shape
	tokens, targets, mask *tensor.Tensor
	rows                  []sequence
	written, all          int // tokens of completions, and all but padding
}

// newStack puts sequences into b rows, as long as they need, in steps of multiple up to length.
func newStack(rows []sequence, b, multiple, length int) *stack {
	t := 1
	for _, s := range rows {
		t = max(t, len(s.tokens)-1)
	}
	t = min((t+multiple-1)/multiple*multiple, max(t, length))
	k := &stack{Shape: Shape{b, t}, rows: rows, tokens: tensor.NewInts(b, t), targets: tensor.NewInts(b, t), mask: tensor.New(b, t)}
	for i := range k.targets.I32 {
		k.targets.I32[i] = -1
	}
	for r, s := range rows {
		copy(k.tokens.I32[r*t:], s.tokens[:len(s.tokens)-1])
		for i := s.from; i < len(s.tokens); i++ {
			k.targets.I32[r*t+i-1] = s.tokens[i]
			k.mask.F32[r*t+i-1] = 1
		}
		k.written += s.written()
		k.all += len(s.tokens) - 1
	}
	return k
}

// partsOfBatch is into how many parts a batch of programs is cut at most.
const partsOfBatch = 4

// byLength cuts the rows of a batch of at most b into parts of rows about equally long, so that short
// ones are not filled up to the longest of all: it calls part with the indices of each part's rows, and the
// size it is filled up to, and returns the parts as one batch.
func byLength(rows []sequence, b int, part func(rows []int, b int) *Batch) *Batch {
	size := (b + partsOfBatch - 1) / partsOfBatch
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return len(rows[j].tokens) - len(rows[i].tokens) })
	first := part(order[:min(size, len(order))], size)
	last := first
	for at := size; at < len(order); at += size {
		last.Then = part(order[at:min(at+size, len(order))], size)
		last = last.Then
	}
	return first
}

// pick are the elements at the given places.
func pick[T any](all []T, at []int) []T {
	out := make([]T, len(at))
	for k, i := range at {
		out[k] = all[i]
	}
	return out
}

// place makes a tensor [B, T] with a number for each token of completions.
func (k *stack) place(of func(row int) []float32) *tensor.Tensor {
	out := tensor.New(k.B, k.T)
	for r, s := range k.rows {
		copy(out.F32[r*k.T+s.from-1:], of(r))
	}
	return out
}

// take is the inverse of place.
func (k *stack) take(from []float32) [][]float32 {
	out := make([][]float32, len(k.rows))
	for r, s := range k.rows {
		at := r*k.T + s.from - 1
		out[r] = append([]float32(nil), from[at:at+s.written()]...)
	}
	return out
}

// inputs are the stack's own.
func (k *stack) inputs() map[string]*tensor.Tensor {
	return map[string]*tensor.Tensor{"tokens": k.tokens, "targets": k.targets, "mask": k.mask}
}

// logProbs traces log p of the targets, [B, T], and the last hidden states.
func logProbs(g *tensor.Graph, f *model.Forward, s Shape) (logp, hidden *tensor.Value) {
	hidden = f.Hidden(g.Input("tokens", tensor.I32, s.B, s.T), nil)
	losses := tensor.CrossEntropy(f.Logits(hidden), g.Input("targets", tensor.I32, s.B, s.T))
	return tensor.Scale(losses, -1), hidden
}

// scorer says how likely a model finds what was written, without learning from it.
type scorer struct {
	dev      *cpu.Device
	m        *model.Model
	values   bool // of the states before each token too
	batch    int  // rows computed together
	multiple int
	length   int

	args     map[string]*tensor.Tensor
	programs map[Shape]*cpu.Program
}

func newScorer(dev *cpu.Device, m *model.Model, s *Settings, values bool) *scorer {
	c := &scorer{
		dev: dev, m: m, values: values, batch: s.Batch, multiple: s.Multiple, length: s.Length,
		args: map[string]*tensor.Tensor{}, programs: map[Shape]*cpu.Program{},
	}
	m.Args(c.args)
	return c
}

// score gives, for each sequence and each token of its completion, the natural logarithm
// of its probability and, if asked for, the value of the state before it.
func (c *scorer) score(ctx context.Context, rows []sequence) (logp, values [][]float32, err error) {
	for at := 0; at < len(rows); at += c.batch {
		k := newStack(rows[at:min(len(rows), at+c.batch)], c.batch, c.multiple, c.length)
		p, err := c.program(k.Shape)
		if err != nil {
			return nil, nil, err
		}
		for name, t := range k.inputs() {
			c.args[name] = t
		}
		out, err := p.Run(ctx, c.args)
		if err != nil {
			return nil, nil, err
		}
		logp = append(logp, k.take(out["logp"].F32)...)
		if c.values {
			values = append(values, k.take(out["values"].F32)...)
		}
	}
	return logp, values, nil
}

func (c *scorer) program(s Shape) (*cpu.Program, error) {
	if p := c.programs[s]; p != nil {
		return p, nil
	}
	g, err := tensor.Trace(func(g *tensor.Graph) {
		f := c.m.Forward(g)
		logp, hidden := logProbs(g, f, s)
		g.Output("logp", logp)
		if c.values {
			g.Output("values", f.Values(hidden))
		}
	})
	if err != nil {
		return nil, err
	}
	p, err := c.dev.Compile(g, nil)
	if err == nil {
		c.programs[s] = p
	}
	return p, err
}
