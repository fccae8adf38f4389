// Package problem holds what every other part of Hone talks about: problems
// with executable tests, programs that claim to solve them, and the verdicts of
// running one against the other. It also reads the public benchmark files.
//
// The key of a result is (benchmark, task id, sample); ids are echoed exactly as
// the input spelled them. Values that cross a process border (arguments, results,
// expected values) are data in one tagged JSON encoding, see [Value].
//
// Package problem runs nothing and imports nothing of Hone but how to guess a misspelt word.
package problem

import (
	"encoding/json"
	"fmt"
)

// SchemaVersion is the value of the field "schema" in problem rows of our own.
const SchemaVersion = "hone.problem/1"

// Visibility says who may see a test.
type Visibility string

const (
	Public    Visibility = "public"    // shown to the model, may appear in the prompt
	Hidden    Visibility = "hidden"    // decides the verdict, never shown
	Mandatory Visibility = "mandatory" // a failure makes the whole program worthless (rewards)
)

// Kind names how a test is executed. The judge dispatches on it; the raw Spec
// holds what that kind needs.
type Kind string

const (
	// KindCall calls one function with data and compares the result: [CallSpec].
	KindCall Kind = "call"
	// KindAssert is one Python statement (usually an assert) over the program's names: [AssertSpec].
	KindAssert Kind = "assert"
	// KindCheck is HumanEval's form, a function check(candidate): [CheckSpec].
	KindCheck Kind = "check"
	// KindUnittest is a module of unittest.TestCase classes: [UnittestSpec].
	KindUnittest Kind = "unittest"
	// KindStdio runs the program as a script with standard input: [StdioSpec].
	KindStdio Kind = "stdio"
	// KindRobot runs the program against a simulated robot: [RobotSpec].
	KindRobot Kind = "robot"
)

// Problem is one task with everything needed to judge programs for it.
type Problem struct {
	Schema     string `json:"schema,omitempty"`
	Benchmark  string `json:"benchmark"`
	TaskID     string `json:"task_id"` // exactly as the file spells it
	Prompt     string `json:"prompt"`
	EntryPoint string `json:"entry_point,omitempty"`
	Language   string `json:"language,omitempty"` // "python" when empty
	// Reference is a whole program (not a completion) that solves the task, or "".
	Reference string `json:"reference,omitempty"`
	Split     string `json:"split,omitempty"`
	Tests     []Test `json:"tests"`
	// Prefix is the code a completion continues: program = Prefix + completion.
	// It is the prompt where the prompt is code, and empty where it is prose.
	Prefix string `json:"prefix,omitempty"`
	// Libraries are the third-party modules the tests or the reference import, where known.
	Libraries []string `json:"libraries,omitempty"`
	// Seconds is the benchmark's own time limit per test, or 0.
	Seconds float64 `json:"seconds,omitempty"`
}

// Test is one check of a program.
type Test struct {
	Name       string          `json:"name"`
	Kind       Kind            `json:"kind"`
	Visibility Visibility      `json:"visibility,omitempty"` // hidden when empty
	Spec       json.RawMessage `json:"spec"`
}

// CallSpec compares Function(*Args, **Kwargs) with Expected.
type CallSpec struct {
	Function string `json:"function"`
	// Args is a tagged JSON list of positional arguments.
	Args json.RawMessage `json:"args"`
	// Kwargs maps names to tagged values.
	Kwargs map[string]json.RawMessage `json:"kwargs,omitempty"`
	// Expected is a tagged value. Empty: what the problem's reference returns.
	Expected json.RawMessage `json:"expected,omitempty"`
	// Compare is one of the Compare… constants; empty is CompareEqual.
	Compare Comparison `json:"compare,omitempty"`
	// Atol is the absolute tolerance for numbers, as in EvalPlus; 0 is exact,
	// except that an expected float (or list of floats) gets EvalPlus' 1e-6
	// when Compare is CompareEvalPlus.
	Atol float64 `json:"atol,omitempty"`
}

// Comparison names how a result is compared with the expected value.
type Comparison string

const (
	CompareEqual    Comparison = "equal"    // Python's ==, or within Atol
	CompareEvalPlus Comparison = "evalplus" // ==, else same type and numerically close as EvalPlus does
	CompareSet      Comparison = "set"      // set(result) == set(expected), or ==
	CompareNotNone  Comparison = "not_none" // expected is a bool: whether the result is not None
	CompareAny      Comparison = "any"      // any result that is not an exception
)

// AssertSpec is one statement, run after Setup, over the names the program defines.
type AssertSpec struct {
	Code  string `json:"code"`
	Setup string `json:"setup,omitempty"`
}

// CheckSpec is a module that defines check(candidate).
type CheckSpec struct {
	Code       string `json:"code"`
	EntryPoint string `json:"entry_point"`
	// Prelude is trusted code whose names the checks may use (HumanEval's prompt).
	Prelude string `json:"prelude,omitempty"`
}

// UnittestSpec is a module with unittest.TestCase classes that use the program's names.
type UnittestSpec struct {
	Code string `json:"code"`
}

// StdioSpec feeds Input and compares what the program prints.
type StdioSpec struct {
	Input string `json:"input"`
	// Outputs are the accepted outputs; one has to match.
	Outputs []string `json:"outputs"`
	// Compare is "tokens" (default: split at white space, numbers within Atol
	// or equal text), "lines" (trailing white space ignored) or "exact".
	Compare string  `json:"compare,omitempty"`
	Atol    float64 `json:"atol,omitempty"`
}

// RobotSpec is one world and what has to happen in it. Package robot says what the parts
// mean; the program defines the entry function of the robot.
type RobotSpec struct {
	// Robot is the name of a robot that comes with Hone, or the path of its .yaml file.
	Robot string `json:"robot"`
	// World is the state that the run begins in.
	World json.RawMessage `json:"world"`
	// Check is a formula over the trace and the final world.
	Check json.RawMessage `json:"check"`
	// MayNotEnd lets the check decide on a program that waits for ever; otherwise it fails.
	MayNotEnd bool `json:"may_not_end,omitempty"`
}

// Key identifies a result.
type Key struct {
	Benchmark, TaskID string
	Sample            int
}

// NewTest encodes spec, which must be the spec type of kind.
func NewTest(name string, kind Kind, vis Visibility, spec any) (Test, error) {
	raw, err := json.Marshal(spec)
	if err != nil {
		return Test{}, fmt.Errorf("test %q: %w", name, err)
	}
	return Test{Name: name, Kind: kind, Visibility: vis, Spec: raw}, nil
}

// Program is a program as a sample file gives it, before it is joined with its problem.
type Program struct {
	TaskID string // as spelled in the sample file
	Sample int
	Form   Form
	Text   string
	Model  string // what wrote it, where the row says so
	// BehaviourLogProb is the natural logarithm of the probability with which it wrote Text,
	// nil where that is not known.
	BehaviourLogProb *float64
	// Where is "file:line" for messages.
	Where string
}

// Form says how a program's text becomes a whole program.
type Form string

const (
	FormCompletion Form = "completion" // appended to Problem.Prefix
	FormSolution   Form = "solution"   // a whole program
	FormResponse   Form = "response"   // chat text; see Extract
)
