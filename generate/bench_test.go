package generate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"hone/model"
	"hone/tensor"
)

// BenchmarkGenerate draws batches of completions of 128 tokens.
func BenchmarkGenerate(b *testing.B) {
	for _, s := range []struct{ layers, width, heads int }{{4, 128, 4}, {8, 512, 8}} {
		for _, as := range []tensor.DType{tensor.F32, tensor.BF16, tensor.I8} {
			for _, batch := range []int{1, 16, 64} {
				b.Run(fmt.Sprintf("l%d d%d %v batch %d", s.layers, s.width, as, batch), func(b *testing.B) {
					c, err := model.Defaults(model.ArchGPT2)
					if err != nil {
						b.Fatal(err)
					}
					c.Layers, c.Width, c.Heads, c.Vocab, c.Positions, c.EOS, c.BOS = s.layers, s.width, s.heads, 2048, 256, nil, model.NoToken
					c.Complete()
					m, err := model.New(c, rand.New(rand.NewPCG(1, 1)))
					if err != nil {
						b.Fatal(err)
					}
					l, err := NewLocal(m, letters(b), LocalOptions{Slots: batch, Weights: as})
					if err != nil {
						b.Fatal(err)
					}
					defer l.Close()
					l.ends = nil
					r := Request{Prompt: strings.Repeat("x", 32), N: batch, MaxTokens: 128, Temperature: 1, TopP: .95}
					n := 0
					for b.Loop() {
						cs, err := l.Generate(context.Background(), r)
						if err != nil {
							b.Fatal(err)
						}
						n += Total(cs).Completion
					}
					b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "tokens/s")
				})
			}
		}
	}
}
