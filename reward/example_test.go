package reward_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"hone/problem"
	"hone/reward"
	"hone/source"
	"hone/token"
)

// brevity is a component of one's own: it wants programs of at most 60 bytes, and says
// where a program is longer.
var brevity = reward.Component{
	Name: "brevity", Low: 0, High: 1,
	Score: func(_ context.Context, s *reward.Subject) (reward.Score, error) {
		over := len(s.Program) - 60
		if over <= 0 {
			return reward.Score{Value: 1}, nil
		}
		lost := min(1, float64(over)/60)
		return reward.Score{Value: 1 - lost, Marks: []reward.Mark{{
			Spans: []source.Span{{Start: 60, End: len(s.Program)}}, Amount: -lost, Why: "more than 60 bytes",
		}}}, nil
	},
}

func Example() {
	var r reward.Recipe
	r.Default()
	r.Components = map[string]reward.Term{"tests": {Weight: 1}, "style": {Weight: 0.1}, "brevity": {Weight: 0.2}}
	f, err := reward.New(r, brevity)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()

	text := "Here it is:\n```python\ndef f(x, seen=[]):\n    return x\n```\n"
	failed := false
	verdict := &problem.Verdict{Verdict: problem.WrongAnswer, Passed: &failed, Tests: []problem.TestResult{
		{Name: "small", Verdict: problem.Pass},
		{Name: "large", Verdict: problem.WrongAnswer, Got: "9", Expected: "10", Lines: []int{2}},
	}}
	result, err := f.Score(context.Background(), reward.Input{
		Problem: &problem.Problem{TaskID: "own/1", EntryPoint: "f"}, Verdict: verdict, Form: problem.FormResponse, Text: text,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f\n", result.Reward)
	for _, p := range result.Parts {
		for _, m := range p.Marks {
			fmt.Printf("%.3f %q %s\n", m.Amount, text[m.Spans[0].Start:m.Spans[0].End], m.Why)
		}
	}
	var tokens []token.Token // of a tokenizer: t.Tokens(text)
	for at := 0; at < len(text); {
		end := at + strings.IndexByte(text[at:], '\n') + 1
		tokens = append(tokens, token.Token{Start: at, End: end})
		at = end
	}
	each, err := reward.Assign(reward.Localised, result, tokens)
	fmt.Printf("%.3f %v\n", each, err)
	// Output:
	// 0.625
	// -0.150 "return x" test "large": wrong answer: got 9, expected 10
	// -0.025 "[]" B006 Do not use mutable data structures for argument defaults. They are created during function definition time. All cal…
	// [0.000 0.000 -0.025 0.650 0.000] <nil>
}
