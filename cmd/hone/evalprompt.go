package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"hone/generate"
	"hone/problem"
	"hone/robot"
)

// promptVersion is raised when a problem's prompt or stops change: samples of
// different prompts must not meet in one file.
const promptVersion = "1"

// prompt is how a model is asked for a problem's program.
type prompt struct {
	text     string // to continue; or
	messages []generate.Message
	stops    []string
	form     problem.Form
	// head goes in front of what the model writes; only where form is FormSolution.
	head string
}

// Where a base model has written the function, it goes on with the next thing in the
// file. These are the beginnings of next things: those of HumanEval's authors (Chen et
// al. 2021, section 2.2) and of the BigCode evaluation harness.
var (
	// codeStops are for the body of a function.
	codeStops = []string{"\ndef ", "\nclass ", "\nif ", "\nprint(", "\n#", "\n@", "\nassert ", "\n```"}
	// proseStops are for a module with functions.
	proseStops = []string{"\nassert ", "\nif __name__", "\nprint(", "\n\"\"\"", "\n'''", "\n```"}
	// stdioStops are for a script, which may print at its end.
	stdioStops = []string{"\n\"\"\"", "\n'''", "\n```"}
)

// promptOf is how a base model is asked. There are three kinds of problems:
//
//   - code that a function's body continues (HumanEval, HumanEval+, BigCodeBench):
//     the model continues it, nothing added but what a robot can do (RoboEval);
//   - a docstring that does not say the function's name (MBPP+): the docstring and
//     "def name(", which the model continues;
//   - prose (MBPP, APPS, CodeContests, LiveCodeBench): a docstring with the prose and
//     the first public assert, as in the BigCode evaluation harness. The model
//     writes the whole program below it.
func promptOf(p *problem.Problem) prompt {
	switch {
	case p.Prefix != "" && (p.EntryPoint == "" || problem.Defines(p.Prefix, p.EntryPoint)):
		return prompt{text: robotAPI(p) + p.Prefix, stops: codeStops, form: problem.FormCompletion}
	case p.Prefix != "":
		head := p.Prefix + "def " + p.EntryPoint + "("
		return prompt{text: head, head: head, stops: codeStops, form: problem.FormSolution}
	}
	doc := []string{clean(p.Prompt)}
	stops := proseStops
	if isScript(p) {
		stops = stdioStops
		doc = append(doc, "", "The program reads standard input and writes standard output.")
	} else if example := firstAssert(p); example != "" {
		doc = append(doc, example)
	} else if p.EntryPoint != "" {
		doc = append(doc, "The function is called "+p.EntryPoint+".")
	}
	return prompt{text: "\"\"\"\n" + strings.Join(doc, "\n") + "\n\"\"\"\n", stops: stops, form: problem.FormSolution}
}

// chatPromptOf is how a chat model is asked: one message, whose answer holds the
// whole program in a code block, from which problem.Extract takes it.
func chatPromptOf(p *problem.Problem) prompt {
	const block = "Answer with the whole program, with all imports that it needs, in one Markdown code block (```python)."
	var ask string
	switch {
	case isScript(p):
		ask = "Write a Python program that solves this problem. It reads standard input and writes standard output.\n\n" + clean(p.Prompt)
	case p.Prefix != "" && problem.Defines(p.Prefix, p.EntryPoint):
		ask = "Complete this Python function.\n\n```python\n" + robotAPI(p) + strings.TrimRight(clean(p.Prefix), "\n") + "\n```"
	default:
		ask = "Solve this problem in Python.\n\n" + clean(p.Prompt)
		if p.EntryPoint != "" {
			ask += "\n\nThe function is called `" + p.EntryPoint + "`."
		}
		if example := firstAssert(p); example != "" {
			ask += " For example, this has to hold:\n\n```python\n" + example + "\n```"
		}
	}
	return prompt{messages: []generate.Message{{Role: "user", Content: ask + "\n\n" + block}}, form: problem.FormResponse}
}

func clean(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// isScript reports whether the problem's tests run the program as a script.
func isScript(p *problem.Problem) bool {
	return len(p.Tests) > 0 && p.Tests[0].Kind == problem.KindStdio
}

// robotAPI is what a program for the problem can call, where the problem's file leaves it to
// the harness to say so, as RoboEval's does; in our own format a prompt is asked as it stands.
func robotAPI(p *problem.Problem) string {
	var spec problem.RobotSpec
	if p.Benchmark != "RoboEval" || len(p.Tests) == 0 || p.Tests[0].Kind != problem.KindRobot || json.Unmarshal(p.Tests[0].Spec, &spec) != nil {
		return ""
	}
	d, err := robot.Load(spec.Robot)
	if err != nil {
		return "" // the judge says what is wrong
	}
	return d.API() + "\n"
}

// firstAssert is the first assert that a model may see, or "".
func firstAssert(p *problem.Problem) string {
	for _, t := range p.Tests {
		if t.Kind != problem.KindAssert || t.Visibility != problem.Public {
			continue
		}
		var spec problem.AssertSpec
		if json.Unmarshal(t.Spec, &spec) == nil {
			return clean(spec.Code)
		}
	}
	return ""
}

// sampleRow is a row of samples.jsonl: a sample as hone judge reads it, and how it came about.
type sampleRow struct {
	Benchmark  string  `json:"benchmark"`
	TaskID     string  `json:"task_id"`
	Sample     int     `json:"sample"`
	Completion *string `json:"completion,omitempty"`
	Solution   *string `json:"solution,omitempty"`
	Response   *string `json:"response,omitempty"`
	// Finish is why the text ended: stop, length, content_filter; or no_room.
	Finish generate.Finish `json:"finish"`
	// Extracted is how the program was found in a response, see problem.Extract.
	Extracted string `json:"extracted,omitempty"`
	// Usage counts tokens; an endpoint's for all samples of a request, in the first of them.
	Usage *generate.Usage `json:"usage,omitempty"`
}

// newRow is the row of a completion c of the problem p.
func (q *prompt) newRow(p *problem.Problem, sample int, c *generate.Completion) sampleRow {
	row := sampleRow{Benchmark: p.Benchmark, TaskID: p.TaskID, Sample: sample, Finish: c.Finish}
	if c.Usage != (generate.Usage{}) {
		row.Usage = &c.Usage
	}
	text := q.head + c.Text
	switch q.form {
	case problem.FormCompletion:
		row.Completion = &text
	case problem.FormResponse:
		row.Response = &text
		_, row.Extracted = problem.Extract(text, p.EntryPoint)
	default:
		row.Solution = &text
	}
	return row
}

// program is the row as a program to judge.
func (r *sampleRow) program() (problem.Program, error) {
	p := problem.Program{TaskID: r.TaskID, Sample: r.Sample, Where: fmt.Sprintf("sample %d of %s", r.Sample, r.TaskID)}
	switch {
	case r.Completion != nil:
		p.Form, p.Text = problem.FormCompletion, *r.Completion
	case r.Response != nil:
		p.Form, p.Text = problem.FormResponse, *r.Response
	case r.Solution != nil:
		p.Form, p.Text = problem.FormSolution, *r.Solution
	default:
		return p, fmt.Errorf("%s has no text", p.Where)
	}
	return p, nil
}
