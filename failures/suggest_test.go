package failures

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"hone/problem"
)

// failed is a verdict with results of tests, each "pass", "timeout", "missing_module" or "got/expected".
func failed(tests ...string) problem.Verdict {
	no := false
	v := problem.Verdict{Verdict: problem.WrongAnswer, Passed: &no}
	for i, s := range tests {
		r := problem.TestResult{Name: fmt.Sprintf("t%d", i), Verdict: problem.WrongAnswer}
		if got, expected, ok := strings.Cut(s, "/"); ok {
			r.Got, r.Expected = got, expected
		} else {
			r.Verdict = problem.Outcome(s)
		}
		v.Tests = append(v.Tests, r)
	}
	return v
}

func task(verdicts ...problem.Verdict) *Task {
	t := &Task{Benchmark: "b", ID: "1", Problem: &problem.Problem{TaskID: "1", Tests: []problem.Test{{Name: "t0", Kind: problem.KindCall, Spec: json.RawMessage(`{"function":"f","args":[5],"expected":1}`)}}}}
	for i, v := range verdicts {
		t.Cells = append(t.Cells, Cell{Model: i, N: 1})
		t.Judged = append(t.Judged, Judged{Model: i, Verdict: v})
	}
	return t
}

// Each rule is met by evidence that asks for it, and not by what stands beside it.
func TestSuggest(t *testing.T) {
	for _, c := range []struct {
		name          string
		task          *Task
		patterns      []Pattern
		complications []Complication
	}{
		{"nothing ran", task(), nil, nil},
		{"some tests pass", task(failed("pass", "7/9"), failed("pass", "6/9")), []Pattern{Algorithm}, nil},
		{"no test passes", task(failed("7/9", "1/2"), failed("6/9", "4/2")), []Pattern{Mapping}, nil},
		{"out of time", task(failed("pass", "timeout"), failed("pass", "timeout")), []Pattern{Algorithm}, nil},
		{"the same answer from all", task(failed("pass", "7/9"), failed("pass", "7/9"), failed("pass", "7/9")), []Pattern{Algorithm}, []Complication{SuspectGroundTruth}},
		{"two camps", task(failed("pass", "7/9"), failed("pass", "7/9"), failed("pass", "6/9"), failed("pass", "6/9")), []Pattern{Algorithm}, []Complication{AmbiguousPrompt}},
		{"a list instead of a tuple", task(failed("pass", "[1, 2]/(1, 2)"), failed("pass", "7/(1, 2)")), []Pattern{Algorithm, Formatting}, []Complication{OverSpecified}},
		{"a module is missing", task(failed("missing_module"), failed("missing_module")), nil, []Complication{EnvironmentTrap}},
	} {
		s := SuggestFor(c.task)
		if c.name == "a module is missing" || c.name == "out of time" { // the programs end alike, which makes a camp
			s.Complications = slices.DeleteFunc(s.Complications, func(x Complication) bool { return x == AmbiguousPrompt || x == SuspectGroundTruth })
		}
		if !slices.Equal(s.Patterns, c.patterns) || !slices.Equal(s.Complications, c.complications) {
			t.Errorf("%s: %v and %v, not %v and %v: %+v", c.name, s.Patterns, s.Complications, c.patterns, c.complications, s.Evidence)
		}
	}
}

// Recorded failures have one name of a test: the same answer to different inputs is not the same answer.
func TestRecordedInputs(t *testing.T) {
	x := task(failed("7/9"), failed("7/9"), failed("7/9"))
	for i := range x.Judged {
		x.Judged[i].Recorded, x.Judged[i].FirstOnly, x.Judged[i].Input = true, true, fmt.Sprint("input ", i)
	}
	if s := SuggestFor(x); slices.Contains(s.Complications, SuspectGroundTruth) {
		t.Errorf("%v: %+v", s.Complications, s.Evidence)
	}
	for i := range x.Judged {
		x.Judged[i].Input = "input"
	}
	if s := SuggestFor(x); !slices.Contains(s.Complications, SuspectGroundTruth) {
		t.Errorf("one input: %v: %+v", s.Complications, s.Evidence)
	}
}

// A curriculum begins with what models come nearest to; what cannot be learnt from is counted.
func TestCurriculum(t *testing.T) {
	r := &Results{Models: []string{"m", "k"}}
	far, near, broken, passed := task(failed("7/9", "1/2"), failed("7/9", "1/2")), task(failed("pass", "1/2"), failed("7/9", "1/2")), task(failed("7/9"), failed("7/9")), task(failed("7/9"), failed("7/9"))
	far.Problem.TaskID, near.Problem.TaskID = "far", "near"
	broken.ReferenceFails = true
	passed.Cells[0].Rate = 1
	for _, x := range []*Task{far, near, broken, passed} {
		r.Tasks = append(r.Tasks, *x)
	}
	var b bytes.Buffer
	written, left, err := Curriculum(&b, r)
	if err != nil || written != 2 || left != 1 || strings.Index(b.String(), "near") > strings.Index(b.String(), "far") {
		t.Errorf("%d written, %d left out, %v:\n%s", written, left, err, b.String())
	}
	b.Reset()
	if written, left, err := Regression(&b, r); err != nil || written != 4 || left != 0 {
		t.Errorf("%d written, %d left out, %v", written, left, err)
	}
}

// Verdicts are compared with what was published, and each difference has a class.
func TestDisagreements(t *testing.T) {
	yes := true
	x := task(problem.Verdict{Verdict: problem.Pass, Passed: &yes}, failed("7/9"), failed("missing_module"), failed("7/9"))
	x.Judged[2].Verdict.Verdict = problem.MissingModule
	for i, rate := range []float64{0, 1, 1, 0.5} {
		x.Cells[i].Rate = rate
	}
	ds := Disagreements(&Results{Models: []string{"a", "b", "c", "d"}, Tasks: []Task{*x}})
	var got []string
	for _, d := range ds {
		got = append(got, d.Model+" "+d.Class)
	}
	if want := []string{"a " + PassesHere, "b", "c " + Environment}; len(got) != 3 || got[0] != want[0] || !strings.HasPrefix(got[1], want[1]) || got[2] != want[2] {
		t.Errorf("%q", got)
	}
}
