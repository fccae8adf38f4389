package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hone/internal/progress"
	"hone/judge"
	"hone/problem"
	"hone/robot"
)

// robotEvalFlags are the flags of hone robot eval.
type robotEvalFlags struct {
	tasks   []string
	samples string
	out     string
	force   bool
	strict  bool
	json    bool
	sandboxFlags
}

func newRobotEval(in *interrupts) *cobra.Command {
	var f robotEvalFlags
	c := &cobra.Command{
		Use:   "eval --tasks FILE… --samples FILE",
		Short: "Judge samples against robot tasks, and count how they fail",
		Long: `Judge samples against robot tasks as hone judge does, and report success and the three
classes of failures that RoboEval tells apart: Python errors, robot execution errors and
task completion errors, each with its 95 % interval.

Tasks are roboeval_tasks.json or rows of our own with tests of kind robot; samples are
rows with task_id and one of completion, solution, response (docs/formats.md).`,
		Example: "  hone robot eval --tasks roboeval_tasks.json --samples samples.jsonl --out verdicts.jsonl",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.run(c.Context(), in, c.OutOrStdout()) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringArrayVar(&f.tasks, "tasks", nil, "file with tasks (repeatable)")
	fl.StringVar(&f.samples, "samples", "", "file with programs; - is standard input")
	fl.StringVar(&f.out, "out", "", "file for the verdicts")
	fl.BoolVar(&f.force, "force", false, "replace an output file that came from other inputs")
	fl.BoolVar(&f.strict, "strict", false, "refuse files with a bad row instead of reporting and skipping it")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	f.register(c)
	return c
}

// robotReport is what hone robot eval --json prints.
type robotReport struct {
	Programs int                            `json:"programs"`
	Classes  map[robot.Class]int            `json:"classes"`
	Shares   map[robot.Class]judge.Interval `json:"shares"`
	Tasks    map[string]classCounts         `json:"tasks"` // by task without its prompt
	PassAt   []judge.Estimated              `json:"pass_at"`
	Faults   int                            `json:"infrastructure"` // not scored
	Seconds  float64                        `json:"seconds"`
	Rate     float64                        `json:"simulations_per_second"`
	Machine  string                         `json:"machine"`
	Outcomes map[problem.Outcome]int        `json:"outcomes"`
}

func (f *robotEvalFlags) run(ctx context.Context, in *interrupts, w io.Writer) (err error) {
	switch {
	case len(f.tasks) == 0:
		return usagef("--tasks is missing: name a file with robot tasks (see: hone robot eval --help)")
	case f.samples == "":
		return usagef("--samples is missing: name a file with programs (see: hone robot eval --help)")
	}
	if err := errors.Join(needFolder("--out", f.out), f.sandboxFlags.check()); err != nil {
		return err
	}
	rep := &reporter{strict: f.strict, console: newConsole()}
	s, err := loadSuite(problemFiles{"--tasks", filesOf(f.tasks), string(problem.FormatAuto), false}, rep)
	if err != nil {
		return err
	}
	if err := onlyRobots(s.problems); err != nil {
		return err
	}
	programs, err := openSamples(f.samples)
	if err != nil {
		return err
	}
	defer programs.close()
	digest, total, err := programs.scan(s, f.strict)
	if err != nil {
		return err
	}
	j, py, closeJudge, err := f.open(ctx, s.problems, rep.console)
	if err != nil {
		return err
	}
	defer closeJudge()
	tally := &judge.Tally{}
	sink, err := openSink(f.out, f.force, s, tally, fingerprint(s.digest, digest, f.sandboxFlags, py, j))
	if err != nil {
		return err
	}
	defer func() {
		if e := sink.close(); err == nil {
			err = e
		}
	}()
	out := &robotReport{Classes: map[robot.Class]int{}, Shares: map[robot.Class]judge.Interval{}, Tasks: map[string]classCounts{}, Machine: machine()}
	start, simulations := time.Now(), 0
	bar := progress.New(os.Stderr, "judged", total, 0)
	rep.console.bar.Store(bar)
	stop, done := in.finishing(bar, "finishing the programs that are running"+sink.saving())
	var inputErr error
	// Verdicts of an earlier run are judged again: they come from the cache.
	err = judge.Stream(ctx, stop, j, s.samples(programs, rep, &inputErr), func(v problem.Verdict) error {
		out.add(s, &v)
		simulations += len(v.Tests)
		bar.Add(1, fmt.Sprintf("%d passed", out.Classes[robot.Success]))
		if out.Programs+out.Faults <= sink.done {
			return nil
		}
		return sink.add(&v)
	})
	done()
	bar.Finish()
	if err == nil {
		err = inputErr
	}
	if err != nil {
		return sink.interrupted(err)
	}
	out.finish(tally, time.Since(start), simulations)
	if err := sink.commit(out); err != nil {
		return err
	}
	if f.json {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(out)
	}
	out.print(w)
	return nil
}

// onlyRobots refuses problems whose failures have no class.
func onlyRobots(problems []*problem.Problem) error {
	for _, p := range problems {
		for _, t := range p.Tests {
			if t.Kind != problem.KindRobot {
				return fmt.Errorf("%s: test %q is of kind %s, robot tasks have tests of kind robot (hone judge takes all kinds)", p.TaskID, t.Name, t.Kind)
			}
		}
	}
	return nil
}

func (r *robotReport) add(s *suite, v *problem.Verdict) {
	if v.Passed == nil {
		r.Faults++
		return
	}
	id := v.TaskID
	if p, err := s.index.Find(id); err == nil {
		id = p.TaskID
	}
	task := id[:max(0, strings.LastIndexByte(id, '/'))]
	if task == "" {
		task = id
	}
	class := classOf(v.Verdict)
	r.Programs++
	r.Classes[class]++
	if r.Tasks[task] == nil {
		r.Tasks[task] = classCounts{}
	}
	r.Tasks[task][class]++
}

func (r *robotReport) finish(t *judge.Tally, took time.Duration, simulations int) {
	for _, c := range robot.Classes {
		r.Shares[c] = classCounts(r.Classes).share(c)
	}
	r.PassAt, r.Outcomes, r.Seconds, r.Rate = t.Estimates(false), t.Outcomes, took.Seconds(), float64(simulations)/took.Seconds()
}

func (r *robotReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s for %s in %.1f s (%.0f simulations/s), %s\n\n", count(r.Programs, "program", "programs"), count(len(r.Tasks), "task", "tasks"), r.Seconds, r.Rate, r.Machine)
	for _, c := range robot.Classes {
		s := r.Shares[c]
		fmt.Fprintf(w, "%-22s %5d  %5.1f %%  [%.1f, %.1f]\n", c, r.Classes[c], 100*s.Mean, 100*s.Lo, 100*s.Hi)
	}
	fmt.Fprintln(w)
	printEstimates(w, "", r.PassAt)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tw, "\ntask\tprograms\tsuccess\tpython\texecution\tcompletion\t\n")
	var names []string
	for name := range r.Tasks {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		c := r.Tasks[name]
		n := 0
		for _, k := range c {
			n += k
		}
		fmt.Fprintf(tw, "%s\t%d\t%.1f %%\t%d\t%d\t%d\t\n", name, n, 100*float64(c[robot.Success])/float64(n), c[robot.PythonError], c[robot.ExecutionError], c[robot.CompletionError])
	}
	tw.Flush()
	if r.Faults > 0 {
		fmt.Fprintf(w, "\n%s not scored (infrastructure): the verdicts say why\n", count(r.Faults, "program was", "programs were"))
	}
}
