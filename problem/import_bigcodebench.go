package problem

import (
	"regexp"
	"slices"
	"strings"
)

// importBigCodeBench reads BigCodeBench's "complete" form: the prompt is code,
// the tests are one unittest module. instruct_prompt is not read.
func importBigCodeBench(r *row, _ *options) *Problem {
	p := &Problem{Benchmark: "BigCodeBench", TaskID: r.id("task_id"), Prompt: r.str("complete_prompt"), EntryPoint: r.str("entry_point")}
	p.Prefix = p.Prompt
	if body := r.optStr("canonical_solution"); body != "" {
		p.Reference = p.Prompt + body
	}
	test := r.str("test")
	if r.bad == nil && strings.TrimSpace(test) == "" {
		r.fail("test", "is empty: there is nothing to judge with")
	}
	p.Libraries = thirdParty(test, p.Reference)
	for _, name := range r.libs() {
		if top, _, _ := strings.Cut(name, "."); !stdlib[top] && !slices.Contains(p.Libraries, top) {
			p.Libraries = append(p.Libraries, top)
		}
	}
	slices.Sort(p.Libraries)
	r.test(p, "unittest", KindUnittest, Hidden, UnittestSpec{Code: test})
	return p
}

var quotedName = regexp.MustCompile(`'([\w.]+)'|"([\w.]+)"`)

// libs returns the field libs, a list or the text of a Python list.
func (r *row) libs() []string {
	if _, ok := r.fields["libs"].(List); ok {
		return r.strs("libs", true)
	}
	var out []string
	for _, m := range quotedName.FindAllStringSubmatch(r.optStr("libs"), -1) {
		out = append(out, m[1]+m[2])
	}
	return out
}
