package tensor

import (
	"fmt"
	"slices"
	"strings"
)

// Op is one kind of operation with its attributes: a plain struct, which executors
// switch on.
type Op interface {
	// Name is the operation's name in messages and profiles.
	Name() string
	// Infer gives the types of the results, or says why the inputs do not fit.
	Infer(in []Type) ([]Type, error)
}

// Differentiable is an Op that has a gradient.
type Differentiable interface {
	Op
	// Gradient adds to n's graph the gradients with respect to n's inputs, given
	// those with respect to its outputs (nil where nothing depends on one, never
	// all nil). An input without a gradient gets nil.
	Gradient(n *Node, dout []*Value) []*Value
}

// Lowerable is an Op that can be written in terms of primitive operations.
type Lowerable interface {
	Op
	// Lower traces the same computation on in and returns as many values as the
	// operation has outputs, of the same types. A nil output is one that only
	// this package's own gradients use and that primitives do not need.
	Lower(in []*Value) []*Value
}

// InPlace is an Op whose executor may let an output overwrite an input that is
// not used afterwards.
type InPlace interface {
	Op
	// Overwrites lists pairs (output, input) of the same type.
	Overwrites() [][2]int
}

// Node is one operation in a graph.
type Node struct {
	ID    int // its place in Graph.Nodes: every input comes from a smaller one
	Op    Op
	In    []*Value
	Out   []*Value
	Scope string // which part of the model traced it, such as "layers.3.attention"

	graph *Graph
}

// String names the node in messages: "layers.3.attention: softmax f32[2,4]".
func (n *Node) String() string {
	s := n.Op.Name()
	if n.Scope != "" {
		s = n.Scope + ": " + s
	}
	if len(n.Out) > 0 {
		s += " " + n.Out[0].Type.String()
	}
	return s
}

// Value is one output of a node.
type Value struct {
	Type
	Node  *Node
	Index int // which of the node's outputs
}

// Graph is a traced computation, in an order in which it can be run.
type Graph struct {
	Nodes   []*Node
	Inputs  []*Value // in the order they were declared
	Outputs []Output

	scope []string
}

// Output is a named result. Where Into is set the result replaces what the input
// of that name held (an updated parameter, a cache): the caller donates the buffer.
type Output struct {
	Name  string
	Value *Value
	Into  string
}

// InputOp is a value that the caller provides.
type InputOp struct {
	Label string
	Type  Type
}

// Name implements [Op].
func (o InputOp) Name() string { return "input " + o.Label }

// Infer implements [Op].
func (o InputOp) Infer([]Type) ([]Type, error) { return []Type{o.Type}, nil }

// traceError is what [Trace] recovers.
type traceError struct{ error }

// Trace builds a graph by running build, whose operations record themselves. What
// does not fit together (shapes, element types) ends build at once and is returned,
// with the name of the operation and of the part of the model.
func Trace(build func(g *Graph)) (g *Graph, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case traceError:
			g, err = nil, r.error
		default:
			panic(r)
		}
	}()
	g = &Graph{}
	build(g)
	return g, nil
}

// Fail ends the tracing under way with an error; see [Trace].
func (g *Graph) Fail(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if len(g.scope) > 0 {
		err = fmt.Errorf("%s: %w", strings.Join(g.scope, "."), err)
	}
	panic(traceError{fmt.Errorf("tensor: %w", err)})
}

// Scope runs build with name added to the scope of what it traces.
func (g *Graph) Scope(name string, build func()) {
	g.scope = append(g.scope, name)
	build()
	g.scope = g.scope[:len(g.scope)-1]
}

// Input declares a value that the caller provides under a name.
func (g *Graph) Input(name string, d DType, shape ...int) *Value {
	for _, v := range g.Inputs {
		if v.Node.Op.(InputOp).Label == name {
			g.Fail("two inputs are named %q", name)
		}
	}
	for _, n := range shape {
		if n < 0 {
			g.Fail("input %q has the shape %v", name, shape)
		}
	}
	v := g.apply(InputOp{name, Type{d, slices.Clone(shape)}})
	g.Inputs = append(g.Inputs, v)
	return v
}

