package train

import (
	"context"
	"fmt"
	"slices"

	"hone/model"
	"hone/task"
	"hone/tensor"
	"hone/tensor/cpu"
	"hone/tensor/simd"
	"hone/token"
)

// Score computes a task's measures on its test split with a model trained for it, batch rows at a
// time, cut to length tokens.
func Score(ctx context.Context, dev *cpu.Device, m *model.Model, tok *token.Tokenizer, set *task.Set, batch, length, multiple int) (map[string]task.Score, error) {
	if length > m.Positions {
		return nil, fmt.Errorf("score: rows of %d tokens, the model has %d positions", length, m.Positions)
	}
	x := newExamples(set, set.Test, tok, length)
	p := &predictor{dev: dev, m: m, x: x, batch: batch, length: length, multiple: multiple, programs: map[Shape]*cpu.Program{}}
	if set.Kind == task.Tokens {
		return p.spans(ctx, len(set.Labels))
	}
	out, err := p.run(ctx, x.texts())
	if err != nil {
		return nil, err
	}
	switch set.Kind {
	case task.Search:
		var others [][]int32
		for _, e := range x.rows {
			others = append(others, e.other)
		}
		queries, err := p.run(ctx, others)
		if err != nil {
			return nil, err
		}
		return task.ReciprocalRanks(len(out), func(q, i int) float64 { return float64(simd.Dot(queries[q], out[i])) }), nil
	case task.Clones:
		var labels []string
		for _, r := range set.Test {
			labels = append(labels, r.Label)
		}
		return task.AveragePrecisions(labels, func(a, b int) float64 { return float64(simd.Dot(out[a], out[b])) }), nil
	}
	scores := task.Classes(out, x.labels(), len(set.Labels))
	if set.Tunes() {
		v := newExamples(set, set.Validation, tok, length)
		validation, err := p.run(ctx, v.texts())
		if err != nil {
			return nil, err
		}
		scores["f1_tuned"] = task.TunedF1(out, x.labels(), validation, v.labels())
	}
	return scores, nil
}

func (x *examples) texts() (out [][]int32) {
	for _, e := range x.rows {
		out = append(out, e.text)
	}
	return out
}

func (x *examples) labels() (out []int) {
	for _, e := range x.rows {
		out = append(out, e.label)
	}
	return out
}

// predictor runs a model over texts.
type predictor struct {
	dev                     *cpu.Device
	m                       *model.Model
	x                       *examples
	batch, length, multiple int
	programs                map[Shape]*cpu.Program
}

// run returns a row's logits or its vector for every text.
func (p *predictor) run(ctx context.Context, texts [][]int32) (rows [][]float32, err error) {
	for at := 0; at < len(texts); at += p.batch {
		part := texts[at:min(len(texts), at+p.batch)]
		b := layOut(part, p.batch, p.multiple, p.length)
		out, err := p.do(ctx, b, func(g *tensor.Graph, f *model.Forward, hidden, lengths *tensor.Value) *tensor.Value {
			if p.m.Head == model.HeadEmbedding {
				return f.Embeddings(hidden, lengths)
			}
			return f.Classes(hidden, lengths)
		})
		if err != nil {
			return nil, err
		}
		for i := range part {
			rows = append(rows, append([]float32(nil), out.F32[i*out.Cols():(i+1)*out.Cols()]...))
		}
	}
	return rows, nil
}

// do runs the model on a batch; top is what is computed of the hidden states.
func (p *predictor) do(ctx context.Context, b *Batch, top func(g *tensor.Graph, f *model.Forward, hidden, lengths *tensor.Value) *tensor.Value) (*tensor.Tensor, error) {
	program := p.programs[b.Shape]
	if program == nil {
		g, err := tensor.Trace(func(g *tensor.Graph) {
			f := p.m.Forward(g)
			lengths := g.Input("lengths", tensor.I32, b.B)
			hidden := f.Hidden(g.Input("tokens", tensor.I32, b.B, b.T), lengths)
			g.Output("out", top(g, f, hidden, lengths))
		})
		if err != nil {
			return nil, err
		}
		if program, err = p.dev.Compile(g, nil); err != nil {
			return nil, err
		}
		p.programs[b.Shape] = program
	}
	p.m.Args(b.Inputs)
	out, err := program.Run(ctx, b.Inputs)
	if err != nil {
		return nil, err
	}
	return out["out"], nil
}

// spans scores labels of spans.
func (p *predictor) spans(ctx context.Context, labels int) (map[string]task.Score, error) {
	most := max(1, p.x.spans)
	t := &taskBatches{examples: p.x, s: &Settings{Batch: p.batch, Length: p.length, Multiple: p.multiple}, spans: most}
	var rows [][]float32
	var truth []int
	for i := range t.Epoch() {
		b, err := t.Batch(i)
		if err != nil {
			return nil, err
		}
		targets := b.Inputs["targets"].I32
		out, err := p.do(ctx, b, func(g *tensor.Graph, f *model.Forward, hidden, _ *tensor.Value) *tensor.Value {
			return f.TokenClasses(spanStates(g, hidden, most))
		})
		if err != nil {
			return nil, err
		}
		for k, y := range targets {
			if y >= 0 {
				rows, truth = append(rows, slices.Clone(out.F32[k*labels:(k+1)*labels])), append(truth, int(y))
			}
		}
	}
	return task.Classes(rows, truth, labels), nil
}

// score is what the job's task gives on its test split, beside a bag of tokens and one answer for all.
func (j *Job) score(ctx context.Context, dev *cpu.Device, out *Outcome) (err error) {
	s := &j.Recipe.Train
	out.Baseline, out.Constant, out.Notes = j.task.Baseline(), j.task.Constant(), j.task.Notes
	out.Scores, err = Score(ctx, dev, j.Model, j.Tokenizer, j.task, s.Batch, s.Length, s.Multiple)
	return err
}
