package problem

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Extract returns the program in a chat response, and how it was found:
// "verbatim", "fence", "tag" or "prose". The rule, in order:
//
//  1. A leading <think> block is dropped, and everything up to a line that ends
//     in </think>. An unclosed leading <think> leaves nothing.
//  2. Text that starts with code (its first line that is neither blank nor a
//     comment is a Python statement) is the program: all of it if it has no
//     fence line outside its strings, byte for byte ("verbatim"); else up to
//     that line, provided it defines entryPoint ("fence").
//  3. The content of the last [PYTHON]…[/PYTHON] that defines entryPoint, else of
//     the last one; without an end tag, to the end of the text ("tag"). Fences
//     inside it are treated as in 4.
//  4. Among the Markdown blocks fenced by ``` or ~~~ that are tagged python, py,
//     python3 or not at all (all blocks, if there are none such): the last one
//     that defines entryPoint, else the longest. A block without an end goes
//     to the end of the text; the fence's indentation is taken off its lines ("fence").
//  5. From the first line that is def, class, import, from … import, @… or an
//     assignment to the last line that is indented or a statement ("prose").
//  6. Else the text itself ("verbatim").
//
// To define entryPoint is to have a line def, class or assignment of that name;
// of a dotted name, its first part. An empty entryPoint is defined by nothing.
func Extract(response, entryPoint string) (code, how string) {
	l := Locate(response, entryPoint)
	return l.Code, l.How
}

// Locate is [Extract], and says where in the response the program stands.
func Locate(response, entryPoint string) Located {
	e, how := extract(response, entryPoint)
	return Located{e.text, how, e.pieces}
}

func extract(response, entryPoint string) (e excerpt, how string) {
	text := whole(response).cut(dropThinking(response))
	if startsAsCode(text.text) {
		cut := fenceOutsideStrings(text.text)
		if cut < 0 {
			return text, "verbatim"
		}
		if head := text.cut(0, cut); entryPoint == "" || Defines(head.text, entryPoint) {
			return head.unix(), "fence"
		}
	}
	body, how := text.unix(), "prose"
	if tagged, ok := taggedBlock(body, entryPoint); ok {
		body, how = tagged, "tag"
	}
	if block, ok := chooseBlock(fencedBlocks(body), entryPoint); ok {
		return block, "fence"
	}
	if how == "tag" {
		return body, how
	}
	if code, ok := codeLines(body); ok {
		return code, how
	}
	return text, "verbatim"
}

var endOfThinking = regexp.MustCompile(`(?m)</think>[ \t\r]*$`)

// dropThinking is the range of a response that follows its thinking.
func dropThinking(text string) (from, to int) {
	if all := endOfThinking.FindAllStringIndex(text, -1); all != nil {
		return skipLineEnds(text, all[len(all)-1][1]), len(text)
	}
	if !strings.HasPrefix(strings.TrimSpace(text), "<think>") {
		return 0, len(text)
	}
	text = strings.TrimRightFunc(text, unicode.IsSpace)
	const end = "</think>"
	at := strings.Index(text, end)
	if at < 0 {
		return len(text), len(text)
	}
	return skipLineEnds(text, at+len(end)), len(text)
}

func skipLineEnds(text string, at int) int {
	return len(text) - len(strings.TrimLeft(text[at:], "\r\n"))
}

var (
	// firmCode is a line that prose hardly ever is.
	firmCode = regexp.MustCompile(`^(?:(?:async\s+)?def\s+\w+\s*[(\[]|class\s+\w+\s*[(:\[]|import\s+[A-Za-z_][\w.]*(?:\s+as\s+\w+)?\s*(?:[,;#].*)?$|from\s+[\w.]+\s+import\b|@[A-Za-z_][\w.]*(?:\(.*)?\s*$|[A-Za-z_][\w.\[\]]*(?:\s*,\s*[A-Za-z_]\w*)*(?:\s*:\s*[\w\[\], .]+)?\s*(?:[-+*/%|&^]|//|\*\*|<<|>>)?=(?:[^=]|$))`)
	// otherCode are the statements that start a program less surely.
	otherCode = regexp.MustCompile(`^(?:"""|'''|(?:for\s.+\sin\s.+|while\s.+|if\s.+|elif\s.+|with\s.+|except\b.*|try|else|finally):\s*(?:#.*)?$|(?:for\s.+\sin\s.+|while\s.+|if\s.+):\s*\S|(?:return|yield|raise|assert|del|global|nonlocal)\b|(?:pass|break|continue)\s*$|[A-Za-z_][\w.]*\(.*|[)\]}])`)
)

func isCode(line string) bool {
	return firmCode.MatchString(line) || otherCode.MatchString(line)
}

// startsAsCode looks at the first line that is neither blank nor a comment.
func startsAsCode(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' {
			return isCode(line)
		}
	}
	return false
}

