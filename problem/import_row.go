package problem

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
)

// row gives typed access to one row's fields. The first thing that is wrong is
// kept in bad, and the accessors then return zero values.
type row struct {
	where  string
	format Format
	fields map[string]Value
	text   []byte // only for formats that need the raw JSON
	hash   [32]byte
	bad    *Issue
}

func parseRow(raw rawRow, format Format) (*row, *Issue) {
	if i := bytes.IndexByte(raw.text, 0); i >= 0 {
		return nil, &Issue{Where: raw.where, Message: fmt.Sprintf("NUL byte at column %d (is the file binary, or was it cut while writing?)", i+1)}
	}
	v, err := parsePyJSON(raw.text)
	if err != nil {
		return nil, &Issue{Where: raw.where, Message: err.Error()}
	}
	d, ok := v.(Dict)
	if !ok {
		return nil, &Issue{Where: raw.where, Message: fmt.Sprintf("the row is %s, a JSON object is wanted", typeName(v))}
	}
	r := &row{where: raw.where, format: format, fields: make(map[string]Value, len(d)), hash: hashRow(raw.text)}
	for _, p := range d {
		r.fields[p.Key.(string)] = p.Value
	}
	if format == FormatHone || format == FormatAuto {
		r.text = bytes.Clone(raw.text)
	}
	return r, nil
}

func typeName(v Value) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case int64, *big.Int:
		return "an integer"
	case float64:
		return "a float"
	case string:
		return "a string"
	case List:
		return "a list"
	}
	return "an object"
}

// keys returns the names of the fields, sorted.
func (r *row) keys() []string { return slices.Sorted(maps.Keys(r.fields)) }

// has reports whether the row has all the fields.
func (r *row) has(names ...string) bool {
	for _, n := range names {
		if _, ok := r.fields[n]; !ok {
			return false
		}
	}
	return true
}

func (r *row) fail(field, format string, args ...any) {
	if r.bad == nil {
		r.bad = &Issue{Where: r.where, Field: field, Message: fmt.Sprintf(format, args...)}
	}
}

func (r *row) wrong(field string, v Value, want string) {
	r.fail(field, "is %s, %s is wanted", typeName(v), want)
}

// get returns a required field.
func (r *row) get(field string) Value {
	v, ok := r.fields[field]
	if !ok {
		hint := ""
		if f := detect(r); f != "" && f != r.format {
			hint = fmt.Sprintf(" (is this %s? use --format %s)", formatFiles[f], f)
		}
		r.fail(field, "is missing%s", hint)
	}
	return v
}

// str returns a required string.
func (r *row) str(field string) string {
	v := r.get(field)
	s, ok := v.(string)
	if !ok {
		r.wrong(field, v, "a string")
	}
	return s
}

// optStr returns an optional string, "" where it is absent or null.
func (r *row) optStr(field string) string {
	if r.fields[field] == nil {
		return ""
	}
	return r.str(field)
}

// list returns a required list.
func (r *row) list(field string) List {
	v := r.get(field)
	l, ok := v.(List)
	if !ok {
		r.wrong(field, v, "a list")
	}
	return l
}

// strs returns a list of strings, nil where an optional field is absent or null.
func (r *row) strs(field string, required bool) []string {
	if !required && r.fields[field] == nil {
		return nil
	}
	l := r.list(field)
	out := make([]string, 0, len(l))
	for i, v := range l {
		s, ok := v.(string)
		if !ok {
			r.wrong(fmt.Sprintf("%s[%d]", field, i), v, "a string")
			return nil
		}
		out = append(out, s)
	}
	return out
}

// id returns a task id: a string, or an integer's text.
func (r *row) id(field string) string {
	switch v := r.get(field).(type) {
	case string:
		if v == "" {
			r.fail(field, "is empty")
		}
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case *big.Int:
		return v.String()
	default:
		r.wrong(field, v, "a string or an integer")
		return ""
	}
}

// number returns an optional number, 0 where it is absent or null.
func (r *row) number(field string) float64 {
	switch v := r.fields[field].(type) {
	case nil:
		return 0
	case int64:
		return float64(v)
	case float64:
		return v
	default:
		r.wrong(field, v, "a number")
		return 0
	}
}

// jsonText returns the value of a field that is JSON, or JSON inside a string.
func (r *row) jsonText(field string) Value {
	v := r.get(field)
	s, ok := v.(string)
	if !ok {
		return v
	}
	if s == "" {
		return nil
	}
	inner, err := parsePyJSON([]byte(s))
	if err != nil {
		r.fail(field, "holds JSON in a string that cannot be read: %v", err)
	}
	return inner
}

// test appends a test to p.
func (r *row) test(p *Problem, name string, kind Kind, vis Visibility, spec any) {
	t, err := NewTest(name, kind, vis, spec)
	if err != nil {
		r.fail("", "%v", err)
		return
	}
	p.Tests = append(p.Tests, t)
}

// field returns the value of key, nil where it is absent.
func (d Dict) field(key string) Value {
	for _, p := range d {
		if p.Key == key {
			return p.Value
		}
	}
	return nil
}

// plainText returns v as the text of a file: a string, or a list of lines.
func plainText(v Value) (string, bool) {
	switch t := v.(type) {
	case string:
		return t, true
	case List:
		var b bytes.Buffer
		for i, l := range t {
			s, ok := l.(string)
			if !ok {
				return "", false
			}
			if i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(s)
		}
		return b.String(), true
	}
	return "", false
}

// pyString writes s as a Python string literal (JSON's escapes are Python's).
func pyString(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
