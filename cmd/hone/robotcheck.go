package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hone/internal/progress"
	"hone/internal/words"
	"hone/judge"
	"hone/problem"
	"hone/robot"
)

// robotCheckFlags are the flags of hone robot check.
type robotCheckFlags struct {
	tasks, traces, split string
	simulate, json       bool
	sandboxFlags
}

func newRobotCheck(in *interrupts) *cobra.Command {
	var f robotCheckFlags
	c := &cobra.Command{
		Use:   "check --tasks FILE --traces FILE",
		Short: "Check recorded traces, and compare with recorded verdicts",
		Long: `Check recorded traces against the formulas of their tasks, and compare with the verdicts
that were recorded (is_sat). Rows are RoboEval's, as JSON lines, .gz or not: task,
prompt, completion, test, trace, error_message, is_sat, program.

With --simulate the rows' programs are run instead, in our simulator.

Exit status: 0 all verdicts agree, 1 not.`,
		Example: "  hone robot check --tasks roboeval_tasks.json --traces owk_results_dev.jsonl.gz --json\n  hone robot check --tasks roboeval_tasks.json --traces owk_results_dev.jsonl.gz --simulate",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.run(c.Context(), in, c.OutOrStdout()) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.tasks, "tasks", "", "file with tasks")
	fl.StringVar(&f.traces, "traces", "", "file with recorded runs; - is standard input")
	fl.StringVar(&f.split, "split", "", "split of the tasks that the rows mean (default: the smallest that has all of them)")
	fl.BoolVar(&f.simulate, "simulate", false, "run the rows' programs instead of reading their traces")
	fl.BoolVar(&f.json, "json", false, "print JSON, with every row's verdict")
	f.register(c)
	return c
}

// checkedRow is the verdict on a recorded run.
type checkedRow struct {
	Model      string      `json:"model,omitempty"`
	Task       string      `json:"task"`
	Prompt     int         `json:"prompt"`
	Completion int         `json:"completion"`
	Test       int         `json:"test"`
	Verdict    bool        `json:"verdict"`
	Class      robot.Class `json:"class"`
	Why        string      `json:"why,omitempty"` // it is not satisfied
	Sat        *bool       `json:"is_sat,omitempty"`
	Recorded   string      `json:"recorded_error,omitempty"`
}

func (c *checkedRow) differs() bool { return c.Sat != nil && *c.Sat != c.Verdict }

// checkedRows is what hone robot check --json prints.
type checkedRows struct {
	Split    string              `json:"split"`
	Rows     int                 `json:"rows"`
	Compared int                 `json:"compared"` // that have is_sat
	Agree    int                 `json:"agree"`
	Classes  map[robot.Class]int `json:"classes"`
	Differ   []checkedRow        `json:"differ"`
	Verdicts []checkedRow        `json:"verdicts"`
}

func (f *robotCheckFlags) run(ctx context.Context, in *interrupts, w io.Writer) error {
	switch {
	case f.tasks == "":
		return usagef("--tasks is missing: name a file with robot tasks (see: hone robot check --help)")
	case f.traces == "":
		return usagef("--traces is missing: name a file with recorded runs (see: hone robot check --help)")
	}
	if err := f.sandboxFlags.check(); err != nil {
		return err
	}
	con := newConsole()
	s, err := loadSuite(problemFiles{"--tasks", filesOf([]string{f.tasks}), string(problem.FormatAuto), false}, &reporter{strict: true, console: con})
	if err != nil {
		return err
	}
	if err := onlyRobots(s.problems); err != nil {
		return err
	}
	rows, err := f.readRows()
	if err != nil {
		return err
	}
	tasks, err := recordedTasks(s.problems, rows, f.split)
	if err != nil {
		return err
	}
	out := &checkedRows{Split: tasks.split, Classes: map[robot.Class]int{}, Differ: []checkedRow{}, Verdicts: []checkedRow{}}
	if f.simulate {
		err = f.simulateRows(ctx, in, con, tasks, rows, out)
	} else {
		err = checkRows(tasks, rows, out)
	}
	if err != nil {
		return err
	}
	if f.json {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", " ")
		err = enc.Encode(out)
	} else {
		out.print(w)
	}
	if err == nil && len(out.Differ) > 0 {
		return errFound
	}
	return err
}

