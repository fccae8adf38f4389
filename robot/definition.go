// Package robot simulates robots that programs control. A robot is one YAML file: what
// its worlds hold, its actions (a signature, and what the action does in Starlark, a
// deterministic dialect of Python), and limits. A [Simulation] is one run in one world:
// it executes calls, keeps a virtual clock and writes the trace; a [Check], a formula
// over the finished trace and the final world, says whether the task was done.
//
// Nothing here runs a program: package judge relays a sandboxed program's calls. So
// the trace is what the simulator did, never what a program says it did.
package robot

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.starlark.net/starlark"

	"hone/internal/words"
)

//go:embed robots/*.yaml
var robotFiles embed.FS

// Definition is a robot: its API, its worlds and what its actions do. It is not
// changed after it is loaded and safe for concurrent use.
type Definition struct {
	Name   string
	About  string // a sentence
	Entry  string // the function a program defines, called without arguments
	Limits Limits
	// Actions is the API, in the order of the file.
	Actions []Action

	file     string
	hash     [32]byte
	world    *valueType // a record
	byName   map[string]int
	elements map[string]*element
	patterns patterns
}

// Limits bound one run; what goes further is stopped as a program that would not end.
type Limits struct {
	Actions int     // calls (default 1000)
	Seconds float64 // of the robot's time (default 86400)
	Text    int     // bytes of all texts in a call's arguments (default 10000); a call with more fails
}

// Action is a function of a robot's API.
type Action struct {
	Name    string
	Doc     string
	Params  []Param
	Returns string  // none, or a type of a parameter
	Seconds float64 // that it takes of the robot's time

	record *recording
	body   *starlark.Function // of the world and the parameters; nil: no effect
}

// Param is a parameter of an action.
type Param struct {
	Name string
	Type string // str, bool, int, float, list, any
	// Default is what a call may leave out, see [Simulation.Call]; only where HasDefault.
	Default    any
	HasDefault bool
}

// recording is what an action writes to the trace.
type recording struct {
	element *element
	values  []int // of the parameters
	success bool  // only when it succeeded; otherwise before its effect
}

// element is a kind of events.
type element struct {
	name   string
	values int
}

// Names lists the robots that come with Hone.
func Names() []string {
	entries, err := robotFiles.ReadDir("robots")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return out
}

