// Package python reads Python programs: tokens as CPython's tokenize gives
// them and a typed syntax tree with the names and fields of CPython's ast.
//
// It understands every construct of Python 3.8 to 3.13 at once; what an older
// version would refuse is accepted. The tree has two liberties against
// CPython's: async constructs are the plain ones with Async set, except* is a
// [Try] with Star set, so that analyses have one case for both; and every node
// has a position, also those that have none in CPython. Type comments are not
// read.
//
// Names, fields and meanings: https://docs.python.org/3.13/library/ast.html.
package python

import "hone/source"

// Node is any part of a syntax tree.
type Node interface {
	// Pos is the node's text in [Module.Text], as CPython positions it: without
	// decorators, without parentheses around it.
	Pos() source.Span
}

// Stmt is a statement.
type Stmt interface {
	Node
	stmt()
}

// Expr is an expression. Where CPython has None (no return value, the key of
// **d in a display), an Expr is nil.
type Expr interface {
	Node
	expr()
}

// Pattern is a pattern of a case.
type Pattern interface {
	Node
	pattern()
}

// TypeParam is a type parameter (Python 3.12).
type TypeParam interface {
	Node
	typeParam()
}

// Base is what all nodes have. Span holds byte offsets into [Module.Text].
type Base struct{ Span source.Span }

// Pos is the span itself.
func (b *Base) Pos() source.Span { return b.Span }

// Module is a whole program.
type Module struct {
	Base
	Body []Stmt
	// Text is the program in UTF-8 without a byte order mark; all positions are
	// offsets into it. It is the source itself where that is such text already.
	Text []byte
	// Tokens are all tokens with comments, f-strings in parts (Python 3.12);
	// [JoinFStrings] makes the older view.
	Tokens []Token
}

// Statements.
type (
	// FunctionDef is def or, with Async, async def.
	FunctionDef struct {
		Base
		Async         bool
		Name          string
		NameSpan      source.Span
		Args          *Arguments
		Body          []Stmt
		DecoratorList []Expr
		Returns       Expr
		TypeParams    []TypeParam
	}
	// ClassDef is class.
	ClassDef struct {
		Base
		Name          string
		NameSpan      source.Span
		Bases         []Expr
		Keywords      []*Keyword
		Body          []Stmt
		DecoratorList []Expr
		TypeParams    []TypeParam
	}
	// Return is return; Value may be nil.
	Return struct {
		Base
		Value Expr
	}
	// Delete is del.
	Delete struct {
		Base
		Targets []Expr
	}
	// Assign is a = b = value.
	Assign struct {
		Base
		Targets []Expr
		Value   Expr
	}
	// TypeAlias is type Name[TypeParams] = Value (Python 3.12).
	TypeAlias struct {
		Base
		Name       Expr
		TypeParams []TypeParam
		Value      Expr
	}
	// AugAssign is target op= value.
	AugAssign struct {
		Base
		Target Expr
		Op     Operator
		Value  Expr
	}
	// AnnAssign is target: annotation = value; Value may be nil, Simple says
	// that the target is a name without parentheses.
	AnnAssign struct {
		Base
		Target     Expr
		Annotation Expr
		Value      Expr
		Simple     bool
	}
	// For is for or, with Async, async for.
	For struct {
		Base
		Async  bool
		Target Expr
		Iter   Expr
		Body   []Stmt
		Orelse []Stmt
	}
	// While is while.
	While struct {
		Base
		Test   Expr
		Body   []Stmt
		Orelse []Stmt
	}
	// If is if; an elif is an If alone in Orelse, at the position of its elif.
	If struct {
		Base
		Test   Expr
		Body   []Stmt
		Orelse []Stmt
	}
	// With is with or, with Async, async with.
	With struct {
		Base
		Async bool
		Items []*WithItem
		Body  []Stmt
	}
	// Match is match (Python 3.10).
	Match struct {
		Base
		Subject Expr
		Cases   []*MatchCase
	}
	// Raise is raise exc from cause; both may be nil.
	Raise struct {
		Base
		Exc   Expr
		Cause Expr
	}
	// Try is try; Star says that its handlers are except* (Python 3.11).
	Try struct {
		Base
		Star      bool
		Body      []Stmt
		Handlers  []*ExceptHandler
		Orelse    []Stmt
		Finalbody []Stmt
	}
	// Assert is assert; Msg may be nil.
	Assert struct {
		Base
		Test Expr
		Msg  Expr
	}
	// Import is import.
	Import struct {
		Base
		Names []*Alias
	}
	// ImportFrom is from module import names. Level counts leading dots; Module
	// is empty in from . import x.
	ImportFrom struct {
		Base
		Module string
		Names  []*Alias
		Level  int
	}
	// Global is global.
	Global struct {
		Base
		Names []string
	}
	// Nonlocal is nonlocal.
	Nonlocal struct {
		Base
		Names []string
	}
	// ExprStmt is an expression as a statement (ast.Expr).
	ExprStmt struct {
		Base
		Value Expr
	}
	// Pass is pass.
	Pass struct{ Base }
	// Break is break.
	Break struct{ Base }
	// Continue is continue.
	Continue struct{ Base }
)

