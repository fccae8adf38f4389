package cpu

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unsafe"
	"weak"

	"hone/tensor"
	"hone/tensor/simd"
)

// Program is a compiled graph. Its methods may be called from one goroutine at a
// time; programs of one device wait for each other.
type Program struct {
	dev    *Device
	graph  *tensor.Graph
	plan   *plan
	steps  []step
	cells  map[*tensor.Value]*tensor.Tensor // where every value is, filled by bind
	arena  []float32                        // the block that the cells point into
	inputs map[string]tensor.Type
	given  []given

	profile []time.Duration // of each step; nil unless profiling
	runs    int
}

// given is a cell that is a view of what a run is given under a name.
type given struct {
	cell *tensor.Tensor
	name string
}

// step is one kernel with its operands.
type step struct {
	node *tensor.Node
	run  kernel
	call call
	// group is the same number for all steps of a group of rows, 0 without one.
	group, rows int
}

func (s *step) failed(err error) error { return fmt.Errorf("%v: %w", s.node, err) }

// call is what a kernel gets: operands in the order of the operation's description.
type call struct {
	in, out []*tensor.Tensor
	scratch []float32
	pool    *simd.Pool
	part    *part // nil: all rows
}

// kernel computes a node's outputs. What it finds wrong with data (a row number
// outside a table) is an error.
type kernel func(c *call) error

// Compile plans g. Results named in into are written to those tensors, whose types
// fit; all others get memory of their own, which every run overwrites.
func (d *Device) Compile(g *tensor.Graph, into map[string]*tensor.Tensor) (*Program, error) {
	p := &Program{dev: d, graph: g, cells: map[*tensor.Value]*tensor.Tensor{}, inputs: map[string]tensor.Type{}}
	if len(g.Outputs) == 0 {
		return nil, errors.New("tensor/cpu: the graph has no outputs")
	}
	for _, o := range g.Outputs {
		if t := into[o.Name]; o.Into == "" && t != nil && !t.Type.Equal(o.Value.Type) {
			return nil, fmt.Errorf("tensor/cpu: the memory for output %q is %v, the output %v", o.Name, t.Type, o.Value.Type)
		}
	}
	p.plan = newPlan(g, into, func(n *tensor.Node, grouped bool) int { return scratchFloats(n, d.Workers(), grouped) })
	for i, n := range p.plan.nodes {
		for _, v := range n.Out {
			p.cells[v] = &tensor.Tensor{Type: v.Type}
			if name := p.plan.place[v].input; name != "" {
				p.given = append(p.given, given{p.cells[v], name})
			}
		}
		switch op := n.Op.(type) {
		case tensor.InputOp:
			p.inputs[op.Label] = op.Type
			continue
		case tensor.ReshapeOp:
			continue
		}
		k, err := kernelOf(n)
		if err != nil {
			return nil, fmt.Errorf("tensor/cpu: %v: %w", n, err)
		}
		s := step{node: n, run: k, call: call{pool: d.pool}}
		if s.group = p.plan.ends[i]; s.group > 0 {
			s.rows, _ = byRows(n)
		}
		for _, v := range n.In {
			s.call.in = append(s.call.in, p.cells[v])
		}
		for _, v := range n.Out {
			s.call.out = append(s.call.out, p.cells[v])
		}
		p.steps = append(p.steps, s)
	}
	return p, nil
}

// ArenaBytes is how much memory intermediate values need.
func (p *Program) ArenaBytes() int { return 4 * p.plan.floats }

// NonFiniteError says which operation first gave a value that is not finite though
// its inputs were.
type NonFiniteError struct {
	Op    string // the operation, with the part of the model it belongs to
	Input bool   // the value was an input already
}

// Error implements error.
func (e *NonFiniteError) Error() string {
	if e.Input {
		return fmt.Sprintf("%s holds values that are not finite", e.Op)
	}
	return fmt.Sprintf("%s gave values that are not finite", e.Op)
}

// Run runs the program on args, by input name. What the graph updates is written
// into the tensors given for it. The results are valid until the next run.
func (p *Program) Run(ctx context.Context, args map[string]*tensor.Tensor) (map[string]*tensor.Tensor, error) {
	return p.run(ctx, args, false)
}

// RunChecked is Run, but looks at every result and ends with a [NonFiniteError] at
// the first that is not finite. It is for finding out where a NaN came from. Nothing runs in groups of rows then, so
// that sums may be rounded differently.
func (p *Program) RunChecked(ctx context.Context, args map[string]*tensor.Tensor) (map[string]*tensor.Tensor, error) {
	return p.run(ctx, args, true)
}

