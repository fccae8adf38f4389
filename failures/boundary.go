package failures

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"hone/problem"
	"hone/source/python"
)

// testTexts are the texts of a problem's tests by their names in verdicts, as far as they can be told apart.
func testTexts(p *problem.Problem) map[string]string {
	out := map[string]string{}
	if p == nil {
		return out
	}
	for _, t := range p.Tests {
		switch t.Kind {
		case problem.KindAssert, problem.KindCheck, problem.KindUnittest:
			var s struct{ Code string }
			if json.Unmarshal(t.Spec, &s) == nil {
				out[t.Name] = s.Code
				parts(s.Code, t, out)
			}
		case problem.KindCall:
			var s problem.CallSpec
			if json.Unmarshal(t.Spec, &s) == nil {
				out[t.Name] = string(s.Args)
			}
		case problem.KindStdio:
			var s problem.StdioSpec
			if json.Unmarshal(t.Spec, &s) == nil {
				out[t.Name] = s.Input
			}
		}
	}
	return out
}

// parts adds the assertions of a check, and the methods of a test class, which verdicts name one by one.
func parts(code string, t problem.Test, out map[string]string) {
	if t.Kind == problem.KindAssert {
		return
	}
	m, _ := python.ParseTolerant([]byte(code))
	n := 0
	for node := range python.Walk(m) {
		text := func() string { return string(m.Text[node.Pos().Start:node.Pos().End]) }
		switch node := node.(type) {
		case *python.Assert:
			if t.Kind == problem.KindCheck {
				out[fmt.Sprintf("%s[%d]", t.Name, n)] = text()
				n++
			}
		case *python.FunctionDef:
			if t.Kind == problem.KindUnittest && strings.HasPrefix(node.Name, "test") {
				out[node.Name] = text()
			}
		}
	}
}

var (
	// boundaryValues are arguments at a boundary: empty, none, zero, negative, not finite.
	boundaryValues = regexp.MustCompile(`\[\]|\{\}|\(\)|""|''|\bNone\b|\bnull\b|[(\[,= ]0[)\],]|[(\[,= ]-\d|\binf\b|\bnan\b|assertRaises`)
	boundaryNames  = regexp.MustCompile(`(?i)empty|zero|negative|none|null|invalid|edge|bound|single|missing|non_?exist|error|exception|raise|large|corner|special|without|unusual|not_found`)
)

// atBoundary reports whether a test is about an input at a boundary, by its name, or by the arguments of its call.
func atBoundary(name, text string) bool {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	if strings.HasPrefix(name, "test") {
		return boundaryNames.MatchString(name) || strings.Contains(text, "assertRaises")
	}
	input, _, _ := strings.Cut(text, "==") // of an assertion: what is called, not what is expected
	return boundaryValues.MatchString(input)
}
