package judge

import (
	"context"
	"encoding/json"
	"time"

	"hone/problem"
	"hone/robot"
)

// Simulated is one run of a program with a robot in one world.
type Simulated struct {
	// Result is how it went; its verdict is pass where nothing was to be checked.
	Result problem.TestResult
	Trace  []robot.Event
	Calls  []robot.Call
	// World is the final state.
	World   *robot.World
	Actions int
	Seconds float64 // of the robot's time
	CPU     time.Duration
}

// Simulate runs a program in one world. check may be nil.
func (j *Judge) Simulate(ctx context.Context, world *robot.World, check *robot.Check, program string) (Simulated, error) {
	var out Simulated
	w, release, err := j.worker(ctx)
	if err != nil {
		return out, err
	}
	defer release()
	rt, err := newRobotTest(world, check, false)
	if err != nil {
		return out, err
	}
	rt.watch = func(s *robot.Simulation) {
		out.Trace, out.Calls, out.World, out.Actions, out.Seconds = s.Trace(), s.Calls(), s.World(), s.Actions(), s.Now()
	}
	pl := &plan{
		problem: &problem.Problem{Benchmark: "robot", TaskID: world.Robot().Name},
		items:   []item{{name: "world", robot: rt}}, robot: []int{0}, mode: problem.ModeRobot,
	}
	pl.base = j.cfg.Limits.scale(j.speed)
	pl.lim = pl.base
	res, err := w.retry(ctx, pl, program, pl.lim, false)
	if err != nil {
		return out, err
	}
	out.Result, out.CPU = res.tests[0], res.cpu
	return out, nil
}

// newRobotTest makes a test ready to run.
func newRobotTest(world *robot.World, check *robot.Check, mayNotEnd bool) (*robotTest, error) {
	api, err := json.Marshal(apiOf(world.Robot()))
	return &robotTest{world: world, check: check, api: api, mayNotEnd: mayNotEnd}, err
}