// Expressions.
type (
	// BoolOp is a chain of and, or of or.
	BoolOp struct {
		Base
		Op     BoolOperator
		Values []Expr
	}
	// NamedExpr is target := value.
	NamedExpr struct {
		Base
		Target Expr
		Value  Expr
	}
	// BinOp is an operation of two operands.
	BinOp struct {
		Base
		Left  Expr
		Op    Operator
		Right Expr
	}
	// UnaryOp is an operation of one operand.
	UnaryOp struct {
		Base
		Op      UnaryOperator
		Operand Expr
	}
	// Lambda is lambda.
	Lambda struct {
		Base
		Args *Arguments
		Body Expr
	}
	// IfExp is body if test else orelse.
	IfExp struct {
		Base
		Test   Expr
		Body   Expr
		Orelse Expr
	}
	// Dict is a display of a dictionary; the key of **value is nil.
	Dict struct {
		Base
		Keys   []Expr
		Values []Expr
	}
	// Set is a display of a set.
	Set struct {
		Base
		Elts []Expr
	}
	// ListComp is [elt for …].
	ListComp struct {
		Base
		Elt        Expr
		Generators []*Comprehension
	}
	// SetComp is {elt for …}.
	SetComp struct {
		Base
		Elt        Expr
		Generators []*Comprehension
	}
	// DictComp is {key: value for …}.
	DictComp struct {
		Base
		Key        Expr
		Value      Expr
		Generators []*Comprehension
	}
	// GeneratorExp is (elt for …).
	GeneratorExp struct {
		Base
		Elt        Expr
		Generators []*Comprehension
	}
	// Await is await.
	Await struct {
		Base
		Value Expr
	}
	// Yield is yield; Value may be nil.
	Yield struct {
		Base
		Value Expr
	}
	// YieldFrom is yield from.
	YieldFrom struct {
		Base
		Value Expr
	}
	// Compare is left op comparator op comparator…
	Compare struct {
		Base
		Left        Expr
		Ops         []CompareOperator
		Comparators []Expr
	}
	// Call is func(args, keywords).
	Call struct {
		Base
		Func     Expr
		Args     []Expr
		Keywords []*Keyword
	}
	// FormattedValue is a replacement field of an f-string. Conversion is -1 or
	// one of 's', 'r', 'a'; FormatSpec is nil or a *JoinedStr.
	FormattedValue struct {
		Base
		Value      Expr
		Conversion int
		FormatSpec Expr
	}
	// JoinedStr is an f-string, joined with the strings beside it.
	JoinedStr struct {
		Base
		Values []Expr
	}
	// Constant is a literal, with the strings beside it joined.
	Constant struct {
		Base
		Kind ConstantKind
		// Value is, for integers, floats and complex numbers, what repr prints
		// (integers beyond 4300 digits, which Python does not print, are in
		// hexadecimal); for str the text, in which a lone surrogate takes the three
		// bytes that UTF-8 would give it; for bytes the bytes; otherwise empty.
		Value string
		// U says that a string's first part has the prefix u.
		U bool
	}
	// Attribute is value.attr.
	Attribute struct {
		Base
		Value Expr
		Attr  string
		Ctx   Context
	}
	// Subscript is value[slice].
	Subscript struct {
		Base
		Value Expr
		Slice Expr
		Ctx   Context
	}
	// Starred is *value.
	Starred struct {
		Base
		Value Expr
		Ctx   Context
	}
	// Name is a name, normalised to NFKC as Python does.
	Name struct {
		Base
		ID  string
		Ctx Context
	}
	// List is a display of a list.
	List struct {
		Base
		Elts []Expr
		Ctx  Context
	}
	// Tuple is a tuple; its position includes its parentheses, if any.
	Tuple struct {
		Base
		Elts []Expr
		Ctx  Context
	}
	// Slice is lower:upper:step in a subscript; each may be nil.
	Slice struct {
		Base
		Lower Expr
		Upper Expr
		Step  Expr
	}
)

