package failures

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"hone/problem"
)

// Pattern is why models fail a task, after "Where Do LLMs Still Struggle?" (arXiv 2511.04355, section 4). A task can have several.
type Pattern string

const (
	Mapping    Pattern = "wrong_problem_mapping"
	Algorithm  Pattern = "flawed_algorithm"
	EdgeCase   Pattern = "edge_case"
	Formatting Pattern = "formatting"
)

// Patterns are all of them.
var Patterns = []Pattern{Algorithm, Mapping, Formatting, EdgeCase}

// Complication is what is wrong with a task rather than with programs.
type Complication string

const (
	AmbiguousPrompt    Complication = "ambiguous_prompt"      // programs agree in several camps, none with the tests
	OverSpecified      Complication = "over_specified_test"   // the tests want a form, a text or a call that is one of several right ones
	ContradictsOwn     Complication = "contradicts_reference" // the benchmark's own solution fails its tests
	EnvironmentTrap    Complication = "environment_trap"      // programs fail for want of a module, a file or the network
	SuspectGroundTruth Complication = "wrong_ground_truth"    // nearly all programs give one answer, which the tests call wrong
)

// Complications are all of them.
var Complications = []Complication{AmbiguousPrompt, OverSpecified, ContradictsOwn, EnvironmentTrap, SuspectGroundTruth}

// Evidence is what running the programs of a task showed. Shares are of the failing programs or of their tests.
type Evidence struct {
	Programs     int            `json:"programs"`     // that failed
	Tests        int            `json:"tests"`        // of the task
	Examples     bool           `json:"examples"`     // the tests are the examples of the prompt: programs that failed may pass all
	Recorded     int            `json:"recorded"`     // programs that did not run here: the input says what happened
	TestsPassed  float64        `json:"tests_passed"` // mean share of the tests that a failing program passes, where it is known of all
	NonePass     float64        `json:"none_pass"`    // share of programs that pass no test, where it is known of all
	Form         float64        `json:"form"`         // of programs with an answer that is wrong in form only
	FormKinds    map[string]int `json:"form_kinds,omitempty"`
	Boundary     float64        `json:"boundary"`      // of failing tests, those with inputs at a boundary
	Texts        float64        `json:"texts"`         // of failing tests, those that compare texts or ask how something was called
	Environment  float64        `json:"environment"`   // of programs
	Slow         float64        `json:"slow"`          // of programs
	Raises       float64        `json:"raises"`        // of programs
	SameAnswer   float64        `json:"same_answer"`   // of programs, the largest camp with the same wrong answers
	Camps        int            `json:"camps"`         // camps of at least two programs with the same wrong answers
	FailsMost    string         `json:"fails_most"`    // the test that most programs fail
	ReferenceBad bool           `json:"reference_bad"` // the benchmark's own solution fails
}

// Suggestion is why a task may be failed, with the evidence that says so. Its rules read what happened when programs ran and the
// tests, nothing that a person said.
type Suggestion struct {
	Benchmark     string         `json:"benchmark"`
	TaskID        string         `json:"task_id"`
	Patterns      []Pattern      `json:"patterns"`
	Complications []Complication `json:"complications"`
	Reasons       []string       `json:"reasons"`
	Evidence      *Evidence      `json:"evidence"` // nil: of no program of the task it is known how it failed
}

// Suggest looks at the tasks that are consistently failed, in their order.
func Suggest(r *Results) []Suggestion {
	out := []Suggestion{}
	for i := range r.Tasks {
		if t := &r.Tasks[i]; t.ConsistentlyFailed() {
			out = append(out, SuggestFor(t))
		}
	}
	return out
}

// SuggestFor looks at one task.
func SuggestFor(t *Task) Suggestion {
	s := Suggestion{Benchmark: t.Benchmark, TaskID: t.ID, Patterns: []Pattern{}, Complications: []Complication{}, Reasons: []string{}, Evidence: gather(t)}
	e := s.Evidence
	if e == nil {
		return s
	}
	because := func(p Pattern, format string, args ...any) {
		s.Patterns = append(s.Patterns, p)
		s.Reasons = append(s.Reasons, fmt.Sprintf("%s: ", p)+fmt.Sprintf(format, args...))
	}
	tests := map[bool]string{false: "tests", true: "examples in the prompt"}[e.Examples]
	if e.TestsPassed > 0 && e.Boundary < 1 || e.Slow >= 1.0/3 {
		because(Algorithm, "failing programs pass %.0f %% of the %s, %.0f %% run out of time", 100*e.TestsPassed, tests, 100*e.Slow)
	}
	if e.NonePass >= 0.5 && e.Form < 1.0/3 && e.Environment < 0.5 {
		because(Mapping, "%.0f %% of the programs pass none of the %s", 100*e.NonePass, tests)
	}
	if e.Form >= 1.0/3 || e.Texts >= 0.5 {
		because(Formatting, "%.0f %% of the programs are wrong in form only%s; %.0f %% of the failing tests compare texts", 100*e.Form, kinds(e.FormKinds), 100*e.Texts)
	}
	if e.Boundary >= 0.5 && e.TestsPassed > 0 {
		because(EdgeCase, "%.0f %% of the failing tests are at a boundary, others pass", 100*e.Boundary)
	}
	complicated := func(c Complication, format string, args ...any) {
		s.Complications = append(s.Complications, c)
		s.Reasons = append(s.Reasons, fmt.Sprintf("%s: ", c)+fmt.Sprintf(format, args...))
	}
	if e.ReferenceBad {
		complicated(ContradictsOwn, "the benchmark's own solution does not pass")
	}
	if e.Environment >= 0.5 {
		complicated(EnvironmentTrap, "%.0f %% of the programs want a module, a file or a call that is not there", 100*e.Environment)
	}
	switch {
	case e.Programs >= 3 && e.SameAnswer >= 0.8:
		complicated(SuspectGroundTruth, "%.0f %% of the programs give the same answers, which the tests call wrong", 100*e.SameAnswer)
	case e.Camps >= 2:
		complicated(AmbiguousPrompt, "the programs' answers fall into %d camps", e.Camps)
	}
	if e.Form >= 0.5 || e.Texts >= 0.5 {
		complicated(OverSpecified, "what fails is the form of an answer, a text or how something is called")
	}
	return s
}

