package recipe

import (
	"reflect"
	"strings"

	"hone/internal/words"
)

// nearest is the field whose name is most like key, or "" where none is alike.
func nearest(key string, fields []field) string {
	best, distance := "", 1+max(2, len(key)/3)
	for _, f := range fields {
		if d := words.Distance(normal(key), normal(f.name)); d < distance && d < len(f.name) {
			best, distance = f.name, d
		}
	}
	return best
}

func normal(key string) string {
	return strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(key))
}

// find returns the path of the first key called name anywhere below t, or "".
func find(t reflect.Type, path, name string) string {
	if isScalar(t) {
		return ""
	}
	switch t.Kind() {
	case reflect.Pointer:
		return find(t.Elem(), path, name)
	case reflect.Slice:
		return find(t.Elem(), path+"[…]", name)
	case reflect.Map:
		return find(t.Elem(), join(path, "…"), name)
	}
	fields := fieldsOf(t)
	for _, f := range fields {
		if f.name == name {
			return join(path, name)
		}
	}
	for _, f := range fields {
		if p := find(t.FieldByIndex(f.index).Type, join(path, f.name), name); p != "" {
			return p
		}
	}
	return ""
}
