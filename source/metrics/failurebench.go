package metrics

import "hone/source/python"

// FailureBench is the seven measures of "Where Do LLMs Still Struggle?"
// (arXiv 2511.04355), as the paper's script (breath24/FailureBench,
// complexity/complexity-measurement) computes them. What is not in the names:
//
//   - async for, async with, except*, match and yield from count nowhere; a
//     handler of except* adds 1 to CC, one of except 2.
//   - A call is recursive if the last part of what is called is the name of the
//     innermost function around it, so super().__init__() in __init__ is.
//   - Operators and contexts (Load, Store, Del) are nodes that count for the
//     depth, as in CPython 3.9 and later; 3.8 has further nodes in subscripts.
type FailureBench struct {
	// FlowConstructs counts if, elif, for and while statements.
	FlowConstructs int `json:"flow_constructs"`
	// Recursions counts recursive calls.
	Recursions int `json:"recursions"`
	// NestingDepth is the depth of the syntax tree in nodes: 1 for an empty module.
	NestingDepth int `json:"nesting_depth"`
	// DataStructures is how many of list, dict and set are there as displays
	// ([a, b] = … is one, comprehensions and tuples are none): 0 to 3.
	DataStructures int `json:"data_structures"`
	// FunctionCalls counts calls.
	FunctionCalls int `json:"function_calls"`
	// Length counts lines that are not blank.
	Length int `json:"length"`
	// CC is 1 + if + for + while + with + try + 2 × handlers + conditional
	// expressions + (operands of and, or − 1) + assert + (comparisons − 1) + yield.
	CC int `json:"cc"`
}

func failureBench(root python.Node, lines textLines) FailureBench {
	v := failureVisitor{out: FailureBench{CC: 1, Length: lines.filled()}}
	v.visit(root, 1)
	v.out.DataStructures = v.displays[0] + v.displays[1] + v.displays[2]
	return v.out
}

type failureVisitor struct {
	out       FailureBench
	displays  [3]int   // 1 if a list, dict, set was seen
	functions []string // the functions around, innermost last
}

func (v *failureVisitor) visit(n python.Node, depth int) {
	v.out.NestingDepth = max(v.out.NestingDepth, depth)
	v.count(n, depth)
	if f, ok := n.(*python.FunctionDef); ok {
		v.functions = append(v.functions, f.Name)
		defer func() { v.functions = v.functions[:len(v.functions)-1] }()
	}
	python.Children(n, func(c python.Node) { v.visit(c, depth+1) })
}

func (v *failureVisitor) count(n python.Node, depth int) {
	switch n := n.(type) {
	case *python.If:
		v.out.FlowConstructs++
		v.out.CC++
	case *python.For:
		if !n.Async {
			v.out.FlowConstructs++
			v.out.CC++
		}
	case *python.While:
		v.out.FlowConstructs++
		v.out.CC++
	case *python.With:
		if !n.Async {
			v.out.CC++
		}
	case *python.Try:
		if !n.Star {
			v.out.CC += 1 + len(n.Handlers)
		}
	case *python.ExceptHandler, *python.IfExp, *python.Assert, *python.Yield:
		v.out.CC++
	case *python.BoolOp:
		v.out.CC += len(n.Values) - 1
	case *python.Compare:
		v.out.CC += len(n.Ops) - 1
	case *python.Call:
		v.out.FunctionCalls++
		if i := len(v.functions); i > 0 && lastPart(n.Func) == v.functions[i-1] {
			v.out.Recursions++
		}
	case *python.List:
		v.displays[0] = 1
		v.leaf(depth)
	case *python.Dict:
		v.displays[1] = 1
	case *python.Set:
		v.displays[2] = 1
	case *python.Name, *python.Tuple:
		v.leaf(depth)
	}
}

// leaf counts the context of an expression at depth, which is a node for CPython.
func (v *failureVisitor) leaf(depth int) {
	v.out.NestingDepth = max(v.out.NestingDepth, depth+1)
}

// lastPart is f of f and of a.b.f, and empty for what is neither.
func lastPart(e python.Expr) string {
	switch e := e.(type) {
	case *python.Name:
		return e.ID
	case *python.Attribute:
		return e.Attr
	}
	return ""
}
