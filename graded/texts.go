package graded

import (
	"slices"
	"strings"
)

func text(x any) string { return x.(string) }

func ofText(f func(s string) any) func(x, k any) (any, bool) {
	return func(x, _ any) (any, bool) { return f(text(x)), true }
}

func ofTexts(f func(s, k string) any) func(x, k any) (any, bool) {
	return func(x, k any) (any, bool) { return f(text(x), text(k)), true }
}

func reversed(s string) any {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// method is the code of a method call; {k} is the operand.
func method(call string) func(x, k term) term {
	return func(x, k term) term { return atom(x.in(precAtom) + strings.ReplaceAll(call, "{k}", k.text)) }
}

var textFunctions = []function{
	{
		name: "upper", from: Str, to: Str, kind: call, lists: true, eval: ofText(func(s string) any { return strings.ToUpper(s) }), code: method(".upper()"),
		noun: []string{"the uppercase form of {x}"}, infix: []string{"{x} in uppercase"}, each: []string{"the uppercase forms of {x}"}, do: []string{"convert it to uppercase"}, doEach: []string{"convert each to uppercase"}, near: []string{"capital"},
	},
	{
		name: "capital", from: Str, to: Str, kind: call, lists: true, eval: ofText(func(s string) any { return strings.ToUpper(s[:min(1, len(s))]) + strings.ToLower(s[min(1, len(s)):]) }), code: method(".capitalize()"),
		noun: []string{"the capitalized form of {x}"}, each: []string{"the capitalized forms of {x}"}, do: []string{"capitalize it"}, doEach: []string{"capitalize each"}, near: []string{"upper"},
	},
	{
		name: "flip", from: Str, to: Str, kind: arith, lists: true, eval: ofText(reversed), code: method("[::-1]"),
		noun: []string{"the reverse of {x}"}, infix: []string{"{x} reversed"}, each: []string{"the reverses of {x}"}, do: []string{"reverse it"}, doEach: []string{"reverse each"},
	},
	{
		name: "head", from: Str, to: Str, kind: arith, takes: small, lists: true, eval: before, code: method("[:{k}]"),
		noun: []string{"the first {k} characters of {x}"}, each: []string{"the first {k} characters of each of {x}"}, do: []string{"keep its first {k} characters"}, doEach: []string{"keep the first {k} characters of each"}, near: []string{"behead"},
	},
	{
		name: "behead", from: Str, to: Str, kind: arith, takes: small, lists: true, eval: after, code: method("[{k}:]"),
		noun: []string{"all but the first {k} characters of {x}"}, each: []string{"all but the first {k} characters of each of {x}"}, do: []string{"drop its first {k} characters"}, doEach: []string{"drop the first {k} characters of each"}, near: []string{"head"},
	},
	{
		name: "append", from: Str, to: Str, kind: arith, takes: letter, lists: true, eval: ofTexts(func(s, k string) any { return s + k }), code: binary("+", precAdd),
		noun: []string{"the result of appending {k} to {x}"}, infix: []string{"{x} followed by {k}"}, each: []string{"the results of appending {k} to each of {x}"}, do: []string{"append {k}"}, doEach: []string{"append {k} to each"}, near: []string{"prepend"},
	},
	{
		name: "prepend", from: Str, to: Str, kind: arith, takes: letter, lists: true, eval: ofTexts(func(s, k string) any { return k + s }),
		code: func(x, k term) term { return term{k.in(precAdd) + " + " + x.in(precMul), precAdd} },
		noun: []string{"{k} followed by {x}"}, each: []string{"the results of prepending {k} to each of {x}"}, do: []string{"prepend {k}"}, doEach: []string{"prepend {k} to each"}, near: []string{"append"},
	},
	{
		name: "repeat", from: Str, to: Str, kind: arith, takes: small, lists: true, eval: func(x, k any) (any, bool) {
			if num(k) < 0 || num(k) > 20 {
				return nil, false
			}
			return strings.Repeat(text(x), int(num(k))), true
		}, code: binary("*", precMul),
		noun: []string{"{k} repetitions of {x}"}, infix: []string{"{x} repeated {k} times"}, each: []string{"{k} repetitions of each of {x}"}, do: []string{"repeat it {k} times"}, doEach: []string{"repeat each {k} times"},
	},
	{
		name: "without", from: Str, to: Str, kind: call, takes: letter, lists: true, eval: ofTexts(func(s, k string) any { return strings.ReplaceAll(s, k, "") }), code: method(".replace({k}, '')"),
		noun: []string{"the text left after removing every {k} from {x}"}, each: []string{"the texts left after removing every {k} from each of {x}"}, do: []string{"remove every {k}"}, doEach: []string{"remove every {k} from each"},
	},
	{
		name: "length", from: Str, to: Int, kind: call, lists: true, eval: ofText(func(s string) any { return int64(len(s)) }), code: called("len"),
		noun: []string{"the length of {x}"}, each: []string{"the lengths of {x}"}, do: []string{"take its length"}, doEach: []string{"take the length of each"},
	},
	{
		name: "occurs", from: Str, to: Int, kind: call, takes: letter, lists: true, eval: ofTexts(func(s, k string) any { return int64(strings.Count(s, k)) }), code: method(".count({k})"),
		noun: []string{"the number of times {k} occurs in {x}"}, each: []string{"the numbers of times {k} occurs in each of {x}"}, do: []string{"count how often {k} occurs in it"}, doEach: []string{"count how often {k} occurs in each"}, near: []string{"length"},
	},
}

func starting(name string) func(x, k term) term { return method("." + name + "({k})") }

func negated(f func(x, k term) term) func(x, k term) term {
	return func(x, k term) term { return term{"not " + f(x, k).in(precCompare), precNot} }
}

func contains(op string) func(x, k term) term {
	return func(x, k term) term { return term{k.in(precAdd) + " " + op + " " + x.in(precAdd), precCompare} }
}

func lengthIs(op string) func(x, k term) term {
	return func(x, k term) term { return term{"len(" + x.text + ") " + op + " " + k.in(precAdd), precCompare} }
}

var textPredicates = []predicate{
	{name: "longer", of: Str, takes: small, eval: func(x, k any) bool { return int64(len(text(x))) > num(k) }, code: lengthIs(">"), not: lengthIs("<="), post: "longer than {k}", is: "is longer than {k}", near: []string{"shorter"}},
	{name: "shorter", of: Str, takes: small, eval: func(x, k any) bool { return int64(len(text(x))) < num(k) }, code: lengthIs("<"), not: lengthIs(">="), post: "shorter than {k}", is: "is shorter than {k}", near: []string{"longer"}},
	{name: "starts", of: Str, takes: letter, eval: func(x, k any) bool { return strings.HasPrefix(text(x), text(k)) }, code: starting("startswith"), not: negated(starting("startswith")), post: "starting with {k}", is: "starts with {k}", near: []string{"ends", "has"}},
	{name: "ends", of: Str, takes: letter, eval: func(x, k any) bool { return strings.HasSuffix(text(x), text(k)) }, code: starting("endswith"), not: negated(starting("endswith")), post: "ending with {k}", is: "ends with {k}", near: []string{"starts", "has"}},
	{name: "has", of: Str, takes: letter, eval: func(x, k any) bool { return strings.Contains(text(x), text(k)) }, code: contains("in"), not: contains("not in"), post: "containing {k}", is: "contains {k}", near: []string{"lacks", "starts"}},
	{name: "lacks", of: Str, takes: letter, eval: func(x, k any) bool { return !strings.Contains(text(x), text(k)) }, code: contains("not in"), not: contains("in"), post: "not containing {k}", is: "does not contain {k}", near: []string{"has"}},
}

func ofTextList(f func(ws []string) (any, bool)) func(x, k any) (any, bool) {
	return func(x, _ any) (any, bool) { return f(x.([]string)) }
}

// bestBy is the first string whose length is the most by sign.
func bestBy(sign int) func(ws []string) (any, bool) {
	return func(ws []string) (any, bool) {
		if len(ws) == 0 {
			return nil, false
		}
		best := ws[0]
		for _, w := range ws {
			if sign*(len(w)-len(best)) > 0 {
				best = w
			}
		}
		return best, true
	}
}

func sortedTexts(f func(ws []string)) func(x, k any) (any, bool) {
	return ofTextList(func(ws []string) (any, bool) {
		out := slices.Clone(ws)
		f(out)
		return out, true
	})
}

func joined(sep string) *op {
	names := map[string]string{"": "join", " ": "join:space", "-": "join:dash", ",": "join:comma"}
	words := map[string]string{"": "", " ": " by spaces", "-": " by '-'", ",": " by ','"}
	noun := "the text, joined" + words[sep] + ", of {x}"
	return &op{
		name: names[sep], from: Strs, to: Str, kind: fold,
		eval: ofTextList(func(ws []string) (any, bool) { return strings.Join(ws, sep), true }),
		code: func(g *coder, _ term) {
			var a *accumulator
			if sep == "" {
				a = &accumulator{"out", "''", "out += {e}"}
			}
			g.fold("'"+sep+"'.join", a)
		},
		noun: []string{noun}, do: []string{"join them" + words[sep]}, near: []string{"join", "join:dash"},
	}
}

var textLists = []*op{
	joined(""), joined(" "), joined("-"), joined(","),
	{name: "len:strs", from: Strs, to: Int, kind: fold, eval: ofTextList(func(ws []string) (any, bool) { return int64(len(ws)), true }), code: func(g *coder, _ term) { g.count() }, noun: []string{"the number of {x}"}, do: []string{"count them"}},
	{name: "first:strs", from: Strs, to: Str, kind: fold, eval: ofTextList(func(ws []string) (any, bool) {
		if len(ws) == 0 {
			return nil, false
		}
		return ws[0], true
	}), code: slicing("0"), noun: []string{"the first of {x}"}, do: []string{"take the first"}, near: []string{"last:strs"}},
	{name: "last:strs", from: Strs, to: Str, kind: fold, eval: ofTextList(func(ws []string) (any, bool) {
		if len(ws) == 0 {
			return nil, false
		}
		return ws[len(ws)-1], true
	}), code: slicing("-1"), noun: []string{"the last of {x}"}, do: []string{"take the last"}, near: []string{"first:strs"}},
	{name: "sorted:strs", from: Strs, to: Strs, kind: order, eval: sortedTexts(func(ws []string) { slices.Sort(ws) }), code: ordering("sorted(", ")"), noun: []string{"the alphabetical list of {x}"}, do: []string{"sort them alphabetically"}, near: []string{"bylen"}},
	{name: "bylen", from: Strs, to: Strs, kind: order, eval: sortedTexts(func(ws []string) {
		slices.SortStableFunc(ws, func(a, b string) int { return len(a) - len(b) })
	}), code: ordering("sorted(", ", key=len)"), noun: []string{"the shortest-first list of {x}"}, do: []string{"sort them by length"}, near: []string{"sorted:strs"}},
	{name: "reverse:strs", from: Strs, to: Strs, kind: order, eval: sortedTexts(func(ws []string) { slices.Reverse(ws) }), code: slicing("::-1"), noun: []string{"the reversed list of {x}"}, do: []string{"reverse their order"}},
	{name: "take:strs", from: Strs, to: Strs, kind: order, takes: small, eval: before, code: slicing(":{k}"), noun: []string{"the first {k} of {x}"}, do: []string{"keep the first {k}"}, near: []string{"drop:strs"}},
	{name: "drop:strs", from: Strs, to: Strs, kind: order, takes: small, eval: after, code: slicing("{k}:"), noun: []string{"all but the first {k} of {x}"}, do: []string{"drop the first {k}"}, near: []string{"take:strs"}},
	{name: "distinct:strs", from: Strs, to: Strs, kind: order, eval: distinct, code: ordering("list(dict.fromkeys(", "))"), noun: []string{"the list without repeats of {x}"}, do: []string{"remove repeats"}},
}

// sources turn one value into a list.
var sources = []*op{
	{
		name: "words", from: Str, to: Strs, kind: spread, eval: ofText(func(s string) any { return strings.Fields(s) }),
		code: func(g *coder, _ term) { g.set(atom(g.value().in(precAtom) + ".split()")) }, noun: []string{"the words of {x}"}, do: []string{"split it into words"}, near: []string{"chars"},
	},
	{
		name: "chars", from: Str, to: Strs, kind: spread, eval: ofText(func(s string) any {
			out := []string{}
			for i := range s {
				out = append(out, s[i:i+1])
			}
			return out
		}),
		code: func(g *coder, _ term) { g.over("c", g.value().text, "list("+g.value().text+")") }, noun: []string{"the characters of {x}"}, do: []string{"split it into characters"}, near: []string{"words"},
	},
	{
		name: "upto", from: Int, to: Ints, kind: spread, eval: func(x, _ any) (any, bool) {
			out := []int64{}
			if num(x) > 40 {
				return nil, false
			}
			for i := int64(1); i <= num(x); i++ {
				out = append(out, i)
			}
			return out, true
		},
		code: func(g *coder, _ term) {
			r := "range(1, " + g.value().in(precAdd) + " + 1)"
			g.over("i", r, "list("+r+")")
		}, noun: []string{"the numbers from 1 to {x}"}, do: []string{"list the numbers from 1 to it"}, near: []string{"belowit"},
	},
	{
		name: "belowit", from: Int, to: Ints, kind: spread, eval: func(x, _ any) (any, bool) {
			out := []int64{}
			if num(x) > 40 {
				return nil, false
			}
			for i := range num(x) {
				out = append(out, i)
			}
			return out, true
		},
		code: func(g *coder, _ term) {
			r := "range(" + g.value().text + ")"
			g.over("i", r, "list("+r+")")
		}, noun: []string{"the numbers from 0 up to but not including {x}"}, do: []string{"list the numbers from 0 up to but not including it"}, near: []string{"upto"},
	},
}
