package python

// arena hands out nodes and lists from larger pieces, since a program has many
// small ones, and keeps the lists that are being read on stacks.
type arena struct {
	stmts    []Stmt
	exprs    []Expr
	keywords []*Keyword

	stmtLists slab[Stmt]
	exprLists slab[Expr]

	names      slab[Name]
	constants  slab[Constant]
	attributes slab[Attribute]
	calls      slab[Call]
	subscripts slab[Subscript]
	binOps     slab[BinOp]
	compares   slab[Compare]
	tuples     slab[Tuple]
	keywordsOf slab[Keyword]
	args       slab[Arg]
	exprStmts  slab[ExprStmt]
	assigns    slab[Assign]
	ifs        slab[If]
	returns    slab[Return]
}

// stackMark is how much was on the stacks.
type stackMark struct{ stmts, exprs, keywords int }

func (a *arena) mark() stackMark { return stackMark{len(a.stmts), len(a.exprs), len(a.keywords)} }

func (a *arena) reset(m stackMark) {
	a.stmts, a.exprs, a.keywords = a.stmts[:m.stmts], a.exprs[:m.exprs], a.keywords[:m.keywords]
}

// takeStmts makes a list of what is on the stack above mark.
func (a *arena) takeStmts(mark int) []Stmt {
	list := a.stmtLists.list(a.stmts[mark:])
	a.stmts = a.stmts[:mark]
	return list
}

// takeExprs makes a list of what is on the stack above mark.
func (a *arena) takeExprs(mark int) []Expr {
	list := a.exprLists.list(a.exprs[mark:])
	a.exprs = a.exprs[:mark]
	return list
}

// slab is memory for values of one type.
type slab[T any] struct {
	free []T
	size int
}

// Pieces grow from a few values, for short functions, to many.
const (
	firstPiece = 8
	lastPiece  = 512
)

func (s *slab[T]) grow(need int) {
	s.size = min(max(2*s.size, firstPiece), lastPiece)
	s.free = make([]T, max(s.size, need))
}

// put stores v and returns its place.
func (s *slab[T]) put(v T) *T {
	if len(s.free) == 0 {
		s.grow(1)
	}
	p := &s.free[0]
	s.free = s.free[1:]
	*p = v
	return p
}

// list copies values into a list of exactly their number; nil for none.
func (s *slab[T]) list(values []T) []T {
	n := len(values)
	if n == 0 {
		return nil
	}
	if len(s.free) < n {
		s.grow(n)
	}
	list := s.free[:n:n]
	s.free = s.free[n:]
	copy(list, values)
	return list
}