func kinds(m map[string]int) string {
	if len(m) == 0 {
		return ""
	}
	return " (" + strings.Join(slices.Sorted(maps.Keys(m)), ", ") + ")"
}

// fails reports whether no program of a model is published as solving the task.
func (t *Task) fails(model int) bool {
	return slices.ContainsFunc(t.Cells, func(c Cell) bool { return c.Model == model && c.Rate == 0 })
}

// gather is nil where no program of the task ran, or was recorded, and failed.
func gather(t *Task) *Evidence {
	e := &Evidence{FormKinds: map[string]int{}, ReferenceBad: t.ReferenceFails, Examples: t.Examples}
	tests := testTexts(t.Problem)
	failing, boundary, texts, firstOnly := 0, 0, 0, 0
	answers, missed := map[string]int{}, map[string]int{}
	for i := range t.Judged {
		j := &t.Judged[i]
		v := &j.Verdict
		if pass, scored := j.passed(); !scored || len(v.Tests) == 0 || pass && !(t.Examples && t.fails(j.Model)) {
			continue
		}
		e.Programs++
		if e.Recorded += btoi(j.Recorded); j.FirstOnly {
			firstOnly++
		} else {
			e.Tests = max(e.Tests, len(v.Tests))
			passed := v.PassedTests()
			e.TestsPassed += float64(passed) / float64(len(v.Tests))
			e.NonePass += float64(btoi(passed == 0))
		}
		form, environment, slow, raises := "", false, false, false
		answer := ""
		for k := range v.Tests {
			x := &v.Tests[k]
			if x.Verdict == problem.Pass {
				continue
			}
			failing++
			missed[x.Name]++
			boundary += btoi(atBoundary(x.Name, cmp.Or(j.Input, tests[x.Name])))
			got, expected := sides(x)
			if d := FormDifference(got, expected); d != "" {
				form = d
			}
			texts += btoi(comparesTexts(x, got, expected))
			environment = environment || inEnvironment(x)
			slow = slow || x.Verdict == problem.Timeout || x.Verdict == problem.MemoryLimit
			raises = raises || x.Verdict == problem.Exception
			answer += x.Name + "\x00" + j.Input + "\x00" + got + "\x00" // recorded tests have one name, and an input of their own
			if got == "" {
				answer += string(x.Verdict) + x.Error
			}
		}
		if answer != "" {
			answers[answer]++
		}
		if form != "" {
			e.Form++
			e.FormKinds[form]++
		}
		e.Environment += float64(btoi(environment))
		e.Slow += float64(btoi(slow))
		e.Raises += float64(btoi(raises))
	}
	if e.Programs == 0 {
		return nil
	}
	n := float64(e.Programs)
	for _, x := range []*float64{&e.Form, &e.Environment, &e.Slow, &e.Raises} {
		*x /= n
	}
	if whole := n - float64(firstOnly); whole > 0 {
		e.TestsPassed /= whole
		e.NonePass /= whole
	}
	if failing > 0 {
		e.Boundary, e.Texts = float64(boundary)/float64(failing), float64(texts)/float64(failing)
	}
	for _, k := range answers {
		e.SameAnswer = max(e.SameAnswer, float64(k)/n)
		e.Camps += btoi(k >= 2)
	}
	for _, name := range slices.Sorted(maps.Keys(missed)) {
		if missed[name] > missed[e.FailsMost] {
			e.FailsMost = name
		}
	}
	return e
}

var unequal = regexp.MustCompile(`(?s)^AssertionError: (?:Lists|Tuples|Sequences|Sets|Dicts)?(?: differ: )?(.+?) (?:!=|not found in) (.+?)(?: : .*|\n.*| - .*)?$`)

// sides are what was got and what was expected, also where only the message of an assertion says it.
func sides(x *problem.TestResult) (got, expected string) {
	if x.Got != "" || x.Expected != "" {
		return x.Got, x.Expected
	}
	if m := unequal.FindStringSubmatch(x.Error); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

var called = regexp.MustCompile(`(?i)expected '?\w+'? to (?:have been|be) called|not called|expected call|regex (?:didn't|did not) match|not an instance of|is not an instance|<class '`)

// comparesTexts reports whether a test failed because a text, a type or a call is another one than expected.
func comparesTexts(x *problem.TestResult, got, expected string) bool {
	if called.MatchString(x.Error) {
		return true
	}
	quoted := func(s string) bool { return len(s) > 1 && (s[0] == '\'' || s[0] == '"') && s[len(s)-1] == s[0] }
	return quoted(got) && quoted(expected) && strings.ContainsAny(expected, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

var lacking = regexp.MustCompile(`(?i)ModuleNotFoundError|ImportError|refused system call|URLError|ConnectionError|ConnectionRefused|NewConnectionError|gaierror|name resolution|Network is unreachable|Resource \S+ not found|LookupError|PermissionError|Read-only file system`)

// inEnvironment reports whether a test failed for want of something outside of the program.
func inEnvironment(x *problem.TestResult) bool {
	return x.Verdict == problem.MissingModule || x.Verdict == problem.Forbidden || lacking.MatchString(x.Error)
}
