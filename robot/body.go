package robot

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// dialect is what bodies are written in: Starlark with loops and reassignment wherever
// a function has them; recursion stays out.
var dialect = &syntax.FileOptions{While: true, Set: true}

// maxSteps bounds one body: an author's endless loop is an error after some milliseconds.
const maxSteps = 1_000_000

// builtins are what bodies and expressions can use besides Starlark itself.
var builtins = starlark.StringDict{
	"fail":    starlark.NewBuiltin("fail", fail),
	"matches": starlark.NewBuiltin("matches", matches),
	"literal": starlark.NewBuiltin("literal", literal),
	"now":     starlark.NewBuiltin("now", now),
	"new":     starlark.NewBuiltin("new", newRecord),
}

// Failure is a robot execution error: a call that the robot cannot carry out.
type Failure struct{ Action, Message string }

// Error implements error.
func (f *Failure) Error() string { return f.Action + ": " + f.Message }

// runKey is where a thread keeps its run.
const runKey = "run"

// run is what builtins need to know of who calls them.
type run struct {
	def    *Definition
	action string
	now    float64
}

func runOf(t *starlark.Thread) *run { return t.Local(runKey).(*run) }

func fail(t *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var message string
	if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 1, &message); err != nil {
		return nil, err
	}
	return nil, &Failure{runOf(t).action, message}
}

func matches(t *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var source string
	var in starlark.Value
	if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 2, &source, &in); err != nil {
		return nil, err
	}
	text, ok := starlark.AsString(in)
	if !ok {
		v, err := fromStarlark(in)
		if err != nil {
			return nil, fmt.Errorf("matches: the second argument is %w", err)
		}
		text = textOf(v)
	}
	p, err := runOf(t).def.patterns.get(source)
	if err != nil {
		return nil, err
	}
	found, err := p.find(text)
	return starlark.Bool(found), err
}

func literal(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var text string
	if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 1, &text); err != nil {
		return nil, err
	}
	return starlark.String(quotePattern(text)), nil
}

func now(t *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 0); err != nil {
		return nil, err
	}
	return starlark.Float(runOf(t).now), nil
}

// newRecord makes an element for the list of the world that its argument names.
func newRecord(t *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var list string
	if err := starlark.UnpackPositionalArgs(b.Name(), args, nil, 1, &list); err != nil {
		return nil, err
	}
	world := runOf(t).def.world
	i, ok := world.index[list]
	if !ok || world.fields[i].typ.kind != listType || world.fields[i].typ.elem.kind != recordType {
		return nil, fmt.Errorf("new: %q is no list of records of the world", list)
	}
	typ := world.fields[i].typ.elem
	r := &record{typ: typ, values: make([]starlark.Value, len(typ.fields))}
	for i, f := range typ.fields {
		switch {
		case f.hasDefault:
			r.values[i] = ToStarlark(f.def)
		case f.typ.kind == listType:
			r.values[i] = starlark.NewList(nil)
		}
	}
	for _, kv := range kwargs {
		name, _ := starlark.AsString(kv[0])
		if err := r.SetField(name, kv[1]); err != nil {
			return nil, err
		}
	}
	for i, f := range typ.fields {
		if r.values[i] == nil {
			return nil, fmt.Errorf("new: %s.%s is missing", typ.path, f.name)
		}
	}
	return r, nil
}

// body compiles what an action does to a function of the world and its parameters.
func (l *loader) body(a *Action, n *node) *starlark.Function {
	first := n.line
	if n.block {
		first++
	}
	params := []string{"world"}
	for _, p := range a.Params {
		params = append(params, p.Name)
	}
	fn, err := compileFunction(l.name, first, params, n.text)
	if err != nil {
		l.starlarkFault(err, n)
		return nil
	}
	return fn
}

// compileFunction compiles the body of a function. Its first line is line in file.
func compileFunction(file string, line int, params []string, body string) (*starlark.Function, error) {
	var b strings.Builder
	b.WriteString(strings.Repeat("\n", max(0, line-2)))
	fmt.Fprintf(&b, "def body(%s):\n", strings.Join(params, ", "))
	lines := strings.Split(strings.TrimRight(body, " \t\r\n"), "\n")
	if strings.TrimSpace(strings.Join(lines, "")) == "" {
		lines = []string{"pass"}
	}
	for _, s := range lines {
		b.WriteString(" " + s + "\n")
	}
	return compileSource(file, b.String())
}

// compileSource compiles a file that defines a function called body.
func compileSource(file, source string) (*starlark.Function, error) {
	_, prog, err := starlark.SourceProgramOptions(dialect, file, source, builtins.Has)
	if err != nil {
		return nil, err
	}
	globals, err := prog.Init(&starlark.Thread{Name: file}, builtins)
	if err != nil {
		return nil, err
	}
	fn, ok := globals["body"].(*starlark.Function)
	if !ok {
		return nil, errors.New("this is no body of a function")
	}
	globals.Freeze()
	return fn, nil
}

// starlarkFault notes the places of a compiler's errors.
func (l *loader) starlarkFault(err error, n *node) {
	note := func(p syntax.Position, message string) {
		l.add(fmt.Errorf("%s:%d: Starlark: %s", l.name, p.Line, message)) // a body's columns are not the file's
	}
	switch e := err.(type) {
	case syntax.Error:
		note(e.Pos, e.Msg)
	case resolve.ErrorList:
		for _, e := range e {
			note(e.Pos, e.Msg)
		}
	default:
		l.at(n, "Starlark: %v", err)
	}
}
