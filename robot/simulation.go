package robot

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.starlark.net/starlark"

	"hone/internal/words"
)

// Event is an entry of a trace.
type Event struct {
	Element string  `json:"element"`
	Values  []any   `json:"values"` // nil, bool, int64, float64, string, []any, [Other]
	At      float64 `json:"at"`     // seconds of the robot's time since the run began
	Line    int     `json:"line"`   // of the program, 0 where unknown
}

// String writes the event for people: GoTo("kitchen").
func (e Event) String() string {
	values := make([]string, len(e.Values))
	for i, v := range e.Values {
		values[i] = show(v)
	}
	return e.Element + "(" + strings.Join(values, ", ") + ")"
}

// Other is a program's value that is no data of ours; the text is its Python type.
type Other string

// MarshalJSON implements [json.Marshaler].
func (o Other) MarshalJSON() ([]byte, error) { return json.Marshal("<" + string(o) + ">") }

// show writes a value as Python source.
func show(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = show(x)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return textOf(v)
}

// textOf is Python's str() of a value.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case string:
		return v
	case bool:
		if v {
			return "True"
		}
		return "False"
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e16 {
			return strconv.FormatFloat(v, 'f', 1, 64)
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []any:
		return show(v)
	case Other:
		return "<" + string(v) + ">"
	}
	return fmt.Sprint(v)
}

// Call is what a program asked of the robot; the action "sleep" is its time.sleep, with
// the seconds as the argument.
type Call struct {
	Action string
	Args   []any
	Line   int // of the program
}

// Simulation is one run of a program in one world.
type Simulation struct {
	def     *Definition
	world   *World
	now     float64
	actions int
	calls   []Call
	trace   []Event
	failure *Failure
	fault   error
	over    bool
	thread  *starlark.Thread
	run     run
}

// ErrOver means that the run has reached a limit of its robot: it goes on for ever, as
// far as anybody can tell.
var ErrOver = errors.New("the run is over: it has reached a limit")

// New begins a run of the world's robot in a copy of the world.
func New(world *World) *Simulation {
	s := &Simulation{def: world.def, world: world.copy(), thread: &starlark.Thread{Name: world.def.Name}}
	s.run.def = world.def
	s.thread.SetLocal(runKey, &s.run)
	return s
}

// Call carries out an action. args are one a parameter, in order, as nil, bool, int64,
// float64, string, []any or [Other]; line is the program's, for the trace. The error is
// a [*Failure] (a robot execution error; the run can go on), [ErrOver] (it cannot), or a
// fault of the definition, see [Simulation.Fault].
func (s *Simulation) Call(action string, args []any, line int) (any, error) {
	if s.over {
		return nil, ErrOver
	}
	if s.actions++; s.actions > s.def.Limits.Actions {
		s.over = true
		return nil, ErrOver
	}
	s.calls = append(s.calls, Call{action, args, line})
	a := s.def.Action(action)
	if a == nil {
		names := make([]string, len(s.def.Actions))
		for i, a := range s.def.Actions {
			names[i] = a.Name
		}
		return nil, s.failed(action, fmt.Sprintf("the robot has no such action (nearest: %s)", words.Nearest(action, names)))
	}
	if message := s.refuse(a, args); message != "" {
		return nil, s.failed(action, message)
	}
	if a.record != nil && !a.record.success {
		s.record(a, args, line)
	}
	if err := s.pass(a.Seconds); err != nil {
		return nil, err
	}
	v, err := s.act(a, args)
	if err == nil && a.record != nil && a.record.success {
		s.record(a, args, line)
	}
	return v, err
}

// refuse says what is wrong with a call's arguments, or "".
func (s *Simulation) refuse(a *Action, args []any) string {
	if len(args) != len(a.Params) {
		return fmt.Sprintf("%d arguments, it takes %d", len(args), len(a.Params))
	}
	size := 0
	for i, p := range a.Params {
		if !fits(args[i], p.Type) {
			return fmt.Sprintf("argument %s must be %s, not %s", p.Name, p.Type, typeName(args[i]))
		}
		size += sizeOf(args[i])
	}
	if size > s.def.Limits.Text {
		return fmt.Sprintf("the arguments hold %d bytes, the robot takes %d", size, s.def.Limits.Text)
	}
	return ""
}

