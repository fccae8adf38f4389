package graded

import (
	"slices"
	"strings"
)

func num(x any) int64 { return x.(int64) }

// floorMod and floorDiv are Python's % and //, for k above 0.
func floorMod(a, k int64) int64 { return ((a % k) + k) % k }
func floorDiv(a, k int64) int64 { return (a - floorMod(a, k)) / k }

func ofInt(f func(x int64) int64) func(x, k any) (any, bool) {
	return func(x, _ any) (any, bool) { return f(num(x)), true }
}

func ofInts(f func(x, k int64) int64) func(x, k any) (any, bool) {
	return func(x, k any) (any, bool) { return f(num(x), num(k)), true }
}

// binary is the code of an operator with the operand on its right.
func binary(op string, prec int) func(x, k term) term {
	return func(x, k term) term { return term{x.in(prec) + " " + op + " " + k.in(prec+1), prec} }
}

func called(name string) func(x, k term) term {
	return func(x, _ term) term { return atom(name + "(" + x.text + ")") }
}

func called2(name string) func(x, k term) term {
	return func(x, k term) term { return atom(name + "(" + x.text + ", " + k.text + ")") }
}

var intFunctions = []function{
	{
		name: "add", kind: arith, takes: number, lists: true, eval: ofInts(func(x, k int64) int64 { return x + k }),
		code: binary("+", precAdd),
		noun: []string{"{k} plus {x}", "the sum of {k} and {x}"}, infix: []string{"{x} plus {k}"}, each: []string{"the results of {k} plus each of {x}"},
		do: []string{"add {k}"}, doEach: []string{"add {k} to each"}, near: []string{"sub", "mul"},
	},
	{
		name: "sub", kind: arith, takes: number, lists: true, eval: ofInts(func(x, k int64) int64 { return x - k }),
		code: binary("-", precAdd),
		noun: []string{"{k} less than {x}"}, infix: []string{"{x} minus {k}"}, each: []string{"the results of taking {k} from each of {x}"},
		do: []string{"subtract {k}"}, doEach: []string{"subtract {k} from each"}, near: []string{"rsub", "add"},
	},
	{
		name: "rsub", kind: arith, takes: number, lists: true, eval: ofInts(func(x, k int64) int64 { return k - x }),
		code: func(x, k term) term { return term{k.in(precAdd) + " - " + x.in(precMul), precAdd} },
		noun: []string{"{k} minus {x}"}, each: []string{"the results of {k} minus each of {x}"},
		do: []string{"subtract it from {k}"}, doEach: []string{"subtract each from {k}"}, near: []string{"sub"},
	},
	{
		name: "mul", kind: arith, takes: number, lists: true, eval: ofInts(func(x, k int64) int64 { return x * k }),
		code: binary("*", precMul),
		noun: []string{"{k} times {x}", "the product of {k} and {x}"}, infix: []string{"{x} times {k}"}, each: []string{"the results of {k} times each of {x}"},
		do: []string{"multiply by {k}"}, doEach: []string{"multiply each by {k}"}, near: []string{"add"},
	},
	{
		name: "mod", kind: arith, takes: small, lists: true, eval: func(x, k any) (any, bool) {
			if num(k) < 1 {
				return nil, false
			}
			return floorMod(num(x), num(k)), true
		},
		code: binary("%", precMul),
		noun: []string{"the remainder modulo {k} of {x}"}, infix: []string{"{x} modulo {k}"}, each: []string{"the remainders modulo {k} of {x}"},
		do: []string{"take the remainder modulo {k}"}, doEach: []string{"take each modulo {k}"}, near: []string{"div"},
	},
	{
		name: "div", kind: arith, takes: small, lists: true, eval: func(x, k any) (any, bool) {
			if num(k) < 1 {
				return nil, false
			}
			return floorDiv(num(x), num(k)), true
		},
		code: binary("//", precMul),
		noun: []string{"the floored quotient by {k} of {x}"}, infix: []string{"{x} divided by {k}, rounded down"}, each: []string{"the floored quotients by {k} of {x}"},
		do: []string{"divide by {k} rounding down"}, doEach: []string{"divide each by {k} rounding down"}, near: []string{"mod"},
	},
	{
		name: "square", kind: arith, lists: true, eval: ofInt(func(x int64) int64 { return x * x }),
		code: func(x, _ term) term {
			if x.name() {
				return term{x.text + " * " + x.text, precMul}
			}
			return term{x.in(precAtom) + " ** 2", precPow}
		},
		noun: []string{"the square of {x}"}, infix: []string{"{x} squared"}, each: []string{"the squares of {x}"},
		do: []string{"square it"}, doEach: []string{"square each"}, near: []string{"neg"},
	},
	{
		name: "neg", kind: arith, lists: true, eval: ofInt(func(x int64) int64 { return -x }),
		code: func(x, _ term) term { return term{"-" + x.in(precUnary), precUnary} },
		noun: []string{"the negative of {x}"}, each: []string{"the negatives of {x}"},
		do: []string{"negate it"}, doEach: []string{"negate each"}, near: []string{"abs"},
	},
	{
		name: "abs", kind: call, lists: true, eval: ofInt(func(x int64) int64 { return max(x, -x) }), code: called("abs"),
		noun: []string{"the absolute value of {x}"}, each: []string{"the absolute values of {x}"},
		do: []string{"take the absolute value"}, doEach: []string{"take the absolute value of each"}, near: []string{"neg"},
	},
	{
		name: "atleast", kind: call, takes: number, lists: true, eval: ofInts(func(x, k int64) int64 { return max(x, k) }), code: called2("max"),
		noun: []string{"the larger of {k} and {x}"}, each: []string{"the values, but at least {k}, of {x}"},
		do: []string{"make it at least {k}"}, doEach: []string{"make each at least {k}"}, near: []string{"atmost"},
	},
	{
		name: "atmost", kind: call, takes: number, lists: true, eval: ofInts(func(x, k int64) int64 { return min(x, k) }), code: called2("min"),
		noun: []string{"the smaller of {k} and {x}"}, each: []string{"the values, but at most {k}, of {x}"},
		do: []string{"make it at most {k}"}, doEach: []string{"make each at most {k}"}, near: []string{"atleast"},
	},
}

