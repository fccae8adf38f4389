package problem

import (
	"fmt"
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
