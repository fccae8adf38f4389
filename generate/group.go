package generate

import (
	"context"
	"math/rand/v2"

	"hone/token"
)

// group is one request: its sequences share a prompt.
type group struct {
	ctx         context.Context
	local       *Local
	r           Request
	prompt      []int32
	completions []Completion
	err         error
	open        int // sequences that are not finished
	done        chan struct{}
}

// sequence is one completion on its way.
type sequence struct {
	g    *group
	i    int // which of the request's
	rng  *rand.Rand
	text *token.Decoder
	cut  *Cutter

	slot int   // its place in the batch
	at   int   // tokens in the cache
	next int32 // the token to feed

	alive bool // goes on after the token that was drawn last
}

func newGroup(ctx context.Context, l *Local, r Request, prompt []int32) *group {
	g := &group{ctx: ctx, local: l, r: r, prompt: prompt, completions: make([]Completion, r.N), open: r.N, done: make(chan struct{})}
	g.completions[0].Usage.Prompt = len(prompt)
	return g
}

// start makes the group's sequence i, for the given slot.
func (g *group) start(i, slot int) *sequence {
	return &sequence{
		g: g, i: i, slot: slot,
		rng:  rand.New(rand.NewPCG(g.r.Seed, uint64(g.r.First+i))),
		text: g.local.tok.Decoder(false),
		cut:  NewCutter(g.r.Stop),
		at:   len(g.prompt) - 1, next: g.prompt[len(g.prompt)-1],
	}
}

// take records a token that was drawn and reports whether the sequence goes on.
func (s *sequence) take(id int32, logprob float32) (more bool) {
	g := s.g
	c := &g.completions[s.i]
	c.Usage.Completion++
	s.at++
	s.next = id
	piece := Piece{}
	if g.r.LogProbs {
		text, _ := g.local.tok.Text(id)
		piece.Tokens = []Token{{ID: id, Text: text, LogProb: logprob}}
		c.Tokens = append(c.Tokens, piece.Tokens...)
	}
	stopped := g.local.ends[id]
	if !stopped {
		piece.Text, stopped = s.cut.Add(s.text.Add(id))
	}
	full := c.Usage.Completion >= g.r.MaxTokens || s.at+1 >= g.local.context
	switch {
	case stopped:
		c.Finish = FinishStop
	case full:
		c.Finish = FinishLength
	}
	if stopped || full {
		rest, _ := s.cut.Add(s.text.Flush())
		piece.Text += rest + s.cut.End()
	}
	c.Text += piece.Text
	if g.r.OnPiece != nil && (piece.Text != "" || piece.Tokens != nil) {
		g.r.OnPiece(s.i, piece)
	}
	if stopped || full {
		g.finish()
		return false
	}
	return true
}

// finish counts a sequence that ended.
func (g *group) finish() {
	if g.open--; g.open == 0 {
		close(g.done)
	}
}

// fail ends all sequences of the group at once.
func (g *group) fail(err error) {
	if g.open > 0 {
		g.err, g.completions, g.open = err, nil, 0
		close(g.done)
	}
}
