package graded

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// Fault is a program for a problem with one mistake.
type Fault struct {
	Completion string // behind the problem's prefix
	How        string // one of the Mistakes
}

// Mistakes are the kinds of faults. Those above "exception" run and give a wrong answer, or
// raise an exception for some input.
var Mistakes = []string{"wrong operator", "off by one", "wrong order", "swapped arguments", "missing step", "missing case", "exception", "syntax error"}

// Wrong returns programs with one mistake each, as many as there are: every one fails a test
// of the problem. Their order and style are by chance.
func Wrong(p *Problem, r *rand.Rand) []Fault {
	var out []Fault
	seen := map[string]bool{p.Completion(): true}
	add := func(completion, how string) {
		if completion != "" && !seen[completion] {
			seen[completion] = true
			out = append(out, Fault{completion, how})
		}
	}
	right := func() []string { return p.meaning.statements(style(r.IntN(int(styles))), p.names, r.IntN(3) == 0) }
	for _, mu := range p.meaning.mutants() {
		if p.fails(mu.m) {
			add(indented(mu.m.statements(style(r.IntN(int(styles))), p.names, r.IntN(3) == 0)), mu.how)
		}
	}
	add(raising(right(), p.names), "exception")
	add(misspelt(right()), "exception")
	add(unclosed(right()), "syntax error")
	add(uncoloned(right()), "syntax error")
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// fails reports whether a meaning does not pass the problem's tests.
func (p *Problem) fails(m *meaning) bool {
	return !slices.EqualFunc(m.outputs(p.args), p.want, bytes.Equal)
}

// raising uses a name that is not defined, in the last line.
func raising(lines []string, names []string) string {
	last := len(lines) - 1
	known := regexp.MustCompile(`\b(` + strings.Join(append([]string{"out", "total", "ys", "count", "counts"}, names...), "|") + `)\b`)
	at := known.FindStringIndex(lines[last])
	if at == nil {
		return ""
	}
	lines[last] = lines[last][:at[1]] + "1" + lines[last][at[1]:]
	return indented(lines)
}

// wrongNames are methods and functions that do not exist, for those that do.
var wrongNames = [][2]string{{".append(", ".add("}, {".upper()", ".uppercase()"}, {".split()", ".words()"}, {".items()", ".pairs()"}, {"abs(", "absolute("}, {"len(", "length("}, {"sorted(", "sort("}, {".join(", ".concat("}, {"sum(", "total("}}

func misspelt(lines []string) string {
	text := indented(lines)
	for _, w := range wrongNames {
		if i := strings.Index(text, w[0]); i >= 0 {
			return text[:i] + w[1] + text[i+len(w[0]):]
		}
	}
	return ""
}

// unclosed leaves out the last closing bracket, or the last operand where there is none.
func unclosed(lines []string) string {
	text := indented(lines)
	if i := strings.LastIndexAny(text, ")]"); i >= 0 {
		return text[:i] + text[i+1:]
	}
	i := strings.LastIndexByte(text, ' ')
	if strings.HasSuffix(text[:i], "return") { // which may stand alone
		return text[:len(text)-1] + " +\n"
	}
	return text[:i] + "\n"
}

// uncoloned leaves out the first colon at a line's end.
func uncoloned(lines []string) string {
	text := indented(lines)
	if i := strings.Index(text, ":\n"); i >= 0 {
		return text[:i] + text[i+1:]
	}
	return ""
}
