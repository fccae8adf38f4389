package problem

import "strings"

// importer turns a row into a problem; r.bad says what was wrong with it.
type importer func(r *row, o *options) *Problem

func importerOf(f Format) importer {
	switch f {
	case FormatMBPP:
		return importMBPP
	case FormatMBPPSanitized:
		return importSanitized
	case FormatMBPPPlus:
		return importMBPPPlus
	case FormatHumanEval:
		return importHumanEval
	case FormatHumanEvalPlus:
		return importHumanEvalPlus
	case FormatBigCodeBench:
		return importBigCodeBench
	case FormatAPPS:
		return importAPPS
	case FormatCodeContests:
		return importCodeContests
	case FormatLiveCodeBench:
		return importLiveCodeBench
	}
	return importHone
}

// formatFiles says what a format's file is usually called.
var formatFiles = map[Format]string{
	FormatMBPP:          "mbpp.jsonl",
	FormatMBPPSanitized: "sanitized-mbpp.json",
	FormatMBPPPlus:      "MBPP+",
	FormatHumanEval:     "HumanEval",
	FormatHumanEvalPlus: "HumanEval+",
	FormatBigCodeBench:  "BigCodeBench",
	FormatAPPS:          "APPS",
	FormatCodeContests:  "CodeContests",
	FormatLiveCodeBench: "LiveCodeBench",
	FormatRoboEval:      "roboeval_tasks.json",
	FormatHone:          "a file of Hone's own rows",
}

// detect tells a row's format by its fields, or returns "".
func detect(r *row) Format {
	switch {
	case r.has("tests"), strings.HasPrefix(r.peek("schema"), "hone."):
		return FormatHone
	case r.has("base_input", "assertion"), r.has("base_input") && strings.HasPrefix(r.peek("task_id"), "Mbpp/"):
		return FormatMBPPPlus
	case r.has("base_input"):
		return FormatHumanEvalPlus
	case r.has("complete_prompt"):
		return FormatBigCodeBench
	case r.has("test_list", "text"):
		return FormatMBPP
	case r.has("test_list", "prompt"):
		return FormatMBPPSanitized
	case r.has("question_content", "public_test_cases"):
		return FormatLiveCodeBench
	case r.has("input_output"):
		return FormatAPPS
	case r.has("public_tests"), r.has("private_tests"):
		return FormatCodeContests
	case r.has("test", "entry_point", "prompt"):
		return FormatHumanEval
	}
	return ""
}

// peek returns a string field, "" where it is something else.
func (r *row) peek(field string) string {
	s, _ := r.fields[field].(string)
	return s
}

// isPromptOnly tells CodeT's CodeContests prompts, which have HumanEval's fields but no tests.
func isPromptOnly(r *row) bool {
	t, ok := r.fields["test"].(string)
	return ok && strings.TrimSpace(t) == "" && r.has("meta_data") && strings.HasPrefix(r.peek("task_id"), "CodeContests/")
}
