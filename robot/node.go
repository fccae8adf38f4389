package robot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"hone/internal/plainyaml"
	"hone/recipe"
)

// Bounds of a definition or a world; more is refused. The YAML library takes time that
// grows with the square of the lines.
const (
	maxBytes  = 256 << 10
	maxLines  = 5000
	maxDepth  = 50 // of mappings and lists
	maxFaults = 20 // reported at once
)

// node is a value of a YAML or JSON file together with its place.
type node struct {
	kind         nodeKind
	text         string // of a text, number or boolean, without quotes
	quoted       bool   // it can only be a text
	block        bool   // a text of several lines, which begins on the line below
	line, column int    // from 1
	entries      []entry
	items        []*node
}

type entry struct {
	key   string
	at    *node // the key's place
	value *node
}

type nodeKind int

const (
	scalarNode nodeKind = iota
	nullNode
	mappingNode
	listNode
)

func (n *node) String() string {
	switch {
	case n.kind == mappingNode:
		return "a mapping"
	case n.kind == listNode:
		return "a list"
	case n.kind == nullNode:
		return "nothing"
	case n.quoted:
		return fmt.Sprintf("the text %q", clip(n.text))
	}
	return clip(n.text)
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// get is the value of a mapping's key, or nil.
func (n *node) get(key string) *node {
	for _, e := range n.entries {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

// faults collects what is wrong with a file.
type faults struct {
	name string
	all  []error
	more int
}

func (f *faults) at(n *node, format string, args ...any) {
	line, column := 0, 0
	if n != nil {
		line, column = n.line, n.column
	}
	f.add(&recipe.Error{File: f.name, Line: line, Column: column, Message: fmt.Sprintf(format, args...)})
}

func (f *faults) add(err error) {
	if len(f.all) < maxFaults {
		f.all = append(f.all, err)
	} else {
		f.more++
	}
}

func (f *faults) err() error {
	if f.more > 0 {
		return errors.Join(append(f.all, fmt.Errorf("%s: and %d more", f.name, f.more))...)
	}
	return errors.Join(f.all...)
}

// read parses a file: JSON where it begins with a brace, otherwise YAML.
func (f *faults) read(data []byte) *node {
	switch {
	case len(data) > maxBytes:
		f.at(nil, "%d bytes: at most %d are read", len(data), maxBytes)
		return nil
	case !utf8.Valid(data):
		f.at(nil, "it is not UTF-8 text")
		return nil
	}
	if t := bytes.TrimLeft(data, " \t\r\n"); len(t) > 0 && t[0] == '{' {
		return f.readJSON(data)
	}
	if bytes.Count(data, []byte{'\n'})+bytes.Count(data, []byte{'\r'}) > maxLines {
		f.at(nil, "at most %d lines are read", maxLines)
		return nil
	}
	return f.readYAML(data)
}

func (f *faults) readYAML(data []byte) *node {
	tokens := lexer.Tokenize(string(data))
	if at, why := plainyaml.Refused(tokens, maxDepth); at != nil {
		f.at(place(at), "%s", why)
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var y yaml.Error
		if errors.As(err, &y) {
			f.at(place(y.GetToken()), "no YAML: %s", y.GetMessage())
		} else {
			f.at(nil, "no YAML: %v", err)
		}
		return nil
	}
	if len(file.Docs) > 1 {
		f.at(place(file.Docs[1].Start), "a second document starts here: a file is one")
		return nil
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil || file.Docs[0].Body.Type() == ast.CommentType {
		f.at(nil, "the file is empty")
		return nil
	}
	return f.convert(file.Docs[0].Body)
}

func place(t *token.Token) *node {
	if t == nil || t.Position == nil {
		return nil
	}
	return &node{line: t.Position.Line, column: t.Position.Column}
}

// convert makes a node of the YAML library's.
func (f *faults) convert(n ast.Node) *node {
	out := &node{kind: scalarNode}
	if p := place(n.GetToken()); p != nil {
		out.line, out.column = p.line, p.column
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		f.mapping(out, n.Values)
	case *ast.MappingValueNode:
		f.mapping(out, []*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		out.kind = listNode
		for _, v := range n.Values {
			out.items = append(out.items, f.convert(v))
		}
	case *ast.StringNode:
		out.text = n.Value
		k := n.GetToken().Type
		out.quoted = k == token.SingleQuoteType || k == token.DoubleQuoteType
	case *ast.LiteralNode:
		out.text, out.quoted, out.block = n.Value.Value, true, true
	case *ast.NullNode:
		out.kind = nullNode
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		out.text = n.GetToken().Value
	default:
		f.at(out, "a value of this form is not read here")
		out.kind = nullNode
	}
	return out
}

func (f *faults) mapping(out *node, values []*ast.MappingValueNode) {
	out.kind = mappingNode
	for i, p := range values {
		at := place(p.Key.GetToken())
		if i == 0 && at != nil {
			out.line, out.column = at.line, at.column // the library has the colon's
		}
		if _, ok := p.Key.(ast.ScalarNode); !ok {
			f.at(at, "a key must be a word")
			continue
		}
		v := &node{kind: nullNode}
		if p.Value != nil && p.Value.GetToken().Type != token.ImplicitNullType {
			v = f.convert(p.Value)
		} else if at != nil {
			v.line, v.column = at.line, at.column
		}
		f.entry(out, p.Key.GetToken().Value, at, v)
	}
}

func (f *faults) entry(out *node, key string, at, value *node) {
	for _, e := range out.entries {
		if e.key == key {
			f.at(at, "key %q is there twice, first in line %d", key, e.at.line)
			return
		}
	}
	out.entries = append(out.entries, entry{key, at, value})
}

// readJSON parses JSON with places.
func (f *faults) readJSON(data []byte) *node {
	j := &jsonReader{f: f, data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1}
	j.dec.UseNumber()
	n := j.value(0)
	if n == nil {
		return nil
	}
	if _, err := j.dec.Token(); !errors.Is(err, io.EOF) {
		f.at(j.here(), "there is more after the end of the JSON object")
		return nil
	}
	return n
}

type jsonReader struct {
	f    *faults
	data []byte
	dec  *json.Decoder
	// line is that of the byte at offset, begin where that line begins.
	line, offset, begin int
}

// here is the place that has been read to.
func (j *jsonReader) here() *node {
	end := min(int(j.dec.InputOffset()), len(j.data))
	for ; j.offset < end; j.offset++ {
		if j.data[j.offset] == '\n' {
			j.line, j.begin = j.line+1, j.offset+1
		}
	}
	return &node{line: j.line, column: max(1, end-j.begin)}
}

// value reads one value; nil after a fault.
func (j *jsonReader) value(depth int) *node {
	t, err := j.dec.Token()
	at := j.here()
	switch {
	case err != nil:
		j.f.at(at, "no JSON: %s", strings.TrimPrefix(err.Error(), "json: "))
		return nil
	case depth > maxDepth:
		j.f.at(at, "nested too deep")
		return nil
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			return j.list(at, depth)
		}
		return j.object(at, depth)
	case string:
		at.text, at.quoted = t, true
	case json.Number:
		at.text = t.String()
	case bool:
		at.text = fmt.Sprint(t)
	case nil:
		at.kind = nullNode
	}
	return at
}

func (j *jsonReader) list(out *node, depth int) *node {
	out.kind = listNode
	for j.dec.More() {
		v := j.value(depth + 1)
		if v == nil {
			return nil
		}
		out.items = append(out.items, v)
	}
	return j.end(out)
}

func (j *jsonReader) object(out *node, depth int) *node {
	out.kind = mappingNode
	for j.dec.More() {
		k := j.value(depth + 1)
		if k == nil {
			return nil
		}
		v := j.value(depth + 1)
		if v == nil {
			return nil
		}
		j.f.entry(out, k.text, k, v)
	}
	return j.end(out)
}

// end reads the closing bracket.
func (j *jsonReader) end(out *node) *node {
	if _, err := j.dec.Token(); err != nil {
		j.f.at(j.here(), "no JSON: %s", strings.TrimPrefix(err.Error(), "json: "))
		return nil
	}
	return out
}