func (p *Program) run(ctx context.Context, args map[string]*tensor.Tensor, check bool) (map[string]*tensor.Tensor, error) {
	p.dev.mu.Lock()
	defer p.dev.mu.Unlock()
	if err := p.bind(args); err != nil {
		return nil, err
	}
	defer p.release()
	if check {
		for _, v := range p.graph.Inputs {
			if name, _ := v.InputName(); p.cells[v] != nil && p.cells[v].F32 != nil && !simd.AllFinite(p.cells[v].F32) {
				return nil, &NonFiniteError{Op: "input " + name, Input: true}
			}
		}
	}
	for i := 0; i < len(p.steps); i++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s := &p.steps[i]
		if s.group > 0 && !check && p.profile == nil {
			end := i + 1
			for end < len(p.steps) && p.steps[end].group == s.group {
				end++
			}
			if err := p.runGroup(p.steps[i:end]); err != nil {
				return nil, err
			}
			i = end - 1
			continue
		}
		var start time.Time
		if p.profile != nil {
			start = time.Now()
		}
		if err := s.run(&s.call); err != nil {
			return nil, s.failed(err)
		}
		if p.profile != nil {
			p.profile[i] += time.Since(start)
		}
		if check {
			for _, t := range s.call.out {
				if t.F32 != nil && !simd.AllFinite(t.F32) {
					return nil, &NonFiniteError{Op: s.node.String()}
				}
			}
		}
	}
	for _, o := range p.plan.copies {
		to := p.plan.results[o.Name]
		if o.Into != "" {
			to = args[o.Into]
		}
		copy(to.F32, p.cells[o.Value].F32)
		copy(to.I32, p.cells[o.Value].I32)
	}
	p.runs++
	return p.plan.results, nil
}

// bind points every cell at its memory: the arena, which may have moved since the
// last run, results, and the tensors given.
func (p *Program) bind(args map[string]*tensor.Tensor) error {
	for name, want := range p.inputs {
		t := args[name]
		if t == nil {
			return fmt.Errorf("tensor/cpu: input %q %v is missing", name, want)
		}
		if !t.Type.Equal(want) {
			return fmt.Errorf("tensor/cpu: input %q is %v, the program was compiled for %v", name, t.Type, want)
		}
	}
	if need := max(p.plan.floats, 1); len(p.dev.arena) < need {
		p.dev.dropArena()
		p.dev.arena = simd.Floats(need)
	}
	for _, g := range p.given {
		fill(g.cell, args[g.name])
	}
	if p.arena != nil {
		return nil
	}
	p.arena = p.dev.arena
	p.dev.bound = append(p.dev.bound, weak.Make(p))
	at := 0
	for i, n := range p.plan.nodes {
		for _, v := range n.Out {
			switch s := p.plan.place[v]; {
			case s.input != "":
			case s.result != nil:
				fill(p.cells[v], s.result)
			default:
				place(p.cells[v], p.arena[s.offset:])
			}
		}
		if at < len(p.steps) && p.steps[at].node == n {
			if s := p.plan.scratch[i]; s != nil {
				p.steps[at].call.scratch = p.arena[s.offset : s.offset+s.floats : s.offset+s.floats]
			}
			at++
		}
	}
	return nil
}

// release forgets what the run was given, which may be the weights of a model that is gone before this
// program runs again.
func (p *Program) release() {
	for _, g := range p.given {
		g.cell.F32, g.cell.I32, g.cell.Packed = nil, nil, nil
	}
}

// unbind forgets where the arena was, so that nothing keeps its memory.
func (p *Program) unbind() {
	p.arena = nil
	for v, cell := range p.cells {
		if !p.plan.place[v].external() {
			cell.F32, cell.I32 = nil, nil
		}
	}
	for i := range p.steps {
		p.steps[i].call.scratch = nil
	}
}

// fill makes cell a view of t, whose shape may differ.
func fill(cell, t *tensor.Tensor) { cell.F32, cell.I32, cell.Packed = t.F32, t.I32, t.Packed }

// place makes cell a view of the start of mem.
func place(cell *tensor.Tensor, mem []float32) {
	n := cell.Size()
	if cell.DType != tensor.I32 {
		cell.F32 = mem[:n:n]
		return
	}
	cell.I32 = nil
	if n > 0 {
		cell.I32 = unsafe.Slice((*int32)(unsafe.Pointer(&mem[0])), n)
	}
}

// Cost is what one kind of operation took.
type Cost struct {
	Op    string
	Calls int
	Time  time.Duration
}

// Profile starts measuring each operation, or starts anew. Nothing runs in groups of rows from then on.
func (p *Program) Profile() { p.profile = make([]time.Duration, len(p.steps)) }

// Costs is what operations took since Profile was called, the largest first.
func (p *Program) Costs() []Cost {
	by := map[string]*Cost{}
	var out []Cost
	for i, d := range p.profile {
		n := p.steps[i].node
		key := n.Op.Name() + " " + n.Out[0].Type.String()
		if by[key] == nil {
			by[key] = &Cost{Op: key}
		}
		by[key].Calls++
		by[key].Time += d
	}
	for _, c := range by {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Cost) int {
		if a.Time != b.Time {
			return int(b.Time - a.Time)
		}
		return len(a.Op) - len(b.Op)
	})
	return out
}
