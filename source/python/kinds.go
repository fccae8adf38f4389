package python

// Context says what happens to a name, attribute, element or sequence.
type Context uint8

// The contexts.
const (
	Load Context = iota
	Store
	Del
)

// String is CPython's name of the context.
func (c Context) String() string { return [...]string{"Load", "Store", "Del"}[c] }

// ConstantKind is the type of a [Constant].
type ConstantKind uint8

// The kinds of constants.
const (
	NoneConstant ConstantKind = iota
	TrueConstant
	FalseConstant
	EllipsisConstant
	IntConstant
	FloatConstant
	ComplexConstant
	StrConstant
	BytesConstant
)

// BoolOperator is and, or.
type BoolOperator uint8

// The boolean operators.
const (
	And BoolOperator = iota
	Or
)

// String is CPython's name of the operator.
func (o BoolOperator) String() string { return [...]string{"And", "Or"}[o] }

// Operator is an operator of two operands that yields a value.
type Operator uint8

// The operators, in CPython's order.
const (
	Add Operator = iota
	Sub
	Mult
	MatMult
	Div
	Mod
	Pow
	LShift
	RShift
	BitOr
	BitXor
	BitAnd
	FloorDiv
)

// String is CPython's name of the operator.
func (o Operator) String() string {
	return [...]string{
		"Add", "Sub", "Mult", "MatMult", "Div", "Mod", "Pow", "LShift", "RShift",
		"BitOr", "BitXor", "BitAnd", "FloorDiv",
	}[o]
}

// UnaryOperator is an operator of one operand.
type UnaryOperator uint8

// The unary operators.
const (
	Invert UnaryOperator = iota
	Not
	UAdd
	USub
)

// String is CPython's name of the operator.
func (o UnaryOperator) String() string {
	return [...]string{"Invert", "Not", "UAdd", "USub"}[o]
}

// CompareOperator is an operator of a comparison.
type CompareOperator uint8

// The comparisons.
const (
	Eq CompareOperator = iota
	NotEq
	Lt
	LtE
	Gt
	GtE
	Is
	IsNot
	In
	NotIn
)

// String is CPython's name of the operator.
func (o CompareOperator) String() string {
	return [...]string{"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "Is", "IsNot", "In", "NotIn"}[o]
}
