package recipe

import (
	"reflect"
	"strings"
)

// nearest is the field whose name is most like key, or "" where none is alike.
func nearest(key string, fields []field) string {
	best, distance := "", 1+max(2, len(key)/3)
	for _, f := range fields {
		if d := edits(normal(key), normal(f.name)); d < distance && d < len(f.name) {
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

// edits is the number of insertions, deletions, replacements and swaps of
// neighbours that make b of a (Damerau's distance, optimal string alignment).
// Long keys are cut: they are like nothing anyway.
func edits(a, b string) int {
	const long = 64
	x, y := a[:min(len(a), long)], b[:min(len(b), long)]
	rows := [3][long + 1]int{}
	for j := range len(y) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		row, up, two := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(up[j]+1, row[j-1]+1, up[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
	}
	return rows[len(x)%3][len(y)]
}
