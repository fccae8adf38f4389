package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hone/internal/words"
)

// The keys of our own rows.
var (
	problemKeys = []string{"schema", "benchmark", "task_id", "prompt", "entry_point", "language", "reference", "split", "tests", "prefix", "libraries", "seconds"}
	testKeys    = []string{"name", "kind", "visibility", "spec"}
	specKeys    = map[Kind][]string{
		KindCall:     {"function", "args", "kwargs", "expected", "compare", "atol"},
		KindAssert:   {"code", "setup"},
		KindCheck:    {"code", "entry_point", "prelude"},
		KindUnittest: {"code"},
		KindStdio:    {"input", "outputs", "compare", "atol"},
		KindRobot:    {"robot", "world", "check", "may_not_end"},
	}
	callCompares  = []string{string(CompareEqual), string(CompareEvalPlus), string(CompareSet), string(CompareNotNone), string(CompareAny)}
	stdioCompares = []string{"tokens", "lines", "exact"}
)

// importHone reads our own rows, strictly: every key, kind and value is checked.
// A row without prefix whose prompt defines the entry point gets prefix = prompt.
func importHone(r *row, _ *options) *Problem {
	p := &Problem{}
	if err := json.Unmarshal(r.text, p); err != nil {
		r.notHone(err)
		return p
	}
	if r.checkKeys("", r.keys(), problemKeys); r.bad != nil {
		return p // encoding/json takes "Tests" for "tests", we do not
	}
	for _, f := range []string{"benchmark", "task_id", "prompt"} {
		if r.str(f) == "" {
			r.fail(f, "is empty")
		}
	}
	if p.Schema != "" && p.Schema != SchemaVersion {
		r.fail("schema", "is %q, this version reads %q", p.Schema, SchemaVersion)
	}
	if p.Language != "" && p.Language != "python" {
		r.fail("language", `is %q, only "python" can be judged`, p.Language)
	}
	if p.Seconds < 0 {
		r.fail("seconds", "is negative")
	}
	if len(p.Tests) == 0 {
		r.fail("tests", "is missing or empty: there is nothing to judge with")
	}
	names := map[string]bool{}
	list, _ := r.fields["tests"].(List)
	for i := range p.Tests {
		at := fmt.Sprintf("tests[%d]", i)
		d, ok := list[i].(Dict)
		if !ok {
			r.wrong(at, list[i], "an object")
			return p
		}
		r.checkTest(at, p, &p.Tests[i], d)
		if names[p.Tests[i].Name] {
			r.fail(at+".name", "%q is there twice", p.Tests[i].Name)
		}
		names[p.Tests[i].Name] = true
	}
	if !r.has("prefix") && p.EntryPoint != "" && Defines(p.Prompt, p.EntryPoint) {
		p.Prefix = p.Prompt
	}
	return p
}

// notHone explains why encoding/json refused a row our parser could read.
func (r *row) notHone(err error) {
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) && t.Field != "" {
		r.fail(t.Field, "is a JSON %s, %s is wanted", t.Value, goTypeName(t.Type.Kind().String()))
		return
	}
	r.fail("", `%v (our own rows are plain JSON: NaN and Infinity are written {"float":"nan"} and {"float":"inf"})`, err)
}

func goTypeName(kind string) string {
	switch kind {
	case "slice":
		return "a list"
	case "struct", "map", "ptr":
		return "an object"
	case "float64", "int":
		return "a number"
	}
	return "a " + kind
}

func dictKeys(d Dict) []string {
	out := make([]string, len(d))
	for i, p := range d {
		out[i] = p.Key.(string)
	}
	return out
}

func (r *row) checkKeys(at string, have, known []string) {
	for _, k := range have {
		if !slices.Contains(known, k) {
			r.fail(strings.TrimPrefix(at+"."+k, "."), "is unknown (nearest: %q; known: %s)", words.Nearest(k, known), strings.Join(known, ", "))
		}
	}
}