// Defines reports whether code has a line that defines name (of a dotted name, its first part).
func Defines(code, name string) bool {
	name, _, _ = strings.Cut(name, ".")
	if name == "" {
		return false
	}
	for line := range strings.SplitSeq(code, "\n") {
		line = strings.TrimSpace(line)
		line = strings.TrimSpace(strings.TrimPrefix(line, "async "))
		rest, ok := strings.CutPrefix(line, "def ")
		if !ok {
			rest, ok = strings.CutPrefix(line, "class ")
		}
		rest, named := strings.CutPrefix(strings.TrimLeft(rest, " \t"), name)
		if !named {
			continue
		}
		rest = strings.TrimLeft(rest, " \t")
		if ok && (rest == "" || !isWord(rest[0])) || !ok && strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, "==") {
			return true
		}
	}
	return false
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

var fenceLine = regexp.MustCompile("^([ \t]*)(`{3,}|~{3,})[ \t]*([^`]*)$")

// fenceOutsideStrings returns the offset of the first fence line that is not in
// a triple-quoted string of the code, or -1.
func fenceOutsideStrings(code string) int {
	quote := ""
	at := 0
	for line := range strings.SplitAfterSeq(code, "\n") {
		if quote == "" && fenceLine.MatchString(strings.TrimRight(line, "\r\n")) {
			return at
		}
		quote = quoteAfter(line, quote)
		at += len(line)
	}
	return -1
}

// quoteAfter returns the triple quote that is open after line, given the one before it.
func quoteAfter(line, quote string) string {
	for i := 0; i < len(line); {
		switch rest := line[i:]; {
		case rest[0] == '\\':
			i += 2
		case quote != "":
			if strings.HasPrefix(rest, quote) {
				i += len(quote)
				quote = ""
			} else {
				i++
			}
		case rest[0] == '#':
			return ""
		case strings.HasPrefix(rest, `"""`), strings.HasPrefix(rest, `'''`):
			quote = rest[:3]
			i += 3
		case rest[0] == '"', rest[0] == '\'':
			quote = rest[:1]
			i++
		default:
			i++
		}
	}
	if len(quote) == 1 {
		return "" // a plain string ends with its line
	}
	return quote
}

func taggedBlock(e excerpt, entryPoint string) (best excerpt, found bool) {
	const from, to = "[PYTHON]", "[/PYTHON]"
	defined := false
	for at := 0; ; {
		n := strings.Index(e.text[at:], from)
		if n < 0 {
			return best, found
		}
		at += n + len(from)
		end, next := len(e.text), len(e.text)
		if n := strings.Index(e.text[at:], to); n >= 0 {
			end, next = at+n, at+n+len(to)
		}
		end = at + len(strings.TrimRight(e.text[at:end], " \t\n"))
		start := end - len(strings.TrimLeft(e.text[at:end], "\n"))
		body := join(e.cut(start, end), lineEnd)
		if d := Defines(body.text, entryPoint); d || !defined {
			best, found, defined = body, true, d
		}
		at = next
	}
}

// fenced is one Markdown code block.
type fenced struct {
	python bool // tagged python, or not at all
	body   excerpt
}

func fencedBlocks(e excerpt) []fenced {
	var out []fenced
	lines := e.lines()
	for i := 0; i < len(lines); i++ {
		open := fenceLine.FindStringSubmatch(e.line(lines[i]))
		if open == nil {
			continue
		}
		var body []excerpt
		for i++; i < len(lines); i++ {
			l := lines[i]
			if end := fenceLine.FindStringSubmatch(e.line(l)); end != nil && end[3] == "" && end[2][0] == open[2][0] && len(end[2]) >= len(open[2]) {
				break
			}
			body = append(body, e.withEnd(l.from+indentation(e.line(l), open[1]), l.to))
		}
		out = append(out, fenced{isPythonTag(open[3]), join(body...)})
	}
	return out
}

// indentation is how many bytes the fence's own indentation takes of a line of its block.
func indentation(line, indent string) int {
	n := 0
	for n < len(line) && n < len(indent) && (line[n] == ' ' || line[n] == '\t') {
		n++
	}
	return n
}

func isPythonTag(info string) bool {
	words := strings.FieldsFunc(strings.ToLower(info), func(r rune) bool { return !isWord(byte(min(r, 0x80))) })
	if len(words) == 0 {
		return true
	}
	switch words[0] {
	case "python", "py", "python3", "py3", "python2", "ipython":
		return true
	}
	return false
}

func chooseBlock(blocks []fenced, entryPoint string) (excerpt, bool) {
	var python []fenced
	for _, b := range blocks {
		if b.python {
			python = append(python, b)
		}
	}
	if python == nil {
		python = blocks
	}
	var longest excerpt
	for i := len(python) - 1; i >= 0; i-- {
		body := python[i].body
		if Defines(body.text, entryPoint) {
			return body, true
		}
		if len(body.text) >= len(longest.text) {
			longest = body
		}
	}
	return longest, len(python) > 0
}

// codeLines cuts the code out of prose without fences.
func codeLines(e excerpt) (excerpt, bool) {
	lines := e.lines()
	start := slices.IndexFunc(lines, func(l line) bool { return firmCode.MatchString(e.line(l)) })
	if start < 0 {
		return excerpt{}, false
	}
	end := start
	for i := start + 1; i < len(lines); i++ {
		l := e.line(lines[i])
		if strings.TrimSpace(l) != "" && (l[0] == ' ' || l[0] == '\t' || isCode(l)) {
			end = i
		}
	}
	return e.withEnd(lines[start].from, lines[end].to), true
}