// sizeOf is about how much text a value holds.
func sizeOf(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []any:
		n := 2
		for _, x := range v {
			n += 2 + sizeOf(x)
		}
		return n
	}
	return 4
}

// typeName is the Python type of a value.
func typeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case string:
		return "str"
	case bool:
		return "bool"
	case int64:
		return "int"
	case float64:
		return "float"
	case []any:
		return "list"
	case Other:
		return string(v)
	}
	return "an object"
}

func (s *Simulation) failed(action, message string) error {
	s.failure = &Failure{action, message}
	return s.failure
}

func (s *Simulation) record(a *Action, args []any, line int) {
	values := make([]any, len(a.record.values))
	for i, k := range a.record.values {
		values[i] = args[k]
	}
	s.trace = append(s.trace, Event{Element: a.record.element.name, Values: values, At: s.now, Line: line})
}

// pass lets time go by.
func (s *Simulation) pass(seconds float64) error {
	s.now += seconds
	if s.now > s.def.Limits.Seconds {
		s.over = true
		return ErrOver
	}
	return nil
}

// act runs an action's body.
func (s *Simulation) act(a *Action, args []any) (any, error) {
	if a.body == nil {
		return nil, nil
	}
	s.run.action, s.run.now = a.Name, s.now
	in := make(starlark.Tuple, 1+len(args))
	in[0] = s.world.root
	for i, v := range args {
		in[1+i] = ToStarlark(v)
	}
	out, err := callBody(s.thread, a.body, in)
	var f *Failure
	if errors.As(err, &f) {
		s.failure = f
		return nil, f
	}
	var v any
	if err == nil {
		if v, err = fromStarlark(out); err != nil {
			err = fmt.Errorf("it returns a %s: %w", out.Type(), err)
		} else if a.Returns == "none" && v != nil || a.Returns != "none" && !fits(v, a.Returns) {
			err = fmt.Errorf("it returns %s, its definition says %s", typeName(v), a.Returns)
		}
	}
	if err != nil {
		s.over = true
		s.fault = fmt.Errorf("%s: action %s: %w", s.def.file, a.Name, err)
		return nil, s.fault
	}
	return v, nil
}

// callBody calls a compiled body with a bound on its steps, and says where it broke.
func callBody(t *starlark.Thread, fn *starlark.Function, args starlark.Tuple) (starlark.Value, error) {
	t.SetMaxExecutionSteps(t.Steps + maxSteps)
	out, err := starlark.Call(t, fn, args, nil)
	var e *starlark.EvalError
	if !errors.As(err, &e) {
		return out, err
	}
	if f := new(*Failure); errors.As(e.Unwrap(), f) {
		return nil, *f
	}
	message := e.Msg
	if strings.Contains(message, "too many steps") {
		message = fmt.Sprintf("more than %d steps: does it loop for ever?", maxSteps)
	}
	for _, frame := range slices.Backward(e.CallStack) {
		if frame.Pos.Line > 0 {
			return nil, fmt.Errorf("line %d: %s", frame.Pos.Line, message)
		}
	}
	return nil, errors.New(message)
}

// Sleep lets the robot's time go by, as a program's time.sleep does.
func (s *Simulation) Sleep(seconds float64) error {
	switch {
	case s.over:
		return ErrOver
	case !(seconds >= 0):
		return s.failed("sleep", "the time to sleep is no number from 0")
	}
	if seconds > 0 {
		s.calls = append(s.calls, Call{Action: "sleep", Args: []any{seconds}})
	}
	return s.pass(seconds)
}

// Calls lists what was asked so far: made again in the same world, it gives the same run.
func (s *Simulation) Calls() []Call { return s.calls }

// Now is the robot's time in seconds since the run began.
func (s *Simulation) Now() float64 { return s.now }

// Actions counts the calls so far.
func (s *Simulation) Actions() int { return s.actions }

// Trace is what happened so far.
func (s *Simulation) Trace() []Event { return s.trace }

// World is the state now; it changes with the run.
func (s *Simulation) World() *World { return s.world }

// Failure is the last robot execution error of the run, or nil.
func (s *Simulation) Failure() *Failure { return s.failure }

// Fault is what a broken definition did wrong (an action's body that fails to run, loops
// or returns what it should not), or nil. Nothing can then be said about the program.
func (s *Simulation) Fault() error { return s.fault }
