package generate

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"hone/model"
	"hone/tensor"
)

// other is small with other weights.
func other(t *testing.T) *model.Model {
	m := small(t, model.ArchLlama).Reference()
	rng := rand.New(rand.NewPCG(9, 9))
	for _, p := range m.Params {
		for i := range p.F32 {
			p.F32[i] += float32(rng.NormFloat64()) * 0.2
		}
	}
	return m
}

// After Replace all is drawn as from a model that was opened with these weights, adapters
// included, and requests before and during it from the weights of before.
func TestReplace(t *testing.T) {
	r := Request{Prompt: "def f", N: 5, MaxTokens: 30, Temperature: 1, Seed: 3, LogProbs: true}
	text := func(l *Local) (out string) {
		cs, err := l.Generate(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cs {
			out += c.Text + "|"
		}
		return out
	}
	adapted := func() *model.Model {
		m := other(t)
		if err := m.AddLoRA(model.LoRA{Rank: 2, Alpha: 4}, rand.New(rand.NewPCG(1, 1))); err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Trainable() {
			for i := range p.F32 {
				p.F32[i] += 0.1
			}
		}
		m.AddValueHead()
		return m
	}
	first, second, third := text(local(t, small(t, model.ArchLlama), LocalOptions{})), text(local(t, other(t), LocalOptions{})), text(local(t, adapted(), LocalOptions{}))
	if first == second || second == third {
		t.Fatal("the models say the same: nothing can be seen")
	}
	l := local(t, small(t, model.ArchLlama), LocalOptions{})
	under := make(chan string)
	started := make(chan struct{}, 1)
	go func() {
		slow := r
		slow.OnPiece = func(int, Piece) {
			select {
			case started <- struct{}{}:
			default:
			}
		}
		cs, _ := l.Generate(context.Background(), slow)
		out := ""
		for _, c := range cs {
			out += c.Text + "|"
		}
		under <- out
	}()
	<-started
	done := make(chan error)
	go func() { done <- l.Replace(context.Background(), other(t)) }()
	if got := <-under; got != first {
		t.Errorf("the request under way gave %q, not %q", got, first)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := text(l); got != second {
		t.Errorf("after Replace %q, not %q", got, second)
	}
	m := adapted()
	taken := m.Reference()
	if err := l.Replace(context.Background(), taken); err != nil {
		t.Fatal(err)
	}
	if m.LoRA == nil || len(m.ValueHead()) != 2 {
		t.Error("the reference took the model's adapters or its head away")
	}
	if got := text(l); got != third {
		t.Errorf("with adapters %q, not %q", got, third)
	}
	if err := l.Replace(context.Background(), taken); err == nil {
		t.Error("a model was taken twice")
	}
	if got := text(l); got != third {
		t.Errorf("after a model that was refused %q, not %q", got, third)
	}
	if err := l.Replace(context.Background(), m.Reference()); err != nil || text(l) != third {
		t.Errorf("the model cannot be taken again: %v", err)
	}
	if err := l.Replace(context.Background(), small(t, model.ArchGPT2)); err == nil {
		t.Error("a model of another architecture was taken")
	}
	l.Close()
	if err := l.Replace(context.Background(), other(t)); err != errClosed {
		t.Errorf("after Close: %v", err)
	}
}

// Beside bfloat16 adapters are not merged, and are replaced with the rest: what is drawn has the
// probabilities of the model with its matrices rounded and its adapters as they are.
func TestReplaceBesideBFloat16(t *testing.T) {
	adapted := func(of *model.Model, by float32) *model.Model {
		if err := of.AddLoRA(model.LoRA{Rank: 2, Alpha: 4}, rand.New(rand.NewPCG(1, 1))); err != nil {
			t.Fatal(err)
		}
		for _, p := range of.Trainable() {
			for i := range p.F32 {
				p.F32[i] += by * float32(i%7-3)
			}
		}
		return of
	}
	logprobs := func(l *Local) (out []float32) {
		cs, err := l.Generate(context.Background(), Request{Prompt: "def f", N: 5, MaxTokens: 30, Temperature: 1, Seed: 3, LogProbs: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cs {
			for _, x := range c.Tokens {
				out = append(out, x.LogProb)
			}
		}
		return out
	}
	bf16 := LocalOptions{Weights: tensor.BF16}
	// A change of the adapters of which merging would lose most: about 1e-5, which weights of .3 do not tell from nothing.
	first, second := logprobs(local(t, adapted(small(t, model.ArchLlama), 0), bf16)), logprobs(local(t, adapted(small(t, model.ArchLlama), 1e-5), bf16))
	if slices.Equal(first, second) {
		t.Error("a change of the adapters is lost")
	}
	l := local(t, adapted(other(t), .3), bf16)
	for range 2 {
		m := adapted(small(t, model.ArchLlama), 1e-5)
		if err := l.Replace(context.Background(), m.Reference()); err != nil {
			t.Fatal(err)
		}
		if m.LoRA == nil || m.Trainable()[0].F32 == nil {
			t.Error("the reference took the model's adapters away")
		}
		if got := logprobs(l); !slices.Equal(got, second) {
			t.Error("after Replace others are drawn than with a model that was opened with these weights")
		}
	}
	if err := l.Replace(context.Background(), small(t, model.ArchLlama)); err == nil {
		t.Error("a model without adapters was taken")
	}
	if err := local(t, small(t, model.ArchLlama), bf16).Replace(context.Background(), adapted(small(t, model.ArchLlama), .1)); err == nil {
		t.Error("adapters were taken by a model that has none")
	}
	if got := logprobs(l); !slices.Equal(got, second) {
		t.Error("a model that was refused changed what is drawn")
	}
}
