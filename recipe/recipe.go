// Package recipe reads the YAML that describes a run into a Go struct, strictly:
// what the struct does not know, or knows otherwise, is an error that names the
// line, and the resolved recipe can be written down with every default spelled out.
//
// The struct says what a recipe may hold. Every exported field carries a tag,
//
//	LearningRate float64 `yaml:"learning_rate"`
//	Model        string  `yaml:"model,required"`  // must not be left at its zero value
//	Threads      int     `yaml:"threads,volatile"` // no part of the Fingerprint
//	Common               `yaml:",inline"`          // an embedded struct's keys are ours
//	cache        []byte                           // unexported: not ours; or `yaml:"-"`
//
// of one of these types: bool, integers, floats, string, [time.Duration] ("90s"),
// anything with UnmarshalText and MarshalText, structs, pointers (null or left out
// is nil), slices, and maps from strings. What the struct holds before [Parse] is
// the default. A struct with a method Default is filled by it when a slice, map or
// pointer needs a new one; a struct with a method Check is asked whether its values
// are right, see [Keyf].
//
// Lists and maps of a recipe replace their defaults. Anchors, aliases, tags and
// merge keys are refused: a recipe says what it means.
package recipe

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Bounds of a recipe; more is refused. The YAML library takes time that grows with the
// square of the lines.
const (
	maxBytes = 64 << 10
	maxLines = 5000
	maxDepth = 50 // of mappings and lists
	maxShown = 20 // faults reported at once
)

// Error is one fault of a recipe.
type Error struct {
	File    string // the name given to Parse, or "--set KEY=VALUE"
	Line    int    // from 1; 0 where the fault has no line
	Column  int    // from 1
	Key     string // of the value that is at fault, as in "train.learning_rate"; or ""
	Message string // without the position
}

// Error implements error: "clm.yaml:7:3: message".
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Parse reads the recipe in data, called name in errors, over the defaults in into,
// and then the overrides sets, each as in [Set]. The error joins every fault found,
// each an [*Error]; into is then not to be used.
func Parse[T any](data []byte, name string, into *T, sets ...string) error {
	d, err := newDecoder(name, reflect.TypeFor[T]())
	if err != nil {
		return err
	}
	v := reflect.ValueOf(into).Elem()
	d.document(data, v)
	d.overrides(sets, v)
	return d.finish(v)
}

// Set overrides single keys of a recipe: "train.lr=3e-5",
// "corpus.sources[0].path=src", "betas=[0.9, 0.95]". A text is taken as it is,
// without quotes; any other value is read as in a file, and as strictly.
func Set[T any](into *T, sets ...string) error {
	d, err := newDecoder("recipe", reflect.TypeFor[T]())
	if err != nil {
		return err
	}
	v := reflect.ValueOf(into).Elem()
	d.overrides(sets, v)
	return d.finish(v)
}

// Keyf is an error about the value of key, to be returned by a Check method; key is
// relative to the struct that is checked, such as "learning_rate" or "sources[1].path".
// [Parse] finds the line. Several can be returned with errors.Join.
func Keyf(key, format string, args ...any) error {
	return &keyError{key: key, message: fmt.Sprintf(format, args...)}
}

type keyError struct{ key, message string }

func (e *keyError) Error() string { return e.key + " " + e.message }

func (e *keyError) Key() string { return e.key }

// keyed is an error about one key, whose text starts with it. Packages that import
// nothing of Hone have such errors of their own.
type keyed interface {
	error
	Key() string
}

// checker is a struct that knows which values are right.
type checker interface{ Check() error }

// defaulter is a struct that fills itself in before a recipe does.
type defaulter interface{ Default() }

// Fingerprint identifies a resolved recipe by what [Marshal] writes, less the
// fields tagged volatile: those that change how a run goes but not what it gives.
func Fingerprint(recipe any) (string, error) {
	raw, err := marshal(recipe, false)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16]), nil
}

// finish asks every Check, looks for what is required, and joins the faults.
func (d *decoder) finish(v reflect.Value) error {
	if len(d.faults) == 0 {
		d.required(v, "")
		d.check(v, "")
	}
	if len(d.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(d.faults, func(a, b *Error) int {
		if a.File != b.File {
			return 0 // sets after the file, as they came
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	var all []error
	for i, f := range d.faults {
		if i == maxShown {
			all = append(all, fmt.Errorf("%s: and %d more", d.name, len(d.faults)-i))
			break
		}
		all = append(all, f)
	}
	return errors.Join(all...)
}

// required reports the fields that must be given and are not.
func (d *decoder) required(v reflect.Value, path string) {
	each(v, path, func(v reflect.Value, path string) {
		if v.Kind() != reflect.Struct || isText(v.Type()) {
			return
		}
		for _, f := range fieldsOf(v.Type()) {
			if f.required && v.FieldByIndex(f.index).IsZero() {
				at := d.nearest(path)
				d.faults = append(d.faults, &Error{
					File: at.file, Line: at.line, Column: at.column, Key: join(path, f.name),
					Message: fmt.Sprintf("key %q%s is missing", f.name, under(path)),
				})
			}
		}
	})
}

// check collects what the Check methods say.
func (d *decoder) check(v reflect.Value, path string) {
	each(v, path, func(v reflect.Value, path string) {
		if v.Kind() != reflect.Struct || !v.CanAddr() {
			return
		}
		if c, ok := v.Addr().Interface().(checker); ok {
			d.collect(c.Check(), path)
		}
	})
}

func (d *decoder) collect(err error, path string) {
	switch e := err.(type) {
	case nil:
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			d.collect(err, path)
		}
	case keyed:
		key := join(path, e.Key())
		d.fault(d.nearest(key), key, "%s", join(path, e.Error()))
	default:
		message := err.Error()
		if path != "" {
			message = path + ": " + message
		}
		d.fault(d.nearest(path), path, "%s", message)
	}
}

// nearest is where path, or the nearest key that holds it, was given.
func (d *decoder) nearest(path string) position {
	for {
		if at, ok := d.at[path]; ok {
			return at
		}
		if path == "" {
			return position{file: d.name}
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
}

// each visits v and every struct within it, parents first; their paths are given.
func each(v reflect.Value, path string, visit func(reflect.Value, string)) {
	if isScalar(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			each(v.Elem(), path, visit)
		}
	case reflect.Struct:
		visit(v, path)
		for _, f := range fieldsOf(v.Type()) {
			each(v.FieldByIndex(f.index), join(path, f.name), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
	case reflect.Map:
		for _, k := range sortedKeys(v) {
			held := reflect.New(v.Type().Elem()).Elem() // addressable, for Check
			held.Set(v.MapIndex(k))
			each(held, join(path, k.String()), visit)
		}
	}
}

func join(path, key string) string {
	if path == "" || strings.HasPrefix(key, "[") {
		return path + key
	}
	return path + "." + key
}

// under says where, at the end of "key …".
func under(path string) string {
	if path == "" {
		return ""
	}
	return " under " + path
}
