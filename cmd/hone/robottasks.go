package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"hone/problem"
	"hone/robot/tasks"
)

// robotTasksFlags are the flags of hone robot tasks.
type robotTasksFlags struct {
	robot  string
	levels string
	n      int
	seed   uint64
	split  string
	short  bool
	out    string
	rows   string
	text   string
	faults string
	force  bool
	json   bool
}

func newRobotTasks() *cobra.Command {
	var f robotTasksFlags
	c := &cobra.Command{
		Use:   "tasks",
		Short: "Write tasks for a robot: instructions with worlds and checks",
		Long: fmt.Sprintf(`Write tasks for a robot, as problems for hone judge, hone eval and training: an
instruction, a program that follows it, and worlds with a check for each. The tasks are
composed by a grammar and chance, of six levels:

  1  two actions in a row: learn something, act on it
  2  three or four steps
  3  a condition
  4  a loop, or waiting
  5  loops that select, count, add up and report
  6  loops over places that carry, count and fall back, and a second thing to do

In at least two worlds of a task different behaviour is right, and a program that leaves
out an effect of the reference's fails. An eighth of the compositions is held out: their
tasks have "split":"test", whatever the seed, and no other task is composed like them. With
--split the worlds of the other tasks are not drawn, so that the numbers in names differ.

--rows writes prompts and completions for hone train (kind sft), --text the same as plain
text, for hone token train. --faults also writes programs with one mistake, as samples with
the verdict that hone judge gives them: Python errors, what the robot cannot do, and
programs that run and do the wrong thing.

Robots: %s. The same seed gives the same tasks.`, strings.Join(tasks.Robots(), ", ")),
		Example: `  hone robot tasks --robot kitchen --levels 1-6 --n 1000 --seed 1 --out tasks.jsonl
  hone robot tasks --robot service --levels 1,2 --n 200 --split test --out held-out.jsonl
  hone robot tasks --robot kitchen --n 500 --out tasks.jsonl --faults faults.jsonl`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.OutOrStdout()) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.robot, "robot", "kitchen", "the robot: "+strings.Join(tasks.Robots(), ", "))
	fl.StringVar(&f.levels, "levels", "1-6", "levels of difficulty, as 1-3 or 2,4")
	fl.IntVar(&f.n, "n", 100, "number of tasks")
	fl.Uint64Var(&f.seed, "seed", 1, "what chance begins from")
	fl.StringVar(&f.split, "split", "all", "tasks of this split only: train, test or all")
	fl.BoolVar(&f.short, "short", false, "prompts without the robot's API: for models that are trained for it")
	fl.StringVar(&f.out, "out", "", "file for the tasks, JSON lines")
	fl.StringVar(&f.rows, "rows", "", "file for prompts and completions")
	fl.StringVar(&f.text, "text", "", "file for the rows as plain text")
	fl.StringVar(&f.faults, "faults", "", "file for programs with one mistake, as samples")
	fl.BoolVar(&f.force, "force", false, "replace files that are there")
	fl.BoolVar(&f.json, "json", false, "print the summary as JSON")
	_ = c.RegisterFlagCompletionFunc("robot", cobra.FixedCompletions(tasks.Robots(), cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("split", cobra.FixedCompletions([]string{"all", "train", "test"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (f *robotTasksFlags) check() ([]int, error) {
	levels, err := parseLevels(f.levels)
	switch {
	case err != nil:
		return nil, err
	case f.out == "":
		return nil, usagef("--out is missing: name a file for the tasks")
	case f.n < 1:
		return nil, usagef("--n %d: at least one task is wanted", f.n)
	case !slices.Contains([]string{"all", "train", "test"}, f.split):
		return nil, usagef("--split %q: it is train, test or all", f.split)
	}
	if err := checkOutputs(f.force, f.out, f.rows, f.text, f.faults); err != nil {
		return nil, err
	}
	return levels, nil
}

// parseLevels reads 1-3,5.
func parseLevels(s string) ([]int, error) {
	var out []int
	for part := range strings.SplitSeq(s, ",") {
		from, to, ranged := strings.Cut(part, "-")
		a, err := strconv.Atoi(strings.TrimSpace(from))
		b := a
		if ranged && err == nil {
			b, err = strconv.Atoi(strings.TrimSpace(to))
		}
		if err != nil || a < 1 || b < a || b > tasks.Levels {
			return nil, usagef("--levels %q: levels are 1 to %d, written as 1-3 or 2,4", s, tasks.Levels)
		}
		for l := a; l <= b; l++ {
			if !slices.Contains(out, l) {
				out = append(out, l)
			}
		}
	}
	return out, nil
}

// tasksSummary says what was written.
type tasksSummary struct {
	Tasks    int                     `json:"tasks"`
	Levels   map[int]int             `json:"levels"`
	Meanings int                     `json:"meanings"`
	HeldOut  int                     `json:"held_out"`
	Worlds   int                     `json:"worlds"`
	Mutants  int                     `json:"mutants"`
	Killed   int                     `json:"killed"`
	Faults   map[problem.Outcome]int `json:"faults"`
}

// faultRow is a sample with what is known about it.
type faultRow struct {
	Benchmark string          `json:"benchmark"`
	TaskID    string          `json:"task_id"`
	Sample    int             `json:"sample"`
	Solution  string          `json:"solution"`
	Verdict   problem.Outcome `json:"verdict"`
	Mistake   string          `json:"mistake"`
	Line      int             `json:"line,omitempty"`
}

func (f *robotTasksFlags) run(w io.Writer) error {
	levels, err := f.check()
	if err != nil {
		return err
	}
	sum := tasksSummary{Levels: map[int]int{}, Faults: map[problem.Outcome]int{}}
	drawn, err := f.draw(levels, &sum)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		path  string
		write func(w io.Writer, t *tasks.Task) error
	}{
		{f.out, func(w io.Writer, t *tasks.Task) error { return json.NewEncoder(w).Encode(&t.Problem) }},
		{f.rows, writeRobotRow},
		{f.text, func(w io.Writer, t *tasks.Task) error {
			_, err := io.WriteString(w, t.Problem.Prompt+t.Completion())
			return err
		}},
		{f.faults, writeRobotFaults},
	} {
		if file.path == "" {
			continue
		}
		if err := writeEach(file.path, drawn, file.write); err != nil {
			return err
		}
	}
	if f.json {
		return printJSON(w, &sum)
	}
	return sum.print(w, f)
}

func writeRobotRow(w io.Writer, t *tasks.Task) error {
	return json.NewEncoder(w).Encode(pairRow{t.Problem.Prompt, t.Completion(), t.Level, t.Problem.TaskID})
}

func writeRobotFaults(w io.Writer, t *tasks.Task) error {
	enc := json.NewEncoder(w)
	for i, x := range t.Faults {
		if err := enc.Encode(faultRow{t.Problem.Benchmark, t.Problem.TaskID, i, x.Program, x.Outcome, x.How, x.Line}); err != nil {
			return err
		}
	}
	return nil
}

// draw returns as many tasks as are wanted.
func (f *robotTasksFlags) draw(levels []int, sum *tasksSummary) ([]*tasks.Task, error) {
	var out []*tasks.Task
	meanings := map[string]bool{}
	cfg := tasks.Config{Robot: f.robot, Levels: levels, Seed: f.seed, Short: f.short}
	if f.split != "all" {
		cfg.Split = f.split
	}
	for t, err := range tasks.Generate(cfg) {
		if err != nil {
			return nil, err
		}
		out = append(out, &t)
		sum.Tasks++
		sum.Levels[t.Level]++
		sum.Worlds += len(t.Problem.Tests)
		sum.Mutants, sum.Killed = sum.Mutants+t.Mutants, sum.Killed+t.Killed
		meanings[t.Meaning] = true
		if t.HeldOut {
			sum.HeldOut++
		}
		for _, x := range t.Faults {
			sum.Faults[x.Outcome]++
		}
		if sum.Tasks == f.n {
			break
		}
	}
	sum.Meanings = len(meanings)
	return out, nil
}

func (s *tasksSummary) print(w io.Writer, f *robotTasksFlags) error {
	var levels, faults []string
	for _, l := range slices.Sorted(maps.Keys(s.Levels)) {
		levels = append(levels, fmt.Sprintf("level %d: %d", l, s.Levels[l]))
	}
	for _, o := range problem.Outcomes {
		if n := s.Faults[o]; n > 0 {
			faults = append(faults, fmt.Sprintf("%s %d", o, n))
		}
	}
	_, err := fmt.Fprintf(w, `%d tasks of %d compositions, %d of them held out, with %d worlds (%s)
%d of %d programs with one mistake fail
`, s.Tasks, s.Meanings, s.HeldOut, s.Worlds, strings.Join(levels, ", "), s.Killed, s.Mutants)
	if err == nil && f.faults != "" {
		_, err = fmt.Fprintf(w, "%s: %s\n", f.faults, strings.Join(faults, ", "))
	}
	return err
}
