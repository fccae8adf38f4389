package generate

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"hone/model"
	"hone/tensor"
	"hone/tensor/cpu"
)

// engine runs a model over a cache of sequences. It belongs to one goroutine.
type engine struct {
	m     *model.Model
	dev   *cpu.Device
	cache model.Cache
	// args are the parameters and the cache, and the inputs of the step under way.
	args   map[string]*tensor.Tensor
	decode map[int]*decodeProgram     // by batch size
	fill   map[[2]int]*prefillProgram // by prompts and tokens of each
}

// The sizes programs are compiled for: a batch or a piece of a prompt is padded to
// the next one.
var (
	decodeSizes  = []int{1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128}
	prefillSizes = []int{16, 32, 64, 128, 256}
)

// prefillMost is how many tokens of several prompts are computed together at most.
const prefillMost = 256

type decodeProgram struct {
	program                         *cpu.Program
	tokens, slots, starts, settings *tensor.Tensor
}

type prefillProgram struct {
	program               *cpu.Program
	tokens, slots, starts *tensor.Tensor
}

// newEngine makes the cache, with room for the padding of the last piece of a prompt.
func newEngine(m *model.Model, dev *cpu.Device, slots, room int) *engine {
	e := &engine{
		m: m, dev: dev, cache: model.Cache{Slots: slots, Room: (room+15)/16*16 + prefillSizes[0]},
		args: map[string]*tensor.Tensor{}, decode: map[int]*decodeProgram{}, fill: map[[2]int]*prefillProgram{},
	}
	m.Args(e.args)
	for name, shape := range m.CacheInputs(e.cache) {
		e.args[name] = tensor.New(shape...)
	}
	return e
}

// replace takes the weights of another model over, whose tensors are then laid out as those of
// the first. Those that were there go before the new ones come: a large model is not there twice.
func (e *engine) replace(m *model.Model, as tensor.DType) error {
	for _, p := range m.Params {
		if p.Tensor == nil || p.F32 == nil {
			return errors.New("generate: the weights were laid out for generation already")
		}
	}
	if as != tensor.F32 && !reflect.DeepEqual(m.LoRA, e.m.LoRA) { // they stay what they are, see Pack
		return errors.New("generate: the weights are those of a model with other adapters")
	}
	own := slices.DeleteFunc(slices.Clone(e.m.Params), func(p *model.Param) bool { return slices.Contains(e.m.ValueHead(), p) })
	for _, p := range own {
		p.Tensor, e.args[p.Name] = nil, nil
	}
	if err := m.Pack(as, e.cache.Slots); err != nil {
		return err
	}
	for _, p := range own {
		t := m.Param(p.Name).Tensor
		p.Tensor, e.args[p.Name] = t, t
	}
	return nil
}

// atLeast is the smallest size that holds n, the largest if none does.
func atLeast(sizes []int, n int) int {
	for _, s := range sizes {
		if s >= n {
			return s
		}
	}
	return sizes[len(sizes)-1]
}

// prompt is what a sequence begins with.
type prompt struct {
	slot   int
	tokens []int32
}

// prefill puts prompts into the cache, from position 0. Short ones of about equal length go
// together: weights are then read once for all of them.
func (e *engine) prefill(ctx context.Context, prompts []prompt) error {
	bySize := map[int][]prompt{}
	for _, p := range prompts {
		if len(p.tokens) == 0 {
			continue
		}
		size := atLeast(prefillSizes, len(p.tokens))
		if len(p.tokens) > size || size > e.cache.Room {
			if err := e.prefillLong(ctx, p); err != nil {
				return err
			}
			continue
		}
		bySize[size] = append(bySize[size], p)
	}
	for _, size := range prefillSizes {
		for rest := bySize[size]; len(rest) > 0; {
			n := 1
			for 2*n <= len(rest) && 2*n*size <= prefillMost {
				n *= 2
			}
			if err := e.prefillRows(ctx, size, rest[:n], 0); err != nil {
				return err
			}
			rest = rest[n:]
		}
	}
	return nil
}

// prefillLong computes a long prompt in pieces.
func (e *engine) prefillLong(ctx context.Context, p prompt) error {
	for at := 0; at < len(p.tokens); {
		size := atLeast(prefillSizes, len(p.tokens)-at)
		for size > prefillSizes[0] && at+size > e.cache.Room {
			size = prefillSizes[slices.Index(prefillSizes, size)-1]
		}
		n := min(size, len(p.tokens)-at)
		if err := e.prefillRows(ctx, size, []prompt{{p.slot, p.tokens[at : at+n]}}, at); err != nil {
			return err
		}
		at += n
	}
	return nil
}

