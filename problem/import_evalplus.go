package problem

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// importHumanEvalPlus reads HumanEvalPlus.jsonl and its Mini form: inputs whose
// expected results are what the reference returns.
func importHumanEvalPlus(r *row, _ *options) *Problem {
	p := humanEvalBase(r, "HumanEval+")
	p.Libraries = thirdParty(p.Reference)
	r.evalPlusTests(p, nil)
	return p
}

// importMBPPPlus reads MbppPlus.jsonl and MbppBase.jsonl. The prompt is a
// docstring without a final newline; the prefix gets one.
func importMBPPPlus(r *row, _ *options) *Problem {
	p := &Problem{Benchmark: "MBPP+", TaskID: r.id("task_id"), Prompt: r.str("prompt"), EntryPoint: r.str("entry_point")}
	p.Prefix = p.Prompt
	if !strings.HasSuffix(p.Prefix, "\n") {
		p.Prefix += "\n"
	}
	if body := r.optStr("canonical_solution"); body != "" {
		p.Reference = p.Prefix + strings.TrimPrefix(body, "\n")
	}
	if r.bad == nil && p.EntryPoint == "" {
		r.fail("entry_point", "is empty")
	}
	p.Libraries = thirdParty(p.Reference)
	_, id, _ := strings.Cut(p.TaskID, "/")
	p.Split = mbppSplit(id)
	n, _ := strconv.Atoi(id)
	r.evalPlusTests(p, mbppShapes[n])
	return p
}

// evalPlusTests adds base_input and plus_input, each input converted by shape,
// as calls or, where a task has several right answers, as asserts of its oracle.
func (r *row) evalPlusTests(p *Problem, shape func(List) List) {
	if r.bad == nil && p.Reference == "" {
		r.fail("canonical_solution", "is missing or empty: the expected results come from running it")
	}
	atol := r.number("atol")
	compare := CompareEvalPlus
	if p.Benchmark == "MBPP+" {
		if c, ok := mbppCompare[p.EntryPoint]; ok {
			compare = c
		}
	}
	oracle := oracleFor(p, atol)
	for _, group := range []struct{ field, name string }{{"base_input", "base"}, {"plus_input", "plus"}} {
		for i, args := range r.inputs(group.field) {
			if shape != nil {
				args = shape(args)
			}
			name := fmt.Sprintf("%s[%d]", group.name, i)
			if oracle != "" {
				r.test(p, name, KindAssert, Hidden, AssertSpec{Setup: oracle, Code: oracleCall(p.EntryPoint, args)})
				continue
			}
			r.test(p, name, KindCall, Hidden, CallSpec{Function: p.EntryPoint, Args: EncodeValue(args), Compare: compare, Atol: atol})
		}
	}
	if r.bad == nil && len(p.Tests) == 0 {
		r.fail("base_input", "is empty: there is nothing to judge with")
	}
}

// inputs returns a list of argument lists. plus_input may be absent, and is {} in one row of MBPP+.
func (r *row) inputs(field string) []List {
	v := r.fields[field]
	if d, ok := v.(Dict); ok && len(d) == 0 || field == "plus_input" && v == nil {
		return nil
	}
	var out []List
	for i, x := range r.list(field) {
		args, ok := x.(List)
		if !ok {
			r.wrong(fmt.Sprintf("%s[%d]", field, i), x, "a list of arguments")
			return nil
		}
		out = append(out, args)
	}
	return out
}

// mbppCompare names the MBPP+ tasks whose results are not compared by value
// (EvalPlus 0.3.1, evaluation of "mbpp"): order does not matter, only None or
// not matters, or nothing but returning matters.
var mbppCompare = map[string]Comparison{
	"similar_elements":       CompareSet,
	"find_char_long":         CompareSet,
	"common_in_nested_lists": CompareSet,
	"extract_singly":         CompareSet,
	"larg_nnum":              CompareSet,
	"intersection_array":     CompareSet,
	"find_dissimilar":        CompareSet,
	"Diff":                   CompareSet,
	"check_str":              CompareNotNone,
	"text_match_three":       CompareNotNone,
	"text_starta_endb":       CompareNotNone,
	"are_equivalent":         CompareAny,
}

// Second answers that EvalPlus accepts besides the reference's, as Python
// expressions over the result and the arguments.
var mbppSecondAnswer = map[string]string{
	"sum_div":             `result == 0`,
	"digit_distance_nums": `result == sum(abs(int(x) - int(y)) for x, y in zip(*(str(n).zfill(max(len(str(m)) for m in args)) for n in args)))`,
	"surface_Area":        `abs(result - round(args[0] ** 2 + 2 * args[0] * math.sqrt((args[0] / 2) ** 2 + args[1] ** 2))) <= %s`,
}

// oracleFor returns the Python that defines _hone_accepts(result, *args) for a
// task with several right answers, or "".
func oracleFor(p *Problem, atol float64) string {
	tolerance := FloatRepr(atol)
	if p.Benchmark == "HumanEval+" && p.EntryPoint == "find_zero" {
		// HumanEval/32: any root will do.
		return "def _hone_accepts(result, xs):\n" +
			"    import math\n" +
			"    return abs(sum(c * math.pow(result, i) for i, c in enumerate(xs))) <= " + tolerance + "\n"
	}
	second := mbppSecondAnswer[p.EntryPoint]
	if p.Benchmark != "MBPP+" || second == "" {
		return ""
	}
	if strings.Contains(second, "%s") {
		second = fmt.Sprintf(second, tolerance)
	}
	if atol == 0 {
		tolerance = "1e-06"
	}
	return "def _hone_accepts(result, *args):\n" +
		"    import math\n" +
		"    names = {}\n" +
		"    exec(" + pyString(p.Reference) + ", names)\n" +
		"    expected = names[" + pyString(p.EntryPoint) + "](*args)\n" +
		"    if result == expected or " + second + ":\n" +
		"        return True\n" +
		"    return type(result) is type(expected) is float and abs(result - expected) <= " + tolerance + " + 1e-07 * abs(expected)\n"
}

// oracleCall writes the assert for one input; the oracle tasks take finite numbers and
// lists of them, whose repr is Python source.
func oracleCall(entry string, args List) string {
	texts := make([]string, len(args))
	for i, a := range args {
		texts[i] = Repr(a)
	}
	all := strings.Join(texts, ", ")
	return fmt.Sprintf("assert _hone_accepts(%s(%s), %s)", entry, all, all)
}

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
