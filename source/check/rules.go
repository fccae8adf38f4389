package check

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"hone/source"
	"hone/source/flakes"
	"hone/source/security"
	"hone/source/style"
)

// Names of tools in findings that no other package gives.
const (
	Hone       = "hone"
	TreeSitter = "tree-sitter"
)

// Rule is a rule of any tool.
type Rule struct {
	ID      string
	Tool    string
	Name    string // the tool's word for it, if it has one
	Message string // with verbs for what differs
	Help    string // why, and what to do; may be empty
	// Aliases are other names of the rule, as in ruff.
	Aliases  []string
	Severity source.Severity // the usual one
}

// varying is what a message has for what differs from one finding to the next.
var varying = regexp.MustCompile(`'?(%[srdq]|\{\w+\})'?`)

// Summary is the rule's message without what differs from one finding to the next.
func (r Rule) Summary() string {
	return strings.ReplaceAll(varying.ReplaceAllString(r.Message, "…"), "%%", "%")
}

var allRules = sync.OnceValue(func() []Rule {
	rules := []Rule{
		{ID: "E901", Tool: Hone, Name: "SyntaxError", Message: "SyntaxError: %s", Help: "Python cannot read this. The message is CPython's.", Severity: source.High},
		{ID: "E902", Tool: Hone, Name: "IOError", Message: "cannot be read: %s", Help: "The file, or the program in it, could not be read.", Severity: source.High},
		{ID: "ERROR", Tool: TreeSitter, Message: "this is not %s", Help: "The text fits no rule of the language's grammar.", Severity: source.High},
		{ID: "MISSING", Tool: TreeSitter, Message: "'%s' is missing here", Help: "The text would fit the language's grammar with this in it.", Severity: source.High},
	}
	for _, r := range style.Rules() {
		if r.ID != "E901" {
			rules = append(rules, Rule{ID: r.ID, Tool: style.Tool, Message: r.Message, Help: r.Help})
		}
	}
	for _, r := range flakes.Rules() {
		rules = append(rules, Rule{ID: r.Code, Tool: r.Tool, Name: r.Name, Message: r.Message, Help: r.Help, Severity: r.Severity})
	}
	for _, r := range security.Rules() {
		rules = append(rules, Rule{ID: r.ID, Tool: security.Bandit, Name: r.Name, Message: r.Message, Help: r.Help, Aliases: r.Aliases(), Severity: r.Severity})
	}
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
})

var aliases = sync.OnceValue(func() map[string][]string {
	m := map[string][]string{}
	for _, r := range allRules() {
		if len(r.Aliases) > 0 {
			m[r.ID] = r.Aliases
		}
	}
	return m
})

// Rules are the rules of all tools, by id. The caller must not change them.
func Rules() []Rule { return allRules() }

// Known reports whether a prefix, in any case, selects a rule.
func Known(prefix string) bool {
	prefix = strings.ToUpper(prefix)
	return slices.ContainsFunc(allRules(), func(r Rule) bool {
		return strings.HasPrefix(r.ID, prefix) || slices.ContainsFunc(r.Aliases, func(a string) bool { return strings.HasPrefix(a, prefix) })
	})
}

// selection says which rules are reported.
type selection struct{ selected, ignored []string }

// keeps reports whether a rule is reported: the longer of the prefixes that fit decides.
func (s selection) keeps(rule string) bool {
	selected := 0
	switch {
	case len(s.selected) > 0:
		selected = longest(rule, s.selected)
	case prefixed(rule, style.DefaultIgnore):
		return false
	}
	return selected >= 0 && (len(s.ignored) == 0 || selected > longest(rule, s.ignored))
}

// longest is the length of the longest prefix that fits a rule or an alias of it, or -1.
func longest(rule string, prefixes []string) int {
	n := -1
	for _, p := range prefixes {
		if len(p) > n && (hasPrefixFold(rule, p) || slices.ContainsFunc(aliases()[rule], func(a string) bool { return hasPrefixFold(a, p) })) {
			n = len(p)
		}
	}
	return n
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// prefixed reports whether one of the prefixes fits a rule or an alias of it.
func prefixed(rule string, prefixes []string) bool {
	return len(prefixes) > 0 && longest(rule, prefixes) >= 0
}

// Versions say which rules and grammars made a report.
type Versions struct {
	Schema      int            `json:"schema"`
	Python      string         `json:"python"` // versions that are understood
	Pycodestyle string         `json:"pycodestyle"`
	Pyflakes    string         `json:"pyflakes"`
	Bandit      string         `json:"bandit"`
	TreeSitter  source.Version `json:"tree_sitter"`
}

// CurrentVersions are those of this build.
func CurrentVersions() Versions {
	return Versions{Schema, "3.8-3.13", style.Version, flakes.Version, security.Version, source.Versions()}
}