func (r *row) checkTest(at string, p *Problem, t *Test, d Dict) {
	r.checkKeys(at, dictKeys(d), testKeys)
	if t.Name == "" {
		r.fail(at+".name", "is missing or empty")
	}
	switch t.Visibility {
	case "", Public, Hidden, Mandatory:
	default:
		r.fail(at+".visibility", "is %q, one of public, hidden, mandatory is wanted", t.Visibility)
	}
	known, ok := specKeys[t.Kind]
	if !ok {
		kinds := []string{string(KindCall), string(KindAssert), string(KindCheck), string(KindUnittest), string(KindStdio), string(KindRobot)}
		r.fail(at+".kind", "is %q, one of %s is wanted (nearest: %q)", t.Kind, strings.Join(kinds, ", "), words.Nearest(string(t.Kind), kinds))
		return
	}
	at += ".spec"
	spec, ok := d.field("spec").(Dict)
	if !ok {
		r.wrong(at, d.field("spec"), "an object")
		return
	}
	r.checkKeys(at, dictKeys(spec), known)
	switch t.Kind {
	case KindCall:
		r.checkCall(at, p, t.Spec)
	case KindStdio:
		r.checkStdio(at, spec, t.Spec)
	case KindRobot:
		r.checkRobot(at, t.Spec)
	case KindAssert:
		s := decodeSpec[AssertSpec](r, at, t.Spec)
		r.checkFilled(at+".code", s.Code)
	case KindUnittest:
		s := decodeSpec[UnittestSpec](r, at, t.Spec)
		r.checkFilled(at+".code", s.Code)
	case KindCheck:
		s := decodeSpec[CheckSpec](r, at, t.Spec)
		r.checkFilled(at+".entry_point", s.EntryPoint)
		if !Defines(s.Code, "check") {
			r.fail(at+".code", "does not define check(candidate)")
		}
	}
}

func decodeSpec[T any](r *row, at string, raw json.RawMessage) T {
	var s T
	if err := json.Unmarshal(raw, &s); err != nil {
		var t *json.UnmarshalTypeError
		if errors.As(err, &t) {
			at += "." + t.Field
			r.fail(at, "is a JSON %s, %s is wanted", t.Value, goTypeName(t.Type.Kind().String()))
		}
		r.fail(at, "%v", err)
	}
	return s
}

func (r *row) checkFilled(at, s string) {
	if strings.TrimSpace(s) == "" {
		r.fail(at, "is missing or empty")
	}
}

func (r *row) checkValue(at string, raw json.RawMessage) Value {
	v, err := DecodeValue(raw)
	if err != nil {
		r.fail(at, "is no tagged value: %v", err)
	}
	return v
}

func (r *row) checkCall(at string, p *Problem, raw json.RawMessage) {
	s := decodeSpec[CallSpec](r, at, raw)
	r.checkFilled(at+".function", s.Function)
	if len(s.Args) == 0 {
		r.fail(at+".args", "is missing (a call without arguments has [])")
		return
	}
	if v := r.checkValue(at+".args", s.Args); r.bad == nil {
		if _, ok := v.(List); !ok {
			r.wrong(at+".args", v, "a list of arguments")
		}
	}
	for _, k := range slices.Sorted(maps.Keys(s.Kwargs)) {
		r.checkValue(at+".kwargs."+k, s.Kwargs[k])
	}
	if len(s.Expected) > 0 {
		r.checkValue(at+".expected", s.Expected)
	} else if p.Reference == "" && s.Compare != CompareAny {
		r.fail(at+".expected", "is missing, and the problem has no reference to compute it from")
	}
	r.checkCompare(at, string(s.Compare), s.Atol, callCompares)
}

func (r *row) checkStdio(at string, spec Dict, raw json.RawMessage) {
	s := decodeSpec[StdioSpec](r, at, raw)
	if _, ok := spec.field("input").(string); !ok {
		r.fail(at+".input", "is missing (a program that reads nothing has \"\")")
	}
	if len(s.Outputs) == 0 {
		r.fail(at+".outputs", "is missing or empty")
	}
	r.checkCompare(at, s.Compare, s.Atol, stdioCompares)
}

// checkRobot looks at the outside only: what a world and a check may hold is the robot's, which is not read here.
func (r *row) checkRobot(at string, raw json.RawMessage) {
	s := decodeSpec[RobotSpec](r, at, raw)
	r.checkFilled(at+".robot", s.Robot)
	if len(s.World) == 0 || s.World[0] != '{' {
		r.fail(at+".world", "is missing or no object")
	}
	if !isFormula(s.Check) {
		r.fail(at+".check", "is missing or no formula: an object, true or false")
	}
}

// isFormula reports whether raw has the form of a robot's check.
func isFormula(raw json.RawMessage) bool {
	return len(raw) > 0 && (raw[0] == '{' || string(raw) == "true" || string(raw) == "false")
}

func (r *row) checkCompare(at, compare string, atol float64, known []string) {
	if compare != "" && !slices.Contains(known, compare) {
		r.fail(at+".compare", "is %q, one of %s is wanted (nearest: %q)", compare, strings.Join(known, ", "), words.Nearest(compare, known))
	}
	if atol < 0 {
		r.fail(at+".atol", "is negative")
	}
}
