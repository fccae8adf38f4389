package generate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// loop draws tokens for all sequences under way until the model is closed.
func (l *Local) loop() {
	defer close(l.closed)
	defer l.engine.dev.Close()
	b := &batch{l: l}
	b.freeAll()
	for {
		var more chan *group
		if len(b.waiting) == 0 { // else those that wait come first
			more = l.work
		}
		if len(b.active) == 0 && len(b.waiting) == 0 {
			select {
			case g := <-more:
				b.add(g)
			case r := <-l.replace:
				r.done <- l.engine.replace(r.model, l.weights)
				continue
			case <-l.closing:
				return
			}
		}
		for taking := more != nil; taking && len(b.waiting) < len(b.free); {
			select {
			case g := <-l.work:
				b.add(g)
			case <-l.closing:
				b.failAll(errClosed)
				return
			default:
				taking = false
			}
		}
		select {
		case <-l.closing:
			b.failAll(errClosed)
			return
		default:
		}
		b.round()
	}
}

// round draws a token for all that are under way. A fault of ours ends their
// requests, not the server.
func (b *batch) round() {
	defer func() {
		if v := recover(); v != nil {
			b.failAll(fmt.Errorf("generate: a fault in Hone, which ended all requests under way: %v", v))
			b.freeAll()
		}
	}()
	b.dropCancelled()
	b.admit()
	b.draw()
}

// freeAll makes every slot free.
func (b *batch) freeAll() {
	b.free = b.free[:0]
	for i := b.l.engine.cache.Slots - 1; i >= 0; i-- {
		b.free = append(b.free, i)
	}
}

// batch is the sequences under way and those that wait for a place.
type batch struct {
	l       *Local
	active  []*sequence
	waiting []waiting
	free    []int // slots
}

// waiting is a group of which sequences from next on have no place yet.
type waiting struct {
	g    *group
	next int
}

func (b *batch) add(g *group) { b.waiting = append(b.waiting, waiting{g, 0}) }

// admit gives free slots to sequences that wait. The prompt is computed once for
// those of a group that start together and copied to the others.
func (b *batch) admit() {
	type start struct {
		g     *group
		next  int
		slots []int
	}
	var starts []start
	var prompts []prompt
	for len(b.waiting) > 0 && len(b.free) > 0 {
		w := &b.waiting[0]
		n := min(len(b.free), w.g.r.N-w.next)
		slots := slices.Clone(b.free[len(b.free)-n:])
		b.free = b.free[:len(b.free)-n]
		starts = append(starts, start{w.g, w.next, slots})
		prompts = append(prompts, prompt{slots[0], w.g.prompt[:len(w.g.prompt)-1]}) // the last token is the first that is fed
		if w.next += n; w.next == w.g.r.N {
			b.waiting = b.waiting[1:]
		}
	}
	// What the context of one request does must not end the others' step.
	err := b.l.engine.prefill(context.Background(), prompts)
	for i, s := range starts {
		if err != nil {
			s.g.fail(fmt.Errorf("generate: %w", err))
			b.free = append(b.free, s.slots...)
			continue
		}
		for k, slot := range s.slots {
			if k > 0 {
				b.l.engine.share(s.slots[0], slot, len(prompts[i].tokens))
			}
			b.active = append(b.active, s.g.start(s.next+k, slot))
		}
	}
	if err != nil {
		b.waiting = slices.DeleteFunc(b.waiting, func(w waiting) bool { return w.g.err != nil })
	}
}

// dropCancelled gives back the places of requests that nobody waits for.
func (b *batch) dropCancelled() {
	keepWaiting := b.waiting[:0]
	for _, w := range b.waiting {
		if err := w.g.ctx.Err(); err != nil {
			w.g.fail(err)
		} else {
			keepWaiting = append(keepWaiting, w)
		}
	}
	b.waiting = keepWaiting
	b.keep(func(s *sequence) bool {
		if err := s.g.ctx.Err(); err != nil {
			s.g.fail(err)
			return false
		}
		return s.g.err == nil
	})
}

// keep frees the slots of sequences for which f is false.
func (b *batch) keep(f func(s *sequence) bool) {
	kept := b.active[:0]
	for _, s := range b.active {
		if f(s) {
			kept = append(kept, s)
		} else {
			b.free = append(b.free, s.slot)
		}
	}
	b.active = kept
}

// errNotFinite is what a request gets whose tokens mean nothing.
var errNotFinite = errors.New("generate: the model's scores of the next token are not finite: its weights are damaged, or overflow")

// draw draws a token for every active sequence.
func (b *batch) draw() {
	if len(b.active) == 0 {
		return
	}
	largest := decodeSizes[len(decodeSizes)-1]
	for at := 0; at < len(b.active); at += largest {
		part := b.active[at:min(len(b.active), at+largest)]
		tokens, logprobs, err := b.l.engine.step(context.Background(), part)
		if err != nil {
			b.failAll(fmt.Errorf("generate: %w", err))
			return
		}
		for i, s := range part {
			if s.g.err == nil && math.IsNaN(float64(logprobs[i])) {
				s.g.fail(errNotFinite)
			}
			s.alive = s.g.err == nil && s.take(tokens[i], logprobs[i])
		}
	}
	b.keep(func(s *sequence) bool { return s.alive })
}

func (b *batch) failAll(err error) {
	for _, s := range b.active {
		s.g.fail(err)
		b.free = append(b.free, s.slot)
	}
	for _, w := range b.waiting {
		w.g.fail(err)
	}
	b.active, b.waiting = nil, nil
}
