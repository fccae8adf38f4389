package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"hone/judge"
	"hone/problem"
	"hone/robot"
	"hone/robot/replay"
)

func newRobot(in *interrupts) *cobra.Command {
	c := &cobra.Command{
		Use:   "robot",
		Short: "Run programs that control a simulated robot",
		Long: `Run programs that control a simulated robot. A robot is a YAML file: what a world
holds, what its actions do. A task is a world and a formula over what happened
(docs/robot.md). Programs run in isolation and reach the simulator by calls alone.

  hone robot show   what a robot can do
  hone robot run    run a program in a world, and print what happened
  hone robot eval   judge samples against tasks, and count how they fail
  hone robot check  check recorded traces, and compare with recorded verdicts
  hone robot tasks  write tasks for a robot that comes with Hone`,
		Example: "  hone robot show --robot service\n  hone robot run --robot service --world world.json --program program.py",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newRobotShow(), newRobotRun(), newRobotEval(in), newRobotCheck(in), newRobotTasks())
	return c
}

func newRobotShow() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:     "show --robot NAME|FILE",
		Short:   "Print a robot's API",
		Long:    "Print what a program can call, and what happens are recorded as. Without --robot the robots that come with Hone.",
		Example: "  hone robot show\n  hone robot show --robot service",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			w := c.OutOrStdout()
			if name == "" {
				for _, n := range robot.Names() {
					d, err := robot.Load(n)
					if err != nil {
						return err
					}
					fmt.Fprintf(w, "%-10s %s\n", n, d.About)
				}
				return nil
			}
			d, err := robot.Load(name)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%s\n# Recorded: %s\n", d.API(), strings.Join(d.Elements(), ", "))
			return nil
		},
	}
	c.Flags().StringVar(&name, "robot", "", "a robot that comes with Hone, or a robot's .yaml file")
	return c
}

// robotRunFlags are the flags of hone robot run.
type robotRunFlags struct {
	robot, world, program, check, replay string
	json                                 bool
	sandboxFlags
}

func newRobotRun() *cobra.Command {
	var f robotRunFlags
	c := &cobra.Command{
		Use:   "run --robot NAME|FILE --world FILE --program FILE",
		Short: "Run a program in a world, and print what happened",
		Long: `Run a program in a world, in isolation, and print what happened: the trace with the
robot's time and the program's lines, how it ended, and whether a check holds.

Exit status: 0 the run went through and the check, if there is one, holds; 1 not.`,
		Example: "  hone robot run --robot service --world world.json --program program.py\n  hone robot run --robot my.yaml --world world.yaml --program - --check check.json --json",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.run(c.Context(), c.OutOrStdout()) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.robot, "robot", "", "a robot that comes with Hone, or a robot's .yaml file")
	fl.StringVar(&f.world, "world", "", "file with the world that the run begins in, JSON or YAML")
	fl.StringVar(&f.program, "program", "", "file with the program; - is standard input")
	fl.StringVar(&f.check, "check", "", "file with a formula to check, JSON")
	fl.StringVar(&f.replay, "replay", "", "file for a picture of the run that moves: .svg, or .html with buttons to step through")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	f.register(c)
	return c
}

// robotRun is what hone robot run --json prints.
type robotRun struct {
	Robot   string          `json:"robot"`
	Verdict problem.Outcome `json:"verdict"`
	Class   robot.Class     `json:"class"`
	Error   string          `json:"error,omitempty"`
	Line    int             `json:"line,omitempty"`
	Actions int             `json:"actions"`
	Seconds float64         `json:"seconds"` // of the robot's time
	Trace   []robot.Event   `json:"trace"`
	World   *robot.World    `json:"world"` // in the end
}

