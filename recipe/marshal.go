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
	"unicode"
	"unicode/utf8"
)

// Marshal writes a resolved recipe, a struct or a pointer to one as for [Parse]:
// every key in the order of the fields, defaults too, maps sorted. [Parse] reads
// it back to an equal value; empty lists and maps come back as nil.
func Marshal(recipe any) ([]byte, error) { return marshal(recipe, true) }

func marshal(recipe any, volatile bool) ([]byte, error) {
	v := reflect.ValueOf(recipe)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil, fmt.Errorf("recipe: %T is no struct", recipe)
	}
	if err := checkType(v.Type(), v.Type().Name(), nil); err != nil {
		return nil, err
	}
	w := &writer{volatile: volatile}
	w.block(v, 0, "")
	return w.b.Bytes(), errors.Join(w.errs...)
}

type writer struct {
	b        bytes.Buffer
	volatile bool // with the fields tagged so
	errs     []error
}

func (w *writer) indent(depth int) { w.b.WriteString(strings.Repeat("  ", depth)) }

// block writes the keys of a struct or map, each on a line of its own. The first
// is not indented where it follows a list's dash.
func (w *writer) block(v reflect.Value, depth int, path string) {
	pair := func(key string, v reflect.Value) {
		w.indent(depth)
		w.pair(key, v, depth, path)
	}
	if v.Kind() == reflect.Map {
		for _, k := range sortedKeys(v) {
			pair(k.String(), v.MapIndex(k))
		}
		return
	}
	for _, f := range fieldsOf(v.Type()) {
		if !f.volatile || w.volatile {
			pair(f.name, v.FieldByIndex(f.index))
		}
	}
}

func (w *writer) pair(key string, v reflect.Value, depth int, path string) {
	path = join(path, key)
	w.b.WriteString(w.quote(key, path))
	w.b.WriteByte(':')
	v = w.reach(v)
	switch {
	case w.small(v):
		w.b.WriteByte(' ')
		w.flow(v, path)
		w.b.WriteByte('\n')
	case v.Kind() == reflect.Slice:
		w.b.WriteByte('\n')
		for i := range v.Len() {
			w.entry(v.Index(i), depth+1, fmt.Sprintf("%s[%d]", path, i))
		}
	default:
		w.b.WriteByte('\n')
		w.block(v, depth+1, path)
	}
}

// entry writes one entry of a list that is not small.
func (w *writer) entry(v reflect.Value, depth int, path string) {
	v = w.reach(v)
	w.indent(depth)
	w.b.WriteByte('-')
	if w.small(v) {
		w.b.WriteByte(' ')
		w.flow(v, path)
		w.b.WriteByte('\n')
		return
	}
	w.b.WriteByte('\n')
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			w.entry(v.Index(i), depth+1, fmt.Sprintf("%s[%d]", path, i))
		}
		return
	}
	w.block(v, depth+1, path)
}

// reach follows a pointer; a nil one stays.
func (w *writer) reach(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		return v.Elem()
	}
	return v
}

// small reports whether v is written on the line of its key.
func (w *writer) small(v reflect.Value) bool {
	if isScalar(v.Type()) || v.Kind() == reflect.Pointer {
		return true
	}
	switch v.Kind() {
	case reflect.Slice:
		return v.Len() == 0 || isScalar(v.Type().Elem())
	case reflect.Map:
		return v.Len() == 0
	}
	return len(fieldsOf(v.Type())) == 0 // "{}"
}

func (w *writer) flow(v reflect.Value, path string) {
	v = w.reach(v)
	t := v.Type()
	switch {
	case t.Kind() == reflect.Pointer:
		w.b.WriteString("null")
	case isScalar(t):
		w.b.WriteString(w.scalar(v, path))
	case t.Kind() == reflect.Slice:
		w.b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				w.b.WriteString(", ")
			}
			w.flow(v.Index(i), path)
		}
		w.b.WriteByte(']')
	default:
		w.b.WriteString("{}")
	}
}

func (w *writer) scalar(v reflect.Value, path string) string {
	t := v.Type()
	switch {
	case t == durationType:
		return time.Duration(v.Int()).String()
	case isText(t):
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			w.errs = append(w.errs, fmt.Errorf("%s: %w", path, err))
		}
		return w.quote(string(text), path)
	}
	switch t.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.String:
		return w.quote(v.String(), path)
	case reflect.Float32, reflect.Float64:
		return w.float(v.Float(), t.Bits(), path)
	}
	if v.CanUint() {
		return strconv.FormatUint(v.Uint(), 10)
	}
	return strconv.FormatInt(v.Int(), 10)
}

func (w *writer) float(x float64, bits int, path string) string {
	switch {
	case math.IsNaN(x):
		w.errs = append(w.errs, fmt.Errorf("%s is not a number", path))
		return ".nan"
	case math.IsInf(x, 0):
		return map[bool]string{true: ".inf", false: "-.inf"}[x > 0]
	}
	s := strconv.FormatFloat(x, 'g', -1, bits)
	// YAML 1.1, which Python reads, takes 1e-05 for a text and 1.0e-05 for a number.
	if mantissa, exponent, ok := strings.Cut(s, "e"); ok && !strings.Contains(mantissa, ".") {
		s = mantissa + ".0e" + exponent
	}
	return s
}

// bare is a text that no reader of YAML takes for anything else, unless reserved.
var (
	bare     = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_/.+-]*$`)
	reserved = regexp.MustCompile(`^(?i:true|false|yes|no|on|off|null|y|n)$`)
)

// quote writes a text, in quotes where it could be mistaken.
func (w *writer) quote(s, path string) string {
	if bare.MatchString(s) && !reserved.MatchString(s) {
		return s
	}
	if !utf8.ValidString(s) {
		w.errs = append(w.errs, fmt.Errorf("%s is not UTF-8 text: %q", path, s))
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r) && r < 0xfeff:
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
