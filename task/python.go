package task

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hone/corpus"
	"hone/source/python"
)

// FromPython says how rows are made of the Python functions of a corpus.
type FromPython struct {
	Kind Kind // Search or Tokens
	// N and HeldOut are the most rows of the training split and of each of the others; which
	// ones a hash of their text decides.
	N, HeldOut int
	// Labels is the most types that there are: those most frequent in the training split.
	Labels int
}

// Made says what rows were made of.
type Made struct {
	Functions int            `json:"functions"` // of the corpus
	Rows      map[string]int `json:"rows"`      // by split
	Projects  map[string]int `json:"projects"`  // by split
	Spans     int            `json:"spans,omitempty"`
	Labels    map[string]int `json:"labels,omitempty"` // spans of each type, all splits
	Rare      int            `json:"rare,omitempty"`   // spans left out for want of a label
}

// Rows makes rows of kind Search, docstring → function, or Tokens, the types of what was
// annotated, out of the functions of a corpus. The corpus's split by project is kept: what is
// tested on is of no project that is trained on, nor, where a model was pre-trained on the
// same corpus, of one that it has read.
func (f FromPython) Rows(ctx context.Context, c corpus.Config) ([]Row, *Made, error) {
	make1 := searchRow
	if f.Kind == Tokens {
		make1 = typesRow
	} else if f.Kind != Search {
		return nil, nil, fmt.Errorf("rows of kind %s are not made of Python functions, only %s and %s", f.Kind, Search, Tokens)
	}
	c.Unit, c.Docstrings = corpus.Functions, true
	source, err := corpus.Open(c)
	if err != nil {
		return nil, nil, err
	}
	made := &Made{Rows: map[string]int{}, Projects: map[string]int{}}
	var rows []Row
	var summary corpus.Summary
	for d, err := range source.Documents(ctx, &summary) {
		if err != nil {
			return nil, nil, err
		}
		made.Functions++
		if r, ok := make1(d.Text); ok {
			r.ID, r.Group, r.Split = d.Path, d.Project, string(d.Split)
			rows = append(rows, r)
		}
	}
	if f.Kind == Tokens {
		rows = f.label(rows, made)
	}
	rows = f.take(rows)
	seen := map[string]bool{}
	for _, r := range rows {
		made.Rows[r.Split]++
		if key := r.Split + " " + r.Group; !seen[key] {
			seen[key] = true
			made.Projects[r.Split]++
		}
		for _, s := range r.Spans {
			if made.Labels == nil {
				made.Labels = map[string]int{}
			}
			made.Spans++
			made.Labels[s.Label]++
		}
	}
	for _, split := range []string{"train", "test"} {
		if made.Rows[split] == 0 {
			return nil, nil, fmt.Errorf("none of %d functions gives a row of the %s split (split.test is the share of projects in the test split)", made.Functions, split)
		}
	}
	return rows, made, nil
}

// take keeps the rows with the least hashes of each split, in the order in which they came.
func (f FromPython) take(rows []Row) (out []Row) {
	of := map[string][]int{}
	for i, r := range rows {
		of[r.Split] = append(of[r.Split], i)
	}
	keep := map[int]bool{}
	for split, at := range of {
		slices.SortFunc(at, func(a, b int) int {
			return cmp.Or(cmp.Compare(unit(0, rows[a].whole()), unit(0, rows[b].whole())), a-b)
		})
		n := f.HeldOut
		if split == string(corpus.Train) {
			n = f.N
		}
		for _, i := range at[:min(n, len(at))] {
			keep[i] = true
		}
	}
	for i, r := range rows {
		if keep[i] {
			out = append(out, r)
		}
	}
	return out
}

// label drops the spans of all but the most frequent types of the training split, and rows that
// have none then.
func (f FromPython) label(rows []Row, made *Made) (out []Row) {
	counts := map[string]int{}
	for _, r := range rows {
		for _, s := range r.Spans {
			if r.Split == string(corpus.Train) {
				counts[s.Label]++
			}
		}
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b))
	})
	names = names[:min(len(names), f.Labels)]
	for _, r := range rows {
		all := len(r.Spans)
		r.Spans = slices.DeleteFunc(r.Spans, func(s Span) bool { return !slices.Contains(names, s.Label) })
		made.Rare += all - len(r.Spans)
		if len(r.Spans) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// definition is the only function of a text; nil where it is something else.
func definition(text string) (*python.FunctionDef, *python.Module) {
	m, err := python.Parse([]byte(text))
	if err != nil || string(m.Text) != text || len(m.Body) != 1 {
		return nil, nil
	}
	f, _ := m.Body[0].(*python.FunctionDef)
	return f, m
}

// searchRow makes a row of a function with a docstring, by the rules of CodeSearchNet (Husain et al.
// 2019, §2): the query is the docstring's first paragraph, of three words or more; the function has
// three lines or more without it; no tests and no methods that extend the language.
func searchRow(text string) (Row, bool) {
	f, _ := definition(text)
	if f == nil || len(f.Body) < 2 || strings.Contains(f.Name, "test") || strings.HasPrefix(f.Name, "__") {
		return Row{}, false
	}
	e, _ := f.Body[0].(*python.ExprStmt)
	if e == nil {
		return Row{}, false
	}
	doc, _ := e.Value.(*python.Constant)
	if doc == nil || doc.Kind != python.StrConstant {
		return Row{}, false
	}
	query := firstParagraph(doc.Value)
	code := corpus.WithoutDocstrings(text)
	if code == text || len(strings.Fields(query)) < 3 || strings.Count(strings.TrimSpace(code), "\n") < 2 {
		return Row{}, false
	}
	return Row{Text: code, Other: query}, true
}

// firstParagraph is a docstring up to its first blank line or its first line of markup, on one line.
func firstParagraph(doc string) string {
	var words []string
	for line := range strings.Lines(strings.TrimSpace(doc)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, ">>>") || strings.HasPrefix(line, ":") || strings.HasPrefix(line, "@") || strings.HasPrefix(line, "..") {
			break
		}
		words = append(words, strings.Fields(line)...)
	}
	return strings.Join(words, " ")
}