func (f *robotRunFlags) run(ctx context.Context, w io.Writer) error {
	for _, flag := range []struct{ name, value string }{{"--robot", f.robot}, {"--world", f.world}, {"--program", f.program}} {
		if flag.value == "" {
			return usagef("%s is missing (see: hone robot run --help)", flag.name)
		}
	}
	if ext := filepath.Ext(f.replay); f.replay != "" && ext != ".svg" && ext != ".html" {
		return usagef("--replay %s: its name ends in .svg or .html", f.replay)
	}
	if err := f.sandboxFlags.check(); err != nil {
		return err
	}
	world, check, program, err := f.read()
	if err != nil {
		return err
	}
	j, _, closeJudge, err := f.open(ctx, nil, newConsole())
	if err != nil {
		return err
	}
	defer closeJudge()
	s, err := j.Simulate(ctx, world, check, program)
	if err != nil {
		return err
	}
	out := robotRun{
		Robot: world.Robot().Name, Verdict: s.Result.Verdict, Class: classOf(s.Result.Verdict), Error: s.Result.Error, Line: s.Result.Line,
		Actions: s.Actions, Seconds: s.Seconds, Trace: s.Trace, World: s.World,
	}
	if out.Trace == nil {
		out.Trace = []robot.Event{}
	}
	if f.replay != "" {
		shown := replay.Run{
			Title: filepath.Base(f.program), World: world, Calls: s.Calls, Program: program,
			Verdict: out.summary(check != nil), Failed: out.Verdict != problem.Pass, Line: out.Line,
		}
		if err := writeReplay(f.replay, shown); err != nil {
			return err
		}
	}
	if f.json {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(out); err != nil {
			return err
		}
	} else {
		out.print(w, check != nil)
	}
	if out.Verdict != problem.Pass {
		return errFound
	}
	return nil
}

// read reads the files that the flags name.
func (f *robotRunFlags) read() (world *robot.World, check *robot.Check, program string, err error) {
	d, err := robot.Load(f.robot)
	if err != nil {
		return nil, nil, "", explainOpen("--robot", err)
	}
	data, err := readFile("--world", f.world)
	if err != nil {
		return nil, nil, "", err
	}
	if world, err = d.World(data, f.world); err != nil {
		return nil, nil, "", err
	}
	if f.check != "" {
		if data, err = readFile("--check", f.check); err != nil {
			return nil, nil, "", err
		}
		if check, err = d.Check(data, f.check); err != nil {
			return nil, nil, "", err
		}
	}
	data, err = readFile("--program", f.program)
	return world, check, string(data), err
}

// maxInput is the largest program, world or formula that is read, in bytes.
const maxInput = 4 << 20

func readFile(flag, path string) ([]byte, error) {
	in := os.Stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, explainOpen(flag, err)
		}
		defer file.Close()
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	if len(data) > maxInput {
		return nil, fmt.Errorf("%s: %s is larger than %d MiB", flag, path, maxInput>>20)
	}
	return data, nil
}

func writeReplay(path string, run replay.Run) error {
	var b bytes.Buffer
	draw := replay.Page
	if filepath.Ext(path) == ".svg" {
		draw = replay.SVG
	}
	if err := draw(&b, run); err != nil {
		return fmt.Errorf("--replay: %w", err)
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

func (r *robotRun) print(w io.Writer, checked bool) {
	for _, e := range r.Trace {
		where := ""
		if e.Line > 0 {
			where = fmt.Sprintf("line %d", e.Line)
		}
		fmt.Fprintf(w, "%8.1f s  %-9s %s\n", e.At, where, e)
	}
	end := r.summary(checked)
	if r.Line > 0 {
		end += fmt.Sprintf(" (line %d)", r.Line)
	}
	fmt.Fprintf(w, "%8.1f s  %s, after %s\n", r.Seconds, end, count(r.Actions, "action", "actions"))
}

// summary says how the run ended.
func (r *robotRun) summary(checked bool) string {
	switch {
	case r.Verdict == problem.Pass && checked:
		return "the program ended and the check holds"
	case r.Verdict == problem.Pass:
		return "the program ended"
	case r.Verdict == problem.WrongAnswer:
		return "the program ended and the check does not hold: " + r.Error
	}
	return fmt.Sprintf("%s: %s", r.Verdict, r.Error)
}

// classOf is RoboEval's class of an outcome.
func classOf(o problem.Outcome) robot.Class {
	switch o {
	case problem.Pass:
		return robot.Success
	case problem.RobotError:
		return robot.ExecutionError
	case problem.WrongAnswer:
		return robot.CompletionError
	}
	return robot.PythonError
}

// classCounts counts programs by class.
type classCounts map[robot.Class]int

// share is a class's part of all, with Wilson's 95 % interval.
func (c classCounts) share(class robot.Class) judge.Interval {
	n := 0
	for _, k := range c {
		n += k
	}
	return judge.Wilson(c[class], n)
}
