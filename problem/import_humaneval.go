package problem

import "strings"

// importHumanEval reads OpenAI's HumanEval, and the files in its form (HumanEvalPlus-OriginFmt).
func importHumanEval(r *row, _ *options) *Problem {
	p := humanEvalBase(r, "HumanEval")
	check := r.str("test")
	if r.bad == nil && strings.TrimSpace(check) == "" {
		r.fail("test", "is empty: there is nothing to judge with")
	}
	p.Libraries = thirdParty(check, p.Reference)
	r.test(p, "check", KindCheck, Hidden, CheckSpec{Code: check, EntryPoint: p.EntryPoint, Prelude: p.Prompt})
	return p
}

// humanEvalBase reads the fields HumanEval and HumanEval+ share. Prompt and solution join without a separator.
func humanEvalBase(r *row, benchmark string) *Problem {
	p := &Problem{Benchmark: benchmark, TaskID: r.id("task_id"), Prompt: r.str("prompt"), EntryPoint: r.str("entry_point")}
	p.Prefix = p.Prompt
	if body := r.optStr("canonical_solution"); body != "" {
		p.Reference = p.Prompt + body
	}
	if r.bad == nil && p.EntryPoint == "" {
		r.fail("entry_point", "is empty")
	}
	return p
}
