// Package security finds what in a program may be unsafe: calls and imports
// known to be dangerous, passwords and temporary paths in the text, commands and
// queries put together from strings, checks that are turned off. Its rules are
// those of Bandit 1.6.2, with its grades of severity and confidence.
//
// A module is walked once in the order of its text. Calls are known by the name
// that imports so far give them; nothing is known about values but what stands
// in the text. A line with the comment "# nosec" is skipped.
//
// Bandit 1.6.2 looks for strings under a name that Python dropped in version
// 3.8, so that under newer ones it is silent about B104, B105, B108 and B608.
// Here they are found, as by newer Bandits.
package security

import (
	"cmp"
	"slices"

	"hone/source"
	"hone/source/python"
)

// Bandit is the name of the tool whose rules these are, as in [source.Finding].
const Bandit = "bandit"

// Version is the version of Bandit that is followed where [Edition] does not say otherwise.
const Version = "1.6.2"

// Edition says which Bandit's view of some rules counts.
type Edition uint8

const (
	// Bandit162 is Bandit 1.6.2 throughout.
	Bandit162 Edition = iota
	// Current follows Bandit 1.9 in what changed most: weak hashes of hashlib are
	// B324 (S324), unless usedforsecurity=False, and what is true of Python 2 alone
	// (B309, B322, B325) is not reported.
	Current
)

// Options select the rules. The zero value is Bandit 1.6.2.
type Options struct {
	Edition Edition
}

// Issue is a finding with the place to which the tool attributes it.
type Issue struct {
	// The Finding's span is what the message is about: the function called, the
	// argument, the string.
	source.Finding
	// Reported is a byte offset on the line that the tool names.
	Reported int `json:"reported"`
}

// Check finds what in a module may be unsafe, in the order of the text, as Bandit
// 1.6.2 does.
func Check(m *python.Module) []source.Finding {
	issues := Options{}.Inspect(m)
	findings := make([]source.Finding, len(issues))
	for i, issue := range issues {
		findings[i] = issue.Finding
	}
	slices.SortStableFunc(findings, func(a, b source.Finding) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	return findings
}

// Inspect finds what in a module may be unsafe, in the order in which the tool
// reports it: by place, at one place by rule.
func (o Options) Inspect(m *python.Module) []Issue {
	w := newWalker(m, o)
	w.children(m)
	slices.SortStableFunc(w.issues, func(a, b Issue) int {
		return cmp.Or(cmp.Compare(a.Reported, b.Reported), cmp.Compare(a.Rule, b.Rule))
	})
	return w.issues
}
