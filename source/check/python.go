package check

import (
	"bytes"
	"errors"
	"strings"

	"hone/source"
	"hone/source/dataflow"
	"hone/source/flakes"
	"hone/source/metrics"
	"hone/source/python"
	"hone/source/security"
	"hone/source/style"
)

// python reads a Python program and lets all analyses see it.
func (r *Report) python(src []byte, opts Options) []source.Finding {
	var module *python.Module
	var faults []*python.SyntaxError
	r.index = source.NewLines(src)
	r.guard("parser", func() {
		_, r.Encoding, _ = python.Decode(src)
		module, faults = python.ParseTolerant(src)
	})
	if module == nil {
		r.Valid = false
		return nil
	}
	r.Text = module.Text
	r.Valid = len(faults) == 0
	if len(src) != len(module.Text) || len(src) > 0 && &src[0] != &module.Text[0] {
		r.index = source.NewLines(module.Text)
	}
	found := syntaxErrors(src, faults, len(module.Text))
	r.guard("style", func() { found = append(found, r.style(module, opts)...) })
	r.guard("flakes", func() { found = append(found, r.flakes(module)...) })
	r.guard("security", func() { found = append(found, security.Check(module)...) })
	if !opts.Strict {
		found = silence(found, module, r.index)
	}
	if r.Valid && opts.Metrics {
		r.guard("metrics", func() {
			m := metrics.Of(module)
			r.Metrics = &m
		})
	}
	if r.Valid && opts.DataFlow {
		r.guard("data flow", func() { r.DataFlow = flow(dataflow.Of(module)) })
	}
	return found
}

// syntaxErrors are findings of faults: the first as CPython words it, which stops there,
// of the others those that are not the same again.
func syntaxErrors(src []byte, faults []*python.SyntaxError, end int) []source.Finding {
	var found []source.Finding
	last := -1 // end of the last one
	for i, e := range faults {
		if i == 0 {
			_, err := python.Parse(src)
			errors.As(err, &e)
		} else if e.Span.Start <= last || e.Span.Start == end {
			continue
		}
		last = e.Span.End
		found = append(found, source.Finding{
			Tool: Hone, Rule: "E901", Message: "SyntaxError: " + e.Message, Span: e.Span, Severity: source.High, Confidence: source.High,
		})
	}
	return found
}

// style finds what is wrong with the style; what the parser has said already it leaves out.
func (r *Report) style(module *python.Module, opts Options) []source.Finding {
	rules := selection{opts.Select, opts.Ignore}
	return style.Check(module.Text, module.Tokens, r.index, style.Options{
		MaxLine: opts.MaxLine,
		Strict:  opts.Strict,
		Keep:    func(rule string) bool { return (r.Valid || rule != "E901") && rules.keeps(rule) },
	})
}

// flakes finds mistakes. Where a statement is broken, names that it defines or uses are
// not known, so rules of names say nothing then.
func (r *Report) flakes(module *python.Module) []source.Finding {
	var found []source.Finding
	for _, f := range (flakes.Options{Package: packageFile(r.File)}).Inspect(module) {
		if r.Valid || !strings.HasPrefix(f.Rule, "F4") && !strings.HasPrefix(f.Rule, "F8") {
			found = append(found, f.Finding)
		}
	}
	return found
}

func flow(g dataflow.Graph) *Flow {
	f := &Flow{Variables: len(g.Nodes), Graph: g}
	for _, e := range g.Edges {
		if e.Relation == dataflow.ComesFrom {
			f.ComesFrom++
		} else {
			f.ComputedFrom++
		}
		if e.LoopCarried {
			f.LoopCarried++
		}
		if e.Captured {
			f.Captured++
		}
	}
	return f
}

// silence leaves out the findings on lines with a comment "# noqa", or with their rule
// in "# noqa: E501, F401", as flake8 does. The lines of a string, and those that a
// backslash joins, are one line.
func silence(found []source.Finding, module *python.Module, lines *source.Lines) []source.Finding {
	if len(found) == 0 || !bytes.Contains(bytes.ToLower(module.Text), []byte("noqa")) {
		return found
	}
	silent := map[int][]string{} // by line: prefixes of rules, "" is all
	start := -1                  // of the first token of the line
	for _, t := range module.Tokens {
		switch t.Kind {
		case python.NL, python.NEWLINE:
			start = -1
			continue
		case python.INDENT, python.DEDENT, python.ENDMARKER:
			continue
		case python.COMMENT:
			codes, ok := noqaCodes(string(module.Text[t.Span.Start:t.Span.End]))
			if !ok {
				break
			}
			if start < 0 {
				start = t.Span.Start
			}
			for line := lines.Line(start); line <= lines.Line(t.Span.Start); line++ {
				silent[line] = append(silent[line], codes...)
			}
		}
		if start < 0 {
			start = t.Span.Start
		}
	}
	kept := found[:0]
	for _, f := range found {
		if f.Rule == "E901" || !prefixed(f.Rule, silent[lines.Line(f.Span.Start)]) {
			kept = append(kept, f)
		}
	}
	return kept
}

// noqaCodes reads the rules that a comment silences: "" alone is all.
func noqaCodes(comment string) (codes []string, ok bool) {
	i := indexFold(comment, "noqa")
	if i < 0 || !strings.HasSuffix(strings.TrimRight(comment[:i], " \t"), "#") {
		return nil, false
	}
	rest := comment[i+len("noqa"):]
	if !strings.HasPrefix(rest, ":") {
		return []string{""}, rest == "" || !wordByte(rest[0])
	}
	for _, code := range strings.FieldsFunc(rest[1:], func(c rune) bool { return c == ',' || c == ' ' || c == '\t' }) {
		if !ruleLike(code) {
			break // the rest is prose
		}
		codes = append(codes, strings.ToUpper(code))
	}
	if codes == nil {
		codes = []string{""}
	}
	return codes, true
}

// ruleLike reports whether s is letters and digits, as rules are.
func ruleLike(s string) bool {
	letters := len(s) - len(strings.TrimLeft(strings.ToUpper(s), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	return letters > 0 && letters < len(s) && strings.Trim(s[letters:], "0123456789") == ""
}

func wordByte(b byte) bool {
	return b == '_' || b >= 0x80 || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

func indexFold(s, lower string) int { return strings.Index(strings.ToLower(s), lower) }
