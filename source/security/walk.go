package security

import (
	"bytes"
	"fmt"
	"strings"

	"hone/source"
	"hone/source/python"
)

// walker goes through one module.
type walker struct {
	options Options
	lines   *source.Lines // nil until a line is asked for
	text    []byte
	// skipped are the lines with "# nosec".
	skipped map[int]bool
	// path is the way from the module to the parent of what is visited.
	path []python.Node
	// imports are the modules and members imported so far; aliases say what the
	// names mean that imports gave.
	imports map[string]bool
	aliases map[string]string
	longest int // bytes of the longest name in aliases
	issues  []Issue
}

func newWalker(m *python.Module, o Options) *walker {
	w := &walker{options: o, text: m.Text, imports: map[string]bool{}, aliases: map[string]string{}}
	if bytes.Contains(m.Text, []byte("nosec")) {
		w.findSkipped(m)
	}
	return w
}

// findSkipped notes the lines with "# nosec" in a comment. In any other token it
// counts too, as for Bandit, but "#nosec" does not.
func (w *walker) findSkipped(m *python.Module) {
	w.skipped = map[int]bool{}
	for _, t := range python.JoinFStrings(m.Tokens) {
		text := m.Text[t.Span.Start:t.Span.End]
		if bytes.Contains(text, []byte("# nosec")) ||
			t.Kind == python.COMMENT && bytes.Contains(text, []byte("#nosec")) {
			w.skipped[w.line(t.Span.Start)] = true
		}
	}
}

// skips reports whether the line at offset is to be skipped.
func (w *walker) skips(offset int) bool {
	return w.skipped != nil && w.skipped[w.line(offset)]
}

// line is the number of the line at offset.
func (w *walker) line(offset int) int {
	if w.lines == nil {
		w.lines = source.NewLines(w.text)
	}
	return w.lines.Line(offset)
}

// parent is the node around the visited one, or, for up > 0, one further out; nil
// beyond the module.
func (w *walker) parent(up int) python.Node {
	if i := len(w.path) - 1 - up; i >= 0 {
		return w.path[i]
	}
	return nil
}

func (w *walker) children(n python.Node) {
	w.path = append(w.path, n)
	python.Children(n, w.visit)
	w.path = w.path[:len(w.path)-1]
}

func (w *walker) visit(n python.Node) {
	if w.skipped != nil && hasLine(n) && w.skips(w.place(n)) {
		return
	}
	switch n := n.(type) {
	case *python.Import:
		w.noteImport(n.Names)
		w.imported(n, n.Names, "")
	case *python.ImportFrom:
		w.noteImportFrom(n)
		prefix := ""
		if n.Module != "" {
			prefix = n.Module + "."
		}
		w.imported(n, n.Names, prefix)
	case *python.Call:
		w.call(n)
	case *python.Constant:
		_, documents := w.parent(0).(*python.ExprStmt)
		if n.Kind == python.StrConstant && !documents {
			run(w, stringRules, n, text{w, n})
		}
	case *python.FunctionDef:
		if !n.Async { // Bandit does not look at async functions
			run(w, functionRules, n, n)
		}
	case *python.ExceptHandler:
		run(w, handlerRules, n, n)
	case *python.Assert:
		run(w, assertRules, n, n)
	}
	w.children(n)
}

// hasLine reports whether CPython gives n a position.
func hasLine(n python.Node) bool {
	switch n.(type) {
	case *python.Arguments, *python.Comprehension, *python.WithItem, *python.MatchCase:
		return false
	}
	return true
}

// place is where the tool says n is: parts of an f-string are where it begins.
func (w *walker) place(n python.Node) int {
	switch n.(type) {
	case *python.Constant, *python.FormattedValue, *python.JoinedStr:
	default:
		return n.Pos().Start
	}
	start := n.Pos().Start
	for i := len(w.path) - 1; i >= 0; i-- {
		switch p := w.path[i].(type) {
		case *python.JoinedStr:
			start = p.Span.Start
		case *python.FormattedValue:
			if python.Node(p.Value) == n || i+1 < len(w.path) && python.Node(p.Value) == w.path[i+1] {
				return start
			}
		default:
			return start
		}
	}
	return start
}

