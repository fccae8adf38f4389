package corpus

import (
	"context"
	"iter"
	"runtime"
	"sync"
)

// groupBytes is how much text is encoded as one piece of work.
const groupBytes = 1 << 20

// encoded is a document as tokens.
type encoded struct {
	tokens []int32
	mark   int // where the completion starts; -1 where there is none
}

func encode(d Document, f func(string) []int32) encoded {
	tokens := f(d.Text)
	if d.completion == nil {
		return encoded{tokens, -1}
	}
	n := len(tokens)
	return encoded{append(tokens[:n:n], f(*d.completion)...), n}
}

// group is a piece of work.
type group struct {
	docs []Document
	out  []encoded
	err  error // after the documents
	done chan struct{}
}

// encodeAll encodes documents on all processors and hands them on in their order.
// When it returns, nothing of it runs any more.
func encodeAll(ctx context.Context, docs iter.Seq2[Document, error], f func(string) []int32, each func(Document, encoded) error) error {
	ctx, cancel := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	work, order := make(chan *group), make(chan *group, workers)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	for range workers {
		running.Go(func() {
			for g := range work {
				for _, d := range g.docs {
					g.out = append(g.out, encode(d, f))
				}
				close(g.done)
			}
		})
	}
	running.Go(func() {
		defer close(work)
		defer close(order)
		deal(ctx, docs, work, order)
	})
	for g := range order {
		select {
		case <-g.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		for i, d := range g.docs {
			if err := each(d, g.out[i]); err != nil {
				return err
			}
		}
		if g.err != nil {
			return g.err
		}
	}
	return ctx.Err()
}

// deal puts documents into groups and each into both channels, until ctx ends.
func deal(ctx context.Context, docs iter.Seq2[Document, error], work, order chan<- *group) {
	send := func(g *group) bool {
		for _, c := range []chan<- *group{order, work} {
			select {
			case c <- g:
			case <-ctx.Done():
				return false
			}
		}
		return true
	}
	g, size := &group{done: make(chan struct{})}, int64(0)
	for d, err := range docs {
		if err != nil {
			g.err = err
			break
		}
		g.docs = append(g.docs, d)
		if size += d.size(); size >= groupBytes {
			if !send(g) {
				return
			}
			g, size = &group{done: make(chan struct{})}, 0
		}
	}
	send(g)
}
