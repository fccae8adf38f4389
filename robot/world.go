package robot

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.starlark.net/starlark"

	"hone/internal/words"
)

// World is the state a run begins in, or ended in. A simulation works on a copy.
type World struct {
	def  *Definition
	root *record
}

// World reads a world state, JSON or YAML, called file in errors, and checks it: every
// field is known and of its type, every reference names something that is there.
func (d *Definition) World(data []byte, file string) (*World, error) {
	r := &worldReader{faults: faults{name: file}, d: d}
	n := r.read(data)
	var root *record
	if n != nil {
		root, _ = r.value(n, d.world, "world", nil).(*record)
	}
	if len(r.all) == 0 {
		r.references(root)
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return &World{def: d, root: root}, nil
}

// Robot is the definition the world belongs to.
func (w *World) Robot() *Definition { return w.def }

// MarshalJSON implements [json.Marshaler]; [Definition.World] reads what it writes.
func (w *World) MarshalJSON() ([]byte, error) { return appendJSON(nil, w.root) }

func (w *World) copy() *World { return &World{def: w.def, root: w.root.copy()} }

// worldReader makes Starlark values of a file's.
type worldReader struct {
	faults
	d    *Definition
	refs []reference
}

// reference is a place that must name an element of a list.
type reference struct {
	at   *node
	typ  *valueType
	path string
	text string
}

// value reads n as t. f is the field it is for, or nil.
func (r *worldReader) value(n *node, t *valueType, path string, f *field) starlark.Value {
	switch t.kind {
	case recordType:
		return r.record(n, t, path)
	case listType:
		if n.kind != listNode {
			r.at(n, "%s is a list, not %v", path, n)
			return nil
		}
		return r.list(n, t, path)
	}
	return r.scalar(n, t, path, f)
}

func (r *worldReader) record(n *node, t *valueType, path string) starlark.Value {
	if n.kind != mappingNode {
		r.at(n, "%s is a mapping, not %v", path, n)
		return nil
	}
	for _, e := range n.entries {
		if _, ok := t.index[e.key]; !ok {
			r.at(e.at, "unknown field %q of %s (did you mean %q? known are %s)", clip(e.key), path, words.Nearest(e.key, t.names()), strings.Join(t.names(), ", "))
		}
	}
	rec := &record{typ: t, values: make([]starlark.Value, len(t.fields))}
	for i := range t.fields {
		f := &t.fields[i]
		v := n.get(f.name)
		switch {
		case v != nil:
			rec.values[i] = r.value(v, f.typ, path+"."+f.name, f)
		case f.hasDefault:
			rec.values[i] = ToStarlark(f.def)
		case f.typ.kind == listType:
			rec.values[i] = starlark.NewList(nil)
		default:
			r.at(n, "field %q of %s is missing", f.name, path)
		}
	}
	return rec
}

func (t *valueType) names() []string {
	out := make([]string, len(t.fields))
	for i, f := range t.fields {
		out[i] = f.name
	}
	return out
}

func (r *worldReader) list(n *node, t *valueType, path string) starlark.Value {
	var out []starlark.Value
	names := map[string]int{}
	for i, item := range n.items {
		at := fmt.Sprintf("%s[%d]", path, i)
		v := r.value(item, t.elem, at, nil)
		if v == nil {
			continue
		}
		if name, ok := nameOf(v, t.elem); ok {
			if line, again := names[name]; again {
				r.at(item, "%s: the name %q is there twice, first in line %d", at, clip(name), line)
			}
			names[name] = item.line
		}
		out = append(out, v)
	}
	return starlark.NewList(out)
}

// nameOf is the name by which an element of type t is known, if it has one.
func nameOf(v starlark.Value, t *valueType) (string, bool) {
	switch {
	case t.kind == nameType:
		return starlark.AsString(v)
	case t.kind == recordType && t.nameField() >= 0:
		return starlark.AsString(v.(*record).values[t.nameField()])
	}
	return "", false
}

func (r *worldReader) scalar(n *node, t *valueType, path string, f *field) starlark.Value {
	wrong := func() starlark.Value {
		r.at(n, "%s is %s, not %v", path, t.word(), n)
		return nil
	}
	if n.kind != scalarNode {
		return wrong()
	}
	switch t.kind {
	case boolType:
		if n.quoted || n.text != "true" && n.text != "false" {
			return wrong()
		}
		return starlark.Bool(n.text == "true")
	case intType:
		i, err := strconv.ParseInt(n.text, 10, 64)
		if n.quoted || err != nil {
			return wrong()
		}
		return starlark.MakeInt64(i)
	case floatType:
		x, err := strconv.ParseFloat(n.text, 64)
		if n.quoted || err != nil || x-x != 0 {
			return wrong()
		}
		return starlark.Float(x)
	case patternType:
		if _, err := r.d.patterns.get(n.text); err != nil {
			r.at(n, "%s: %v", path, err)
		}
	case refType:
		if f == nil || !f.hasDefault || f.def != n.text {
			r.refs = append(r.refs, reference{n, t, path, n.text})
		}
	}
	return starlark.String(n.text)
}

// references checks what refers to something once everything is read.
func (r *worldReader) references(root *record) {
	lists := map[string][]string{}
	for _, ref := range r.refs {
		names, ok := lists[ref.typ.target]
		if !ok {
			i := root.typ.index[ref.typ.target]
			list, _ := root.values[i].(*starlark.List)
			for k := range list.Len() {
				v := list.Index(k)
				name, known := nameOf(v, ref.typ.list.elem)
				if !known {
					name, _ = starlark.AsString(v)
				}
				names = append(names, name)
			}
			lists[ref.typ.target] = names
		}
		if !slices.Contains(names, ref.text) {
			hint := "there is none"
			if len(names) > 0 {
				hint = fmt.Sprintf("nearest: %q", clip(words.Nearest(ref.text, names)))
			}
			r.at(ref.at, "%s is %q, which is not in %s (%s)", ref.path, clip(ref.text), ref.typ.target, hint)
		}
	}
}

// record is a mapping of a world, with attributes, in Starlark.
type record struct {
	typ    *valueType
	values []starlark.Value
}

var _ starlark.HasSetField = (*record)(nil)

func (r *record) String() string {
	b, err := appendJSON(nil, r)
	if err != nil {
		return r.typ.path
	}
	return string(b)
}

// Type implements [starlark.Value].
func (r *record) Type() string { return r.typ.path }

// Freeze implements [starlark.Value]; a world belongs to one simulation.
func (r *record) Freeze() {}

// Truth implements [starlark.Value].
func (r *record) Truth() starlark.Bool { return true }

// Hash implements [starlark.Value].
func (r *record) Hash() (uint32, error) { return 0, fmt.Errorf("%s cannot be a key", r.typ.path) }

// AttrNames implements [starlark.HasAttrs].
func (r *record) AttrNames() []string { return r.typ.names() }

// Attr implements [starlark.HasAttrs].
func (r *record) Attr(name string) (starlark.Value, error) {
	if i, ok := r.typ.index[name]; ok {
		return r.values[i], nil
	}
	return nil, nil // Starlark says so, with the nearest name
}

// SetField implements [starlark.HasSetField].
func (r *record) SetField(name string, v starlark.Value) error {
	i, ok := r.typ.index[name]
	if !ok {
		return starlark.NoSuchAttrError(fmt.Sprintf("%s has no field %s (did you mean %s?)", r.typ.path, name, words.Nearest(name, r.typ.names())))
	}
	t := r.typ.fields[i].typ
	fits := false
	switch t.kind {
	case recordType:
		rec, ok := v.(*record)
		fits = ok && rec.typ == t
	case listType:
		_, fits = v.(*starlark.List)
	default:
		if x, err := fromStarlark(v); err == nil {
			fits = t.holds(x)
		}
	}
	if !fits {
		return fmt.Errorf("%s.%s is %s, not %s", r.typ.path, name, t.word(), v.Type())
	}
	r.values[i] = v
	return nil
}

func (r *record) copy() *record {
	out := &record{typ: r.typ, values: make([]starlark.Value, len(r.values))}
	for i, v := range r.values {
		out.values[i] = copyValue(v)
	}
	return out
}

func copyValue(v starlark.Value) starlark.Value {
	switch v := v.(type) {
	case *record:
		return v.copy()
	case *starlark.List:
		out := make([]starlark.Value, v.Len())
		for i := range out {
			out[i] = copyValue(v.Index(i))
		}
		return starlark.NewList(out)
	}
	return v
}

// ToStarlark converts what a program can pass: nil, bool, int64, float64, string, lists of these, [Other].
func ToStarlark(v any) starlark.Value {
	switch v := v.(type) {
	case bool:
		return starlark.Bool(v)
	case int64:
		return starlark.MakeInt64(v)
	case float64:
		return starlark.Float(v)
	case string:
		return starlark.String(v)
	case []any:
		out := make([]starlark.Value, len(v))
		for i, x := range v {
			out[i] = ToStarlark(x)
		}
		return starlark.NewList(out)
	case Other:
		return starlark.String("<" + string(v) + ">")
	}
	return starlark.None
}

// maxValue bounds the elements of a list that an action returns.
const maxValue = 100_000

var errNotData = errors.New("not a text, number, boolean or None, or a list of these")

// fromStarlark is the reverse of toStarlark.
func fromStarlark(v starlark.Value) (any, error) {
	switch v := v.(type) {
	case starlark.NoneType:
		return nil, nil
	case starlark.Bool:
		return bool(v), nil
	case starlark.Int:
		i, ok := v.Int64()
		if !ok {
			return nil, errNotData
		}
		return i, nil
	case starlark.Float:
		return float64(v), nil
	case starlark.String:
		return string(v), nil
	case *starlark.List:
		if v.Len() > maxValue {
			return nil, fmt.Errorf("a list of %d elements, at most %d are returned", v.Len(), maxValue)
		}
		out := make([]any, v.Len())
		for i := range out {
			x, err := fromStarlark(v.Index(i))
			if err != nil {
				return nil, err
			}
			out[i] = x
		}
		return out, nil
	case starlark.Tuple:
		return fromStarlark(starlark.NewList(v))
	}
	return nil, errNotData
}

// appendJSON writes a value of a world.
func appendJSON(b []byte, v starlark.Value) ([]byte, error) {
	var err error
	switch v := v.(type) {
	case *record:
		b = append(b, '{')
		for i, f := range v.typ.fields {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(strconv.AppendQuote(b, f.name), ':')
			if b, err = appendJSON(b, v.values[i]); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	case *starlark.List:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendJSON(b, v.Index(i)); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	}
	x, err := fromStarlark(v)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(x)
	return append(b, text...), err
}
