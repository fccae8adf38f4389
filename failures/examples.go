package failures

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"hone/problem"
	"hone/source/python"
)

// JoinExamples gives tasks without tests the examples that their prompts show, where the programs say what to call: the function
// that most of them define. Two forms are read: LeetCode's (Input: nums = [1,2], k = 3, then Output: 4), whose function takes the
// values, and AtCoder's (Sample Input 1, Sample Output 1), whose function takes the input as one text and returns what would be
// printed. A program that passes them may still be wrong, see [Task.Examples].
func (r *Results) JoinExamples() {
	for i := range r.Tasks {
		t := &r.Tasks[i]
		if t.Problem != nil || t.Prompt == "" || len(t.Programs) == 0 {
			continue
		}
		name := entryPoint(t.Programs)
		if name == "" {
			continue
		}
		if specs := examples(t.Prompt); len(specs) > 0 {
			t.Problem, t.Examples = exampleProblem(t, name, specs), true
		}
	}
}

func exampleProblem(t *Task, function string, specs []problem.CallSpec) *problem.Problem {
	p := &problem.Problem{Benchmark: t.Benchmark, TaskID: t.ID, Prompt: t.Prompt, EntryPoint: function}
	for i, s := range specs {
		s.Function = function
		raw, err := json.Marshal(s)
		if err != nil { // its values are JSON that was checked
			panic(err)
		}
		p.Tests = append(p.Tests, problem.Test{Name: fmt.Sprintf("example[%d]", i), Kind: problem.KindCall, Visibility: problem.Public, Spec: raw})
	}
	return p
}

// entryPoint is the function that most programs define at the top level, of several the one that is seen first.
func entryPoint(programs []Program) string {
	defined := map[string]int{}
	var names []string
	for _, p := range programs {
		m, err := python.Parse([]byte(p.Code))
		if err != nil {
			continue
		}
		for _, s := range m.Body {
			if f, ok := s.(*python.FunctionDef); ok {
				defined[f.Name]++
				names = append(names, f.Name)
			}
		}
	}
	best := ""
	for _, n := range names {
		if defined[n] > defined[best] {
			best = n
		}
	}
	return best
}

var (
	sampleIO   = regexp.MustCompile(`(?m)^Sample (Input|Output) \d+[ \t]*$`)
	inputLine  = regexp.MustCompile(`(?m)^Input: (.+)\nOutput: (.+)$`)
	nextNamed  = regexp.MustCompile(`(?:^|, )[A-Za-z_]\w* = `)
	fractional = regexp.MustCompile(`^-?\d+\.\d+$`)
)

// examples are the calls that a prompt shows, without the name of the function.
func examples(prompt string) []problem.CallSpec {
	prompt = strings.ReplaceAll(prompt, "\r", "")
	var out []problem.CallSpec
	for _, m := range inputLine.FindAllStringSubmatch(prompt, -1) {
		args, ok := namedValues(m[1])
		expected := strings.TrimSpace(m[2])
		if !ok || !json.Valid([]byte(expected)) {
			continue
		}
		s := problem.CallSpec{Args: args, Expected: json.RawMessage(expected)}
		if fractional.MatchString(expected) {
			s.Atol = 1e-5 // as many digits as are shown
		}
		out = append(out, s)
	}
	if len(out) > 0 {
		return out
	}
	parts := sampleIO.FindAllStringSubmatchIndex(prompt, -1)
	for i := 0; i+1 < len(parts); i++ {
		in, after := parts[i], parts[i+1]
		if prompt[in[2]:in[3]] != "Input" || prompt[after[2]:after[3]] != "Output" {
			continue
		}
		input := strings.TrimSpace(prompt[in[1]:after[0]]) + "\n"
		output, _, _ := strings.Cut(strings.TrimSpace(prompt[after[1]:]), "\n\n") // what follows explains it
		if i+2 < len(parts) && after[1]+len(output) > parts[i+2][0] {
			continue // a sample without an output
		}
		args, expected := problem.EncodeValue(problem.List{input}), problem.EncodeValue(strings.TrimSpace(output))
		out = append(out, problem.CallSpec{Args: args, Expected: expected})
	}
	return out
}

// namedValues reads "nums = [1, 2], k = 3" as a list of JSON.
func namedValues(s string) (args json.RawMessage, ok bool) {
	at := nextNamed.FindAllStringIndex(s, -1)
	if len(at) == 0 || strings.TrimSpace(s[:at[0][0]]) != "" { // a value without a name before them
		return nil, false
	}
	var values []string
	for i, m := range at {
		end := len(s)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		v := strings.TrimSpace(s[m[1]:end])
		if !json.Valid([]byte(v)) {
			return nil, false
		}
		values = append(values, v)
	}
	return json.RawMessage("[" + strings.Join(values, ",") + "]"), true
}
