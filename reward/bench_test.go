package reward

import (
	"context"
	"strings"
	"testing"

	"hone/problem"
	"hone/token"
)

// program256 has 256 tokens of a byte-level tokenizer of 3.3 bytes a token, as code has.
var program256 = func() string {
	const part = `def total(values, limit=10):
    """Sum the values up to a limit."""
    result = 0
    for i, value in enumerate(values):
        if value is None or i > limit:
            continue
        result += value * (i + 1)
    return result


`
	return strings.Repeat(part, 4)[:845]
}()

func benchmarkTokens(text string) []token.Token {
	var out []token.Token
	for at := 0; at < len(text); at += 3 {
		out = append(out, token.Token{Start: at, End: min(at+3, len(text))})
	}
	return out
}

// BenchmarkReward is the reward of a program of 256 tokens, assigned, without execution.
func BenchmarkReward(b *testing.B) {
	p := &problem.Problem{TaskID: "b", EntryPoint: "total", Reference: program256}
	text := "Sure:\n```python\n" + program256 + "\n```\n"
	v := verdictOf(problem.TestResult{Verdict: problem.Pass}, problem.TestResult{Verdict: problem.WrongAnswer, Lines: []int{3, 4, 5, 7, 8}}, problem.TestResult{Verdict: problem.Exception, Line: 7, Error: "TypeError"})
	tokens := benchmarkTokens(text)
	for _, c := range []struct {
		name   string
		change func(*Recipe)
	}{
		{"default", nil}, {"everything", allComponents},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := newFormula(b, c.change)
			b.ReportAllocs()
			for b.Loop() {
				r, err := f.Score(context.Background(), Input{p, v, problem.FormResponse, text})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := Assign(Localised, r, tokens); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAssign is the assignment alone.
func BenchmarkAssign(b *testing.B) {
	f := newFormula(b, allComponents)
	v := verdictOf(problem.TestResult{Verdict: problem.WrongAnswer, Lines: []int{3, 4, 5, 7, 8}})
	r, err := f.Score(context.Background(), Input{plain, v, problem.FormSolution, program256})
	if err != nil {
		b.Fatal(err)
	}
	tokens := benchmarkTokens(program256)
	for b.Loop() {
		if _, err := Assign(Localised, r, tokens); err != nil {
			b.Fatal(err)
		}
	}
}