func ofPredicate(f func(x, k int64) bool) func(x, k any) bool {
	return func(x, k any) bool {
		n, _ := k.(int64)
		return f(num(x), n)
	}
}

// compare is the code of a comparison with fixed text on its right, or with the operand.
func compare(op, right string) func(x, k term) term {
	return func(x, k term) term {
		r := right
		if r == "" {
			r = k.in(precAdd)
		}
		return term{x.in(precAdd) + " " + op + " " + r, precCompare}
	}
}

func divides(op string) func(x, k term) term {
	return func(x, k term) term {
		return term{x.in(precMul) + " % " + k.in(precUnary) + " " + op + " 0", precCompare}
	}
}

func parity(op string) func(x, k term) term {
	return func(x, _ term) term { return term{x.in(precMul) + " % 2 " + op, precCompare} }
}

var intPredicates = []predicate{
	{name: "even", of: Int, eval: ofPredicate(func(x, _ int64) bool { return x%2 == 0 }), code: parity("== 0"), not: parity("!= 0"), pre: "even", is: "is even", near: []string{"odd"}},
	{name: "odd", of: Int, eval: ofPredicate(func(x, _ int64) bool { return x%2 != 0 }), code: parity("== 1"), not: parity("== 0"), pre: "odd", is: "is odd", near: []string{"even"}},
	{name: "positive", of: Int, eval: ofPredicate(func(x, _ int64) bool { return x > 0 }), code: compare(">", "0"), not: compare("<=", "0"), pre: "positive", is: "is positive", near: []string{"negative", "nonzero"}},
	{name: "negative", of: Int, eval: ofPredicate(func(x, _ int64) bool { return x < 0 }), code: compare("<", "0"), not: compare(">=", "0"), pre: "negative", is: "is negative", near: []string{"positive"}},
	{name: "nonzero", of: Int, eval: ofPredicate(func(x, _ int64) bool { return x != 0 }), code: compare("!=", "0"), not: compare("==", "0"), pre: "nonzero", is: "is not zero", near: []string{"positive"}},
	{name: "above", of: Int, takes: number, eval: ofPredicate(func(x, k int64) bool { return x > k }), code: compare(">", ""), not: compare("<=", ""), post: "greater than {k}", is: "is greater than {k}", near: []string{"least", "below"}},
	{name: "below", of: Int, takes: number, eval: ofPredicate(func(x, k int64) bool { return x < k }), code: compare("<", ""), not: compare(">=", ""), post: "less than {k}", is: "is less than {k}", near: []string{"above", "least"}},
	{name: "least", of: Int, takes: number, eval: ofPredicate(func(x, k int64) bool { return x >= k }), code: compare(">=", ""), not: compare("<", ""), post: "of at least {k}", is: "is at least {k}", near: []string{"above"}},
	{name: "multiple", of: Int, takes: small, eval: ofPredicate(func(x, k int64) bool { return x%k == 0 }), code: divides("=="), not: divides("!="), post: "divisible by {k}", is: "is divisible by {k}", near: []string{"indivisible"}, divides: true},
	{name: "indivisible", of: Int, takes: small, eval: ofPredicate(func(x, k int64) bool { return x%k != 0 }), code: divides("!="), not: divides("=="), post: "not divisible by {k}", is: "is not divisible by {k}", near: []string{"multiple"}, divides: true},
}