// Load returns the robot called name, one of [Names], or the one that the file at
// name, which ends in .yaml, defines.
func Load(name string) (*Definition, error) {
	if !isFile(name) {
		data, err := robotFiles.ReadFile("robots/" + name + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("there is no robot %q (nearest: %q; those that come with Hone: %s; a robot of your own is the path of its .yaml file)",
				name, words.Nearest(name, Names()), strings.Join(Names(), ", "))
		}
		return Parse(data, name+".yaml")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return Parse(data, name)
}

func isFile(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml" || strings.ContainsAny(name, `/\`)
}

// Parse reads a definition, called file in errors. The error joins every fault found,
// each with its line.
func Parse(data []byte, file string) (*Definition, error) {
	d := &Definition{
		file: file, hash: sha256.Sum256(data), byName: map[string]int{}, elements: map[string]*element{},
		Limits: Limits{Actions: 1000, Seconds: 86400, Text: 10000},
	}
	l := &loader{faults: faults{name: file}, d: d}
	if n := l.read(data); n != nil {
		l.definition(n)
	}
	if err := l.err(); err != nil {
		return nil, err
	}
	return d, nil
}

// Hash identifies the definition by its text.
func (d *Definition) Hash() string { return hex.EncodeToString(d.hash[:]) }

// Action returns the action called name, or nil.
func (d *Definition) Action(name string) *Action {
	if i, ok := d.byName[name]; ok {
		return &d.Actions[i]
	}
	return nil
}

// Elements lists the kinds of events in traces, sorted.
func (d *Definition) Elements() []string {
	var out []string
	for name := range d.elements {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// API is the robot's API as a programmer reads it: Python signatures with comments.
func (d *Definition) API() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n# The program defines %s(), which is called without arguments.\n", d.About, d.Entry)
	for _, a := range d.Actions {
		fmt.Fprintf(&b, "\n# %s\ndef %s: ...\n", strings.ReplaceAll(strings.TrimSpace(a.Doc), "\n", "\n# "), a.Signature())
	}
	return b.String()
}

// Signature is the action as Python would declare it: "say(message: str) -> None".
func (a *Action) Signature() string {
	params := make([]string, len(a.Params))
	for i, p := range a.Params {
		params[i] = p.Name
		if p.Type != "any" {
			params[i] += ": " + p.Type
		}
		if p.HasDefault {
			params[i] += " = " + show(p.Default)
		}
	}
	s := fmt.Sprintf("%s(%s)", a.Name, strings.Join(params, ", "))
	switch a.Returns {
	case "any":
		return s
	case "none":
		return s + " -> None"
	}
	return s + " -> " + a.Returns
}

// loader fills a definition.
type loader struct {
	faults
	d *Definition
}

// known reports keys of a mapping that are not among names; false where n is no mapping.
func (l *loader) known(n *node, what string, names ...string) bool {
	if n.kind != mappingNode {
		l.at(n, "%s is a mapping with the keys %s, not %v", what, strings.Join(names, ", "), n)
		return false
	}
	for _, e := range n.entries {
		if !slices.Contains(names, e.key) {
			l.at(e.at, "unknown key %q of %s (did you mean %q? known are %s)", clip(e.key), what, words.Nearest(e.key, names), strings.Join(names, ", "))
		}
	}
	return true
}

// text is a key's text, or otherwise where it is absent.
func (l *loader) text(n *node, key, otherwise string) string {
	v := n.get(key)
	switch {
	case v == nil:
		return otherwise
	case v.kind != scalarNode:
		l.at(v, "%s is a text, not %v", key, v)
		return otherwise
	}
	return strings.TrimSpace(v.text)
}

// number is a key's number, at least 0, or otherwise.
func (l *loader) number(n *node, key string, otherwise float64) float64 {
	v := n.get(key)
	if v == nil {
		return otherwise
	}
	x, err := strconv.ParseFloat(strings.ReplaceAll(v.text, "_", ""), 64)
	if v.kind != scalarNode || v.quoted || err != nil || !(x >= 0 && x <= 1e12) {
		l.at(v, "%s is a number from 0 to 1e12, not %v", key, v)
		return otherwise
	}
	return x
}

func (l *loader) definition(n *node) {
	if !l.known(n, "a robot", "robot", "about", "entry", "limits", "world", "actions") {
		return
	}
	d := l.d
	d.Name, d.About, d.Entry = l.text(n, "robot", ""), l.text(n, "about", ""), l.text(n, "entry", "")
	if d.Name == "" {
		l.at(n, "key \"robot\", the robot's name, is missing")
	}
	if !isIdentifier(d.Entry) {
		at := n.get("entry")
		if at == nil {
			at = n
		}
		l.at(at, "entry is the name of the function that a program defines, such as task_program, not %q", d.Entry)
	}
	if v := n.get("limits"); v != nil && l.known(v, "limits", "actions", "seconds", "text") {
		d.Limits = Limits{
			Actions: int(l.number(v, "actions", float64(d.Limits.Actions))),
			Seconds: l.number(v, "seconds", d.Limits.Seconds),
			Text:    int(l.number(v, "text", float64(d.Limits.Text))),
		}
	}
	w := n.get("world")
	if w == nil {
		l.at(n, "key \"world\" is missing: what a world of this robot holds")
	} else if d.world = l.recordType(w, "world"); d.world != nil {
		l.refs(d.world, "world")
	}
	l.actions(n)
}

func (l *loader) actions(n *node) {
	as := n.get("actions")
	if as == nil || as.kind != mappingNode || len(as.entries) == 0 {
		at := as
		if at == nil {
			at = n
		}
		l.at(at, "key \"actions\" is missing or empty: a mapping from each action's name to what it does")
		return
	}
	for _, e := range as.entries {
		if !isIdentifier(e.key) {
			l.at(e.at, "%q cannot be the name of a Python function", clip(e.key))
			continue
		}
		if e.key == l.d.Entry {
			l.at(e.at, "action %q has the name of the function that programs define", e.key)
		}
		a, ok := l.action(e)
		if ok {
			l.d.byName[e.key] = len(l.d.Actions)
			l.d.Actions = append(l.d.Actions, a)
		}
	}
}

func (l *loader) action(e entry) (Action, bool) {
	n, what := e.value, "action "+e.key
	if !l.known(n, what, "doc", "params", "returns", "seconds", "record", "do") {
		return Action{}, false
	}
	a := Action{Name: e.key, Doc: l.text(n, "doc", ""), Returns: l.text(n, "returns", "none"), Seconds: l.number(n, "seconds", 0)}
	if a.Returns != "none" && !slices.Contains(paramTypes, a.Returns) {
		l.at(n.get("returns"), "%s returns none or one of %s, not %q", what, strings.Join(paramTypes, ", "), clip(a.Returns))
	}
	if p := n.get("params"); p != nil {
		l.params(&a, p, what)
	}
	if r := n.get("record"); r != nil {
		a.record = l.recording(&a, r, what)
	}
	if do := n.get("do"); do != nil {
		if do.kind != scalarNode {
			l.at(do, "do of %s is a text in Starlark, not %v", what, do)
			return a, true
		}
		a.body = l.body(&a, do)
	} else if a.Returns != "none" && a.Returns != "any" {
		l.at(n, "%s returns %s and has no do that says which", what, a.Returns)
	}
	return a, true
}

// paramTypes are what a program can pass.
var paramTypes = []string{"str", "bool", "int", "float", "list", "any"}

func (l *loader) params(a *Action, n *node, what string) {
	if n.kind != mappingNode {
		l.at(n, "params of %s map names to types ({station: str}), not %v", what, n)
		return
	}
	for _, e := range n.entries {
		p := Param{Name: e.key}
		if !isIdentifier(e.key) || e.key == "world" {
			l.at(e.at, "%q cannot be the name of a parameter", clip(e.key))
		}
		typ, def, has := strings.Cut(e.value.text, "=")
		p.Type = strings.TrimSpace(typ)
		if e.value.kind != scalarNode || !slices.Contains(paramTypes, p.Type) {
			l.at(e.value, "parameter %s of %s is of a type among %s, with a default as in int = 1, not %v", e.key, what, strings.Join(paramTypes, ", "), e.value)
			continue
		}
		if has {
			v, ok := literalOf(strings.TrimSpace(def))
			if ok = ok && fits(v, p.Type); !ok {
				l.at(e.value, "the default of parameter %s of %s is no %s: %s", e.key, what, p.Type, clip(strings.TrimSpace(def)))
			}
			p.Default, p.HasDefault = v, true
		} else if k := len(a.Params); k > 0 && a.Params[k-1].HasDefault {
			l.at(e.at, "parameter %s of %s needs a default, like the one before it", e.key, what)
		}
		a.Params = append(a.Params, p)
	}
}

func (l *loader) recording(a *Action, n *node, what string) *recording {
	if !l.known(n, "record of "+what, "as", "values", "when") {
		return nil
	}
	name := l.text(n, "as", "")
	if !isIdentifier(name) {
		l.at(n, "record of %s: as is the name of the event, such as GoTo, not %q", what, clip(name))
		return nil
	}
	r := &recording{}
	switch when := l.text(n, "when", "success"); when {
	case "before":
	case "success":
		r.success = true
	default:
		l.at(n.get("when"), "record of %s: when is before (its effect) or success, not %q", what, clip(when))
	}
	if vs := n.get("values"); vs != nil {
		if vs.kind != listNode {
			l.at(vs, "record of %s: values is a list of its parameters, not %v", what, vs)
		}
		for _, v := range vs.items {
			i := slices.IndexFunc(a.Params, func(p Param) bool { return p.Name == v.text })
			if v.kind != scalarNode || i < 0 {
				l.at(v, "record of %s: %v is none of its parameters (%s)", what, v, paramNames(a))
				continue
			}
			r.values = append(r.values, i)
		}
	}
	r.element = l.d.elements[name]
	if r.element == nil {
		r.element = &element{name: name, values: len(r.values)}
		l.d.elements[name] = r.element
	} else if r.element.values != len(r.values) {
		l.at(n, "record of %s: %s has %d values here and %d at an action before", what, name, len(r.values), r.element.values)
	}
	return r
}

func paramNames(a *Action) string {
	if len(a.Params) == 0 {
		return "it has none"
	}
	names := make([]string, len(a.Params))
	for i, p := range a.Params {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}

// isIdentifier reports whether s can be a name in Python and in Starlark.
func isIdentifier(s string) bool {
	for i := range len(s) {
		if !isWord(s[i]) || i == 0 && '0' <= s[0] && s[0] <= '9' {
			return false
		}
	}
	return s != "" && !slices.Contains(reserved, s)
}

// reserved are the keywords of Python, which include Starlark's but for load.
var reserved = strings.Fields(`False None True and as assert async await break class continue def del elif
else except finally for from global if import in is lambda load nonlocal not or pass raise return try while with yield`)
