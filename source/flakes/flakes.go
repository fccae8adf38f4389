// Package flakes finds what a program says but cannot mean: names that nothing
// defines, imports and variables that nothing uses, formats that do not fit
// their arguments, comparisons and tests that are always true. Its rules are
// those of pyflakes 2.5.0 under the codes of flake8, and of flake8-bugbear the
// two about defaults of parameters.
//
// A module is walked once in the order of its execution; names are bound in
// scopes as Python binds them. Bodies of functions wait until the module has
// ended, because they run when all its names are known. What stays unused is
// known last.
package flakes

import (
	"cmp"
	"slices"

	"hone/source"
	"hone/source/python"
)

// Names of the tools whose rules these are, as in [source.Finding].
const (
	Pyflakes = "pyflakes"
	Bugbear  = "flake8-bugbear"
)

// Version is the version of pyflakes that is followed.
const Version = "2.5.0"

// Flake is a finding with the place to which the tool attributes it.
type Flake struct {
	// The Finding's span is what the message is about: the name, the alias, the key.
	source.Finding
	// Reported is the byte offset where the tool says it is: often the beginning
	// of the statement around it.
	Reported int `json:"reported"`
}

// Options are what a module's text does not say. The zero value is a plain module.
type Options struct {
	// Package says that the module is the __init__.py of a package, where names in
	// __all__ may be submodules and __path__ is defined.
	Package bool
}

// Check finds what is wrong in a module, in the order of the text.
func Check(m *python.Module) []source.Finding {
	flakes := Options{}.Inspect(m)
	findings := make([]source.Finding, len(flakes))
	for i, f := range flakes {
		findings[i] = f.Finding
	}
	slices.SortStableFunc(findings, func(a, b source.Finding) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	return findings
}

// Inspect finds what is wrong in a module, in the order in which the tool reports
// it: by place, at one place by rule. Of equal reports one remains.
func (o Options) Inspect(m *python.Module) []Flake {
	c := newChecker(m, o)
	c.module(m)
	defaults(c, m)
	flakes := make([]Flake, 0, len(c.reports))
	for _, r := range c.reports {
		if !r.withdrawn {
			flakes = append(flakes, r.Flake)
		}
	}
	slices.SortStableFunc(flakes, func(a, b Flake) int {
		return cmp.Or(
			cmp.Compare(a.Reported, b.Reported), cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(flakes)
}
