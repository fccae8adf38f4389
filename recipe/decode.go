package recipe

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"hone/internal/plainyaml"
)

// position is where a value was given: in a file, or by an override (line 0).
type position struct {
	file         string
	line, column int
}

// decoder fills a struct from YAML nodes and collects what is wrong.
type decoder struct {
	name   string
	root   reflect.Type
	at     map[string]position // where each key was given, by its path
	set    *position           // the override being read; nil in a file
	faults []*Error
}

func newDecoder(name string, root reflect.Type) (*decoder, error) {
	if root.Kind() != reflect.Struct {
		return nil, fmt.Errorf("recipe: %v is no struct", root)
	}
	if err := checkType(root, root.Name(), nil); err != nil {
		return nil, err
	}
	return &decoder{name: name, root: root, at: map[string]position{}}, nil
}

func (d *decoder) fault(at position, key, format string, args ...any) {
	d.faults = append(d.faults, &Error{File: at.file, Line: at.line, Column: at.column, Key: key, Message: fmt.Sprintf(format, args...)})
}

// of is the position of a token.
func (d *decoder) of(t *token.Token) position {
	if d.set != nil {
		return *d.set
	}
	if t == nil || t.Position == nil {
		return position{file: d.name}
	}
	return position{file: d.name, line: t.Position.Line, column: t.Position.Column}
}

// document reads a whole recipe.
func (d *decoder) document(data []byte, v reflect.Value) {
	n := d.parse(data)
	if n == nil {
		return
	}
	if n.Type() == ast.NullType {
		return // nothing but comments
	}
	d.value(n, v, "")
}

// parse returns the one node that data holds, or nil: it is empty or a fault is noted.
func (d *decoder) parse(data []byte) ast.Node {
	at := d.of(nil)
	switch {
	case len(data) > maxBytes:
		d.fault(at, "", "%d bytes: a recipe has at most %d", len(data), maxBytes)
		return nil
	case bytes.Count(data, []byte{'\n'})+bytes.Count(data, []byte{'\r'}) > maxLines:
		d.fault(at, "", "a recipe has at most %d lines", maxLines)
		return nil
	case !utf8.Valid(data):
		d.fault(at, "", "it is not UTF-8 text")
		return nil
	}
	tokens := lexer.Tokenize(string(data))
	if at, why := plainyaml.Refused(tokens, maxDepth); at != nil {
		d.fault(d.of(at), "", "%s", why)
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var y yaml.Error
		message := err.Error()
		if errors.As(err, &y) {
			at, message = d.of(y.GetToken()), y.GetMessage()
		}
		d.fault(at, "", "no YAML: %s", message)
		return nil
	}
	if len(file.Docs) > 1 {
		at := d.of(file.Docs[1].Start)
		if body := file.Docs[1].Body; body != nil {
			at = d.of(start(body))
		}
		d.fault(at, "", "a second document starts here: a recipe is one")
		return nil
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil
	}
	if file.Docs[0].Body.Type() == ast.CommentType {
		return nil
	}
	return file.Docs[0].Body
}

// start is the token that n begins with; for a mapping the library has a colon.
func start(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return n.GetToken()
}

// value stores n in v, whose key is path.
func (d *decoder) value(n ast.Node, v reflect.Value, path string) {
	t := v.Type()
	if t.Kind() == reflect.Pointer {
		if n.Type() == ast.NullType {
			v.SetZero()
			return
		}
		if v.IsNil() {
			fresh := newValue(t.Elem())
			v.Set(fresh.Addr())
		}
		d.value(n, v.Elem(), path)
		return
	}
	if isScalar(t) {
		d.scalar(n, v, path)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		d.mapping(n, v, path)
	case reflect.Map:
		d.table(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	}
}

// wrong notes that n is no value for t.
func (d *decoder) wrong(n ast.Node, t reflect.Type, path string) {
	got := ""
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		got = "a mapping"
	case *ast.SequenceNode:
		got = "a list"
	case *ast.NullNode:
		got = "nothing (leave the key out for its default)"
	case *ast.StringNode:
		got = clip(strconv.Quote(n.Value))
		if n.GetToken().Type == token.StringType && decimal.MatchString(n.Value) {
			got = n.Value // such as 1e-3, which to the library is a text
		}
	default:
		got = clip(n.GetToken().Value)
		if t.Kind() == reflect.String {
			got += fmt.Sprintf(" (in quotes it is a text: %q)", got)
		}
	}
	subject := path
	if subject == "" {
		subject = "the recipe"
	}
	d.fault(d.of(start(n)), path, "%s must be %s, not %s", subject, what(t), got)
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// pairs yields the keys and values of a mapping; false where n is none. Keys given
// twice, or that are no texts, are faults.
func (d *decoder) pairs(n ast.Node, path string, each func(key string, at position, v ast.Node)) bool {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		return false
	}
	seen := map[string]position{}
	for _, p := range values {
		at := d.of(p.Key.GetToken())
		if _, ok := p.Key.(ast.ScalarNode); !ok {
			d.fault(at, path, "a key must be a word")
			continue
		}
		key := p.Key.GetToken().Value
		if before, ok := seen[key]; ok {
			d.fault(at, join(path, key), "key %q%s is there twice, first in line %d", key, under(path), before.line)
			continue
		}
		seen[key] = at
		v := p.Value
		if v == nil || v.GetToken().Type == token.ImplicitNullType {
			v = ast.Null(p.Key.GetToken()) // an empty value has its key's position
		}
		each(key, at, v)
	}
	return true
}

