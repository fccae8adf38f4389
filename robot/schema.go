package robot

import (
	"slices"
	"strconv"
	"strings"

	"hone/internal/words"
)

// valueType is what a place in a world holds.
type valueType struct {
	kind   typeKind
	list   *valueType // of a reference: the list it refers to
	target string     // of a reference: the list's path
	elem   *valueType // of a list
	fields []field    // of a record
	index  map[string]int
	path   string // as in "items[]"
}

type field struct {
	name       string
	typ        *valueType
	def        any // where hasDefault
	hasDefault bool
}

type typeKind int

const (
	strType     typeKind = iota
	nameType             // a text that is there once in its list
	patternType          // a regular expression
	boolType
	intType
	floatType
	refType // one of the names in a list
	listType
	recordType
)

var scalarTypes = map[string]typeKind{
	"str": strType, "name": nameType, "pattern": patternType, "bool": boolType, "int": intType, "float": floatType,
}

// scalarWords is scalarTypes as messages list them.
const scalarWords = "str, name, pattern, bool, int, float, ref LIST"

// recordType reads a mapping from fields to types.
func (l *loader) recordType(n *node, path string) *valueType {
	if n.kind != mappingNode || len(n.entries) == 0 {
		l.at(n, "%s is a mapping from names to what they hold, not %v", path, n)
		return nil
	}
	t := &valueType{kind: recordType, index: map[string]int{}, path: path}
	for _, e := range n.entries {
		if !isIdentifier(e.key) {
			l.at(e.at, "%q in %s cannot be a field's name", clip(e.key), path)
			continue
		}
		f := field{name: e.key}
		if f.typ = l.valueType(e.value, path+"."+e.key, &f); f.typ == nil {
			continue
		}
		t.index[f.name] = len(t.fields)
		t.fields = append(t.fields, f)
	}
	return t
}

// valueType reads a type; a default goes to f, where there is a field.
func (l *loader) valueType(n *node, path string, f *field) *valueType {
	switch n.kind {
	case mappingNode:
		return l.recordType(n, path)
	case listNode:
		if len(n.items) != 1 {
			l.at(n, "%s: a list is written [TYPE], with the one type of its elements", path)
			return nil
		}
		elem := l.valueType(n.items[0], path+"[]", nil)
		if elem == nil {
			return nil
		}
		if elem.kind == listType {
			l.at(n, "%s: lists of lists are not known", path)
		}
		return &valueType{kind: listType, elem: elem, path: path}
	case nullNode:
		l.at(n, "%s has no type (one of %s)", path, scalarWords)
		return nil
	}
	return l.scalarType(n, path, f)
}

func (l *loader) scalarType(n *node, path string, f *field) *valueType {
	text, def, has := strings.Cut(n.text, "=")
	text, def = strings.TrimSpace(text), strings.TrimSpace(def)
	t := &valueType{path: path}
	if target, ok := strings.CutPrefix(text, "ref "); ok {
		t.kind, t.target = refType, strings.TrimSpace(target)
	} else if t.kind, ok = scalarTypes[text]; !ok {
		l.at(n, "%s: unknown type %q (nearest: %q; known: %s)", path, clip(text), words.Nearest(text, []string{"str", "name", "pattern", "bool", "int", "float", "ref"}), scalarWords)
		return nil
	}
	if !has {
		return t
	}
	v, ok := literalOf(def)
	switch {
	case f == nil:
		l.at(n, "%s: the elements of a list have no default", path)
	case !ok || !t.holds(v):
		l.at(n, "%s: the default %s is no %s", path, clip(def), text)
	default:
		if i, whole := v.(int64); whole && t.kind == floatType {
			v = float64(i)
		}
		f.def, f.hasDefault = v, true
	}
	return t
}

// refs finds the lists that references refer to.
func (l *loader) refs(t *valueType, path string) {
	switch t.kind {
	case listType:
		l.refs(t.elem, path+"[]")
	case recordType:
		for _, f := range t.fields {
			l.refs(f.typ, path+"."+f.name)
		}
	case refType:
		i, ok := l.d.world.index[t.target]
		if ok && l.d.world.fields[i].typ.namesIn() {
			t.list = l.d.world.fields[i].typ
			return
		}
		var lists []string
		for _, f := range l.d.world.fields {
			if f.typ.namesIn() {
				lists = append(lists, f.name)
			}
		}
		l.at(nil, "%s refers to %q, which is no list of texts or of records with a name at the top of the world (those are: %s)", path, clip(t.target), strings.Join(lists, ", "))
	}
}

// namesIn reports whether t is a list that can be referred to.
func (t *valueType) namesIn() bool {
	if t.kind != listType {
		return false
	}
	switch t.elem.kind {
	case strType, nameType, patternType:
		return true
	case recordType:
		return t.elem.nameField() >= 0
	}
	return false
}

// nameField is the index of a record's field of type name, or -1.
func (t *valueType) nameField() int {
	return slices.IndexFunc(t.fields, func(f field) bool { return f.typ.kind == nameType })
}

// holds reports whether a value of JSON or of Starlark fits a scalar type, not regarding references.
func (t *valueType) holds(v any) bool {
	switch v.(type) {
	case string:
		return t.kind == strType || t.kind == nameType || t.kind == patternType || t.kind == refType
	case bool:
		return t.kind == boolType
	case int64:
		return t.kind == intType || t.kind == floatType
	case float64:
		return t.kind == floatType
	}
	return false
}

// word names the type in messages.
func (t *valueType) word() string {
	switch t.kind {
	case strType:
		return "a text"
	case nameType:
		return "a name"
	case patternType:
		return "a regular expression"
	case boolType:
		return "true or false"
	case intType:
		return "a whole number"
	case floatType:
		return "a number"
	case refType:
		return "a name of " + t.target
	case listType:
		return "a list"
	}
	return "a mapping"
}

// literalOf reads a default: a number, true, false, none, [] or a text in quotes.
func literalOf(s string) (any, bool) {
	switch s {
	case "true", "True":
		return true, true
	case "false", "False":
		return false, true
	case "none", "None":
		return nil, true
	case "[]":
		return []any{}, true
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, true
	}
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		if s[0] == '\'' {
			return s[1 : len(s)-1], true
		}
		t, err := strconv.Unquote(s)
		return t, err == nil
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && x-x == 0
}

// fits reports whether a program's value is of a parameter's type.
func fits(v any, typ string) bool {
	switch v.(type) {
	case string:
		return typ == "str" || typ == "any"
	case bool:
		return typ == "bool" || typ == "any"
	case int64:
		return typ == "int" || typ == "float" || typ == "any"
	case float64:
		return typ == "float" || typ == "any"
	case []any:
		return typ == "list" || typ == "any"
	}
	return typ == "any"
}
