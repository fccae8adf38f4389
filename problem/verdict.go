package problem

// Outcome is the result of one test or of a whole program.
type Outcome string

const (
	Pass          Outcome = "pass"           // every test passed
	WrongAnswer   Outcome = "wrong_answer"   // a result differs from what is expected
	Exception     Outcome = "exception"      // the program raised, or the interpreter crashed
	SyntaxError   Outcome = "syntax_error"   // CPython cannot compile it
	Timeout       Outcome = "timeout"        // used up its time, see judge.Limits
	MemoryLimit   Outcome = "memory_limit"   // MemoryError under the address space limit
	OutputLimit   Outcome = "output_limit"   // printed or returned too much
	Forbidden     Outcome = "forbidden"      // a call the sandbox refuses
	ProtocolError Outcome = "protocol_error" // left, or garbled, the channel to the judge
	MissingModule Outcome = "missing_module" // imports what the interpreter does not have
	RobotError    Outcome = "robot_error"    // asked a robot for what it cannot do, see package robot
	// Infrastructure is a fault of ours: retried, never scored, Passed is nil.
	Infrastructure Outcome = "infrastructure"
)

// Outcomes lists every outcome in the order reports show them.
var Outcomes = []Outcome{
	Pass, WrongAnswer, Exception, SyntaxError, Timeout, MemoryLimit, OutputLimit,
	Forbidden, ProtocolError, MissingModule, RobotError, Infrastructure,
}

// JudgeMode says how much a verdict can be trusted.
type JudgeMode string

const (
	// ModeData: the program got arguments, the expected values stayed in Hone. Highest trust.
	ModeData JudgeMode = "data"
	// ModeSplit: the tests ran in a process of their own, the program behind a data-only stub.
	ModeSplit JudgeMode = "split"
	// ModeStdio: standard input and output.
	ModeStdio JudgeMode = "stdio"
	// ModeRobot: a simulator outside of the program's process made the trace that was checked.
	ModeRobot JudgeMode = "robot"
	// ModeInProcess: tests and program shared a process; a program that knows Hone could forge this.
	ModeInProcess JudgeMode = "in-process"
)

// TestResult is the outcome of one test.
type TestResult struct {
	Name    string  `json:"name"`
	Verdict Outcome `json:"verdict"`
	// Got and Expected are Python-like text, cut at [MaxShown] bytes; empty when the test passed.
	Got      string `json:"got,omitempty"`
	Expected string `json:"expected,omitempty"`
	Error    string `json:"error,omitempty"`
	// Line is the line of the program the error came from, counted from 1 in the
	// whole program as it ran, or 0.
	Line int `json:"line,omitempty"`
	// Lines are those of the program that ran, in order, after a wrong answer; only
	// where they were asked for (judge.Job.Coverage) and are known.
	Lines []int `json:"lines,omitempty"`
}

// MaxShown is the longest Got, Expected or Error in a verdict, in bytes.
const MaxShown = 400

// Verdict is the result of one program against one problem's tests.
type Verdict struct {
	Benchmark string  `json:"benchmark"`
	TaskID    string  `json:"task_id"`
	Sample    int     `json:"sample"`
	Verdict   Outcome `json:"verdict"`
	// Passed is nil for an infrastructure fault, which leaves every denominator.
	Passed *bool        `json:"passed"`
	Tests  []TestResult `json:"tests"`
	// Judge is the least trusted mode among the tests.
	Judge JudgeMode `json:"judge"`
	Tier  string    `json:"tier"`
	// CPUMillis is the CPU time of the program's processes, WallMillis what it took on the clock.
	CPUMillis  float64 `json:"cpu_ms"`
	WallMillis float64 `json:"wall_ms"`
	Cached     bool    `json:"cached"`
	// Strict is the outcome of a chat response taken literally, before code was
	// extracted from it; empty when the row was not a response.
	Strict Outcome `json:"strict,omitempty"`
}

// Key returns the verdict's key.
func (v *Verdict) Key() Key { return Key{v.Benchmark, v.TaskID, v.Sample} }

// PassedTests counts the tests that passed.
func (v *Verdict) PassedTests() int {
	n := 0
	for _, t := range v.Tests {
		if t.Verdict == Pass {
			n++
		}
	}
	return n
}