func (f *robotCheckFlags) readRows() ([]robot.Recorded, error) {
	file, err := openSamples(f.traces)
	if err != nil {
		return nil, err
	}
	defer file.close()
	var rows []robot.Recorded
	for row, err := range robot.ReadRecorded(file.reader(), file.name) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s holds no recorded runs", file.name)
	}
	return rows, nil
}

// taskSplit is the tasks of one split, by name and prompt.
type taskSplit struct {
	split string
	tasks map[string]map[int]*problem.Problem
}

// recordedTasks finds the split that recorded rows mean.
func recordedTasks(problems []*problem.Problem, rows []robot.Recorded, wanted string) (*taskSplit, error) {
	splits := map[string]*taskSplit{}
	for _, p := range problems {
		id := strings.TrimPrefix(p.TaskID, p.Split+"/")
		i := strings.LastIndexByte(id, '/')
		prompt := 0
		if _, err := fmt.Sscanf(id[i+1:], "%d", &prompt); i < 0 || err != nil {
			return nil, fmt.Errorf("%s: recorded runs name a task and a prompt's number, so ids are TASK/NUMBER", p.TaskID)
		}
		s := splits[p.Split]
		if s == nil {
			s = &taskSplit{p.Split, map[string]map[int]*problem.Problem{}}
			splits[p.Split] = s
		}
		if s.tasks[id[:i]] == nil {
			s.tasks[id[:i]] = map[int]*problem.Problem{}
		}
		s.tasks[id[:i]][prompt] = p
	}
	if wanted != "" {
		s := splits[wanted]
		if s == nil {
			names := slices.Sorted(maps.Keys(splits))
			return nil, usagef("--split %q: the tasks have %s (nearest: %q)", wanted, strings.Join(names, ", "), words.Nearest(wanted, names))
		}
		return s, s.has(rows)
	}
	var best *taskSplit
	var why error
	for _, name := range slices.Sorted(maps.Keys(splits)) {
		s := splits[name]
		if err := s.has(rows); err != nil {
			why = err
		} else if best == nil || len(s.tasks) < len(best.tasks) {
			best = s
		}
	}
	if best == nil {
		return nil, why
	}
	return best, nil
}

// has reports the first row whose test the split lacks.
func (s *taskSplit) has(rows []robot.Recorded) error {
	for i := range rows {
		r := &rows[i]
		prompts := s.tasks[r.Task]
		if prompts == nil {
			return fmt.Errorf("%s: there is no task %q in the split %s (nearest: %q)", r.Where, r.Task, s.split, words.Nearest(r.Task, slices.Sorted(maps.Keys(s.tasks))))
		}
		p := prompts[r.Prompt]
		if p == nil {
			return fmt.Errorf("%s: task %s has no prompt %d, it has %d", r.Where, r.Task, r.Prompt, len(prompts))
		}
		if r.Test >= len(p.Tests) {
			return fmt.Errorf("%s: task %s has no test %d, it has %d", r.Where, r.Task, r.Test, len(p.Tests))
		}
	}
	return nil
}

func (s *taskSplit) problem(r *robot.Recorded) *problem.Problem { return s.tasks[r.Task][r.Prompt] }

// checkRows evaluates the formulas over the recorded traces.
func checkRows(tasks *taskSplit, rows []robot.Recorded, out *checkedRows) error {
	robots := map[string]*robot.Definition{}
	checks := map[*problem.Test]*robot.Check{}
	for i := range rows {
		r := &rows[i]
		t := &tasks.problem(r).Tests[r.Test]
		if checks[t] == nil {
			var spec problem.RobotSpec
			if err := json.Unmarshal(t.Spec, &spec); err != nil {
				return fmt.Errorf("%s, test %s: %w", r.Task, t.Name, err)
			}
			d := robots[spec.Robot]
			if d == nil {
				var err error
				if d, err = robot.Load(spec.Robot); err != nil {
					return err
				}
				robots[spec.Robot] = d
			}
			var err error
			if checks[t], err = d.Check(spec.Check, fmt.Sprintf("%s, check of %s", r.Task, t.Name)); err != nil {
				return err
			}
		}
		row, err := checkRow(checks[t], r)
		if err != nil {
			return err
		}
		out.add(row)
	}
	return nil
}

