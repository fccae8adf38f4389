package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"hone/bench/engine/line"
	"hone/generate"
	"hone/tensor"
)

const topP = 0.95

var dtypes = map[string]tensor.DType{"f32": tensor.F32, "bf16": tensor.BF16, "int8": tensor.I8}

// samples answers "gen ROWS PROMPT NEW" and "greedy ROWS PROMPT NEW": ROWS requests at
// the same time, each with a prompt of its own from the token file, whose tokens are
// single bytes of text. "forget" makes the peak of memory count from then on.
func samples(ctx context.Context, o options, h line.Header) error {
	dtype, ok := dtypes[o.dtype]
	if !ok {
		return fmt.Errorf("-dtype %q is none of f32, bf16 and int8", o.dtype)
	}
	data, err := readTokens(o.tokens)
	if err != nil {
		return err
	}
	const most = 64 // rows at the same time
	l, err := generate.OpenLocal(o.weights, generate.LocalOptions{Weights: dtype, Slots: most, Threads: o.threads})
	if err != nil {
		return err
	}
	defer l.Close()
	draws := uint64(0)
	return line.Serve(os.Stdin, os.Stdout, h, func(words []string) (r line.Reply, err error) {
		if len(words) == 1 && words[0] == "forget" {
			line.ForgetPeak()
			return r, nil
		}
		if len(words) != 4 {
			return r, fmt.Errorf("%q: gen and greedy ROWS PROMPT NEW are understood", words)
		}
		n, err := numbers(words[1:]...)
		if err != nil {
			return r, err
		}
		rows, prompt, fresh := n[0], n[1], n[2]
		if len(data) < rows*prompt {
			return r, fmt.Errorf("the token file has %d tokens, %d are needed", len(data), rows*prompt)
		}
		request := generate.Request{N: 1, MaxTokens: fresh, Temperature: 1, TopP: topP}
		if words[0] == "greedy" {
			request.Temperature, request.LogProbs = 0, true
		}
		requests := make([]generate.Request, rows)
		for i := range requests {
			requests[i] = request
			requests[i].Seed, requests[i].First = draws, i
			requests[i].Prompt = text(data[i*prompt : (i+1)*prompt])
		}
		draws++
		completions, errs := make([]generate.Completion, rows), make([]error, rows)
		start := time.Now()
		var all sync.WaitGroup
		for i := range requests {
			all.Go(func() {
				var c []generate.Completion
				if c, errs[i] = l.Generate(ctx, requests[i]); errs[i] == nil {
					completions[i] = c[0]
				}
			})
		}
		all.Wait()
		r.Seconds = time.Since(start).Seconds()
		for i, c := range completions {
			if errs[i] != nil {
				return r, errs[i]
			}
			r.Tokens += c.Usage.Completion
			if c.Usage.Prompt != prompt || c.Usage.Completion != fresh {
				return r, fmt.Errorf("a prompt of %d tokens was continued by %d: %d and %d were asked for", c.Usage.Prompt, c.Usage.Completion, prompt, fresh)
			}
			if words[0] == "greedy" {
				ids := make([]int32, len(c.Tokens))
				for k, t := range c.Tokens {
					ids[k] = t.ID
				}
				r.IDs = append(r.IDs, ids)
			}
		}
		return r, nil
	})
}

// text is the text whose bytes are the tokens.
func text(tokens []int32) string {
	b := make([]byte, len(tokens))
	for i, t := range tokens {
		b[i] = byte(t)
	}
	return string(b)
}
