package reward

import (
	"context"
	"fmt"
	"strings"

	"hone/source"
	"hone/source/check"
)

// Rules that count by default: what is a mistake and no matter of taste, and what is unsafe
// without a doubt. Assertions (S101) are no finding.
var (
	styleRules    = []string{"E9", "F821", "F811", "B006", "B008"}
	securityRules = []string{"S102", "S301", "S307", "S324", "S602", "S605", "S608"}
)

// styleCost is what one finding of style takes from the value.
const styleCost = 0.25

// securityCost is what one finding of security takes from the value, by how bad it is.
func securityCost(s source.Severity) float64 {
	switch s {
	case source.High:
		return 1
	case source.Medium:
		return 0.5
	}
	return 0.25
}

// style is 1 less what the findings cost, at least 0; see package check for rules.
func style(t Term) (Component, error) {
	return findings(Style, t, styleRules, func(check.Finding) float64 { return styleCost })
}

// security is like style, with the rules of Bandit.
func security(t Term) (Component, error) {
	return findings(Security, t, securityRules, func(f check.Finding) float64 { return securityCost(f.Severity) })
}

// findings is a component that counts findings. What the model did not write, and what is
// no program, has none.
func findings(name string, t Term, rules []string, cost func(check.Finding) float64) (Component, error) {
	if len(t.Select) > 0 {
		rules = t.Select
	}
	for _, prefix := range append(append([]string(nil), rules...), t.Ignore...) {
		if !check.Known(prefix) {
			return Component{}, fmt.Errorf("reward component %q: no rule begins with %q (see: hone check --help)", name, prefix)
		}
	}
	score := func(_ context.Context, s *Subject) (Score, error) {
		report, err := s.report(rules, t.Ignore)
		if err != nil {
			return Score{}, err
		}
		v := Score{Value: 1}
		if len(report.Text) != len(s.Program) { // it declares another encoding
			return Score{Absent: true, Note: "not UTF-8 by its own declaration"}, nil
		}
		var seen []string
		total := 0.0
		for _, f := range report.Findings {
			if !s.Emitted(f.Span) {
				continue
			}
			c := cost(f)
			total += c
			v.Marks = append(v.Marks, Mark{[]source.Span{f.Span}, -c, brief(f.Rule + " " + f.Message)})
			seen = append(seen, f.Rule)
		}
		if total > 1 { // there is no more to lose
			for i := range v.Marks {
				v.Marks[i].Amount /= total
			}
			total = 1
		}
		v.Value -= total
		if len(seen) > 0 {
			v.Note = brief(strings.Join(seen, ", "))
		}
		return v, nil
	}
	return Component{Name: name, Low: 0, High: 1, Score: score}, nil
}
