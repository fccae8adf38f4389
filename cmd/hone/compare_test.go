//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"hone/problem"
)

// TestSignTest: the sums of binomial coefficients over 2ⁿ, from Python.
func TestSignTest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b int
		p    float64
	}{
		{0, 0, 1}, {3, 3, 1}, {0, 1, 1}, {0, 6, 0.03125}, {1, 9, 0.021484375}, {6, 14, 0.115318298339844}, {14, 6, 0.115318298339844},
	} {
		if p := signTest(c.a, c.b); math.Abs(p-c.p) > 1e-12 {
			t.Errorf("signTest(%d, %d) = %v, want %v", c.a, c.b, p, c.p)
		}
	}
}

// verdictRow is a verdict as hone judge writes it.
func verdictRow(task string, sample int, verdict problem.Outcome) string {
	passed := fmt.Sprint(verdict == problem.Pass)
	if verdict == problem.Infrastructure {
		passed = "null"
	}
	return fmt.Sprintf(`{"benchmark":"own","task_id":%q,"sample":%d,"verdict":%q,"passed":%s,"tests":[{"name":"t","verdict":%q}],"judge":"data","tier":"full","cpu_ms":1,"wall_ms":1,"cached":false}`+"\n", task, sample, verdict, passed, verdict)
}

func TestCompare(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	var a, b strings.Builder
	for i := range 10 { // tasks 0–5 fail, 6–9 pass in A; in B 0–2 pass as well, 9 no more
		task := fmt.Sprintf("own/%d", i)
		outcome := func(pass bool) problem.Outcome {
			if pass {
				return problem.Pass
			}
			return problem.WrongAnswer
		}
		a.WriteString(verdictRow(task, 0, outcome(i >= 6)))
		b.WriteString(verdictRow(task, 0, outcome(i < 3 || i >= 6 && i < 9)))
	}
	a.WriteString(verdictRow("own/x", 0, problem.Infrastructure))
	b.WriteString(verdictRow("own/x", 0, problem.Pass))
	u.write("a.jsonl", a.String())
	u.write("b.jsonl", b.String())
	r := u.hone("compare", "a.jsonl", "b.jsonl", "--report", "r.html").exits(0)
	r.prints("pass@1  40.0 %", "pass@1  60.0 %", "+20.0 points", "1 only A passes, 3 only B: McNemar (exact) p = 0.625",
		"1 worse, 3 better: sign test p = 0.625", "own/0  0/1 → 1/1", "own/9  1/1 → 0/1", "1 program left out", "report: r.html")
	if page := u.read("r.html"); !strings.Contains(page, "<strong>+20.0 points</strong>") {
		t.Error("the report lacks the difference")
	}
	var c comparison
	if err := json.Unmarshal([]byte(u.hone("compare", "a.jsonl", "b.jsonl", "--json").exits(0).out), &c); err != nil {
		t.Fatal(err)
	}
	if c.Pairs != 10 || c.NotScored != 1 || c.Both != 3 || c.OnlyA != 1 || c.OnlyB != 3 || c.Neither != 3 || len(c.Changed) != 4 {
		t.Errorf("compared %+v", c)
	}
	u.hone("compare", "a.jsonl", "a.jsonl").exits(0).prints("0.0 points [0.0, 0.0]", "p = 1")

	u.write("less.jsonl", a.String()[strings.Index(a.String(), "\n")+1:])
	u.hone("compare", "a.jsonl", "less.jsonl").exits(1).says("are not about the same programs", "1 program only in a.jsonl: own own/0 sample 0")
	u.write("twice.jsonl", a.String()+verdictRow("own/3", 0, problem.Pass))
	u.hone("compare", "twice.jsonl", "a.jsonl").exits(1).says("twice.jsonl:12: own own/3 sample 0 is in line 4 too")
	u.write("bad.jsonl", "{}\n")
	u.hone("compare", "bad.jsonl", "a.jsonl").exits(1).says("bad.jsonl:1: no verdict")
	u.write("open.jsonl.part", a.String())
	u.hone("compare", "open.jsonl", "a.jsonl").exits(1).says("is not finished")
	u.hone("compare", "a.jsonl").exits(2).says("name two files of verdicts")
	u.hone("compare", "a.jsonl", "b.jsonl", "--report", "a.jsonl").exits(2).says("is an input or the output")
	u.hone("compare", "a.jsonl", "b.jsonl", "--report", "no/r.html").exits(1).says("there is no folder no")
}
