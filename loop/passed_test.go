package loop

import (
	"io"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hone/offline"
	"hone/problem"
)

// What is kept of four problems' programs, by hand.
func TestPassed(t *testing.T) {
	problems := []*problem.Problem{{Prompt: "def f(x):\n"}, {Prompt: "def g(x):\n"}, {Prompt: "def h(x):\n"}, {Prompt: "def i(x):\n"}}
	is := func(o problem.Outcome, text string, reward float64) Program {
		return Program{Outcome: o, Scored: true, Text: text, Reward: reward}
	}
	cut := is(problem.Pass, "    return 7\n", 1)
	cut.Truncated = true
	programs := []Program{
		// Half pass: two are kept, the best first; a comment makes no other program.
		is(problem.Pass, "    return x\n", 1), is(problem.Pass, "    return x # same\n", 1.1), is(problem.Pass, "    return x + 0\n", 1.2), is(problem.Pass, "    return 0 + x\n", 0.9),
		is(problem.WrongAnswer, "    return 1\n", 0), is(problem.WrongAnswer, "    return 1\n", 0), is(problem.SyntaxError, "    (\n", -1), is(problem.Exception, "    return y\n", 0),
		// All pass: one is kept.
		is(problem.Pass, "    return 1\n", 1), is(problem.Pass, "    return 2\n", 1), is(problem.Pass, "    return 3\n", 1), is(problem.Pass, "    return 4\n", 1),
		is(problem.Pass, "    return 5\n", 1), is(problem.Pass, "    return 6\n", 1), cut,
		{Outcome: problem.Infrastructure, Text: "    return 8\n"},
		// None passes.
		is(problem.WrongAnswer, "    return 1\n", 0), is(problem.WrongAnswer, "    return 1\n", 0), is(problem.WrongAnswer, "    return 1\n", 0), is(problem.WrongAnswer, "    return 1\n", 0),
		is(problem.WrongAnswer, "    return 1\n", 0), is(problem.WrongAnswer, "    return 1\n", 0), is(problem.WrongAnswer, "    return 1\n", 0), is(problem.WrongAnswer, "    return 1\n", 0),
		// What was cut off is nothing to learn from.
		cut, cut, cut, cut, cut, cut, cut, cut,
	}
	pairs, r := passed(problems, programs, 8, 4, false)
	want := []pair{{"def f(x):\n", "    return x + 0\n"}, {"def f(x):\n", "    return x\n"}, {"def g(x):\n", "    return 1\n"}}
	if !slices.Equal(pairs, want) {
		t.Errorf("%q", pairs)
	}
	if r != (Round{Programs: 31, Passed: 19. / 31, Solved: 3, Kept: 3}) {
		t.Errorf("%+v", r)
	}
	// What raised in a later test did not run to its end.
	for i := range programs {
		programs[i].Raised = programs[i].Outcome == problem.WrongAnswer
	}
	if _, r := passed(problems, programs, 8, 4, true); r.OnlyRan != 0 {
		t.Errorf("%+v", r)
	}
	for i := range programs {
		programs[i].Raised = false
	}
	// Where nothing passes, what ran is kept if that is wanted, and not where what passes was cut off.
	pairs, r = passed(problems, programs, 8, 4, true)
	if want = append(want, pair{"def h(x):\n", "    return 1\n"}); !slices.Equal(pairs, want) || r.OnlyRan != 1 || r.Kept != 4 {
		t.Errorf("%q %+v", pairs, r)
	}
}

// Whatever was written: only what passed is kept, no program twice, no problem more than most, and a
// problem that is solved more often has no larger share.
func TestPassedProperties(t *testing.T) {
	texts := []string{"    return 1\n", "    return 2\n", "    return 3\n", "    return 1 # one\n", "    return 4\n", ""}
	outcomes := []problem.Outcome{problem.Pass, problem.Pass, problem.WrongAnswer, problem.SyntaxError}
	rapid.Check(t, func(t *rapid.T) {
		samples, most := rapid.IntRange(1, 8).Draw(t, "samples"), rapid.IntRange(1, 5).Draw(t, "most")
		problems := make([]*problem.Problem, rapid.IntRange(1, 4).Draw(t, "problems"))
		var programs []Program
		good := map[pair]bool{} // what there is to choose from
		passes := map[string]int{}
		for i := range problems {
			problems[i] = &problem.Problem{Prompt: "def f" + string(rune('a'+i)) + "():\n"}
			for range samples {
				p := Program{
					Scored: true, Text: rapid.SampledFrom(texts).Draw(t, "text"), Outcome: rapid.SampledFrom(outcomes).Draw(t, "outcome"),
					Reward: float64(rapid.IntRange(0, 3).Draw(t, "reward")), Truncated: rapid.IntRange(0, 5).Draw(t, "cut") == 0,
				}
				programs = append(programs, p)
				if p.Passed() {
					passes[problems[i].Prompt]++
				}
				if p.Passed() && !p.Truncated && p.Text != "" {
					good[pair{problems[i].Prompt, p.Text}] = true
				}
			}
		}
		pairs, r := passed(problems, programs, samples, most, false)
		if r.Kept != len(pairs) || r.Programs != len(programs) {
			t.Fatalf("%+v of %d pairs", r, len(pairs))
		}
		kept := map[string]int{}
		trees := map[[32]byte]bool{}
		for _, p := range pairs {
			h := offline.Hash(p.Prompt, p.Prompt+p.Completion)
			if !good[p] || trees[h] {
				t.Fatalf("%q is kept", p)
			}
			trees[h] = true
			kept[p.Prompt]++
		}
		for prompt, n := range kept {
			if allowed := max(1, most-most*passes[prompt]/samples); n > allowed {
				t.Fatalf("%d of %q are kept, of %d programs %d passed", n, prompt, samples, passes[prompt])
			}
		}
	})
}

// Some of the programs have their share of the cost: what was written and run, and of the time what is
// theirs of the tokens.
func TestPart(t *testing.T) {
	c := &collection{programs: []Program{
		{TaskID: "a", Text: "x", Tokens: 3},
		{TaskID: "a", Text: "x", Tokens: 3},
		{TaskID: "b", Text: "x", Tokens: 1},
		{TaskID: "b", Text: "y", Tokens: 1},
	}}
	c.count()
	c.cost.Seconds = 8
	if c.cost != (Cost{Written: 8, Executions: 3, Seconds: 8}) {
		t.Errorf("%+v", c.cost)
	}
	if f := c.part(0, 2); len(f.programs) != 2 || f.cost != (Cost{Written: 6, Executions: 1, Seconds: 6}) {
		t.Errorf("%+v", f.cost)
	}
	if f := c.part(2, 4); f.cost != (Cost{Written: 2, Executions: 2, Seconds: 2}) {
		t.Errorf("%+v", f.cost)
	}
	if c.part(0, 4) != c {
		t.Error("all of them are not the collection itself")
	}
}

// TestLearnable: what the loop takes for a program to learn from, package offline accepts as a row.
func TestLearnable(t *testing.T) {
	for text, want := range map[string]bool{"x": true, "    return 1\n": true, "": false, "   \n": false, "\n\t": false} {
		p := Program{Scored: true, Text: text, Outcome: problem.SyntaxError}
		if got := p.learnable(); got != want {
			t.Errorf("%q is learnable: %v, want %v", text, got, want)
		}
		err := offline.Write(io.Discard, []offline.Row{{TaskID: "t", Prompt: "p", Program: text, Verdict: p.Outcome}})
		if (err == nil) != want {
			t.Errorf("%q as a row: %v", text, err)
		}
	}
}