// checkRow is the verdict on one recorded run: one that broke off satisfies nothing.
func checkRow(c *robot.Check, r *robot.Recorded) (checkedRow, error) {
	row := newCheckedRow(r)
	if row.Class = r.Ended(); row.Class != robot.Success {
		row.Why = r.Error
		return row, nil
	}
	trace, err := r.Trace()
	if err != nil {
		return row, err
	}
	res, err := c.Evaluate(trace, nil)
	if err != nil {
		return row, fmt.Errorf("%s: %w", r.Where, err)
	}
	if row.Verdict, row.Why = res.Holds, res.Why; !res.Holds {
		row.Class = robot.CompletionError
	}
	return row, nil
}

func newCheckedRow(r *robot.Recorded) checkedRow {
	return checkedRow{Model: r.Model, Task: r.Task, Prompt: r.Prompt, Completion: r.Completion, Test: r.Test, Sat: r.Sat, Recorded: r.Error}
}

// recordedProgram is a program that several rows, one a test, are of.
type recordedProgram struct {
	model, task        string
	prompt, completion int
	text               string
}

// simulateRows runs each program once, in the worlds of all its tests.
func (f *robotCheckFlags) simulateRows(ctx context.Context, in *interrupts, con *console, tasks *taskSplit, rows []robot.Recorded, out *checkedRows) error {
	var order []recordedProgram
	of := map[recordedProgram][]*robot.Recorded{}
	for i := range rows {
		r := &rows[i]
		k := recordedProgram{r.Model, r.Task, r.Prompt, r.Completion, r.Program}
		if of[k] == nil {
			order = append(order, k)
		}
		of[k] = append(of[k], r)
	}
	j, _, closeJudge, err := f.open(ctx, nil, con)
	if err != nil {
		return err
	}
	defer closeJudge()
	bar := progress.New(os.Stderr, "simulated", len(order), 0)
	con.bar.Store(bar)
	stop, done := in.finishing(bar, "finishing the programs that are running")
	jobs := func(yield func(judge.Job) bool) {
		for i, k := range order {
			p := tasks.problem(of[k][0])
			if !yield(judge.Job{Problem: p, TaskID: p.TaskID, Sample: i, Program: k.text}) {
				return
			}
		}
	}
	n := 0
	err = judge.Stream(ctx, stop, j, jobs, func(v problem.Verdict) error {
		for _, r := range of[order[n]] {
			if r.Test >= len(v.Tests) {
				return fmt.Errorf("%s: %s", r.Where, v.Tests[0].Error)
			}
			t := v.Tests[r.Test]
			row := newCheckedRow(r)
			row.Verdict, row.Class, row.Why = t.Verdict == problem.Pass, classOf(t.Verdict), t.Error
			out.add(row)
		}
		n++
		bar.Add(1, fmt.Sprintf("%d differ", len(out.Differ)))
		return nil
	})
	done()
	bar.Finish()
	return err
}

func (c *checkedRows) add(row checkedRow) {
	c.Rows++
	c.Classes[row.Class]++
	c.Verdicts = append(c.Verdicts, row)
	if row.Sat == nil {
		return
	}
	c.Compared++
	if row.differs() {
		c.Differ = append(c.Differ, row)
	} else {
		c.Agree++
	}
}

// maxDiffer is how many differences are printed for people.
const maxDiffer = 20

func (c *checkedRows) print(w io.Writer) {
	split := ""
	if c.Split != "" {
		split = " of the split " + c.Split
	}
	fmt.Fprintf(w, "%s%s\n\n", count(c.Rows, "recorded run", "recorded runs"), split)
	for _, class := range robot.Classes {
		fmt.Fprintf(w, "%-22s %5d  %5.1f %%\n", class, c.Classes[class], 100*float64(c.Classes[class])/float64(c.Rows))
	}
	fmt.Fprintf(w, "\n%d of %d verdicts agree with is_sat\n", c.Agree, c.Compared)
	for i, d := range c.Differ {
		if i == maxDiffer {
			fmt.Fprintf(w, "and %d more (--json has all)\n", len(c.Differ)-i)
			break
		}
		fmt.Fprintf(w, "%s %s prompt %d completion %d test %d: %v here (%s), recorded %v (%s)\n", d.Model, d.Task, d.Prompt, d.Completion, d.Test, d.Verdict, d.Why, *d.Sat, d.Recorded)
	}
}