func ofIntList(f func(xs []int64) (int64, bool)) func(x, k any) (any, bool) {
	return func(x, _ any) (any, bool) {
		n, ok := f(x.([]int64))
		return n, ok
	}
}

func sum(xs []int64) (int64, bool) {
	n := int64(0)
	for _, x := range xs {
		n += x
	}
	return n, true
}

func product(xs []int64) (int64, bool) {
	n := int64(1)
	for _, x := range xs {
		if n *= x; tooLarge(n) {
			return 0, false
		}
	}
	return n, true
}

func extreme(f func([]int64) int64) func(xs []int64) (int64, bool) {
	return func(xs []int64) (int64, bool) {
		if len(xs) == 0 {
			return 0, false
		}
		return f(xs), true
	}
}

// cutAt returns the elements before and after position k of a list or text, as slices in
// Python do; false where k is negative, which slices take otherwise.
func cutAt(x, k any) (before, after any, ok bool) {
	n := num(k)
	if n < 0 {
		return nil, nil, false
	}
	switch v := x.(type) {
	case string:
		i := min(int(n), len(v))
		return v[:i], v[i:], true
	case []int64:
		i := min(int(n), len(v))
		return v[:i], v[i:], true
	case []string:
		i := min(int(n), len(v))
		return v[:i], v[i:], true
	}
	return nil, nil, false
}

func before(x, k any) (any, bool) { b, _, ok := cutAt(x, k); return b, ok }
func after(x, k any) (any, bool)  { _, a, ok := cutAt(x, k); return a, ok }

func ordered(f func(xs []int64)) func(x, k any) (any, bool) {
	return func(x, _ any) (any, bool) {
		out := slices.Clone(x.([]int64))
		f(out)
		return out, true
	}
}