// typesRow makes a row of a function with annotations: they are taken out, and what they were of,
// a parameter, a variable or the function, which stands for what it returns, is a span
// whose label is the type. Docstrings, which often say types, are left out.
func typesRow(text string) (Row, bool) {
	text = corpus.WithoutDocstrings(text)
	f, m := definition(text)
	if f == nil {
		return Row{}, false
	}
	type cut struct{ start, end int }
	var cuts []cut
	var spans []Span
	found := true
	add := func(start, end int, annotation python.Expr, from, to int) {
		if label := typeName(text[annotation.Pos().Start:annotation.Pos().End]); label != "" {
			spans = append(spans, Span{start, end, label})
		}
		cuts = append(cuts, cut{from, to})
	}
	for n := range python.Walk(m) {
		switch n := n.(type) {
		case *python.Arg:
			if n.Annotation != nil {
				name := n.Pos().Start
				add(name, name+len(n.Arg), n.Annotation, name+len(n.Arg), n.Pos().End)
			}
		case *python.FunctionDef:
			if n.Returns == nil {
				continue
			}
			from := strings.LastIndex(text[:n.Returns.Pos().Start], "->")
			if from < n.NameSpan.End || strings.TrimSpace(text[from+2:n.Returns.Pos().Start]) != "" {
				found = false // in parentheses
				continue
			}
			from = len(strings.TrimRight(text[:from], " \t"))
			add(n.NameSpan.Start, n.NameSpan.End, n.Returns, from, n.Returns.Pos().End)
		case *python.AnnAssign:
			add(n.Target.Pos().Start, n.Target.Pos().End, n.Annotation, n.Target.Pos().End, n.Annotation.Pos().End)
		}
	}
	if !found || len(spans) == 0 {
		return Row{}, false
	}
	slices.SortFunc(cuts, func(a, b cut) int { return b.start - a.start }) // from the end
	for i, c := range cuts {
		if i > 0 && c.end > cuts[i-1].start {
			return Row{}, false // one within another, as a lambda in an annotation
		}
		text = text[:c.start] + text[c.end:]
		for j := range spans {
			if spans[j].Start >= c.end {
				spans[j].Start -= c.end - c.start
				spans[j].End -= c.end - c.start
			}
		}
	}
	slices.SortFunc(spans, func(a, b Span) int { return a.Start - b.Start })
	if _, err := python.Parse([]byte(text)); err != nil {
		return Row{}, false
	}
	return Row{Text: text, Spans: spans}, true
}

// typeName is what an annotation comes to: the outermost type without its parameters, typing's
// aliases as the types that they stand for, and Optional for X | None. Any says nothing.
func typeName(annotation string) string {
	a := strings.Trim(strings.TrimSpace(annotation), `"'`)
	if strings.Contains(topLevel(a), "|") {
		name := "Union"
		for part := range strings.SplitSeq(topLevel(a), "|") {
			if strings.TrimSpace(part) == "None" {
				name = "Optional"
			}
		}
		return name
	}
	a, _, _ = strings.Cut(a, "[")
	a = strings.TrimSpace(a[strings.LastIndexByte(a, '.')+1:])
	switch a {
	case "Any", "":
		return ""
	case "List", "Dict", "Set", "Tuple", "Type", "FrozenSet":
		return strings.ToLower(a)
	}
	for _, c := range a {
		if c != '_' && !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return "" // no name: an expression
		}
	}
	return a
}

// topLevel is a text without what is in brackets.
func topLevel(a string) string {
	var b strings.Builder
	depth := 0
	for _, c := range a {
		switch c {
		case '[', '(':
			depth++
		case ']', ')':
			depth--
		default:
			if depth == 0 {
				b.WriteRune(c)
			}
		}
	}
	return b.String()
}
