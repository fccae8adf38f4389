package metrics

import "hone/source/python"

// cyclomatic is radon 5.1's complexity of a function: 1 for the function and for
// each if, elif, conditional expression, assert, loop, else of a loop or try,
// handler, comprehension, condition of one, and operand of and, or beyond the
// first. Functions and classes inside, decorators and defaults do not count, nor
// do match, the try of except*, and whatever stands inside an assert.
func cyclomatic(f *python.FunctionDef) int {
	var r radonVisitor
	r.body(f.Body)
	return 1 + r.own
}

// cyclomaticModule is radon's total complexity: the module's own, each
// function's and each class's beyond 1. A class has its own, and its methods' in
// full; classes in functions and in classes are left out.
func cyclomaticModule(m *python.Module) int {
	var r radonVisitor
	r.body(m.Body)
	return 1 + r.own + (r.functions - r.functionCount) + (r.classes - r.classCount)
}

type radonVisitor struct {
	own                      int // decisions outside of functions and classes
	functions, functionCount int
	classes, classCount      int
}

func (r *radonVisitor) body(body []python.Stmt) {
	for _, s := range body {
		r.visit(s)
	}
}

func (r *radonVisitor) visit(n python.Node) {
	switch n := n.(type) {
	case *python.FunctionDef:
		r.functions += cyclomatic(n)
		r.functionCount++
		return
	case *python.ClassDef:
		var inside radonVisitor
		inside.body(n.Body)
		r.classes += 1 + inside.own + inside.functions
		r.classCount++
		return
	case *python.Assert:
		r.own++
		return
	case *python.Try:
		if !n.Star {
			r.own += len(n.Handlers) + min(1, len(n.Orelse))
		}
	case *python.BoolOp:
		r.own += len(n.Values) - 1
	case *python.If, *python.IfExp:
		r.own++
	case *python.For:
		r.own += 1 + min(1, len(n.Orelse))
	case *python.While:
		r.own += 1 + min(1, len(n.Orelse))
	case *python.Comprehension:
		r.own += 1 + len(n.Ifs)
	}
	python.Children(n, r.visit)
}
