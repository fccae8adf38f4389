package failures

import (
	"errors"
	"fmt"
	"strings"

	"hone/problem"
)

// Judged is what happened when a model's program ran against the tests of its task.
type Judged struct {
	Model   int // index in Results.Models
	Verdict problem.Verdict
	// Recorded says that the input tells what happened, FirstOnly that it does so of the first test that fails alone, whose
	// input Input is.
	Recorded, FirstOnly bool
	Input               string
}

// Take keeps what happened to a model's program, in place of what was recorded of it.
func (t *Task) Take(j Judged) {
	if old := t.judged(j.Model); old != nil {
		*old = j
		return
	}
	t.Judged = append(t.Judged, j)
}

// Join gives tasks their problems from index and says which have none. Ids are found across spellings.
func (r *Results) Join(index *problem.Index) {
	for i := range r.Tasks {
		t := &r.Tasks[i]
		p, err := find(index, t)
		if err != nil {
			if t.Problem == nil && len(t.Programs) > 0 {
				r.defect(NoTests, t.Name(), "%d programs, and no tests to run them with: %v", len(t.Programs), err)
			}
			continue
		}
		t.Problem, t.Examples = p, false
	}
}

var errOtherBenchmark = errors.New("the problem of that id is of another benchmark")

func find(index *problem.Index, t *Task) (*problem.Problem, error) {
	p, err := index.Find(t.ID)
	if err != nil {
		return nil, err
	}
	a, b := foldBenchmark(BenchmarkName(p.Benchmark)), foldBenchmark(t.Benchmark)
	if a != "" && !strings.HasPrefix(a, b) && !strings.HasPrefix(b, a) {
		return nil, fmt.Errorf("%w (%s)", errOtherBenchmark, p.Benchmark)
	}
	return p, nil
}

// passed reports whether a verdict is a pass, and whether it was scored.
func (j *Judged) passed() (pass, scored bool) {
	if j.Verdict.Passed == nil {
		return false, false
	}
	return *j.Verdict.Passed, true
}

// Disagreement is a published result that running the program does not give.
type Disagreement struct {
	Benchmark string          `json:"benchmark"`
	TaskID    string          `json:"task_id"`
	Model     string          `json:"model"`
	Published float64         `json:"published"` // pass rate
	Verdict   problem.Outcome `json:"verdict"`
	// Class says what the disagreement comes from, as far as running tells, see [Classes].
	Class string `json:"class"`
	Test  string `json:"test,omitempty"` // the first that fails, with what it said
}

// Classes of [Disagreement].
const (
	ReferenceFails = "reference_fails"  // the benchmark's own solution fails its tests
	Environment    = "environment"      // a module or a system call is not there
	NoEntry        = "no_entry_point"   // the program does not define what the tests call
	NotPython      = "not_python"       // the program does not compile
	Slow           = "time_or_memory"   // the limits are what it fails
	Raises         = "raises"           // every test that fails, raises
	WrongSome      = "wrong_some"       // wrong answers, some tests pass
	WrongAll       = "wrong_all"        // wrong answers, no test passes
	PassesHere     = "passes_here"      // published as failed, passes all tests here
	SameForm       = "form_differs"     // answers differ from what is expected in form only
	InProcess      = "test_not_trusted" // a test in the program's process was not reported
)

// Disagreements compares published results with verdicts; results of several programs are compared where they are all or none.
func Disagreements(r *Results) []Disagreement {
	out := []Disagreement{}
	for i := range r.Tasks {
		t := &r.Tasks[i]
		for _, c := range t.Cells {
			j := t.judged(c.Model)
			if j == nil || j.Recorded || c.Rate > 0 && c.Rate < 1 {
				continue
			}
			pass, scored := j.passed()
			if !scored || pass == (c.Rate == 1) || pass && t.Examples {
				continue
			}
			out = append(out, Disagreement{
				Benchmark: t.Benchmark, TaskID: t.ID, Model: r.Models[c.Model], Published: c.Rate, Verdict: j.Verdict.Verdict,
				Class: classify(t, j), Test: firstFailure(&j.Verdict),
			})
		}
	}
	return out
}

func (t *Task) judged(model int) *Judged {
	for i := range t.Judged {
		if t.Judged[i].Model == model {
			return &t.Judged[i]
		}
	}
	return nil
}

// classify says why a program fails, by its verdict.
func classify(t *Task, j *Judged) string {
	v := &j.Verdict
	switch {
	case v.Verdict == problem.Pass:
		return PassesHere
	case t.ReferenceFails:
		return ReferenceFails
	case v.Verdict == problem.SyntaxError:
		return NotPython
	case v.Verdict == problem.MissingModule || v.Verdict == problem.Forbidden:
		return Environment
	}
	slow, raises, form, failed, undefined := 0, 0, 0, 0, 0
	for _, x := range v.Tests {
		if x.Verdict == problem.Pass {
			continue
		}
		failed++
		switch x.Verdict {
		case problem.Timeout, problem.MemoryLimit, problem.OutputLimit:
			slow++
		case problem.Exception:
			raises++
			if strings.HasPrefix(x.Error, "NameError") && x.Line == 0 { // a name that the test uses, not the program
				undefined++
			}
		case problem.WrongAnswer:
			if FormDifference(x.Got, x.Expected) != "" {
				form++
			}
		}
	}
	switch {
	case failed == 0:
		return InProcess
	case undefined == failed:
		return NoEntry
	case slow > 0 && slow == failed:
		return Slow
	case form == failed:
		return SameForm
	case raises == failed:
		return Raises
	case failed < len(v.Tests):
		return WrongSome
	}
	return WrongAll
}

// firstFailure says what the first failing test said.
func firstFailure(v *problem.Verdict) string {
	for _, x := range v.Tests {
		switch {
		case x.Verdict == problem.Pass:
		case x.Error != "":
			return fmt.Sprintf("%s: %s", x.Name, short(x.Error))
		default:
			return fmt.Sprintf("%s: got %s, expected %s", x.Name, short(x.Got), short(x.Expected))
		}
	}
	return ""
}
