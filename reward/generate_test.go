package reward

import (
	"context"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hone/problem"
	"hone/source"
	"hone/token"
)

// newFormula makes the formula of a recipe that change has changed.
func newFormula(t testing.TB, change func(*Recipe)) *Formula {
	t.Helper()
	var r Recipe
	r.Default()
	if change != nil {
		change(&r)
	}
	f, err := New(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// verdictOf makes a verdict of tests' outcomes.
func verdictOf(rows ...problem.TestResult) *problem.Verdict {
	v := &problem.Verdict{Benchmark: "own", TaskID: "own/1", Verdict: problem.Pass, Tests: rows}
	for i := range rows {
		if rows[i].Name == "" {
			rows[i].Name = fmt.Sprint("t", i)
		}
		if v.Verdict == problem.Pass {
			v.Verdict = rows[i].Verdict
		}
	}
	passed := v.Verdict == problem.Pass
	v.Passed = &passed
	return v
}

func outcomes(rows ...problem.Outcome) *problem.Verdict {
	tests := make([]problem.TestResult, len(rows))
	for i, o := range rows {
		tests[i].Verdict = o
	}
	return verdictOf(tests...)
}

// plain is a problem without prefix.
var plain = &problem.Problem{Benchmark: "own", TaskID: "own/1", EntryPoint: "f", Reference: "def f(x):\n    y = x + 1\n    return y\n"}

func score(t fataler, f *Formula, in Input) *Result {
	r, err := f.Score(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// texts are what models write: code, prose, fences, and what is neither.
func texts() *rapid.Generator[string] {
	part := rapid.SampledFrom([]string{
		"def f(x):\n", "    return x\n", "    y = x + 1\n    return y\n", "import os\n", "    return undefined\n", "    eval(x)  # nosec\n",
		"def f(x, y=[]):  # noqa\n", "x = 1\n", "print('ü')\n", "\n", "\r\n", "    if x == None:\n        pass\n", ")\n", "(\n", "'''", " ",
		"Here it is:\n", "```python\n", "```\n", "<think>\n", "</think>\n", "[PYTHON]", "[/PYTHON]", "\ufeff", "\x00", "\xff", "# -*- coding: latin-1 -*-\n",
	})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(part, 0, 12).Draw(t, "parts"), "")
	})
}

var forms = []problem.Form{problem.FormResponse, problem.FormCompletion, problem.FormSolution}

// verdicts are what judges say, sensible or not.
func verdicts() *rapid.Generator[*problem.Verdict] {
	line := rapid.IntRange(-1, 12)
	return rapid.Custom(func(t *rapid.T) *problem.Verdict {
		n := rapid.IntRange(1, 10).Draw(t, "tests")
		rows := make([]problem.TestResult, n)
		broken := rapid.IntRange(0, 5).Draw(t, "broken") == 0
		for i := range rows {
			rows[i].Verdict = rapid.SampledFrom([]problem.Outcome{problem.Pass, problem.Pass, problem.WrongAnswer, problem.Exception, problem.Timeout, problem.MissingModule}).Draw(t, "outcome")
			if broken {
				rows[i].Verdict = problem.SyntaxError
			}
			if rows[i].Verdict != problem.Pass {
				rows[i].Line = line.Draw(t, "line")
			}
			if rows[i].Verdict == problem.WrongAnswer {
				rows[i].Lines = rapid.SliceOfN(line, 0, 5).Draw(t, "lines")
			}
		}
		return verdictOf(rows...)
	})
}

func problems() *rapid.Generator[*problem.Problem] {
	return rapid.SampledFrom([]*problem.Problem{
		plain,
		{TaskID: "p", EntryPoint: "f", Prefix: "from typing import List\ndef f(x):\n    \"\"\"Doc.\"\"\"\n", Reference: "x = 1"},
		{TaskID: "m", Tests: []problem.Test{{Name: "t0", Kind: problem.KindCall, Visibility: problem.Mandatory}, {Name: "t1", Kind: problem.KindRobot}}},
	})
}

func inputs() *rapid.Generator[Input] {
	return rapid.Custom(func(t *rapid.T) Input {
		return Input{
			Problem: problems().Draw(t, "problem"), Verdict: verdicts().Draw(t, "verdict"),
			Form: rapid.SampledFrom(forms).Draw(t, "form"), Text: texts().Draw(t, "text"),
		}
	})
}

// tokensOf cuts a text into tokens of any length, with some that cover nothing and an end
// token.
func tokensOf(text string) *rapid.Generator[[]token.Token] {
	return rapid.Custom(func(t *rapid.T) []token.Token {
		length := rapid.IntRange(0, 6)
		out := make([]token.Token, length.Draw(t, "before")) // such as a token of the beginning
		for at := 0; at < len(text); {
			n := min(length.Draw(t, "length"), len(text)-at)
			out = append(out, token.Token{Start: at, End: at + n})
			at += n
		}
		return append(out, token.Token{Start: len(text), End: len(text)})
	})
}

// exactly is the sum of xs without rounding.
func exactly(xs []float64) *big.Float {
	s := new(big.Float).SetPrec(2000)
	for _, x := range xs {
		s.Add(s, big.NewFloat(x))
	}
	return s
}

// off is how far the exact sum of xs is from total, over what rounding to float64 may do.
func off(xs []float64, total float64) float64 {
	size := abs(total)
	for _, x := range xs {
		size += abs(x)
	}
	d, _ := new(big.Float).Sub(exactly(xs), big.NewFloat(total)).Float64()
	if d == 0 {
		return 0
	}
	return abs(d) / (size * (1.0 / (1 << 52)))
}

// overlaps reports whether a token has a byte of the spans.
func overlaps(spans []source.Span, t token.Token) bool {
	for _, s := range spans {
		if max(s.Start, t.Start) < min(s.End, t.End) {
			return true
		}
	}
	return false
}

// fataler is a test, or a check of rapid's.
type fataler interface{ Fatal(args ...any) }
