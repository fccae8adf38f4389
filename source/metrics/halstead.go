package metrics

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"hone/source/python"
)

// Halstead holds Halstead's measures (M. H. Halstead, Elements of Software
// Science, 1977) as radon 5.1 counts them: operators are those of expressions and
// augmented assignments, operands what stands beside them; calls, plain
// assignments, attributes and subscripts count nowhere.
//
// Names, attributes and strings of the same spelling are one operand in all
// functions of one name, and so are equal numbers (1, 1.0 and True). Any other
// operand is only itself.
type Halstead struct {
	DistinctOperators int `json:"distinct_operators"` // h1
	DistinctOperands  int `json:"distinct_operands"`  // h2
	Operators         int `json:"operators"`          // N1
	Operands          int `json:"operands"`           // N2
	Vocabulary        int `json:"vocabulary"`         // h = h1 + h2
	Length            int `json:"length"`             // N = N1 + N2
	// CalculatedLength is h1 log2 h1 + h2 log2 h2, in symbols.
	CalculatedLength float64 `json:"calculated_length"`
	// Volume is V = N log2 h, in bits.
	Volume float64 `json:"volume"`
	// Difficulty is D = h1/2 × N2/h2.
	Difficulty float64 `json:"difficulty"`
	// Effort is D × V.
	Effort float64 `json:"effort"`
	// Time is Effort / 18, in seconds.
	Time float64 `json:"time"`
	// Bugs is V / 3000, an estimate of how many the program has.
	Bugs float64 `json:"bugs"`
}

func halstead(f *python.FunctionDef) Halstead {
	v := newHalsteadVisitor()
	v.visit(f)
	return v.report()
}

func halsteadModule(m *python.Module) Halstead {
	v := newHalsteadVisitor()
	v.visit(m)
	return v.report()
}

type halsteadVisitor struct {
	operatorsSeen       uint32 // a bit each
	operandsSeen        map[operand]struct{}
	others              int // operands that nothing else equals
	operators, operands int
	context             string // name of the innermost function around
}

// operand is what radon tells operands apart by.
type operand struct {
	context string
	kind    operandKind
	text    string
}

type operandKind uint8

const (
	textOperand operandKind = iota // names, attributes, strings
	bytesOperand
	numberOperand
	singletonOperand // None and ...
)

func newHalsteadVisitor() *halsteadVisitor {
	return &halsteadVisitor{operandsSeen: map[operand]struct{}{}}
}

func (v *halsteadVisitor) visit(n python.Node) {
	switch n := n.(type) {
	case *python.FunctionDef: // without decorators, parameters and annotations
		around := v.context
		v.context = n.Name
		for _, s := range n.Body {
			v.visit(s)
		}
		v.context = around
		return
	case *python.BinOp:
		v.operation(binary+int(n.Op), n.Left, n.Right)
	case *python.UnaryOp:
		v.operation(unary+int(n.Op), n.Operand)
	case *python.BoolOp:
		v.operation(boolean+int(n.Op), n.Values...)
	case *python.AugAssign:
		v.operation(binary+int(n.Op), n.Target, n.Value)
	case *python.Compare:
		for i, op := range n.Ops {
			v.operation(comparison+int(op), n.Comparators[i])
		}
		v.operand(n.Left)
	}
	python.Children(n, v.visit)
}

// Where the operators of each kind begin among all.
const (
	binary     = 0
	unary      = binary + int(python.FloorDiv) + 1
	boolean    = unary + int(python.USub) + 1
	comparison = boolean + int(python.Or) + 1
)

func (v *halsteadVisitor) operation(operator int, operands ...python.Expr) {
	v.operators++
	v.operatorsSeen |= 1 << operator
	for _, e := range operands {
		v.operand(e)
	}
}

func (v *halsteadVisitor) operand(e python.Expr) {
	v.operands++
	key := operand{context: v.context}
	switch e := e.(type) {
	case *python.Name:
		key.kind, key.text = textOperand, e.ID
	case *python.Attribute:
		key.kind, key.text = textOperand, e.Attr
	case *python.Constant:
		key.kind, key.text = constantOperand(e)
	default:
		v.others++
		return
	}
	v.operandsSeen[key] = struct{}{}
}

// constantOperand gives constants that are equal in Python the same text.
func constantOperand(c *python.Constant) (operandKind, string) {
	switch c.Kind {
	case python.StrConstant:
		return textOperand, c.Value
	case python.BytesConstant:
		return bytesOperand, c.Value
	case python.TrueConstant:
		return numberOperand, "1"
	case python.FalseConstant:
		return numberOperand, "0"
	case python.IntConstant:
		return numberOperand, c.Value
	case python.FloatConstant:
		return numberOperand, floatText(c.Value)
	case python.ComplexConstant: // always imaginary, in which only 0 equals a real number
		if x := floatText(strings.TrimSuffix(c.Value, "j")); x != "0" {
			return numberOperand, x + "j"
		}
		return numberOperand, "0"
	case python.NoneConstant:
		return singletonOperand, "None"
	}
	return singletonOperand, "..."
}

// floatText writes a float as the integer that equals it, if one does.
func floatText(repr string) string {
	x, err := strconv.ParseFloat(repr, 64)
	if err != nil || math.IsInf(x, 0) || x != math.Trunc(x) {
		return repr
	}
	i, _ := big.NewFloat(x).Int(nil)
	return i.String()
}

func (v *halsteadVisitor) report() Halstead {
	h1, h2 := bits.OnesCount32(v.operatorsSeen), len(v.operandsSeen)+v.others
	h := Halstead{
		DistinctOperators: h1, DistinctOperands: h2,
		Operators: v.operators, Operands: v.operands,
		Vocabulary: h1 + h2, Length: v.operators + v.operands,
	}
	if h1 == 0 || h2 == 0 { // no operator has no operand and the other way round
		return h
	}
	x1, x2 := float64(h1), float64(h2)
	h.CalculatedLength = x1*math.Log2(x1) + x2*math.Log2(x2)
	h.Volume = float64(h.Length) * math.Log2(float64(h.Vocabulary))
	h.Difficulty = x1 * float64(h.Operands) / (2 * x2)
	h.Effort = h.Difficulty * h.Volume
	h.Time = h.Effort / 18
	h.Bugs = h.Volume / 3000
	return h
}