// prefillRows computes prompts of at most size tokens, which begin at position at.
func (e *engine) prefillRows(ctx context.Context, size int, prompts []prompt, at int) error {
	p, err := e.prefillFor(len(prompts), size)
	if err != nil {
		return err
	}
	clear(p.tokens.I32)
	for i, x := range prompts {
		copy(p.tokens.I32[i*size:(i+1)*size], x.tokens)
		p.slots.I32[i], p.starts.I32[i] = int32(x.slot), int32(at)
	}
	e.args["tokens"], e.args["slots"], e.args["starts"] = p.tokens, p.slots, p.starts
	_, err = p.program.Run(ctx, e.args)
	return err
}

func (e *engine) prefillFor(n, size int) (*prefillProgram, error) {
	if p := e.fill[[2]int{n, size}]; p != nil {
		return p, nil
	}
	g, err := tensor.Trace(func(g *tensor.Graph) {
		e.m.Forward(g).Continue(e.cache,
			g.Input("tokens", tensor.I32, n, size), g.Input("slots", tensor.I32, n), g.Input("starts", tensor.I32, n))
	})
	if err != nil {
		return nil, err
	}
	program, err := e.dev.Compile(g, nil)
	if err != nil {
		return nil, err
	}
	p := &prefillProgram{program, tensor.NewInts(n, size), tensor.NewInts(n), tensor.NewInts(n)}
	e.fill[[2]int{n, size}] = p
	return p, nil
}

// share copies the first n positions of a slot's cache to another slot.
func (e *engine) share(from, to, n int) {
	for name := range e.m.CacheInputs(e.cache) {
		x := e.args[name]
		size := x.Size() / e.cache.Slots
		head := size / e.m.KVHeads
		for at := 0; at < size; at += head {
			copy(x.F32[to*size+at:][:n*e.m.HeadDim], x.F32[from*size+at:])
		}
	}
}

// step feeds every sequence its next token and draws the one after.
func (e *engine) step(ctx context.Context, seqs []*sequence) (tokens []int32, logprobs []float32, err error) {
	size := atLeast(decodeSizes, len(seqs))
	p, err := e.decodeFor(size)
	if err != nil {
		return nil, nil, err
	}
	for i := range size {
		p.tokens.I32[i], p.slots.I32[i], p.starts.I32[i] = 0, -1, 0
		set := p.settings.F32[4*i : 4*i+4]
		clear(set)
		if i >= len(seqs) {
			continue
		}
		s := seqs[i]
		p.tokens.I32[i], p.slots.I32[i], p.starts.I32[i] = s.next, int32(s.slot), int32(s.at)
		set[0], set[1], set[2], set[3] = float32(s.g.r.Temperature), float32(s.g.r.TopP), float32(s.g.r.TopK), s.rng.Float32()
		if s.g.r.TopP == 0 {
			set[1] = 1
		}
	}
	e.args["tokens"], e.args["slots"], e.args["starts"], e.args["settings"] = p.tokens, p.slots, p.starts, p.settings
	out, err := p.program.Run(ctx, e.args)
	if err != nil {
		return nil, nil, err
	}
	return out["tokens"].I32, out["logprobs"].F32, nil
}

func (e *engine) decodeFor(size int) (*decodeProgram, error) {
	if p := e.decode[size]; p != nil {
		return p, nil
	}
	g, err := tensor.Trace(func(g *tensor.Graph) {
		f := e.m.Forward(g)
		h := f.Continue(e.cache,
			g.Input("tokens", tensor.I32, size, 1), g.Input("slots", tensor.I32, size), g.Input("starts", tensor.I32, size))
		logits := f.Logits(tensor.Reshape(h, size, e.m.Width))
		tokens, logprobs := tensor.Sample(logits, g.Input("settings", tensor.F32, size, 4))
		g.Output("tokens", tokens)
		g.Output("logprobs", logprobs)
	})
	if err != nil {
		return nil, fmt.Errorf("a batch of %d: %w", size, err)
	}
	program, err := e.dev.Compile(g, nil)
	if err != nil {
		return nil, err
	}
	p := &decodeProgram{program, tensor.NewInts(size, 1), tensor.NewInts(size), tensor.NewInts(size), tensor.New(size, 4)}
	e.decode[size] = p
	return p, nil
}
