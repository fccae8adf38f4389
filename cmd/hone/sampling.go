package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"hone/generate"
	"hone/judge"
)

// samplingFlags are how completions are drawn.
type samplingFlags struct {
	n           int
	temperature float64
	topP        float64
	topK        int
	maxTokens   int
	seed        uint64
	stops       []string
}

func (f *samplingFlags) register(c *cobra.Command, n, maxTokens int) {
	fl := c.Flags()
	fl.IntVar(&f.n, "n", n, "completions of a prompt")
	fl.Float64Var(&f.temperature, "temperature", 0.8, "0 takes the likeliest token, always")
	fl.Float64Var(&f.topP, "top-p", 0.95, "draw from the likeliest tokens that together have this probability; 1: from all")
	fl.IntVar(&f.topK, "top-k", 0, "draw from so many likeliest tokens; 0: from all")
	fl.IntVar(&f.maxTokens, "max-tokens", maxTokens, "most tokens of a completion")
	fl.StringArrayVar(&f.stops, "stop", nil, `text that ends a completion, \n is a line break (repeatable)`)
	fl.Uint64Var(&f.seed, "seed", 0, "what chance begins from: the same seed gives a local model's same completions")
}

// request is what the flags ask for, without a prompt.
func (f *samplingFlags) request() generate.Request {
	r := generate.Request{N: f.n, MaxTokens: f.maxTokens, Temperature: f.temperature, TopP: f.topP, TopK: f.topK, Seed: f.seed}
	for _, s := range f.stops {
		r.Stop = append(r.Stop, strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t").Replace(s))
	}
	return r
}

func (f *samplingFlags) check() error {
	r := f.request()
	err := r.Check()
	var re *generate.RequestError
	if errors.As(err, &re) {
		return usagef("--%s: %s", strings.ReplaceAll(re.Field, "_", "-"), re.Message)
	}
	return err
}

// identity is what the flags say, for a fingerprint.
func (f *samplingFlags) identity() string {
	return fmt.Sprintf("%d %v %v %d %d %d %q", f.n, f.temperature, f.topP, f.topK, f.maxTokens, f.seed, f.stops)
}

// seedOf is the seed of one prompt, given the one of the flags and what tells the
// prompt from others.
func seedOf(seed uint64, what ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %q", seed, what)
	return h.Sum64()
}

// inOrder does the work 0 … n-1, so much of it at once, and emits the results in
// order. Closing stop lets what is under way finish, emits it and returns
// judge.ErrStopped; cancelling ctx abandons it. After an error nothing more is begun,
// and what comes before it is emitted. At most window results wait for an earlier one.
func inOrder[T any](ctx context.Context, stop <-chan struct{}, atOnce, window, n int, do func(ctx context.Context, i int) (T, error), emit func(i int, v T) error) error {
	type slot struct {
		i    int
		v    T
		err  error
		done chan struct{}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work, order := make(chan *slot), make(chan *slot, max(window, atOnce))
	var wg sync.WaitGroup
	failed := make(chan struct{}, max(1, atOnce)) // has room for every worker
	for range max(1, min(atOnce, n)) {
		wg.Go(func() {
			for s := range work {
				s.v, s.err = do(ctx, s.i)
				close(s.done)
				if s.err != nil {
					failed <- struct{}{}
					return
				}
			}
		})
	}
	stopped := false
	wg.Go(func() {
		defer close(order)
		defer close(work)
		for i := range n {
			select { // a closed stop wins over a free worker
			case <-stop:
				stopped = true
				return
			case <-failed:
				return
			default:
			}
			s := &slot{i: i, done: make(chan struct{})}
			select {
			case work <- s:
			case <-stop:
				stopped = true
				return
			case <-failed:
				return
			case <-ctx.Done():
				return
			}
			order <- s // of those, at most window+1 are not emitted
		}
	})
	var err error
	for s := range order {
		if <-s.done; err != nil {
			continue // let everybody end
		}
		if err = s.err; err == nil {
			err = emit(s.i, s.v)
		}
		if err != nil {
			cancel()
		}
	}
	wg.Wait()
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	case stopped:
		return judge.ErrStopped
	}
	return nil
}
