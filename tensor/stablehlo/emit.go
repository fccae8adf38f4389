// Package stablehlo writes a traced graph as StableHLO text, the input language of
// XLA and other compilers of tensor programs. Fused operations are written by their
// lowering to primitives, so model code runs there unchanged.
package stablehlo

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"hone/tensor"
)

// Emit writes the graph as a module with one function, whose arguments are the
// graph's inputs in the order they were declared and whose results are its outputs.
// An operation that has neither a counterpart nor a lowering is an error.
func Emit(g *tensor.Graph, name string) (string, error) {
	g, err := tensor.Lower(g)
	if err != nil {
		return "", err
	}
	e := emitter{names: map[*tensor.Value]string{}}
	var args []string
	for i, v := range g.Inputs {
		label, _ := v.InputName()
		e.names[v] = fmt.Sprintf("%%arg%d", i)
		args = append(args, fmt.Sprintf("%%arg%d: %s loc(%s)", i, typeOf(v.Type), strconv.Quote(label)))
	}
	needed := g.Needed()
	for _, n := range g.Nodes {
		if _, input := n.Op.(tensor.InputOp); input || !needed[n.ID] {
			continue
		}
		if err := e.node(n); err != nil {
			return "", err
		}
	}
	var results, types []string
	for _, o := range g.Outputs {
		results = append(results, e.names[o.Value])
		types = append(types, typeOf(o.Value.Type))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "module @%s {\n  func.func public @main(%s) -> (%s) {\n", name, strings.Join(args, ", "), strings.Join(types, ", "))
	for _, l := range e.lines {
		fmt.Fprintf(&b, "    %s\n", l)
	}
	fmt.Fprintf(&b, "    return %s : %s\n  }\n}\n", strings.Join(results, ", "), strings.Join(types, ", "))
	return b.String(), nil
}

type emitter struct {
	names map[*tensor.Value]string
	lines []string
	next  int
}

// fresh is a new name.
func (e *emitter) fresh() string {
	e.next++
	return fmt.Sprintf("%%%d", e.next-1)
}

func (e *emitter) line(format string, args ...any) string {
	name := e.fresh()
	e.lines = append(e.lines, name+" = "+fmt.Sprintf(format, args...))
	return name
}

// typeOf is a type as "tensor<2x3xf32>".
func typeOf(t tensor.Type) string {
	s := "tensor<"
	for _, d := range t.Shape {
		s += strconv.Itoa(d) + "x"
	}
	return s + t.DType.String() + ">"
}

// list is numbers as "[0, 1]".
func list(v []int) string {
	s := make([]string, len(v))
	for i, n := range v {
		s[i] = strconv.Itoa(n)
	}
	return "[" + strings.Join(s, ", ") + "]"
}

// literal is a constant's value; floats are written by their bits, which loses nothing.
func literal(d tensor.DType, v float32) string {
	if d == tensor.I32 {
		return strconv.Itoa(int(v))
	}
	return fmt.Sprintf("0x%08X", math.Float32bits(v))
}