func (d *decoder) mapping(n ast.Node, v reflect.Value, path string) {
	fields := fieldsOf(v.Type())
	ok := d.pairs(n, path, func(key string, at position, n ast.Node) {
		for _, f := range fields {
			if f.name == key {
				d.at[join(path, key)] = at
				d.value(n, v.FieldByIndex(f.index), join(path, key))
				return
			}
		}
		d.unknown(key, at, path, fields)
	})
	if !ok {
		d.wrong(n, v.Type(), path)
	}
}

// unknown notes a key that is not one of fields, with what may have been meant.
func (d *decoder) unknown(key string, at position, path string, fields []field) {
	hint := "and so on"
	if len(d.faults) > maxShown {
		// Not shown, so not worth the search.
	} else if near := nearest(key, fields); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	} else if elsewhere := find(d.root, "", key); elsewhere != "" {
		hint = fmt.Sprintf("did you mean %s?", elsewhere)
	} else {
		names := make([]string, len(fields))
		for i, f := range fields {
			names[i] = f.name
		}
		hint = "known are " + strings.Join(names, ", ")
	}
	d.fault(at, join(path, key), "unknown key %q%s (%s)", clip(key), under(path), hint)
}

func (d *decoder) table(n ast.Node, v reflect.Value, path string) {
	t := v.Type()
	m := reflect.MakeMap(t)
	ok := d.pairs(n, path, func(key string, at position, n ast.Node) {
		d.at[join(path, key)] = at
		held := newValue(t.Elem())
		d.value(n, held, join(path, key))
		m.SetMapIndex(reflect.ValueOf(key).Convert(t.Key()), held)
	})
	if !ok {
		d.wrong(n, t, path)
		return
	}
	if m.Len() == 0 {
		m = reflect.Zero(t)
	}
	v.Set(m)
}

func (d *decoder) list(n ast.Node, v reflect.Value, path string) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.wrong(n, v.Type(), path)
		return
	}
	out := reflect.Zero(v.Type()) // an empty list is nil
	for i, n := range s.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		held := newValue(v.Type().Elem())
		d.at[at] = d.of(start(n))
		d.value(n, held, at)
		out = reflect.Append(out, held)
	}
	v.Set(out)
}

// decimal is a number as recipes write it: 1e-4, 3_000, .5, -2.
var decimal = regexp.MustCompile(`^[+-]?([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9][0-9_]*)([eE][+-]?[0-9]+)?$`)

// scalar stores a single value. The text decides with the type of v what it is, so
// that 1.10 is a text or a number by who asks, never by what YAML makes of it.
func (d *decoder) scalar(n ast.Node, v reflect.Value, path string) {
	text, quoted := "", false
	switch n := n.(type) {
	case *ast.StringNode:
		text = n.Value
		k := n.GetToken().Type
		quoted = k == token.SingleQuoteType || k == token.DoubleQuoteType
	case *ast.LiteralNode:
		text, quoted = n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode:
		text = n.GetToken().Value
	default:
		d.wrong(n, v.Type(), path)
		return
	}
	bad := func(format string, args ...any) {
		d.fault(d.of(n.GetToken()), path, "%s %s", path, fmt.Sprintf(format, args...))
	}
	t := v.Type()
	switch {
	case t == durationType:
		x, err := time.ParseDuration(text)
		if err != nil {
			d.wrong(n, t, path)
			return
		}
		v.SetInt(int64(x))
		return
	case isText(t):
		if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
			bad("is %q: %v", clip(text), err)
		}
		return
	case t.Kind() == reflect.String:
		_, plain := n.(*ast.StringNode)
		if !plain && !quoted {
			d.wrong(n, t, path)
			return
		}
		v.SetString(text)
		return
	case quoted:
		d.wrong(n, t, path)
		return
	}
	digits := strings.ReplaceAll(text, "_", "")
	switch t.Kind() {
	case reflect.Bool:
		if text != "true" && text != "false" {
			d.wrong(n, t, path)
			return
		}
		v.SetBool(text == "true")
	case reflect.Float32, reflect.Float64:
		x, err := strconv.ParseFloat(digits, t.Bits())
		switch inf, ok := n.(*ast.InfinityNode); {
		case ok:
			x = inf.Value
		case !decimal.MatchString(text):
			d.wrong(n, t, path)
			return
		case err != nil:
			bad("is out of range: %s", clip(text))
			return
		}
		v.SetFloat(x)
	default:
		d.integer(n, v, digits, decimal.MatchString(text), path)
	}
}

// integer stores a whole number; 1e6 is one.
func (d *decoder) integer(n ast.Node, v reflect.Value, digits string, number bool, path string) {
	t := v.Type()
	bare := strings.TrimLeft(digits, "+-")
	if !number || len(bare) > 1 && bare[0] == '0' && !strings.ContainsAny(bare, ".eE") {
		d.wrong(n, t, path)
		return
	}
	if strings.ContainsAny(digits, ".eE") {
		x, err := strconv.ParseFloat(digits, 64)
		if err != nil || x != math.Trunc(x) || math.Abs(x) > 1<<53 {
			d.wrong(n, t, path)
			return
		}
		digits = strconv.FormatFloat(x, 'f', 0, 64)
	}
	var err error
	if v.CanUint() {
		var x uint64
		if x, err = strconv.ParseUint(strings.TrimPrefix(digits, "+"), 10, t.Bits()); err == nil {
			v.SetUint(x)
		}
	} else {
		var x int64
		if x, err = strconv.ParseInt(digits, 10, t.Bits()); err == nil {
			v.SetInt(x)
		}
	}
	if err != nil {
		d.fault(d.of(n.GetToken()), path, "%s is out of range: %s", path, clip(digits))
	}
}
