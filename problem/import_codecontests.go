package problem

import "fmt"

// python3 is CodeContests' number of the language of a solution.
const python3 = 3

// importCodeContests reads DeepMind's CodeContests as JSON rows.
func importCodeContests(r *row, _ *options) *Problem {
	p := &Problem{Benchmark: "CodeContests", TaskID: r.id(r.first("name", "task_id")), Prompt: r.str("description")}
	for _, group := range []struct {
		field, name string
		vis         Visibility
	}{{"public_tests", "public", Public}, {"private_tests", "private", Hidden}, {"generated_tests", "generated", Hidden}} {
		v := r.fields[group.field]
		if v == nil {
			continue
		}
		d, ok := v.(Dict)
		if !ok {
			r.wrong(group.field, v, `an object {"input": […], "output": […]}`)
			return p
		}
		in, _ := d.field("input").(List)
		out, _ := d.field("output").(List)
		if len(in) != len(out) {
			r.fail(group.field, "has %d inputs and %d outputs", len(in), len(out))
			return p
		}
		for i := range in {
			r.stdio(p, fmt.Sprintf("%s[%d]", group.name, i), group.vis, in[i], out[i])
		}
	}
	if r.bad == nil && len(p.Tests) == 0 {
		r.fail("", "the row has no tests (public_tests, private_tests, generated_tests)")
	}
	p.Reference = contestSolution(r.fields["solutions"])
	p.Seconds = r.contestSeconds()
	return p
}

// contestSolution returns the first Python 3 solution.
func contestSolution(v Value) string {
	d, _ := v.(Dict)
	langs, _ := d.field("language").(List)
	texts, _ := d.field("solution").(List)
	for i := range min(len(langs), len(texts)) {
		if langs[i] == int64(python3) || langs[i] == "PYTHON3" {
			s, _ := texts[i].(string)
			return s
		}
	}
	return ""
}

// contestSeconds reads time_limit: a number of seconds, or {"seconds", "nanos"}.
func (r *row) contestSeconds() float64 {
	d, ok := r.fields["time_limit"].(Dict)
	if !ok {
		return r.number("time_limit")
	}
	s, _ := d.field("seconds").(int64)
	n, _ := d.field("nanos").(int64)
	return float64(s) + float64(n)*1e-9
}