func (e *emitter) node(n *tensor.Node) error {
	in := make([]string, len(n.In))
	types := make([]string, len(n.In))
	for i, v := range n.In {
		in[i], types[i] = e.names[v], typeOf(v.Type)
	}
	out := n.Out[0]
	typ := typeOf(out.Type)
	arrow := "(" + strings.Join(types, ", ") + ") -> " + typ
	var name string
	switch op := n.Op.(type) {
	case tensor.SplatOp:
		name = e.line("stablehlo.constant dense<%s> : %s", literal(out.DType, op.Value), typ)
	case tensor.IotaOp:
		name = e.line("stablehlo.iota dim = %d : %s", op.Axis, typ)
	case tensor.UnaryOp:
		name = e.line("stablehlo.%s %s : %s", op.Kind, in[0], typ)
	case tensor.BinaryOp:
		name = e.line("stablehlo.%s %s, %s : %s", op.Kind, in[0], in[1], typ)
	case tensor.SelectOp:
		truth := strings.TrimSuffix(typ, out.DType.String()+">") + "i1>"
		c := e.line("stablehlo.compare %s, %s, %s : (%s, %s) -> %s", op.Compare, in[0], in[1], types[0], types[1], truth)
		name = e.line("stablehlo.select %s, %s, %s : %s, %s", c, in[2], in[3], truth, typ)
	case tensor.ConvertOp:
		name = e.line("stablehlo.convert %s : %s", in[0], arrow)
	case tensor.BroadcastOp:
		name = e.line("stablehlo.broadcast_in_dim %s, dims = %s : %s", in[0], list(op.Axes), arrow)
	case tensor.ReduceOp:
		start := float32(0)
		if op.Kind == tensor.ReduceMax {
			start = float32(math.Inf(-1))
		}
		scalar := typeOf(tensor.Type{DType: out.DType})
		init := e.line("stablehlo.constant dense<%s> : %s", literal(out.DType, start), scalar)
		name = e.line("stablehlo.reduce(%s init: %s) applies stablehlo.%s across dimensions = %s : (%s, %s) -> %s",
			in[0], init, op.Kind, list(op.Axes), types[0], scalar, typ)
	case tensor.ReshapeOp:
		name = e.line("stablehlo.reshape %s : %s", in[0], arrow)
	case tensor.TransposeOp:
		name = e.line("stablehlo.transpose %s, dims = %s : %s", in[0], list(op.Perm), arrow)
	case tensor.SliceOp:
		var cuts []string
		for i, d := range n.In[0].Shape {
			lo, hi := 0, d
			if i == op.Axis {
				lo, hi = op.Start, op.Start+op.Length
			}
			cuts = append(cuts, fmt.Sprintf("%d:%d", lo, hi))
		}
		name = e.line("stablehlo.slice %s [%s] : %s", in[0], strings.Join(cuts, ", "), arrow)
	case tensor.ConcatOp:
		name = e.line("stablehlo.concatenate %s, dim = %d : %s", strings.Join(in, ", "), op.Axis, arrow)
	case tensor.DotOp:
		batch := make([]int, op.Batch)
		for i := range batch {
			batch[i] = i
		}
		pairs := ""
		if op.Batch > 0 {
			pairs = fmt.Sprintf("batching_dims = %s x %s, ", list(batch), list(batch))
		}
		name = e.line("stablehlo.dot_general %s, %s, %scontracting_dims = [%d] x [%d], precision = [HIGHEST, HIGHEST] : %s", in[0], in[1], pairs, op.A, op.B, arrow)
	case tensor.GatherOp:
		rank := len(n.In[1].Shape)
		name = e.line(`"stablehlo.gather"(%s, %s) <{dimension_numbers = #stablehlo.gather<offset_dims = [%d], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = %d>, slice_sizes = array<i64: 1, %d>, indices_are_sorted = false}> : %s`,
			in[0], in[1], rank, rank, out.Cols(), arrow)
	case tensor.ScatterAddOp:
		name = e.scatter(n, in, types, typ)
	default:
		return fmt.Errorf("stablehlo: %v has no counterpart and no lowering", n)
	}
	e.names[out] = name
	return nil
}

// scatter adds rows into the given table, or a zero one.
func (e *emitter) scatter(n *tensor.Node, in, types []string, typ string) string {
	table := ""
	if len(in) == 3 {
		table = in[2]
	} else {
		table = e.line("stablehlo.constant dense<0.0> : %s", typ)
	}
	rank := len(n.In[0].Shape)
	a, b, s := e.fresh(), e.fresh(), e.fresh()
	name := e.fresh()
	e.lines = append(e.lines,
		fmt.Sprintf(`%s = "stablehlo.scatter"(%s, %s, %s) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [%d], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = %d>, indices_are_sorted = false, unique_indices = false}> ({`,
			name, table, in[0], in[1], rank, rank),
		fmt.Sprintf("^bb0(%s: tensor<f32>, %s: tensor<f32>):", a, b),
		fmt.Sprintf("  %s = stablehlo.add %s, %s : tensor<f32>", s, a, b),
		fmt.Sprintf("  stablehlo.return %s : tensor<f32>", s),
		fmt.Sprintf("}) : (%s, %s, %s) -> %s", typ, types[0], types[1], typ))
	return name
}
