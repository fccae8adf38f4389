package recipe

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// overrides applies "key.path=value" expressions in their order.
func (d *decoder) overrides(sets []string, v reflect.Value) {
	for _, s := range sets {
		at := position{file: "--set " + clip(s)}
		key, text, ok := strings.Cut(s, "=")
		if key = strings.TrimSpace(key); !ok || key == "" {
			d.fault(at, "", "it must be KEY=VALUE, such as train.lr=3e-5")
			continue
		}
		d.set = &at
		d.override(key, "", text, v)
		d.set = nil
	}
}

// override stores text in the value that rest names within v, whose key is path.
func (d *decoder) override(rest, path, text string, v reflect.Value) {
	if rest == "" {
		d.assign(path, text, v)
		return
	}
	if v.Kind() == reflect.Pointer && !isScalar(v.Type()) {
		if v.IsNil() {
			v.Set(newValue(v.Type().Elem()).Addr())
		}
		v = v.Elem()
	}
	key, rest := first(rest)
	t := v.Type()
	switch {
	case isScalar(t):
		d.fault(*d.set, path, "%s is %s, it has no %q", path, what(t), key)
	case strings.HasPrefix(key, "[") != (t.Kind() == reflect.Slice):
		if t.Kind() == reflect.Slice {
			d.fault(*d.set, path, "%s is a list: name an entry with %s[0], or replace it whole with %s=[…]", path, path, path)
		} else {
			d.fault(*d.set, path, "%s is no list", path)
		}
	case t.Kind() == reflect.Slice:
		i, err := strconv.Atoi(strings.TrimSuffix(key[1:], "]"))
		if !strings.HasSuffix(key, "]") {
			i = -1
		}
		if err != nil || i < 0 || i >= v.Len() {
			d.fault(*d.set, path, "%s has %d entries, counted from 0: there is no %s", path, v.Len(), key)
			return
		}
		d.override(rest, fmt.Sprintf("%s[%d]", path, i), text, v.Index(i))
	case t.Kind() == reflect.Map:
		k := reflect.ValueOf(key).Convert(t.Key())
		held := newValue(t.Elem())
		if old := v.MapIndex(k); old.IsValid() {
			held.Set(old)
		}
		d.override(rest, join(path, key), text, held)
		if v.IsNil() {
			v.Set(reflect.MakeMap(t))
		}
		v.SetMapIndex(k, held)
	default:
		fields := fieldsOf(t)
		for _, f := range fields {
			if f.name == key {
				d.override(rest, join(path, key), text, v.FieldByIndex(f.index))
				return
			}
		}
		d.unknown(key, *d.set, path, fields)
	}
}

// first cuts the first key, or "[i]", off a path.
func first(path string) (key, rest string) {
	if strings.HasPrefix(path, "[") {
		if end := strings.IndexByte(path, ']'); end > 0 {
			return path[:end+1], strings.TrimPrefix(path[end+1:], ".")
		}
		return path, ""
	}
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		return path, ""
	}
	return path[:end], strings.TrimPrefix(path[end:], ".")
}

func (d *decoder) assign(path, text string, v reflect.Value) {
	d.at[path] = *d.set
	if t := v.Type(); t.Kind() == reflect.String && !isText(t) {
		v.SetString(text)
		return
	}
	n := d.parse([]byte(text))
	if n == nil {
		if len(d.faults) == 0 || d.faults[len(d.faults)-1].File != d.set.file {
			d.fault(*d.set, path, "%s has no value: it must be %s", path, what(v.Type()))
		}
		return
	}
	d.value(n, v, path)
}
