package problem

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// importMBPP reads google-research's mbpp.jsonl: the prompt is prose, the tests are test_list.
func importMBPP(r *row, o *options) *Problem {
	return mbpp(r, o, "MBPP", r.str("text"), r.optStr("test_setup_code"))
}

// importSanitized reads sanitized-mbpp.json, whose prose is called prompt and whose setup is a list of imports.
func importSanitized(r *row, o *options) *Problem {
	return mbpp(r, o, "MBPP-sanitized", r.str("prompt"), strings.Join(r.strs("test_imports", false), "\n"))
}

func mbpp(r *row, o *options, benchmark, prompt, setup string) *Problem {
	p := &Problem{Benchmark: benchmark, TaskID: r.id("task_id"), Prompt: prompt, Reference: r.optStr("code")}
	p.Split = mbppSplit(p.TaskID)
	asserts := r.strs("test_list", true)
	if r.bad == nil && len(asserts) == 0 {
		r.fail("test_list", "is empty: there is nothing to judge with")
	}
	p.EntryPoint = entryOf(p.Reference, asserts)
	p.Libraries = thirdParty(p.Reference, setup)
	for i, code := range asserts {
		r.test(p, fmt.Sprintf("test_list[%d]", i), KindAssert, Public, AssertSpec{Code: code, Setup: setup})
	}
	if o.challenge {
		for i, code := range r.strs("challenge_test_list", false) {
			r.test(p, fmt.Sprintf("challenge[%d]", i), KindAssert, Hidden, AssertSpec{Code: code, Setup: setup})
		}
	}
	return p
}

// mbppSplit gives the split of the MBPP paper (Austin et al. 2021, section 2.1) by task number.
func mbppSplit(id string) string {
	n, err := strconv.Atoi(id)
	switch {
	case err != nil || n < 1 || n > 974:
		return ""
	case n <= 10:
		return "prompt"
	case n <= 510:
		return "test"
	case n <= 600:
		return "validation"
	}
	return "train"
}

var (
	definedName = regexp.MustCompile(`(?m)^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=`)
	calledName  = regexp.MustCompile(`(\w+)\s*\(`)
)

// entryOf returns the first name called in the asserts that code defines, or "".
func entryOf(code string, asserts []string) string {
	defined := map[string]bool{}
	for _, m := range definedName.FindAllStringSubmatch(code, -1) {
		defined[m[1]+m[2]] = true
	}
	for _, a := range asserts {
		for _, m := range calledName.FindAllStringSubmatch(a, -1) {
			if defined[m[1]] {
				return m[1]
			}
		}
	}
	return ""
}
