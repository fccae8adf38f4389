package recipe

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// field is one key of a struct.
type field struct {
	name     string
	index    []int // for reflect's FieldByIndex
	required bool
	volatile bool
}

// fieldsOf returns the keys of a struct in the order of its fields, those of
// inlined structs in their place. The type was checked by checkType.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		has := func(o string) bool { return slices.Contains(strings.Split(options, ","), o) }
		if has("inline") {
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				out = append(out, inner)
			}
			continue
		}
		out = append(out, field{name: name, index: []int{i}, required: has("required"), volatile: has("volatile")})
	}
	return out
}

var (
	durationType    = reflect.TypeFor[time.Duration]()
	unmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	marshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
)

// isText reports whether values of t are written as text of their own making.
func isText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(unmarshalerType) && t.Implements(marshalerType)
}

// isScalar reports whether values of t are neither mappings nor lists.
func isScalar(t reflect.Type) bool {
	if isText(t) {
		return true
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Map:
		return false
	case reflect.Pointer:
		return isScalar(t.Elem())
	}
	return true
}

// checkType finds mistakes of the programmer: a field that no recipe could fill.
func checkType(t reflect.Type, path string, within []reflect.Type) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("recipe: %s: %s", path, fmt.Sprintf(format, args...))
	}
	if isText(t) {
		return nil
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return nil
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return bad("a map's keys must be strings")
		}
		return checkType(t.Elem(), path, within)
	case reflect.Slice:
		return checkType(t.Elem(), path, within)
	case reflect.Pointer:
		if t.Elem().Kind() == reflect.Pointer {
			return bad("a pointer to a pointer")
		}
		return checkType(t.Elem(), path, within)
	case reflect.Struct:
	default:
		return bad("a recipe cannot hold a %v", t)
	}
	if slices.Contains(within, t) {
		return bad("%v holds itself", t)
	}
	within = append(slices.Clone(within), t)
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("yaml")
		name, options, _ := strings.Cut(tag, ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		at := path + "." + f.Name
		inline := slices.Contains(strings.Split(options, ","), "inline")
		switch {
		case !tagged, name == "" && !inline:
			return fmt.Errorf("recipe: %s has no yaml tag", at)
		case inline && f.Type.Kind() != reflect.Struct:
			return fmt.Errorf("recipe: %s is inline and no struct", at)
		case strings.ContainsAny(name, ".[]=\""):
			return fmt.Errorf("recipe: %s: the key %q cannot be named in --set", at, name)
		}
		if err := checkType(f.Type, at, within); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for _, f := range fieldsOf(t) {
		if seen[f.name] {
			return bad("the key %q is there twice", f.name)
		}
		seen[f.name] = true
	}
	return nil
}

// newValue returns an addressable zero value of t, filled by its Default if it has one.
func newValue(t reflect.Type) reflect.Value {
	p := reflect.New(t)
	if d, ok := p.Interface().(defaulter); ok {
		d.Default()
	}
	return p.Elem()
}

func sortedKeys(m reflect.Value) []reflect.Value {
	return slices.SortedFunc(slices.Values(m.MapKeys()), func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
}

// what names the kind of value that t takes, as in "must be a number".
func what(t reflect.Type) string {
	switch {
	case t == durationType:
		return "a duration such as 90s or 1h30m"
	case isText(t):
		return "a text"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Pointer:
		return what(t.Elem()) + ", or null"
	case reflect.Slice:
		return "a list such as [a, b]"
	case reflect.Map, reflect.Struct:
		return "a mapping of keys to values"
	}
	return "a whole number"
}
