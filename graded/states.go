package graded

import "slices"

// stateful steps remember something from element to element.
var stateful = []*op{
	{
		name: "running", from: Ints, to: Ints, kind: state,
		eval: func(x, _ any) (any, bool) {
			out, total := []int64{}, int64(0)
			for _, e := range x.([]int64) {
				total += e
				out = append(out, total)
			}
			return out, true
		},
		code: func(g *coder, _ term) {
			g.remember("out", "[]", []string{"total = 0"}, "total += {e}", "out.append(total)")
		},
		noun: []string{"the running totals of {x}"}, do: []string{"replace each by the running total"}, near: []string{"peaks"},
	},
	{
		name: "peaks", from: Ints, to: Ints, kind: state,
		eval: func(x, _ any) (any, bool) {
			out := []int64{}
			for i, e := range x.([]int64) {
				if i > 0 {
					e = max(e, out[i-1])
				}
				out = append(out, e)
			}
			return out, true
		},
		code: func(g *coder, _ term) {
			g.remember("out", "[]", []string{"best = None"}, "if best is None or {e} > best:", "    best = {e}", "out.append(best)")
		},
		noun: []string{"the running maximums of {x}"}, do: []string{"replace each by the running maximum"}, near: []string{"running"},
	},
	{
		name: "gaps", from: Ints, to: Ints, kind: state,
		eval: func(x, _ any) (any, bool) {
			out, xs := []int64{}, x.([]int64)
			for i := 1; i < len(xs); i++ {
				out = append(out, xs[i]-xs[i-1])
			}
			return out, true
		},
		code: func(g *coder, _ term) {
			xs := g.named()
			g.set(atom("[b - a for a, b in zip(" + xs + ", " + xs + "[1:])]"))
		},
		noun: []string{"the differences between neighbours, later minus earlier, of {x}"}, do: []string{"replace them by the differences between neighbours, later minus earlier"},
	},
	{
		name: "rises", from: Ints, to: Int, kind: state,
		eval: func(x, _ any) (any, bool) {
			n, xs := int64(0), x.([]int64)
			for i := 1; i < len(xs); i++ {
				if xs[i] > xs[i-1] {
					n++
				}
			}
			return n, true
		},
		code: func(g *coder, _ term) {
			g.remember("count", "0", []string{"last = None"}, "if last is not None and {e} > last:", "    count += 1", "last = {e}")
		},
		noun: []string{"the number of times a value is greater than the one before in the list of {x}"}, do: []string{"count how often a value is greater than the one before"}, near: []string{"falls"},
	},
	{
		name: "falls", from: Ints, to: Int, kind: state,
		eval: func(x, _ any) (any, bool) {
			n, xs := int64(0), x.([]int64)
			for i := 1; i < len(xs); i++ {
				if xs[i] < xs[i-1] {
					n++
				}
			}
			return n, true
		},
		code: func(g *coder, _ term) {
			g.remember("count", "0", []string{"last = None"}, "if last is not None and {e} < last:", "    count += 1", "last = {e}")
		},
		noun: []string{"the number of times a value is less than the one before in the list of {x}"}, do: []string{"count how often a value is less than the one before"}, near: []string{"rises"},
	},
	{
		name: "run", from: Ints, to: Int, kind: state,
		eval: func(x, _ any) (any, bool) {
			best, n, xs := int64(0), int64(0), x.([]int64)
			for i := range xs {
				if i > 0 && xs[i] == xs[i-1] {
					n++
				} else {
					n = 1
				}
				best = max(best, n)
			}
			return best, true
		},
		code: func(g *coder, _ term) {
			g.remember("best", "0", []string{"last = None"}, "n = n + 1 if {e} == last else 1", "best = max(best, n)", "last = {e}")
		},
		noun: []string{"the length of the longest run of equal values in the list of {x}"}, do: []string{"find the length of the longest run of equal values"},
	},
	{
		name: "balance", from: Ints, to: Int, kind: state,
		eval: func(x, _ any) (any, bool) {
			n := int64(0)
			for _, e := range x.([]int64) {
				n = max(0, n+e)
			}
			return n, true
		},
		code: func(g *coder, _ term) { g.remember("total", "0", nil, "total = max(0, total + {e})") },
		noun: []string{"the total that is never let below 0 of {x}"}, do: []string{"add them up one by one, never letting the total below 0"}, near: []string{"sum"},
	},
	{
		name: "alternate", from: Ints, to: Int, kind: state,
		eval: func(x, _ any) (any, bool) {
			n, sign := int64(0), int64(1)
			for _, e := range x.([]int64) {
				n += sign * e
				sign = -sign
			}
			return n, true
		},
		code: func(g *coder, _ term) {
			g.remember("total", "0", []string{"sign = 1"}, "total += sign * {f}", "sign = -sign")
		},
		noun: []string{"the alternating sum, first added, second subtracted, of {x}"}, do: []string{"add the first, subtract the second, and so on"}, near: []string{"sum"},
	},
	{
		name: "reach", from: Ints, to: Int, kind: exit, takes: limits,
		eval: func(x, k any) (any, bool) {
			total := int64(0)
			for i, e := range x.([]int64) {
				if total += e; total > num(k) {
					return int64(i), true
				}
			}
			return int64(-1), true
		},
		code: func(g *coder, k term) { g.reach(k) },
		noun: []string{"the index, or -1 if there is none, where the running total first exceeds {k} in the list of {x}"}, do: []string{"find the index where the running total first exceeds {k}, or -1 if there is none"},
	},
	{
		name: "fresh:ints", from: Ints, to: Ints, kind: state,
		eval: func(x, _ any) (any, bool) { return slices.Compact(slices.Clone(x.([]int64))), true },
		code: func(g *coder, _ term) {
			g.remember("out", "[]", nil, "if not out or out[-1] != {e}:", "    out.append({e})")
		},
		noun: []string{"the list without values equal to the one before of {x}"}, do: []string{"drop values equal to the one before"}, near: []string{"distinct:ints"},
	},
	{
		name: "fresh:strs", from: Strs, to: Strs, kind: state,
		eval: func(x, _ any) (any, bool) { return slices.Compact(slices.Clone(x.([]string))), true },
		code: func(g *coder, _ term) {
			g.remember("out", "[]", nil, "if not out or out[-1] != {e}:", "    out.append({e})")
		},
		noun: []string{"the list without values equal to the one before of {x}"}, do: []string{"drop values equal to the one before"}, near: []string{"distinct:strs"},
	},
}