// distinct keeps first occurrences, as dict.fromkeys does.
func distinct(x, _ any) (any, bool) {
	var out []any
	for _, e := range elements(x) {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	if _, ok := x.([]string); ok {
		return list(Str, out), true
	}
	return list(Int, out), true
}

// folding is the code of a built-in over the elements.
func folding(name string) func(g *coder, k term) {
	return func(g *coder, _ term) { g.fold(name, nil) }
}

// ordering is the code of a built-in over a whole list, with more arguments behind it.
func ordering(before, after string) func(g *coder, k term) {
	return func(g *coder, _ term) { g.set(atom(before + g.iterable() + after)) }
}

// slicing is the code of a slice; {k} is the operand.
func slicing(s string) func(g *coder, k term) {
	return func(g *coder, k term) {
		g.set(atom(g.value().in(precAtom) + "[" + strings.ReplaceAll(s, "{k}", k.text) + "]"))
	}
}

var intLists = []*op{
	{
		name: "sum", from: Ints, to: Int, kind: fold, eval: ofIntList(sum),
		code: func(g *coder, _ term) { g.fold("sum", &accumulator{"total", "0", "total += {e}"}) },
		noun: []string{"the sum of {x}", "the total of {x}"}, do: []string{"add them up", "sum them"}, near: []string{"product", "len:ints"},
	},
	{
		name: "product", from: Ints, to: Int, kind: loop, eval: ofIntList(product),
		code: func(g *coder, _ term) { g.accumulate(&accumulator{"result", "1", "result *= {e}"}) },
		noun: []string{"the product of {x}"}, do: []string{"multiply them together"}, near: []string{"sum"},
	},
	{name: "largest", from: Ints, to: Int, kind: fold, eval: ofIntList(extreme(slices.Max[[]int64])), code: folding("max"), noun: []string{"the largest of {x}", "the maximum of {x}"}, do: []string{"take the largest"}, near: []string{"smallest"}},
	{name: "smallest", from: Ints, to: Int, kind: fold, eval: ofIntList(extreme(slices.Min[[]int64])), code: folding("min"), noun: []string{"the smallest of {x}", "the minimum of {x}"}, do: []string{"take the smallest"}, near: []string{"largest"}},
	{
		name: "span", from: Ints, to: Int, kind: fold, eval: ofIntList(extreme(func(xs []int64) int64 { return slices.Max(xs) - slices.Min(xs) })),
		code: func(g *coder, _ term) {
			xs := g.named()
			g.set(term{"max(" + xs + ") - min(" + xs + ")", precAdd})
		},
		noun: []string{"the difference between the largest and the smallest of {x}"}, do: []string{"take the largest minus the smallest"}, near: []string{"largest"},
	},
	{name: "len:ints", from: Ints, to: Int, kind: fold, eval: ofIntList(func(xs []int64) (int64, bool) { return int64(len(xs)), true }), code: func(g *coder, _ term) { g.count() }, noun: []string{"the number of {x}"}, do: []string{"count them"}, near: []string{"sum"}},
	{name: "first:ints", from: Ints, to: Int, kind: fold, eval: ofIntList(extreme(func(xs []int64) int64 { return xs[0] })), code: slicing("0"), noun: []string{"the first of {x}"}, do: []string{"take the first"}, near: []string{"last:ints"}},
	{name: "last:ints", from: Ints, to: Int, kind: fold, eval: ofIntList(extreme(func(xs []int64) int64 { return xs[len(xs)-1] })), code: slicing("-1"), noun: []string{"the last of {x}"}, do: []string{"take the last"}, near: []string{"first:ints"}},
	{name: "ascending", from: Ints, to: Ints, kind: order, eval: ordered(slices.Sort[[]int64]), code: ordering("sorted(", ")"), noun: []string{"the ascending list of {x}"}, do: []string{"sort them in ascending order"}, near: []string{"descending"}},
	{
		name: "descending", from: Ints, to: Ints, kind: order, eval: ordered(func(xs []int64) { slices.Sort(xs); slices.Reverse(xs) }), code: ordering("sorted(", ", reverse=True)"),
		noun: []string{"the descending list of {x}"}, do: []string{"sort them in descending order"}, near: []string{"ascending", "reverse:ints"},
	},
	{name: "reverse:ints", from: Ints, to: Ints, kind: order, eval: ordered(slices.Reverse[[]int64]), code: slicing("::-1"), noun: []string{"the reversed list of {x}"}, do: []string{"reverse their order"}, near: []string{"descending"}},
	{name: "take:ints", from: Ints, to: Ints, kind: order, takes: small, eval: before, code: slicing(":{k}"), noun: []string{"the first {k} of {x}"}, do: []string{"keep the first {k}"}, near: []string{"drop:ints"}},
	{name: "drop:ints", from: Ints, to: Ints, kind: order, takes: small, eval: after, code: slicing("{k}:"), noun: []string{"all but the first {k} of {x}"}, do: []string{"drop the first {k}"}, near: []string{"take:ints"}},
	{name: "distinct:ints", from: Ints, to: Ints, kind: order, eval: distinct, code: ordering("list(dict.fromkeys(", "))"), noun: []string{"the list without repeats of {x}"}, do: []string{"remove repeats"}},
}
