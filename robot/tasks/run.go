package tasks

import (
	"encoding/json"
	"errors"
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"hone/robot"
)

// outcome is what a program did in one world.
type outcome struct {
	world    json.RawMessage // as it began
	begin    *robot.World    // the same
	check    json.RawMessage // what is asked for there
	compiled *robot.Check    // the same
	lines    map[int]bool    // with calls that were made
	final    *robot.World
	trace    []robot.Event
	// failed is a robot execution error; endless a run that its limit ended; broke what
	// Starlark found wrong with the program itself.
	failed  *robot.Failure
	endless bool
	broke   error
}

// maxSteps bounds what a program does between calls too.
const maxSteps = 2_000_000

// runKey is where a thread keeps its [running] program.
const runKey = "running"

// running is a program at work.
type running struct {
	sim   *robot.Simulation
	lines map[int]bool
}

// calls are the robot's actions as Starlark functions.
func calls(def *robot.Definition) starlark.StringDict {
	out := starlark.StringDict{}
	for _, a := range def.Actions {
		out[a.Name] = starlark.NewBuiltin(a.Name, func(t *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			if len(kwargs) > 0 || len(args) != len(a.Params) {
				return nil, fmt.Errorf("%s takes %d arguments", b.Name(), len(a.Params))
			}
			r := t.Local(runKey).(*running)
			line := int(t.CallFrame(1).Pos.Line)
			r.lines[line] = true
			values := make([]any, len(args))
			for i, v := range args {
				values[i] = plain(v)
			}
			v, err := r.sim.Call(b.Name(), values, line)
			if err != nil {
				return nil, err
			}
			return robot.ToStarlark(v), nil
		})
	}
	return out
}

// compile makes the program's function callable; an error is Starlark's about the program.
func (g *generator) compile(text string) (starlark.Value, error) {
	globals, err := starlark.ExecFileOptions(&syntax.FileOptions{While: true}, &starlark.Thread{Name: "program"}, "program", text, g.calls)
	if err != nil {
		return nil, err
	}
	return globals[g.def.Entry], nil
}

// run calls a program's function in a copy of the world.
func (g *generator) run(program starlark.Value, world *robot.World) (*outcome, error) {
	r := &running{sim: robot.New(world), lines: map[int]bool{}}
	thread := &starlark.Thread{Name: "program"}
	thread.SetMaxExecutionSteps(maxSteps)
	thread.SetLocal(runKey, r)
	_, err := starlark.Call(thread, program, nil, nil)
	o := &outcome{begin: world, lines: r.lines, final: r.sim.World(), trace: r.sim.Trace()}
	switch {
	case r.sim.Fault() != nil:
		return nil, r.sim.Fault()
	case errors.Is(err, robot.ErrOver):
		o.endless = true
	case errors.As(err, &o.failed):
	default:
		o.broke = err
	}
	return o, nil
}

// plain and value convert between Starlark and what a simulation takes.
func plain(v starlark.Value) any {
	switch v := v.(type) {
	case starlark.Bool:
		return bool(v)
	case starlark.Int:
		i, _ := v.Int64()
		return i
	case starlark.Float:
		return float64(v)
	case starlark.String:
		return string(v)
	case *starlark.List:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = plain(v.Index(i))
		}
		return out
	}
	return nil
}

// holds evaluates a check over a run.
func holds(check *robot.Check, o *outcome) (bool, error) {
	r, err := check.Evaluate(o.trace, o.final)
	if err != nil {
		return false, fmt.Errorf("tasks: a check: %w", err)
	}
	return r.Holds, nil
}