func counted(x, _ any) (any, bool) {
	t := &table{}
	for _, e := range elements(x) {
		t.set(e, t.get(e)+1)
	}
	return t, true
}

// keys are those of a dict that f holds of, in order of insertion.
func keysWhere(of Type, f func(n, k int64) bool) func(x, k any) (any, bool) {
	return func(x, k any) (any, bool) {
		var out []any
		t := x.(*table)
		bound, _ := k.(int64)
		for i, key := range t.keys {
			if f(t.n[i], bound) {
				out = append(out, key)
			}
		}
		return list(of, out), true
	}
}

func keysCode(op string) func(g *coder, k term) {
	return func(g *coder, k term) { g.keys(op, k) }
}

func values(x, _ any) (any, bool) { return slices.Clone(x.(*table).n), true }

func counting(g *coder, _ term) {
	g.remember("counts", "{}", nil, "counts[{e}] = counts.get({e}, 0) + 1")
}

// dicts make dicts and take values out of them.
var dicts = []*op{
	{name: "count:ints", from: Ints, to: IntDict, kind: tally, eval: counted, code: counting, noun: []string{"the dict of how often each value occurs in {x}"}, do: []string{"count how often each value occurs in a dict"}},
	{name: "count:strs", from: Strs, to: StrDict, kind: tally, eval: counted, code: counting, noun: []string{"the dict of how often each string occurs in {x}"}, do: []string{"count how often each string occurs in a dict"}},
	{
		name: "lengths", from: Strs, to: StrDict, kind: tally, eval: func(x, _ any) (any, bool) {
			t := &table{}
			for _, w := range x.([]string) {
				t.set(w, int64(len(w)))
			}
			return t, true
		},
		code: func(g *coder, _ term) {
			c := g.seq()
			g.set(atom("{" + c.elem.text + ": len(" + c.elem.text + ") for " + c.clause() + "}"))
		},
		noun: []string{"the dict from each string to its length of {x}"}, do: []string{"map each string to its length in a dict"}, near: []string{"count:strs"},
	},
	{name: "values:int", from: IntDict, to: Ints, kind: lookup, eval: values, code: listing(".values()"), noun: []string{"the values of {x}"}, do: []string{"list its values"}},
	{name: "values:str", from: StrDict, to: Ints, kind: lookup, eval: values, code: listing(".values()"), noun: []string{"the values of {x}"}, do: []string{"list its values"}},
	{name: "keysmore:int", from: IntDict, to: Ints, kind: lookup, takes: number, eval: keysWhere(Int, func(n, k int64) bool { return n > k }), code: keysCode(">"), noun: []string{"the keys with a value greater than {k} of {x}"}, do: []string{"list its keys with a value greater than {k}"}, near: []string{"keysless:int"}},
	{name: "keysmore:str", from: StrDict, to: Strs, kind: lookup, takes: number, eval: keysWhere(Str, func(n, k int64) bool { return n > k }), code: keysCode(">"), noun: []string{"the keys with a value greater than {k} of {x}"}, do: []string{"list its keys with a value greater than {k}"}, near: []string{"keysless:str"}},
	{name: "keysless:int", from: IntDict, to: Ints, kind: lookup, takes: number, eval: keysWhere(Int, func(n, k int64) bool { return n < k }), code: keysCode("<"), noun: []string{"the keys with a value less than {k} of {x}"}, do: []string{"list its keys with a value less than {k}"}, near: []string{"keysmore:int"}},
	{name: "keysless:str", from: StrDict, to: Strs, kind: lookup, takes: number, eval: keysWhere(Str, func(n, k int64) bool { return n < k }), code: keysCode("<"), noun: []string{"the keys with a value less than {k} of {x}"}, do: []string{"list its keys with a value less than {k}"}, near: []string{"keysmore:str"}},
	{
		name: "get", from: StrDict, to: Int, kind: lookup, takes: letter, eval: func(x, k any) (any, bool) { return x.(*table).get(k), true },
		code: func(g *coder, k term) { g.set(atom(g.value().in(precAtom) + ".get(" + k.text + ", 0)")) },
		noun: []string{"the value, or 0 if there is none, for {k} in {x}"}, do: []string{"look up {k}, or take 0 if it is missing"},
	},
}

