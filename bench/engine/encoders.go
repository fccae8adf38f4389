package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"

	"hone/bench/engine/line"
	"hone/model"
)

// encoderSizes are the models of docs/state-space.md, about 0.35 million parameters.
var encoderSizes = []struct {
	name          string
	architecture  model.Architecture
	batch, length int
}{
	{"BiGS", model.ArchBiGS, 32, 128},
	{"Transformer, rotary", model.ArchEncoder, 32, 128},
	{"BiGS", model.ArchBiGS, 4, 1024},
	{"Transformer, rotary", model.ArchEncoder, 4, 1024},
}

const encoderVocab = 2049

// encoders measures pre-training of encoders on masked tokens.
func (b *bench) encoders(ctx context.Context) error {
	fmt.Fprintf(b.out, "\n## Encoders\n\nOptimizer steps on masked tokens (forward with logits of the hidden places, backward, clipping, AdamW), 2 threads, f32, from the same weights on the\nsame tokens, no row padded. PyTorch's convolutions are FFTs, as in the authors' code, or products with Toeplitz matrices. Columns are rounds, in tokens a second.\n")
	for _, e := range encoderSizes {
		say("%s, %d × %d", e.name, e.batch, e.length)
		c, err := model.Defaults(e.architecture)
		if err != nil {
			return err
		}
		c.Layers, c.Width, c.FFN, c.Vocab, c.Positions = 4, 64, 192, encoderVocab, e.length
		convolutions := []string{"fft", "toeplitz"}
		if e.architecture == model.ArchEncoder {
			c.Heads, c.FFN, c.PositionEmbedding, c.RopeTheta = 4, 288, model.PosRotary, 1e4
			convolutions = []string{"fft"} // it has none
		}
		c.Complete()
		if err := b.encode(ctx, e.name, c, e.batch, e.length, convolutions); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return nil
}

func (b *bench) encode(ctx context.Context, name string, config model.Config, batch, length int, convolutions []string) error {
	name = fmt.Sprintf("%s, %d × %d", name, batch, length)
	m, err := model.New(config, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		return err
	}
	weights := filepath.Join(b.dir, name)
	if err := m.Save(weights, ""); err != nil {
		return err
	}
	tokens, err := b.tokens("masked", 64*batch*length, 0, encoderVocab-1)
	if err != nil {
		return err
	}
	c := &contest{ours: 1}
	defer c.end()
	add := func(s *side, err error) error {
		if err == nil {
			c.sides = append(c.sides, s)
		}
		return err
	}
	shape := []string{"-weights", weights, "-tokens", tokens, "-batch", fmt.Sprint(batch), "-length", fmt.Sprint(length)}
	if err := add(b.hone(ctx, "hone", append([]string{"encode"}, shape...)...)); err != nil {
		return err
	}
	for _, conv := range convolutions {
		for _, mode := range []string{"eager", "default"} {
			title := map[string]string{"eager": "PyTorch eager", "default": "PyTorch compiled"}[mode]
			if len(convolutions) > 1 {
				title += ", " + conv
			}
			args := append([]string{"-" + shape[0], shape[1], "-" + shape[2], shape[3], "-" + shape[4], shape[5], "-" + shape[6], shape[7], "--mode", mode, "--conv", conv}, trainEager...)
			if err := add(b.peer(ctx, title, "encoder.py", args...)); err != nil {
				return err
			}
			c.peers++
		}
	}
	slowest := 0.0
	for _, s := range c.sides {
		r, err := s.ask("step 1")
		if err != nil {
			return err
		}
		s.losses = append(s.losses, r.Losses...)
		slowest = max(slowest, r.Seconds)
	}
	steps := max(1, int(b.turn.Seconds()/slowest))
	for i := range b.rounds {
		if err := c.round(i, func(s *side) (line.Reply, error) { return s.ask("step %d", steps) }); err != nil {
			return err
		}
	}
	h := c.sides[0].header
	fmt.Fprintf(b.out, "\n### %s: %d parameters, %d steps a turn\n\n", name, h.Parameters, steps)
	b.table(c)
	worst := 0.0
	for _, s := range c.sides[1:] {
		if s.header.Parameters != h.Parameters {
			return fmt.Errorf("%w: %d parameters and %d", errDiffers, h.Parameters, s.header.Parameters)
		}
		for i, l := range s.losses {
			worst = max(worst, math.Abs(l-c.sides[0].losses[i])/l)
		}
	}
	fmt.Fprintf(b.out, "Losses of %d steps differ by at most %.1e of themselves. Ready after %s.\n", len(c.sides[0].losses), worst, readiness(c.sides))
	if worst > 1e-3 || math.IsNaN(worst) {
		return fmt.Errorf("%w: losses differ by %.1e", errDiffers, worst)
	}
	b.findings = append(b.findings, finding{name: "encoder " + name + " / best of PyTorch", figures: c.ratios(), goal: 1.3})
	b.memoryFindings("encoder "+name, c)
	return nil
}