// Output names v as a result.
func (g *Graph) Output(name string, v *Value) {
	g.Outputs = append(g.Outputs, Output{Name: name, Value: computed(v)})
}

// computed is v, or a copy where v is an input or a view of one, so that no result is
// memory that an update overwrites.
func computed(v *Value) *Value {
	root := v
	for {
		switch root.Node.Op.(type) {
		case ReshapeOp:
			root = root.Node.In[0]
			continue
		case InputOp:
			return Convert(v, v.DType)
		}
		return v
	}
}

// Update makes v the new content of the input state.
func (g *Graph) Update(state, v *Value) {
	in, ok := state.Node.Op.(InputOp)
	if !ok || !state.Type.Equal(v.Type) {
		g.Fail("%v cannot be updated with %v: an update needs an input of the same type", state.Type, v.Type)
	}
	g.Outputs = append(g.Outputs, Output{Name: in.Label, Value: computed(v), Into: in.Label})
}

// Needed marks the nodes, by ID, that the outputs depend on.
func (g *Graph) Needed() []bool {
	needed := make([]bool, len(g.Nodes))
	for _, o := range g.Outputs {
		needed[o.Value.Node.ID] = true
	}
	for id := len(needed) - 1; id >= 0; id-- {
		for _, v := range g.Nodes[id].In {
			needed[v.Node.ID] = needed[v.Node.ID] || needed[id]
		}
	}
	return needed
}

// Apply records an operation and returns its outputs. The graph is that of the inputs;
// an operation without any is recorded by [Graph.Apply].
func Apply(op Op, in ...*Value) []*Value {
	for _, v := range in {
		if v != nil {
			return v.Node.graph.Apply(op, in...)
		}
	}
	panic(traceError{fmt.Errorf("tensor: %s: all of its inputs are missing", op.Name())})
}

// Apply records an operation and returns its outputs.
func (g *Graph) Apply(op Op, in ...*Value) []*Value {
	types := make([]Type, len(in))
	for i, v := range in {
		if v == nil {
			g.Fail("%s: input %d is missing", op.Name(), i)
		}
		if v.Node.graph != g {
			g.Fail("%s: input %d comes from another graph", op.Name(), i)
		}
		types[i] = v.Type
	}
	out, err := op.Infer(types)
	if err != nil {
		g.Fail("%s: %w", op.Name(), err)
	}
	n := &Node{ID: len(g.Nodes), Op: op, In: slices.Clone(in), Scope: strings.Join(g.scope, "."), graph: g}
	for i, t := range out {
		n.Out = append(n.Out, &Value{Type: t, Node: n, Index: i})
	}
	g.Nodes = append(g.Nodes, n)
	return n.Out
}

func (g *Graph) apply(op Op, in ...*Value) *Value { return g.Apply(op, in...)[0] }

// apply1 records an operation with one output.
func apply1(op Op, in ...*Value) *Value { return Apply(op, in...)[0] }

// Graph is the graph that v belongs to.
func (v *Value) Graph() *Graph { return v.Node.graph }

// InputName is the name of an input; it reports false for any other value.
func (v *Value) InputName() (string, bool) {
	op, ok := v.Node.Op.(InputOp)
	return op.Label, ok
}

// String is the graph as text, a line a node, for golden files and debugging.
func (g *Graph) String() string {
	var b strings.Builder
	name := func(v *Value) string {
		if len(v.Node.Out) == 1 {
			return fmt.Sprintf("%%%d", v.Node.ID)
		}
		return fmt.Sprintf("%%%d.%d", v.Node.ID, v.Index)
	}
	for _, n := range g.Nodes {
		var in []string
		for _, v := range n.In {
			in = append(in, name(v))
		}
		var out []string
		for _, v := range n.Out {
			out = append(out, v.Type.String())
		}
		fmt.Fprintf(&b, "%%%d = %s(%s) %s\n", n.ID, n.Op.Name(), strings.Join(in, ", "), strings.Join(out, " "))
	}
	for _, o := range g.Outputs {
		fmt.Fprintf(&b, "output %s = %s\n", o.Name, name(o.Value))
	}
	return b.String()
}