// Patterns.
type (
	// MatchValue compares with a literal or a dotted name.
	MatchValue struct {
		Base
		Value Expr
	}
	// MatchSingleton is None, True or False.
	MatchSingleton struct {
		Base
		Value ConstantKind
	}
	// MatchSequence is [a, b] or (a, b).
	MatchSequence struct {
		Base
		Patterns []Pattern
	}
	// MatchMapping is {key: pattern, **rest}; Rest may be empty.
	MatchMapping struct {
		Base
		Keys     []Expr
		Patterns []Pattern
		Rest     string
	}
	// MatchClass is cls(patterns, kwd_attrs=kwd_patterns).
	MatchClass struct {
		Base
		Cls         Expr
		Patterns    []Pattern
		KwdAttrs    []string
		KwdPatterns []Pattern
	}
	// MatchStar is *name; Name is empty for *_.
	MatchStar struct {
		Base
		Name string
	}
	// MatchAs is pattern as name; Pattern is nil for a plain capture, Name is
	// empty for the wildcard _.
	MatchAs struct {
		Base
		Pattern Pattern
		Name    string
	}
	// MatchOr is a | b.
	MatchOr struct {
		Base
		Patterns []Pattern
	}
)

// Type parameters.
type (
	// TypeVar is name: bound = default (defaults from Python 3.13).
	TypeVar struct {
		Base
		Name         string
		Bound        Expr
		DefaultValue Expr
	}
	// ParamSpec is **name.
	ParamSpec struct {
		Base
		Name         string
		DefaultValue Expr
	}
	// TypeVarTuple is *name.
	TypeVarTuple struct {
		Base
		Name         string
		DefaultValue Expr
	}
)

// Parts of statements and expressions.
type (
	// ExceptHandler is except type as name; Type may be nil, Name empty.
	ExceptHandler struct {
		Base
		Type Expr
		Name string
		Body []Stmt
	}
	// Comprehension is for target in iter if ifs.
	Comprehension struct {
		Base
		Async  bool
		Target Expr
		Iter   Expr
		Ifs    []Expr
	}
	// Arguments are the parameters of a function. Defaults belong to the last of
	// Posonlyargs and Args; KwDefaults has one for each of Kwonlyargs, nil where
	// there is none.
	Arguments struct {
		Base
		Posonlyargs []*Arg
		Args        []*Arg
		Vararg      *Arg
		Kwonlyargs  []*Arg
		KwDefaults  []Expr
		Kwarg       *Arg
		Defaults    []Expr
	}
	// Arg is one parameter; Annotation may be nil.
	Arg struct {
		Base
		Arg        string
		Annotation Expr
	}
	// Keyword is arg=value in a call; Arg is empty for **value.
	Keyword struct {
		Base
		Arg   string
		Value Expr
	}
	// Alias is name as asname in an import; Asname may be empty.
	Alias struct {
		Base
		Name   string
		Asname string
	}
	// WithItem is context_expr as optional_vars; OptionalVars may be nil.
	WithItem struct {
		Base
		ContextExpr  Expr
		OptionalVars Expr
	}
	// MatchCase is case pattern if guard; Guard may be nil.
	MatchCase struct {
		Base
		Pattern Pattern
		Guard   Expr
		Body    []Stmt
	}
)
