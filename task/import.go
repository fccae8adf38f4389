package task

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// format is how files of a kind are read.
type format struct {
	kinds []Kind
	by    []string // what groups can be; the first is the default
	read  func(path, by string) (rows []Row, notes []string, err error)
}

// formats are those of [Formats]. CodeXGLUE's are folders with a file a split, as its
// preprocessing leaves them (Lu et al., "CodeXGLUE", 2021).
var formats = map[string]format{
	// Hone's own: JSON lines of Row.
	"rows": {Kinds(), nil, readRows},
	// CodeXGLUE defect detection (Zhou et al., "Devign", 2019): train, valid, test.jsonl with func, target.
	"devign": {[]Kind{Classification}, nil, func(path, _ string) ([]Row, []string, error) {
		return readSplits(path, "%s.jsonl", func(r object) Row {
			return Row{ID: r.text("idx"), Text: r.text("func"), Label: r.text("target"), Group: r.text("project")}
		})
	}},
	// CodeXGLUE clone detection on POJ-104 (Mou et al. 2016): code, label.
	"poj": {[]Kind{Clones, Classification}, nil, func(path, _ string) ([]Row, []string, error) {
		return readSplits(path, "%s.jsonl", func(r object) Row {
			return Row{ID: r.text("index"), Text: r.text("code"), Label: r.text("label")}
		})
	}},
	// CodeXGLUE clone detection on BigCloneBench (Svajlenko et al. 2014): data.jsonl and train, valid, test.txt.
	"bigclonebench": {[]Kind{Pairs}, nil, readBigCloneBench},
	// CodeXGLUE NL-code-search-Adv: code and docstring.
	"advtest": {[]Kind{Search}, nil, func(path, _ string) ([]Row, []string, error) {
		return readSplits(path, "%s.jsonl", func(r object) Row {
			return Row{ID: r.first("idx", "url"), Text: r.first("code", "function", "original_string", "code_tokens"), Other: r.first("docstring", "docstring_tokens")}
		})
	}},
	// CodeXGLUE NL-code-search-WebQuery (Huang et al., "CoSQA", 2021): JSON arrays of doc, code, label.
	"cosqa": {[]Kind{Pairs, Search}, nil, readCoSQA},
	// ReVeal (Chakraborty et al., "Deep Learning based Vulnerability Detection: Are We There Yet?", 2021).
	"reveal": {[]Kind{Classification}, []string{"row", "project"}, readReVeal},
	// The data folder's own files; see its SOURCES.md.
	"juliet": {[]Kind{Classification}, []string{"family", "cwe"}, func(path, by string) ([]Row, []string, error) {
		return readGrouped(path, "code", "label", cmpOr(by, "family"))
	}},
	"cve": {[]Kind{Classification}, []string{"project", "year", "cwe"}, func(path, by string) ([]Row, []string, error) {
		return readGrouped(path, "code", "label", cmpOr(by, "project"))
	}},
	"programs": {[]Kind{Classification, Clones}, []string{"row", "problem"}, func(path, by string) ([]Row, []string, error) {
		return readGrouped(path, "code", "problem", cmpOr(by, "row"))
	}},
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Formats are the names of the formats, sorted.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// object is a row of a file.
type object struct {
	raw   map[string]json.RawMessage
	where string
	err   *error // the first field that was missing
}

// text is a field as text: a string, a number, or words of a list.
func (o object) text(name string) string {
	raw, ok := o.raw[name]
	if !ok {
		if *o.err == nil {
			*o.err = fmt.Errorf("%s: field %q is missing (there are %s)", o.where, name, strings.Join(slices.Sorted(maps.Keys(o.raw)), ", "))
		}
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var words []string
	if json.Unmarshal(raw, &words) == nil {
		return strings.Join(words, " ")
	}
	return string(bytes.TrimSpace(raw))
}

// first is the first of the fields that is there.
func (o object) first(names ...string) string {
	for _, n := range names {
		if _, ok := o.raw[n]; ok {
			return o.text(n)
		}
	}
	return o.text(names[0])
}

func (o object) has(name string) bool { _, ok := o.raw[name]; return ok }

// open opens a file, unpacking .gz.
func open(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(path, ".gz") {
		return f, nil
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return struct {
		io.Reader
		io.Closer
	}{z, f}, nil
}

// lines calls each for every object of a file of JSON lines or of one JSON array.
func lines(path string, each func(object) error) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<20)
	d := json.NewDecoder(r)
	if c, err := firstByte(r); err == nil && c == '[' {
		if _, err := d.Token(); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	for n := 1; d.More(); n++ {
		o := object{where: fmt.Sprintf("%s:%d", path, n), err: new(error)}
		if err := d.Decode(&o.raw); err != nil {
			return fmt.Errorf("%s: not a JSON object: %w", o.where, err)
		}
		if err := each(o); err != nil {
			return err
		}
		if *o.err != nil {
			return *o.err
		}
	}
	return nil
}

// firstByte looks past white space without reading on.
func firstByte(r *bufio.Reader) (byte, error) {
	for n := 1; ; n++ {
		b, err := r.Peek(n)
		if err != nil {
			return 0, err
		}
		if c := b[n-1]; !strings.ContainsRune(" \t\r\n", rune(c)) {
			return c, nil
		}
	}
}

// splitFiles are what files of a split are called.
var splitFiles = map[string][]string{"train": {"train"}, "validation": {"valid", "dev", "validation"}, "test": {"test"}}

// find is the first file that is there.
func find(dir, pattern string, names []string) (string, error) {
	for _, n := range names {
		for _, end := range []string{"", ".gz"} {
			path := filepath.Join(dir, fmt.Sprintf(pattern, n)+end)
			if _, err := os.Stat(path); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%s: %s is missing: %w", dir, fmt.Sprintf(pattern, names[0]), fs.ErrNotExist)
}

// readSplits reads a folder with a file a split. There may be no validation split.
func readSplits(dir, pattern string, row func(object) Row) (rows []Row, notes []string, err error) {
	for _, split := range []string{"train", "validation", "test"} {
		path, err := find(dir, pattern, splitFiles[split])
		if split == "validation" && errors.Is(err, fs.ErrNotExist) {
			notes = append(notes, "there is no validation split")
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		err = lines(path, func(o object) error {
			r := row(o)
			r.Split = split
			rows = append(rows, r)
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return rows, notes, nil
}

func readRows(path, _ string) (rows []Row, notes []string, err error) {
	err = lines(path, func(o object) error {
		o.text("text") // reports that it is missing
		raw, err := json.Marshal(o.raw)
		if err != nil {
			return err
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		var r Row
		if err := d.Decode(&r); err != nil {
			return fmt.Errorf("%s: %w", o.where, err)
		}
		for _, s := range r.Spans {
			if s.Start < 0 || s.End <= s.Start || s.End > len(r.Text) {
				return fmt.Errorf("%s: the span %d … %d is not within the text's %d bytes", o.where, s.Start, s.End, len(r.Text))
			}
		}
		rows = append(rows, r)
		return nil
	})
	return rows, nil, err
}

// readGrouped reads a file of functions or programs.
func readGrouped(path, text, label, by string) (rows []Row, notes []string, err error) {
	err = lines(path, func(o object) error {
		r := Row{ID: o.text("id"), Text: o.text(text), Label: o.text(label)}
		switch by {
		case "row":
		case "year": // CVE-2011-1234
			if parts := strings.Split(o.text("cve"), "-"); len(parts) > 1 {
				r.Group = parts[1]
			}
		default:
			r.Group = o.text(by)
		}
		rows = append(rows, r)
		return nil
	})
	return rows, nil, err
}

func readBigCloneBench(dir, _ string) (rows []Row, notes []string, err error) {
	code := map[string]string{}
	path, err := find(dir, "%s.jsonl", []string{"data"})
	if err != nil {
		return nil, nil, err
	}
	if err := lines(path, func(o object) error { code[o.text("idx")] = o.text("func"); return nil }); err != nil {
		return nil, nil, err
	}
	for _, split := range []string{"train", "validation", "test"} {
		path, err := find(dir, "%s.txt", splitFiles[split])
		if err != nil {
			return nil, nil, err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		missing := 0
		n := 0
		for line := range strings.Lines(string(raw)) {
			n++
			f := strings.Fields(line)
			if len(f) != 3 {
				return nil, nil, fmt.Errorf("%s:%d: two numbers of functions and a label are wanted", path, n)
			}
			a, b := code[f[0]], code[f[1]]
			if a == "" || b == "" {
				missing++
				continue
			}
			rows = append(rows, Row{ID: f[0] + "-" + f[1], Text: a, Other: b, Label: f[2], Split: split})
		}
		if missing > 0 {
			notes = append(notes, fmt.Sprintf("%d pairs of %s name functions that data.jsonl lacks and are left out", missing, filepath.Base(path)))
		}
	}
	return rows, notes, nil
}

func readCoSQA(dir, _ string) (rows []Row, notes []string, err error) {
	rows, notes, err = readSplits(dir, "cosqa-%s.json", func(o object) Row {
		r := Row{ID: o.text("idx"), Text: o.first("code", "code_tokens"), Other: o.first("doc", "docstring_tokens")}
		if o.has("label") {
			r.Label = o.text("label")
		}
		return r
	})
	return rows, notes, err
}

func readReVeal(dir, by string) (rows []Row, notes []string, err error) {
	for _, f := range []struct{ name, label string }{{"non-vulnerables", "0"}, {"vulnerables", "1"}} {
		path, err := find(dir, "%s.json", []string{f.name})
		if err != nil {
			return nil, nil, err
		}
		n := 0
		err = lines(path, func(o object) error {
			r := Row{ID: f.name + "/" + strconv.Itoa(n), Text: o.text("code"), Label: f.label}
			if by == "project" {
				r.Group = o.text("project")
			}
			n++
			rows = append(rows, r)
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return rows, nil, nil
}