// match is what a rule found. What is zero is as the rule's row has it, or of the
// node that the rule looked at.
type match struct {
	span                 source.Span
	reported             source.Span
	severity, confidence source.Severity
	message              string
	args                 []any
}

// found is a match with nothing special.
var found = &match{}

// row is a rule and how to look for it at one kind of node.
type row[T any] struct {
	rule  *Rule
	check func(T) *match
}

// run looks at n with all rules for its kind.
func run[T any](w *walker, rows []row[T], n python.Node, subject T) {
	for _, r := range rows {
		if m := r.check(subject); m != nil {
			w.report(r.rule, n, m)
		}
	}
}

// report adds what a rule found at n, unless that line is to be skipped.
func (w *walker) report(r *Rule, n python.Node, m *match) {
	issue := Issue{
		Finding: source.Finding{
			Tool: Bandit, Rule: r.ID, Message: r.Message, Span: n.Pos(),
			Severity: r.Severity, Confidence: r.Confidence,
		},
		Reported: w.place(n),
	}
	if m.span != (source.Span{}) {
		issue.Span = m.span
	}
	if m.reported != (source.Span{}) {
		issue.Reported = m.reported.Start
	}
	if m.severity != source.Undefined {
		issue.Severity = m.severity
	}
	if m.confidence != source.Undefined {
		issue.Confidence = m.confidence
	}
	if m.message != "" {
		issue.Message = m.message
	}
	if len(m.args) > 0 {
		issue.Message = fmt.Sprintf(issue.Message, m.args...)
	}
	if w.options.Edition == Current && r.Python2 || w.skips(issue.Reported) || w.skips(w.place(n)) {
		return
	}
	w.issues = append(w.issues, issue)
}

func (w *walker) noteImport(names []*python.Alias) {
	for _, a := range names {
		if a.Asname != "" {
			w.alias(a.Asname, a.Name)
		}
		w.imports[a.Name] = true
	}
}

func (w *walker) noteImportFrom(n *python.ImportFrom) {
	if n.Module == "" {
		w.noteImport(n.Names)
		return
	}
	for _, a := range n.Names {
		name := a.Name
		if a.Asname != "" {
			name = a.Asname
		}
		w.alias(name, n.Module+"."+a.Name)
		w.imports[n.Module+"."+a.Name] = true
	}
}

// importsLike reports whether anything was imported in whose name part occurs.
func (w *walker) importsLike(part string) bool {
	for name := range w.imports {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// qualified is the name of what e is, through imports: a dotted name, with nothing
// before the first dot where that is no name; empty where e is neither.
func (w *walker) qualified(e python.Expr) string {
	var attributes []string // from the last to the first
	for {
		a, ok := e.(*python.Attribute)
		if !ok {
			break
		}
		attributes = append(attributes, a.Attr)
		e = a.Value
	}
	var name []byte
	if n, ok := e.(*python.Name); ok {
		name = w.resolved([]byte(n.ID))
	} else if len(attributes) == 0 {
		return ""
	}
	for i := len(attributes) - 1; i >= 0; i-- {
		name = w.resolved(append(append(name, '.'), attributes[i]...))
	}
	return string(name)
}

// resolved is what a name means that an import may have given, or the name.
func (w *walker) resolved(name []byte) []byte {
	if len(name) > w.longest {
		return name
	}
	if alias, ok := w.aliases[string(name)]; ok {
		return []byte(alias)
	}
	return name
}

// alias notes that a name means another.
func (w *walker) alias(name, meaning string) {
	w.aliases[name] = meaning
	w.longest = max(w.longest, len(name))
}
