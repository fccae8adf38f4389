package reward

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hone/problem"
	"hone/source"
	"hone/token"
)

// allComponents is a formula in which everything counts.
func allComponents(r *Recipe) {
	r.Components = map[string]Term{
		Syntax: {Weight: 0.3, Gate: GateAlways}, Tests: {Weight: 0.7}, Solved: {Weight: 0.5}, Simulator: {Weight: 0.8}, DataFlow: {Weight: 0.1, Gate: GateCompiles},
		Style: {Weight: 0.1, Gate: GateAlways, Select: []string{"E", "W", "F", "B"}}, Security: {Weight: 0.2, Gate: GateAlways, Select: []string{"S"}},
	}
}

// TestConserved: whatever the text, the verdict, the mode and the tokens, the tokens'
// rewards sum to the reward, and none goes to a token outside the program.
func TestConserved(t *testing.T) {
	formulas := []*Formula{newFormula(t, nil), newFormula(t, allComponents), newFormula(t, func(r *Recipe) { r.Formula = Published })}
	rapid.Check(t, func(t *rapid.T) {
		in := inputs().Draw(t, "input")
		f := rapid.SampledFrom(formulas).Draw(t, "formula")
		r := score(t, f, in)
		tokens := tokensOf(in.Text).Draw(t, "tokens")
		for _, mode := range Modes {
			got, err := Assign(mode, r, tokens)
			if err != nil {
				t.Fatal(err)
			}
			if o := off(got, r.Reward); o > 1 {
				t.Fatalf("%s: %v sum to %v, the reward is %v", mode, got, exactly(got), r.Reward)
			}
			shares, err := Spread(mode, r, tokens)
			if err != nil {
				t.Fatal(err)
			}
			parts := 0.0
			for _, s := range shares {
				parts += s.Amount
			}
			if math.Abs(parts-r.Reward) > 1e-9 {
				t.Fatalf("%s: shares sum to %v, the reward is %v", mode, parts, r.Reward)
			}
			inside := slices.ContainsFunc(tokens, func(k token.Token) bool { return overlaps(r.Program, k) })
			for i, x := range got {
				if x != 0 && inside && !overlaps(r.Program, tokens[i]) {
					t.Fatalf("%s: token %d, outside the program, has %v", mode, i, x)
				}
				if x != 0 && !inside && i != len(got)-1 {
					t.Fatalf("%s: of a text without program, token %d has %v", mode, i, x)
				}
				if mode == Localised && x > 0 && i != lastIndex(got) {
					t.Fatalf("token %d before the last one has the positive reward %v", i, x)
				}
			}
		}
	})
}

func lastIndex(xs []float64) int {
	for i := len(xs) - 1; i >= 0; i-- {
		if xs[i] != 0 {
			return i
		}
	}
	return -1
}

// TestMarksLie: marks are within the text and the program in it, negative, and with what
// is left they are the value.
func TestMarksLie(t *testing.T) {
	f := newFormula(t, allComponents)
	rapid.Check(t, func(t *rapid.T) {
		in := inputs().Draw(t, "input")
		r := score(t, f, in)
		sum := 0.0
		for _, p := range r.Parts {
			sum += p.Reward
			if p.Value < p.Low || p.Value > p.High {
				t.Fatalf("%s: value %v is out of range", p.Component, p.Value)
			}
			left := p.Reward
			for _, m := range p.Marks {
				left -= m.Amount
				if m.Amount > 0 || m.Why == "" {
					t.Fatalf("%s: mark %+v", p.Component, m)
				}
				for _, s := range m.Spans {
					if s.Start < 0 || s.End > len(in.Text) || !slices.ContainsFunc(r.Program, func(p source.Span) bool { return p.Contains(s) }) {
						t.Fatalf("%s: span %v is not in the program %v of %d bytes", p.Component, s, r.Program, len(in.Text))
					}
				}
			}
			if left < -1e-9 || left > p.Weight*p.High+1e-9 {
				t.Fatalf("%s: without its marks it would be %v", p.Component, left)
			}
		}
		if sum != r.Reward {
			t.Fatalf("parts sum to %v, the reward is %v", sum, r.Reward)
		}
	})
}

