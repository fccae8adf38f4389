package problem

import (
	"fmt"
	"strings"
)

// importAPPS reads APPS rows. input_output (JSON in a string, or an object)
// holds inputs and outputs; with fn_name they are calls, else standard input.
// APPS wraps results of calls in a list of one: they are unwrapped where all are.
func importAPPS(r *row, _ *options) *Problem {
	p := &Problem{Benchmark: "APPS", Prompt: r.str("question"), TaskID: r.id(r.first("problem_id", "id", "task_id"))}
	starter := r.optStr("starter_code")
	if solutions, ok := r.optJSON("solutions").(List); ok && len(solutions) > 0 {
		p.Reference, _ = solutions[0].(string)
	}
	p.Split = r.peek("split")
	io, ok := r.jsonText("input_output").(Dict)
	if !ok {
		r.fail("input_output", "is empty: the row has no tests")
		return p
	}
	inputs, ok1 := io.field("inputs").(List)
	outputs, ok2 := io.field("outputs").(List)
	if !ok1 || !ok2 || len(inputs) != len(outputs) || len(inputs) == 0 {
		r.fail("input_output", "wants the lists inputs and outputs, equally long and not empty (found %d and %d)", len(inputs), len(outputs))
		return p
	}
	if name, ok := io.field("fn_name").(string); ok && name != "" {
		p.EntryPoint = name
		r.appsCalls(p, methodOf(name, starter, p.Reference), inputs, outputs)
		return p
	}
	for i := range inputs {
		r.stdio(p, fmt.Sprintf("io[%d]", i), Hidden, inputs[i], outputs[i])
	}
	return p
}

func (r *row) appsCalls(p *Problem, function string, inputs, outputs List) {
	wrapped := true
	for _, o := range outputs {
		l, ok := o.(List)
		wrapped = wrapped && ok && len(l) == 1
	}
	for i := range inputs {
		args, ok := inputs[i].(List)
		if !ok {
			r.wrong(fmt.Sprintf("input_output.inputs[%d]", i), inputs[i], "a list of arguments")
			return
		}
		want := outputs[i]
		if wrapped {
			want = want.(List)[0]
		}
		r.test(p, fmt.Sprintf("call[%d]", i), KindCall, Hidden,
			CallSpec{Function: function, Args: EncodeValue(args), Expected: EncodeValue(want)})
	}
}

// methodOf returns "Solution.name" where name is a method of a class Solution
// by the starter code or the reference; the judge makes the instance.
func methodOf(name string, code ...string) string {
	for _, c := range code {
		if strings.Contains(c, "class Solution") {
			return "Solution." + name
		}
	}
	return name
}

// stdio adds a test of standard input; texts may be lists of lines.
func (r *row) stdio(p *Problem, name string, vis Visibility, input, output Value) {
	in, ok := plainText(input)
	if !ok {
		r.wrong(name+" input", input, "a string or a list of lines")
		return
	}
	out, ok := plainText(output)
	if !ok {
		r.wrong(name+" output", output, "a string or a list of lines")
		return
	}
	r.test(p, name, KindStdio, vis, StdioSpec{Input: in, Outputs: []string{out}})
}

// first returns the first of the fields that the row has, else names[0].
func (r *row) first(names ...string) string {
	for _, n := range names {
		if r.has(n) {
			return n
		}
	}
	return names[0]
}

// optJSON is jsonText of an optional field.
func (r *row) optJSON(field string) Value {
	if r.fields[field] == nil {
		return nil
	}
	return r.jsonText(field)
}
