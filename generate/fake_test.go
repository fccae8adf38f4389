package generate

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync/atomic"
)

// fake is a model of ten tokens, some of which are parts of characters or of stops.
// What it draws depends on the request and (Seed, First+i) alone.
type fake struct {
	calls atomic.Int64
	// gate, if not nil, is called before every token.
	gate func(ctx context.Context) error
	// seen is the last request.
	seen atomic.Pointer[Request]
}

var fakeVocabulary = []string{"a", "b ", "\n", "def ", "é", "\xe4\xb8", "\xad", "🙂", "    return", "<|end|>"}

func (f *fake) Identity() string { return "fake" }

func (f *fake) Generate(ctx context.Context, r Request) ([]Completion, error) {
	f.calls.Add(1)
	f.seen.Store(&r)
	if err := r.Check(); err != nil {
		return nil, err
	}
	h := fnv.New64a()
	fmt.Fprint(h, r.Prompt, r.Messages, r.Temperature, r.TopP, r.TopK)
	out := make([]Completion, r.N)
	for i := range out {
		rng := rand.New(rand.NewPCG(r.Seed^h.Sum64(), uint64(r.First+i)))
		c := &out[i]
		cut := NewCutter(r.Stop)
		c.Finish = FinishLength
		tell := func(text string, tokens []Token) {
			c.Text += text
			if r.LogProbs {
				c.Tokens = append(c.Tokens, tokens...)
			} else {
				tokens = nil
			}
			if r.OnPiece != nil && (text != "" || tokens != nil) {
				r.OnPiece(i, Piece{text, tokens})
			}
		}
		for range r.MaxTokens {
			if f.gate != nil {
				if err := f.gate(ctx); err != nil {
					return nil, err
				}
			}
			id := rng.IntN(len(fakeVocabulary))
			c.Usage.Completion++
			token := Token{int32(id), fakeVocabulary[id], -rng.Float32()}
			if id == len(fakeVocabulary)-1 {
				c.Finish = FinishStop
				tell("", []Token{token})
				break
			}
			text, stopped := cut.Add(token.Text)
			tell(text, []Token{token})
			if stopped {
				c.Finish = FinishStop
				break
			}
		}
		tell(cut.End(), nil)
	}
	out[0].Usage.Prompt = len(r.Prompt)
	for _, m := range r.Messages {
		out[0].Usage.Prompt += len(m.Content)
	}
	return out, nil
}
