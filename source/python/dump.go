package python

import (
	"strconv"
	"strings"

	"hone/source"
)

// Version is a Python version, as its minor number: 11 is Python 3.11.
type Version int

// Dump is what ast.dump of the given version prints for n (3.8 to 3.11 print
// alike; 3.12 adds type_params, 3.13 leaves out empty lists).
func Dump(n Node, v Version) string {
	d := dumper{version: v}
	d.node(n)
	return string(d.b)
}

// DumpPositions is Dump with lineno, col_offset, end_lineno and end_col_offset
// (include_attributes) of the nodes that have them in CPython.
func DumpPositions(m *Module, v Version) string {
	d := dumper{version: v, lines: source.NewLines(m.Text)}
	d.node(m)
	return string(d.b)
}

type dumper struct {
	b       []byte
	version Version
	lines   *source.Lines // nil without positions
	first   bool          // no field of the current node was printed yet

	// canonical leaves out what does not matter to [Hash]; renamed has the names
	// that it replaces.
	canonical bool
	renamed   map[Node]string
}

func (d *dumper) text(s string) { d.b = append(d.b, s...) }

// open begins a node.
func (d *dumper) open(name string) {
	d.text(name)
	d.text("(")
	d.first = true
}

// close ends a node that has a position.
func (d *dumper) close(n Node) {
	if d.lines != nil {
		s := n.Pos()
		start, end := d.lines.Position(s.Start), d.lines.Position(s.End)
		d.number("lineno", start.Line)
		d.number("col_offset", start.Column)
		d.number("end_lineno", end.Line)
		d.number("end_col_offset", end.Column)
	}
	d.end()
}

func (d *dumper) end() {
	d.text(")")
	d.first = false
}

func (d *dumper) field(name string) {
	if !d.first {
		d.text(", ")
	}
	d.first = false
	d.text(name)
	d.text("=")
}

func (d *dumper) number(name string, value int) {
	d.field(name)
	d.b = strconv.AppendInt(d.b, int64(value), 10)
}

// name prints a field that is None, and so left out, where it is empty.
func (d *dumper) name(field, value string) {
	if value != "" {
		d.field(field)
		d.repr(value)
	}
}

// identifier prints a name that n introduces or uses.
func (d *dumper) identifier(n Node, field, value string) {
	if name, ok := d.renamed[n]; ok {
		value = name
	}
	d.name(field, value)
}

func (d *dumper) op(field, name string) {
	d.field(field)
	d.text(name)
	d.text("()")
}

func (d *dumper) ctx(c Context) { d.op("ctx", c.String()) }

func (d *dumper) flag(field string, b bool) {
	n := 0
	if b {
		n = 1
	}
	d.number(field, n)
}

// body prints the statements of a module, class or function.
func (d *dumper) body(list []Stmt) {
	if d.canonical {
		list = canonicalBody(list)
	}
	d.stmts("body", list)
}

func (d *dumper) stmts(field string, list []Stmt) { dumpList(d, field, list) }
func (d *dumper) exprs(field string, list []Expr) { dumpList(d, field, list) }
func (d *dumper) typeParams(field string, list []TypeParam) {
	if d.version >= 12 {
		dumpList(d, field, list)
	}
}

// dumpList prints a list of nodes, where nil stands for None.
func dumpList[T Node](d *dumper, field string, list []T) {
	if len(list) == 0 && d.version >= 13 {
		return
	}
	d.field(field)
	d.text("[")
	for i, n := range list {
		if i > 0 {
			d.text(", ")
		}
		if Node(n) == nil {
			d.text("None")
		} else {
			d.node(n)
		}
	}
	d.text("]")
}

func (d *dumper) strings(field string, list []string) {
	if len(list) == 0 && d.version >= 13 {
		return
	}
	d.field(field)
	d.text("[")
	for i, s := range list {
		if i > 0 {
			d.text(", ")
		}
		d.repr(s)
	}
	d.text("]")
}

func (d *dumper) expr(field string, e Expr) {
	if e != nil {
		d.field(field)
		d.node(e)
	}
}

// node prints any node.
func (d *dumper) node(n Node) {
	switch n := n.(type) {
	case *Module:
		d.open("Module")
		d.body(n.Body)
		dumpList[Stmt](d, "type_ignores", nil)
		d.end()
	case Stmt:
		d.stmt(n)
		d.close(n)
	case Expr:
		d.expression(n)
		d.close(n)
	case Pattern:
		d.pattern(n)
		d.close(n)
	case TypeParam:
		d.typeParam(n)
		d.close(n)
	default:
		d.part(n)
	}
}

