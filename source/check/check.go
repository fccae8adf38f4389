// Package check says everything that Hone can say of one program in one report: syntax
// errors, style, mistakes, security, and on demand metrics and data flow.
//
// The analyses are packages of their own and know nothing of each other; this package
// reads a program once for all of them, selects rules, obeys comments that ask for
// silence, puts the findings in the order of the text and says where they are as people
// count. A report depends on the program, its name and the options alone, so it can be
// asked for in a loop that gives rewards.
package check

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"hone/source"
	"hone/source/dataflow"
	"hone/source/metrics"
)

// Schema is the version of the JSON form of a [Report]. It grows when a field changes its
// meaning or goes; new fields do not change it.
const Schema = 1

// Options say what a report holds. The zero value is all findings that the tools give by
// default, without metrics and data flow.
type Options struct {
	// Language of the program; [File] knows it from the name if HasLanguage is false.
	Language    source.Language
	HasLanguage bool
	// Select and Ignore are prefixes of rules, by the tool's id or an alias (S602 for
	// B602). With no Select all rules but [style.DefaultIgnore] count. Of two prefixes the
	// longer one wins, of two equally long ones Ignore does.
	Select, Ignore []string
	// MaxLine is the longest line that is not E501, in characters; 0 means 79.
	MaxLine int
	// Metrics and DataFlow ask for those of Python programs.
	Metrics, DataFlow bool
	// Strict reports also what a comment ("# noqa") silences. Who is judged by findings
	// should not be able to silence them. "# nosec" is obeyed all the same.
	Strict bool
}

// Report is what Hone says of a program.
type Report struct {
	File     string          `json:"file"`
	Language source.Language `json:"language"`
	// Encoding is the one that the program declares; spans count bytes of its text in
	// UTF-8 without a byte order mark.
	Encoding string `json:"encoding"`
	// Valid says that there are no syntax errors. Of a program that is not valid the
	// findings of what could be read are reported, but none of names that are not defined
	// or not used, and neither metrics nor data flow.
	Valid    bool            `json:"valid"`
	Lines    int             `json:"lines"`
	Leaves   int             `json:"leaves,omitempty"` // tokens as models see them; of C and Java
	Findings []Finding       `json:"findings"`
	Metrics  *metrics.Module `json:"metrics,omitempty"`
	DataFlow *Flow           `json:"data_flow,omitempty"`
	// Faults are analyses that broke down, and why: mistakes of Hone's, which leave the
	// others as they are.
	Faults []string `json:"faults,omitempty"`

	// Text is the program in UTF-8, which spans are of.
	Text []byte `json:"-"`

	index *source.Lines
}

// Finding is a finding and its place as people count: lines and columns from 1, columns
// in characters, the end after the last character.
type Finding struct {
	source.Finding
	Line      int `json:"line"`
	Column    int `json:"column"`
	EndLine   int `json:"end_line"`
	EndColumn int `json:"end_column"`
}

// Flow is the data flow of a program, and how much there is of it.
type Flow struct {
	Variables    int            `json:"variables"` // occurrences
	ComesFrom    int            `json:"comes_from"`
	ComputedFrom int            `json:"computed_from"`
	LoopCarried  int            `json:"loop_carried"`
	Captured     int            `json:"captured"`
	Graph        dataflow.Graph `json:"graph"`
}

// Index maps places in the text to lines and columns.
func (r *Report) Index() *source.Lines { return r.index }

// File reports on a program, whose name tells the language unless the options do; a name
// that does not tell is taken for Python's. It never fails: what is wrong with the
// program is in the report.
func File(name string, src []byte, opts Options) Report {
	lang := opts.Language
	if !opts.HasLanguage {
		lang, _ = source.LanguageOf(name)
	}
	r := Report{File: name, Language: lang, Encoding: "utf-8", Valid: true, Text: src, Findings: []Finding{}}
	var found []source.Finding
	if len(src) > source.MaxSize {
		r.Valid, r.Text = false, nil
		found = append(found, unreadable(fmt.Sprintf("the program has %d MiB, at most %d are read", len(src)>>20, source.MaxSize>>20)))
		r.index = source.NewLines(nil)
	} else if lang == source.Python {
		found = r.python(src, opts)
	} else {
		found = r.grammar(src)
	}
	r.place(found, selection{opts.Select, opts.Ignore})
	r.Lines = r.index.Count()
	if n := len(r.Text); n == 0 || r.Text[n-1] == '\n' || r.Text[n-1] == '\r' {
		r.Lines--
	}
	return r
}

// Unreadable reports on a file that could not be read.
func Unreadable(name string, err error) Report {
	r := Report{File: name, index: source.NewLines(nil)}
	r.Language, _ = source.LanguageOf(name)
	r.place([]source.Finding{unreadable(err.Error())}, selection{})
	return r
}

func unreadable(why string) source.Finding {
	return source.Finding{Tool: Hone, Rule: "E902", Message: "cannot be read: " + why, Severity: source.High}
}

// place selects findings, sorts them and says where they are.
func (r *Report) place(found []source.Finding, rules selection) {
	found = slices.DeleteFunc(found, func(f source.Finding) bool { return !rules.keeps(f.Rule) })
	slices.SortFunc(found, func(a, b source.Finding) int {
		return cmp.Or(
			cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Span.End, b.Span.End), cmp.Compare(a.Message, b.Message),
		)
	})
	found = slices.Compact(found)
	r.Findings = make([]Finding, len(found))
	for i, f := range found {
		start, end := r.index.Position(f.Span.Start), r.index.Position(f.Span.End)
		r.Findings[i] = Finding{f, start.Line, start.Rune + 1, end.Line, end.Rune + 1}
	}
}

// guard runs an analysis, and turns a breakdown of it into a fault of the report.
func (r *Report) guard(analysis string, run func()) {
	defer func() {
		if p := recover(); p != nil {
			r.Faults = append(r.Faults, fmt.Sprintf("%s: %v", analysis, p))
		}
	}()
	run()
}

// packageFile reports whether a file is the __init__.py of a package.
func packageFile(name string) bool {
	base := filepath.Base(name)
	return strings.TrimSuffix(base, filepath.Ext(base)) == "__init__"
}