func listing(call string) func(g *coder, k term) {
	return func(g *coder, k term) {
		d := g.value().in(precAtom) + call
		g.over("v", d, "list("+d+")")
	}
}

// mostCommon is the value that occurs most often, the least of those that tie.
func mostCommon(x, _ any) (any, bool) {
	c, _ := counted(x, nil)
	t := c.(*table)
	if len(t.keys) == 0 {
		return nil, false
	}
	best := 0
	for i := range t.keys {
		if t.n[i] > t.n[best] || t.n[i] == t.n[best] && less(t.keys[i], t.keys[best]) {
			best = i
		}
	}
	return t.keys[best], true
}

func less(a, b any) bool {
	if x, ok := a.(int64); ok {
		return x < b.(int64)
	}
	return a.(string) < b.(string)
}

func commonest(g *coder, _ term) {
	xs := g.named()
	g.set(atom("min(" + xs + ", key=lambda x: (-" + xs + ".count(x), x))"))
}

// orZero gives 0 where f has nothing to give.
func orZero(f func(x, k any) (any, bool)) func(x, k any) (any, bool) {
	return func(x, k any) (any, bool) {
		if len(x.([]int64)) == 0 {
			return int64(0), true
		}
		return f(x, k)
	}
}

// at is element k, counted from 0, or none where there is no such.
func at(none any) func(x, k any) (any, bool) {
	return func(x, k any) (any, bool) {
		es, i := elements(x), num(k)
		if i < 0 || i >= int64(len(es)) {
			return none, true
		}
		return es[i], true
	}
}

func atCode(none string) func(g *coder, k term) {
	return func(g *coder, k term) {
		xs := g.named()
		low := ""
		if k.name() && (k.text[0] < '0' || k.text[0] > '9') {
			low = "0 <= "
		}
		g.set(term{xs + "[" + k.text + "] if " + low + k.text + " < len(" + xs + ") else " + none, precIf})
	}
}