// TestMonotone: making one test pass never lowers the reward.
func TestMonotone(t *testing.T) {
	f := newFormula(t, nil)
	rapid.Check(t, func(t *rapid.T) {
		in := inputs().Draw(t, "input")
		before := score(t, f, in)
		i := rapid.IntRange(0, len(in.Verdict.Tests)-1).Draw(t, "test")
		if in.Verdict.Verdict == problem.SyntaxError {
			return // no test of it can pass
		}
		rows := slices.Clone(in.Verdict.Tests)
		rows[i] = problem.TestResult{Name: rows[i].Name, Verdict: problem.Pass}
		in.Verdict = verdictOf(rows...)
		if after := score(t, f, in); after.Reward < before.Reward {
			t.Fatalf("%v, with test %d passing %v", before.Reward, i, after.Reward)
		}
	})
}

// TestEmptyProgram: it never beats one that passes something, however unclean that is.
func TestEmptyProgram(t *testing.T) {
	f := newFormula(t, nil)
	rapid.Check(t, func(t *rapid.T) {
		v := verdicts().Draw(t, "verdict")
		if v.PassedTests() == 0 || v.Verdict == problem.SyntaxError {
			return
		}
		something := score(t, f, Input{plain, v, problem.FormResponse, texts().Draw(t, "text") + strings.Repeat("eval(undefined)\n", 9)})
		empty := rapid.SampledFrom([]string{"", "pass", "\n", "# nothing\n"}).Draw(t, "empty")
		fails := rapid.SampledFrom([]problem.Outcome{problem.Exception, problem.WrongAnswer, problem.Timeout}).Draw(t, "fails")
		rows := make([]problem.Outcome, len(v.Tests))
		for i := range rows {
			rows[i] = fails
		}
		if nothing := score(t, f, Input{plain, outcomes(rows...), problem.FormResponse, empty}); nothing.Reward >= something.Reward {
			t.Fatalf("%q gets %v, a program with %d tests passing %v", empty, nothing.Reward, v.PassedTests(), something.Reward)
		}
	})
}

// TestNormalised: a group has mean 0 and deviation 1, or nothing to tell apart, and what is
// assigned still sums to the reward.
func TestNormalised(t *testing.T) {
	f := newFormula(t, allComponents)
	rapid.Check(t, func(t *rapid.T) {
		ins := rapid.SliceOfN(inputs(), 1, 6).Draw(t, "group")
		group := make([]*Result, len(ins))
		for i := range ins {
			ins[i].Problem = plain
			group[i] = score(t, f, ins[i])
		}
		before := rewards(group)
		for _, by := range normalisations {
			got, err := Normalise(by, 1e-6, group)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(before, rewards(group)) {
				t.Fatal("the results given have changed")
			}
			switch by {
			case NormaliseNone:
				if !slices.Equal(before, rewards(got)) {
					t.Fatal("none changes something")
				}
			case NormaliseTotal:
				mean, deviation := moments(rewards(got))
				_, was := moments(before)
				want := was / (was + 1e-6)
				if math.Abs(mean) > 1e-6 || was > 1e-9 && math.Abs(deviation-want) > 1e-6 {
					t.Fatalf("mean %v, deviation %v, before %v", mean, deviation, was)
				}
			case NormaliseComponents:
				for k := range group[0].Parts {
					var xs []float64
					for _, r := range got {
						xs = append(xs, r.Parts[k].Reward/r.Parts[k].Weight)
					}
					if mean, deviation := moments(xs); math.Abs(mean) > 1e-6 || deviation > 1e-9 && math.Abs(deviation-1) > 1e-4 {
						t.Fatalf("%s: %v has mean %v, deviation %v", group[0].Parts[k].Component, xs, mean, deviation)
					}
				}
			}
			for i, r := range got {
				tokens := tokensOf(ins[i].Text).Draw(t, "tokens")
				x, err := Assign(Localised, r, tokens)
				if err != nil {
					t.Fatal(err)
				}
				if o := off(x, r.Reward); o > 1 {
					t.Fatalf("%s: %v do not sum to %v", by, x, r.Reward)
				}
			}
		}
	})
}

func rewards(group []*Result) []float64 {
	out := make([]float64, len(group))
	for i, r := range group {
		out[i] = r.Reward
	}
	return out
}

func moments(xs []float64) (mean, deviation float64) {
	for _, x := range xs {
		mean += x / float64(len(xs))
	}
	for _, x := range xs {
		deviation += (x - mean) * (x - mean) / float64(len(xs))
	}
	return mean, math.Sqrt(deviation)
}
