package main

import (
	"context"
	"fmt"
	"slices"

	"hone/bench/engine/line"
)

const (
	fresh   = 128 // new tokens of a row
	tooSlow = 30  // seconds of a call after which a side that is not compared is left out
)

var rowCounts = []int{1, 16, 64}

// sampling measures batched generation.
func (b *bench) sampling(ctx context.Context) error {
	fmt.Fprintf(b.out, "\n## Sampling\n\nTemperature 1, top-p 0.95, prompts of 32 tokens, all different, no stops; tokens a second are new tokens of all rows, the prompts' time included.\nThe weights are random, made as sharp as a trained model's (entropy of the next token about 2.5 nats).\n")
	for _, name := range b.sizes {
		say("sampling %s", name)
		if err := b.sampleOne(ctx, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (b *bench) sampleOne(ctx context.Context, name string) error {
	weights, err := b.checkpoint(ctx, name, true)
	if err != nil {
		return err
	}
	tokens, err := b.tokens("prompts", 1<<14, 'a', 'z'+1)
	if err != nil {
		return err
	}
	c := &contest{ours: 1, peers: 2}
	defer c.end()
	for _, p := range []struct {
		name string
		args []string
	}{
		{"hone", nil},
		{"PyTorch eager", sampleEager},
		{"PyTorch compiled", sampleCompile},
		{"hone bf16", []string{"-dtype", "bf16"}},
		{"hone int8", []string{"-dtype", "int8"}},
		{"PyTorch int8", []string{"--dtype", "int8"}},
		{"PyTorch bf16", []string{"--dtype", "bf16"}},
	} {
		var s *side
		var err error
		if p.name[0] == 'h' {
			s, err = b.hone(ctx, p.name, append([]string{"sample", "-weights", weights, "-tokens", tokens}, p.args...)...)
		} else {
			s, err = b.peer(ctx, p.name, "sample.py", append([]string{"--size", name, "--weights", weights, "--tokens", tokens}, p.args...)...)
		}
		if err != nil {
			return err
		}
		c.sides = append(c.sides, s)
	}
	if err := b.sameTokens(c); err != nil {
		return err
	}
	// What compiles and fills caches is not counted.
	kept := c.sides[:0:0]
	for i, s := range c.sides {
		var slow float64 // seconds of the longest call
		for _, rows := range rowCounts {
			r, err := s.ask("gen %d 32 %d", rows, fresh)
			if err != nil {
				return err
			}
			if slow = max(slow, r.Seconds); i >= c.ours+c.peers && slow > tooSlow {
				break
			}
		}
		// A processor without arithmetic in bf16 takes minutes for what is no part of any ratio.
		if i >= c.ours+c.peers && slow > tooSlow {
			fmt.Fprintf(b.out, "\n%s: %s is left out, a call took %.0f s.\n", name, s.name, slow)
			s.end()
			continue
		}
		kept = append(kept, s)
		if _, err := s.ask("forget"); err != nil {
			return err
		}
	}
	c.sides = kept
	for _, rows := range rowCounts {
		if err := b.sampleRows(name, c, rows); err != nil {
			return err
		}
	}
	b.memoryFindings("sampling "+name, c)
	return nil
}

// sameTokens checks that the sides that are compared have the same greedy tokens.
func (b *bench) sameTokens(c *contest) error {
	var want [][]int32
	for i, s := range c.sides[:c.ours+c.peers] {
		r, err := s.ask("greedy 4 32 24")
		if err != nil {
			return err
		}
		if i == 0 {
			want = r.IDs
		} else if !slices.EqualFunc(want, r.IDs, slices.Equal) {
			return fmt.Errorf("%w: greedy tokens of %s: %v, of %s: %v", errDiffers, c.sides[0].name, want, s.name, r.IDs)
		}
	}
	return nil
}

func (b *bench) sampleRows(name string, c *contest, rows int) error {
	for _, s := range c.sides {
		s.figures = nil
	}
	for i := range b.rounds {
		err := c.round(i, func(s *side) (total line.Reply, err error) {
			for total.Seconds < b.turn.Seconds()/3 {
				r, err := s.ask("gen %d 32 %d", rows, fresh)
				if err != nil {
					return r, err
				}
				total.Seconds += r.Seconds
				total.Tokens += r.Tokens
			}
			return total, nil
		})
		if err != nil {
			return err
		}
	}
	fmt.Fprintf(b.out, "\n### %s: %d rows, %d new tokens each\n\n", name, rows, fresh)
	b.table(c)
	f := finding{name: fmt.Sprintf("sampling %s, %d rows / better of eager and compiled", name, rows), figures: c.ratios()}
	if rows > 1 {
		f.goal = 2
	}
	b.findings = append(b.findings, f)
	return nil
}