// edges say what happens where there is nothing to take, or several to choose from.
var edges = []*op{
	{name: "largest0", from: Ints, to: Int, kind: edge, eval: orZero(ofIntList(extreme(slices.Max[[]int64]))), code: func(g *coder, _ term) { g.foldDefault("max") }, noun: []string{"the largest, or 0 if there is none, of {x}"}, do: []string{"take the largest, or 0 if there is none"}, near: []string{"smallest0", "largest"}},
	{name: "smallest0", from: Ints, to: Int, kind: edge, eval: orZero(ofIntList(extreme(slices.Min[[]int64]))), code: func(g *coder, _ term) { g.foldDefault("min") }, noun: []string{"the smallest, or 0 if there is none, of {x}"}, do: []string{"take the smallest, or 0 if there is none"}, near: []string{"largest0", "smallest"}},
	{name: "common:ints", from: Ints, to: Int, kind: edge, eval: mostCommon, code: commonest, noun: []string{"the most frequent, the smallest in a tie, of {x}"}, do: []string{"take the most frequent, the smallest in a tie"}, near: []string{"smallest", "largest"}},
	{name: "common:strs", from: Strs, to: Str, kind: edge, eval: mostCommon, code: commonest, noun: []string{"the most frequent, the alphabetically first in a tie, of {x}"}, do: []string{"take the most frequent, the alphabetically first in a tie"}, near: []string{"first:strs"}},
	{name: "longest", from: Strs, to: Str, kind: edge, eval: ofTextList(bestBy(1)), code: folding("max(key=len)"), noun: []string{"the longest, the first in a tie, of {x}"}, do: []string{"take the longest, the first in a tie"}, near: []string{"shortest", "last:longest"}},
	{name: "shortest", from: Strs, to: Str, kind: edge, eval: ofTextList(bestBy(-1)), code: folding("min(key=len)"), noun: []string{"the shortest, the first in a tie, of {x}"}, do: []string{"take the shortest, the first in a tie"}, near: []string{"longest"}},
	{
		name: "last:longest", from: Strs, to: Str, kind: edge, eval: ofTextList(func(ws []string) (any, bool) {
			ws = slices.Clone(ws)
			slices.Reverse(ws)
			return bestBy(1)(ws)
		}), code: func(g *coder, _ term) { g.set(atom("max(" + g.value().in(precAtom) + "[::-1], key=len)")) },
		noun: []string{"the longest, the last in a tie, of {x}"}, do: []string{"take the longest, the last in a tie"}, near: []string{"longest"},
	},
	{name: "at:ints", from: Ints, to: Int, kind: edge, takes: number, eval: at(int64(-1)), code: atCode("-1"), noun: []string{"the value at index {k}, or -1 if that is out of range, of {x}"}, do: []string{"take the value at index {k}, or -1 if that is out of range"}},
	{name: "at:strs", from: Strs, to: Str, kind: edge, takes: number, eval: at(""), code: atCode("''"), noun: []string{"the string at index {k}, or '' if that is out of range, of {x}"}, do: []string{"take the string at index {k}, or '' if that is out of range"}},
	{name: "empty:ints", from: Ints, to: Bool, kind: branch, eval: func(x, _ any) (any, bool) { return len(x.([]int64)) == 0, true }, code: func(g *coder, _ term) { g.set(term{"not " + g.value().in(precCompare), precNot}) }, noun: []string{"whether {x} is empty"}, do: []string{"tell whether it is empty"}},
	{name: "empty:strs", from: Strs, to: Bool, kind: branch, eval: func(x, _ any) (any, bool) { return len(x.([]string)) == 0, true }, code: func(g *coder, _ term) { g.set(term{"not " + g.value().in(precCompare), precNot}) }, noun: []string{"whether {x} is empty"}, do: []string{"tell whether it is empty"}},
	{name: "empty:str", from: Str, to: Bool, kind: branch, eval: func(x, _ any) (any, bool) { return x.(string) == "", true }, code: func(g *coder, _ term) { g.set(term{"not " + g.value().in(precCompare), precNot}) }, noun: []string{"whether {x} is empty"}, do: []string{"tell whether it is empty"}},
}
