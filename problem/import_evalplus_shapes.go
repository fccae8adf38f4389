package problem

import (
	"slices"
	"strconv"
	"strings"
)

// mbppShapes convert the arguments of MBPP+ tasks by task number. JSON has lists only; the tasks below take tuples,
// sets or complex numbers (EvalPlus 0.3.1, mbpp_deserialize_inputs).
var mbppShapes = func() map[int]func(List) List {
	m := map[int]func(List) List{}
	set := func(f func(List) List, ids ...int) {
		for _, id := range ids {
			m[id] = f
		}
	}
	each := func(f func(Value) Value) func(List) List {
		return func(args List) List { return mapList(args, f) }
	}
	nth := func(n int, f func(Value) Value) func(List) List {
		return func(args List) List {
			out := slices.Clone(args)
			if n < len(out) {
				out[n] = f(out[n])
			}
			return out
		}
	}
	set(each(toTuple), 2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809)
	set(each(inside(toTuple)), 63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780)
	set(each(tupleOfTuples), 259, 401, 445)
	set(nth(0, inside(toTuple)), 75, 413, 444, 753)
	set(nth(0, toTuple), 250, 307, 405, 446, 617, 720, 763, 808)
	set(nth(1, toTuple), 106, 750)
	set(nth(0, tupleOfTuplesOrItems), 278)
	set(nth(0, dictOfTuples), 722)
	set(nth(0, inside(setOrEmptyDict)), 115)
	set(nth(0, complexFrom), 252)
	set(each(deepTuple), 580, 615, 791)
	set(func(args List) List {
		if len(args) != 2 {
			return args
		}
		return List{floatFrom(args[0]), complexFrom(args[1])}
	}, 124)
	return m
}()

func mapList(l List, f func(Value) Value) List {
	out := make(List, len(l))
	for i, v := range l {
		out[i] = f(v)
	}
	return out
}

// inside applies f to the items of a list.
func inside(f func(Value) Value) func(Value) Value {
	return func(v Value) Value {
		if l, ok := v.(List); ok {
			return mapList(l, f)
		}
		return v
	}
}

// toTuple is Python's tuple(v); what is not iterable stays.
func toTuple(v Value) Value {
	switch t := v.(type) {
	case List:
		return Tuple(t)
	case string:
		out := Tuple{}
		for _, r := range t {
			out = append(out, string(r))
		}
		return out
	case Dict:
		out := Tuple{}
		for _, p := range t {
			out = append(out, p.Key)
		}
		return out
	}
	return v
}

func tupleOfTuples(v Value) Value { return toTuple(inside(toTuple)(v)) }

func tupleOfTuplesOrItems(v Value) Value {
	return toTuple(inside(func(x Value) Value {
		if _, ok := x.(List); ok {
			return toTuple(x)
		}
		return x
	})(v))
}

func deepTuple(v Value) Value {
	if l, ok := v.(List); ok {
		return Tuple(mapList(l, deepTuple))
	}
	return v
}

func dictOfTuples(v Value) Value {
	d, ok := v.(Dict)
	if !ok {
		return v
	}
	out := make(Dict, len(d))
	for i, p := range d {
		out[i] = Pair{p.Key, toTuple(p.Value)}
	}
	return out
}

// setOrEmptyDict turns a non-empty list into a set and everything else into {}.
func setOrEmptyDict(v Value) Value {
	l, ok := v.(List)
	if !ok || len(l) == 0 {
		return Dict{}
	}
	out := Set{}
	for _, x := range l {
		if !slices.ContainsFunc(out, func(y Value) bool { return string(EncodeValue(x)) == string(EncodeValue(y)) }) {
			out = append(out, x)
		}
	}
	return out
}

func floatFrom(v Value) Value {
	switch t := v.(type) {
	case int64:
		return float64(t)
	case string:
		if f, err := strconv.ParseFloat(t, 64); err == nil {
			return f
		}
	}
	return v
}

func complexFrom(v Value) Value {
	switch t := v.(type) {
	case int64:
		return complex(float64(t), 0)
	case float64:
		return complex(t, 0)
	case string:
		if c, err := strconv.ParseComplex(strings.ReplaceAll(t, "j", "i"), 128); err == nil {
			return c
		}
	}
	return v
}