// part prints nodes that are parts of others; some have no position.
func (d *dumper) part(n Node) {
	switch n := n.(type) {
	case *ExceptHandler:
		d.open("ExceptHandler")
		d.expr("type", n.Type)
		d.identifier(n, "name", n.Name)
		d.stmts("body", n.Body)
		d.close(n)
	case *Comprehension:
		d.open("comprehension")
		d.expr("target", n.Target)
		d.expr("iter", n.Iter)
		d.exprs("ifs", n.Ifs)
		d.flag("is_async", n.Async)
		d.end()
	case *Arguments:
		d.arguments(n)
	case *Arg:
		d.open("arg")
		d.identifier(n, "arg", n.Arg)
		d.expr("annotation", n.Annotation)
		d.close(n)
	case *Keyword:
		d.open("keyword")
		d.name("arg", n.Arg)
		d.expr("value", n.Value)
		d.close(n)
	case *Alias:
		d.open("alias")
		d.name("name", n.Name)
		d.identifier(n, "asname", n.Asname)
		d.close(n)
	case *WithItem:
		d.open("withitem")
		d.expr("context_expr", n.ContextExpr)
		d.expr("optional_vars", n.OptionalVars)
		d.end()
	case *MatchCase:
		d.open("match_case")
		d.field("pattern")
		d.node(n.Pattern)
		d.expr("guard", n.Guard)
		d.stmts("body", n.Body)
		d.end()
	}
}

func (d *dumper) arguments(n *Arguments) {
	arg := func(field string, a *Arg) {
		if a != nil {
			d.field(field)
			d.node(a)
		}
	}
	d.open("arguments")
	dumpList(d, "posonlyargs", n.Posonlyargs)
	dumpList(d, "args", n.Args)
	arg("vararg", n.Vararg)
	dumpList(d, "kwonlyargs", n.Kwonlyargs)
	d.exprs("kw_defaults", n.KwDefaults)
	arg("kwarg", n.Kwarg)
	d.exprs("defaults", n.Defaults)
	d.end()
}

// async is the name of a construct that may be asynchronous.
func async(is bool, name string) string {
	if is {
		return "Async" + name
	}
	return name
}

func (d *dumper) pattern(n Pattern) {
	switch n := n.(type) {
	case *MatchValue:
		d.open("MatchValue")
		d.expr("value", n.Value)
	case *MatchSingleton:
		d.open("MatchSingleton")
		d.field("value")
		d.text(singletons[n.Value])
	case *MatchSequence:
		d.open("MatchSequence")
		dumpList(d, "patterns", n.Patterns)
	case *MatchMapping:
		d.open("MatchMapping")
		d.exprs("keys", n.Keys)
		dumpList(d, "patterns", n.Patterns)
		d.identifier(n, "rest", n.Rest)
	case *MatchClass:
		d.open("MatchClass")
		d.expr("cls", n.Cls)
		dumpList(d, "patterns", n.Patterns)
		d.strings("kwd_attrs", n.KwdAttrs)
		dumpList(d, "kwd_patterns", n.KwdPatterns)
	case *MatchStar:
		d.open("MatchStar")
		d.identifier(n, "name", n.Name)
	case *MatchAs:
		d.open("MatchAs")
		if n.Pattern != nil {
			d.field("pattern")
			d.node(n.Pattern)
		}
		d.identifier(n, "name", n.Name)
	case *MatchOr:
		d.open("MatchOr")
		dumpList(d, "patterns", n.Patterns)
	}
}

func (d *dumper) typeParam(n TypeParam) {
	var value Expr
	switch n := n.(type) {
	case *TypeVar:
		d.open("TypeVar")
		d.name("name", n.Name)
		d.expr("bound", n.Bound)
		value = n.DefaultValue
	case *ParamSpec:
		d.open("ParamSpec")
		d.name("name", n.Name)
		value = n.DefaultValue
	case *TypeVarTuple:
		d.open("TypeVarTuple")
		d.name("name", n.Name)
		value = n.DefaultValue
	}
	if d.version >= 13 {
		d.expr("default_value", value)
	}
}

// singletons are the values of constants that have no Value.
var singletons = [...]string{
	NoneConstant: "None", TrueConstant: "True", FalseConstant: "False", EllipsisConstant: "Ellipsis",
}

func (d *dumper) constant(n *Constant) {
	d.field("value")
	switch n.Kind {
	case StrConstant:
		d.repr(n.Value)
	case BytesConstant:
		d.reprBytes(n.Value)
	case IntConstant, FloatConstant, ComplexConstant:
		d.text(n.Value)
	default:
		d.text(singletons[n.Kind])
	}
	if n.U && !d.canonical {
		d.field("kind")
		d.text("'u'")
	}
}

// quoteFor is the quote that repr puts around s.
func quoteFor(s string) byte {
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		return '"'
	}
	return '\''
}
