package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"hone/problem"
	"hone/source/python"
)

// maxTestInput is how much of a test's input is shown, in bytes.
const maxTestInput = 2000

// testInput says what a test, by its name in a verdict, puts to the program: the kind of input and its text.
func testInput(p *problem.Problem, name string) (kind, text string) {
	for i := range p.Tests {
		t := &p.Tests[i]
		rest, ok := strings.CutPrefix(name, t.Name)
		if !ok && t.Kind != problem.KindUnittest { // whose methods have names of their own
			continue
		}
		if ok && rest != "" && rest[0] != '[' && rest[0] != ':' {
			continue // of a test with a longer name
		}
		kind, text = inputOf(t, name, rest)
		break
	}
	if len(text) > maxTestInput {
		text = strings.ToValidUTF8(text[:maxTestInput], "") + " …"
	}
	return kind, text
}

// inputOf reads a test's spec; rest is what its name in the verdict adds: [3] for the
// fourth statement of a check. A spec that does not decode gives nothing.
func inputOf(t *problem.Test, name, rest string) (kind, text string) {
	switch t.Kind {
	case problem.KindCall:
		var s problem.CallSpec
		if json.Unmarshal(t.Spec, &s) == nil {
			return "call", callText(&s)
		}
	case problem.KindAssert:
		var s problem.AssertSpec
		if json.Unmarshal(t.Spec, &s) == nil {
			return "test", strings.TrimSpace(s.Code)
		}
	case problem.KindStdio:
		var s problem.StdioSpec
		if json.Unmarshal(t.Spec, &s) == nil {
			return "input", s.Input
		}
	case problem.KindCheck:
		var s problem.CheckSpec
		if json.Unmarshal(t.Spec, &s) == nil {
			return "test", checkText(s.Code, rest)
		}
	case problem.KindUnittest:
		var s problem.UnittestSpec
		if json.Unmarshal(t.Spec, &s) == nil {
			return "test", methodText(s.Code, name)
		}
	}
	return "", ""
}

// callText is the call as Python writes it.
func callText(s *problem.CallSpec) string {
	var args []string
	var raw []json.RawMessage
	if json.Unmarshal(s.Args, &raw) != nil {
		return ""
	}
	shown := func(raw json.RawMessage) string {
		v, err := problem.DecodeValue(raw)
		if err != nil {
			return string(raw)
		}
		return problem.Show(v)
	}
	for _, a := range raw {
		args = append(args, shown(a))
	}
	for _, k := range slices.Sorted(maps.Keys(s.Kwargs)) {
		args = append(args, k+"="+shown(s.Kwargs[k]))
	}
	return s.Function + "(" + strings.Join(args, ", ") + ")"
}

// checkText is the statement of check(candidate) that [i] means, as the judge counts them; else the whole code.
func checkText(code, rest string) string {
	whole := strings.TrimSpace(code)
	i, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(rest, "["), "]"))
	m, faults := python.ParseTolerant([]byte(code))
	if err != nil || len(faults) > 0 {
		return whole
	}
	for _, s := range m.Body {
		if f, ok := s.(*python.FunctionDef); ok && f.Name == "check" {
			for _, st := range f.Body {
				if idle(st) {
					continue
				}
				if i == 0 {
					return textOf(m, st)
				}
				i--
			}
		}
	}
	return whole
}

// idle reports whether the judge passes a statement over: pass, a docstring, assert True.
func idle(s python.Stmt) bool {
	switch s := s.(type) {
	case *python.Pass:
		return true
	case *python.ExprStmt:
		_, constant := s.Value.(*python.Constant)
		return constant
	case *python.Assert: // assert True, as some benchmarks have it for a start
		c, constant := s.Test.(*python.Constant)
		return constant && (c.Kind == python.TrueConstant || c.Kind == python.StrConstant && c.Value != "")
	}
	return false
}

// methodText is the source of Class.method, or nothing.
func methodText(code, name string) string {
	class, method, ok := strings.Cut(name, ".")
	m, faults := python.ParseTolerant([]byte(code))
	if !ok || len(faults) > 0 {
		return ""
	}
	text := ""
	for _, s := range m.Body {
		c, ok := s.(*python.ClassDef)
		if !ok || c.Name != class {
			continue
		}
		for _, st := range c.Body {
			if f, ok := st.(*python.FunctionDef); ok && f.Name == method {
				text = textOf(m, st)
			}
		}
	}
	return text
}

func textOf(m *python.Module, n python.Node) string {
	return string(m.Text[n.Pos().Start:n.Pos().End])
}
