// Package metrics measures how complex a Python program is: the seven numbers
// of FailureBench, McCabe's and radon's cyclomatic complexity, cognitive
// complexity, Halstead's measures, lines, and the maintainability index.
//
// Where a measure is known by a program that computes it, the numbers are that
// program's, with its peculiarities: FailureBench's script, mccabe 0.7, radon
// 5.1. Each type says what is peculiar. Cognitive complexity follows
// SonarSource's paper.
package metrics

import (
	"hone/source"
	"hone/source/python"
)

// Module holds the measures of a whole program.
type Module struct {
	FailureBench FailureBench `json:"failurebench"`
	// McCabe is 1 and the decisions of all functions and of the code outside
	// them, as mccabe counts decisions.
	McCabe int `json:"mccabe"`
	// Cyclomatic is what radon calls the total complexity.
	Cyclomatic int `json:"cyclomatic"`
	// Cognitive is the sum over functions and the code outside them.
	Cognitive int      `json:"cognitive"`
	Halstead  Halstead `json:"halstead"`
	Lines     Lines    `json:"lines"`
	// Maintainability is radon's index, from 0 (bad) to 100, see [Maintainability].
	Maintainability float64    `json:"maintainability"`
	Functions       []Function `json:"functions"`
}

// Function holds the measures of one function with what is nested in it.
type Function struct {
	// Name is the qualified name as Python's __qualname__: Class.method,
	// outer.<locals>.inner.
	Name string `json:"name"`
	// Span is the definition without its decorators.
	Span         source.Span  `json:"span"`
	FailureBench FailureBench `json:"failurebench"`
	// McCabe is mccabe's complexity of the function. mccabe itself prints none for
	// functions inside of others; it is what it would print outside.
	McCabe int `json:"mccabe"`
	// Cyclomatic is radon's complexity of the function.
	Cyclomatic int `json:"cyclomatic"`
	// Cognitive is the function's cognitive complexity.
	Cognitive int      `json:"cognitive"`
	Halstead  Halstead `json:"halstead"`
	Lines     Lines    `json:"lines"`
	// Maintainability is the index of the function's own numbers; radon computes
	// it for files only.
	Maintainability float64 `json:"maintainability"`
}

// Of measures a program. The time is linear in the size of the program, times
// the depth to which functions are nested.
func Of(m *python.Module) Module {
	tokens, lines := python.JoinFStrings(m.Tokens), linesOf(m.Text)
	cognitive := newCognitive(m)
	out := Module{
		FailureBench: failureBench(m, lines),
		McCabe:       mccabeModule(m),
		Cyclomatic:   cyclomaticModule(m),
		Cognitive:    cognitive.module(m),
		Halstead:     halsteadModule(m),
		Lines:        lines.count(source.Span{End: len(m.Text)}, tokens),
		Functions:    []Function{},
	}
	out.Maintainability = Maintainability(out.Halstead.Volume, out.Cyclomatic, out.Lines)
	definitions(m, "", func(name string, f *python.FunctionDef) {
		span := f.Pos()
		inside := lines.within(span)
		g := Function{
			Name:         name,
			Span:         span,
			FailureBench: failureBench(f, inside),
			McCabe:       mccabe(f),
			Cyclomatic:   cyclomatic(f),
			Cognitive:    cognitive.function(f),
			Halstead:     halstead(f),
			Lines:        inside.count(span, tokens),
		}
		g.Maintainability = Maintainability(g.Halstead.Volume, g.Cyclomatic, g.Lines)
		out.Functions = append(out.Functions, g)
	})
	return out
}

// definitions calls f for the functions below n in the order of the text, with
// their qualified names.
func definitions(n python.Node, prefix string, f func(name string, def *python.FunctionDef)) {
	python.Children(n, func(c python.Node) {
		inside := prefix
		switch c := c.(type) {
		case *python.FunctionDef:
			f(prefix+c.Name, c)
			inside = prefix + c.Name + ".<locals>."
		case *python.ClassDef:
			inside = prefix + c.Name + "."
		case python.Expr: // holds no statements
			return
		}
		definitions(c, inside, f)
	})
}
