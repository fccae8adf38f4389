package python

// sym is the operator or keyword a token is, so that the parser compares small
// numbers and not text.
type sym uint8

const (
	noSym sym = iota

	lpar
	rpar
	lsqb
	rsqb
	lbrace
	rbrace
	comma
	colon
	semi
	dot
	ellipsis
	assign // =
	walrus // :=
	arrow  // ->
	bang   // !
	plus   // +
	minus  // -
	star   // *
	doublestar
	slash // /
	doubleslash
	percent // %
	at      // @
	lshift  // <<
	rshift  // >>
	amper   // &
	vbar    // |
	circumflex
	tilde
	less
	greater
	eqequal
	notequal
	lessequal
	greaterequal

	// Augmented assignments, in the order of [Operator].
	plusAssign
	minusAssign
	starAssign
	atAssign
	slashAssign
	percentAssign
	doublestarAssign
	lshiftAssign
	rshiftAssign
	vbarAssign
	circumflexAssign
	amperAssign
	doubleslashAssign

	// Keywords, hard ones only.
	kwFalse
	kwNone
	kwTrue
	kwAnd
	kwAs
	kwAssert
	kwAsync
	kwAwait
	kwBreak
	kwClass
	kwContinue
	kwDef
	kwDel
	kwElif
	kwElse
	kwExcept
	kwFinally
	kwFor
	kwFrom
	kwGlobal
	kwIf
	kwImport
	kwIn
	kwIs
	kwLambda
	kwNonlocal
	kwNot
	kwOr
	kwPass
	kwRaise
	kwReturn
	kwTry
	kwWhile
	kwWith
	kwYield
)

// keyword is the keyword that name is, or noSym. A switch on strings is
// compiled to comparisons by length, which is faster than a map.
func keyword(name []byte) sym {
	switch string(name) {
	case "False":
		return kwFalse
	case "None":
		return kwNone
	case "True":
		return kwTrue
	case "and":
		return kwAnd
	case "as":
		return kwAs
	case "assert":
		return kwAssert
	case "async":
		return kwAsync
	case "await":
		return kwAwait
	case "break":
		return kwBreak
	case "class":
		return kwClass
	case "continue":
		return kwContinue
	case "def":
		return kwDef
	case "del":
		return kwDel
	case "elif":
		return kwElif
	case "else":
		return kwElse
	case "except":
		return kwExcept
	case "finally":
		return kwFinally
	case "for":
		return kwFor
	case "from":
		return kwFrom
	case "global":
		return kwGlobal
	case "if":
		return kwIf
	case "import":
		return kwImport
	case "in":
		return kwIn
	case "is":
		return kwIs
	case "lambda":
		return kwLambda
	case "nonlocal":
		return kwNonlocal
	case "not":
		return kwNot
	case "or":
		return kwOr
	case "pass":
		return kwPass
	case "raise":
		return kwRaise
	case "return":
		return kwReturn
	case "try":
		return kwTry
	case "while":
		return kwWhile
	case "with":
		return kwWith
	case "yield":
		return kwYield
	}
	return noSym
}
