package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hone/internal/progress"
	"hone/judge"
	"hone/loop"
	"hone/recipe"
	"hone/store"
	"hone/train"
)

// improveFlags are the flags of hone improve.
type improveFlags struct {
	out    string
	report string
	sets   []string
	force  bool
	dryRun bool
	json   bool
	box    sandboxFlags
}

func newImprove(in *interrupts) *cobra.Command {
	var f improveFlags
	c := &cobra.Command{
		Use:   "improve RECIPE",
		Short: "Make a model better by running the code it writes, and measure by how much",
		Long: `Make a code model better by running the code it writes, as a recipe says: draw programs
for problems with tests, judge them, train on what came out in stages, and measure the
model before and after each stage on problems that were held out.

Everything is kept in a folder; report.html there shows it. What is complete is not done
again: a loop that was stopped or killed goes on when the same command is given again.`,
		Example: `  hone improve recipes/improve-graded.yaml
  hone improve recipes/improve-graded.yaml --dry-run                  # how many programs, how long?
  hone improve recipes/improve-graded.yaml --set seeds=[1,2,3] --out runs/three`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("name one recipe, a YAML file (see: %s --help)", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if f.json && !f.dryRun {
				return usagef("--json is for --dry-run: results.json in the folder has what came of a run")
			}
			r := loop.DefaultRecipe()
			raw, err := os.ReadFile(args[0])
			if err != nil {
				return fmt.Errorf("recipe: %w", err)
			}
			if err := recipe.Parse(raw, args[0], &r, f.sets...); err != nil {
				return err
			}
			if f.out == "" {
				f.out = filepath.Join(runsRoot(), r.Name)
			}
			if err := needFolder("--report", f.report, f.out); err != nil && !f.dryRun {
				return err
			}
			if f.report == "" {
				f.report = filepath.Join(f.out, "report.html")
			}
			if f.dryRun {
				return f.plan(c.Context(), c.OutOrStdout(), r)
			}
			result, err := f.run(c.Context(), in, r)
			if err != nil {
				return err
			}
			if err := result.Page(c.CommandPath() + " " + args[0]).WriteFile(f.report); err != nil {
				return err
			}
			printLoop(c.OutOrStdout(), result)
			_, err = fmt.Fprintf(c.OutOrStdout(), "\n%s shows curves, programs side by side and what each token earned\n", f.report)
			return err
		},
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.out, "out", "", "folder (default: the recipe's name in ./runs, or in $HONE_RUNS)")
	fl.StringVar(&f.report, "report", "", "file for the report (default: report.html in the folder)")
	fl.StringArrayVar(&f.sets, "set", nil, "override a key of the recipe: seeds=[1,2] (repeatable)")
	fl.BoolVar(&f.force, "force", false, "replace what another recipe made in the folder")
	fl.BoolVar(&f.dryRun, "dry-run", false, "say what it would take, measured by a few programs and steps, and keep nothing")
	fl.BoolVar(&f.json, "json", false, "--dry-run: print it as JSON")
	fl.StringVar(&f.box.python, "python", "", "interpreter or virtual environment that runs the programs (default: /usr/bin/python3 without any packages)")
	fl.StringVar(&f.box.tier, "tier", "auto", "isolation of the programs: auto, full or landlock")
	fl.BoolVar(&f.box.unsafe, "unsafe-no-isolation", false, "run programs without isolation (a disposable machine only)")
	return c
}

// run runs the loop of a recipe in the folder f.out.
func (f *improveFlags) run(ctx context.Context, in *interrupts, r loop.Recipe) (*loop.Result, error) {
	con := newConsole()
	cfg, closeJudge, err := f.config(ctx, r, con)
	if err != nil {
		return nil, err
	}
	defer closeJudge()
	if err := os.MkdirAll(f.out, 0o777); err != nil {
		return nil, err
	}
	tf := trainFlags{out: f.out}
	cfg.Train = func(ctx context.Context, name string, job *train.Job, run *store.Run) (train.Outcome, error) {
		return tf.train(ctx, in, job, run, con)
	}
	result, err := loop.Run(ctx, cfg)
	if errors.Is(err, context.Canceled) {
		con.println("stopped; the same command goes on from here")
	}
	return result, err
}

// config is what the loop of a recipe needs, but for training; the judge is to be closed.
func (f *improveFlags) config(ctx context.Context, r loop.Recipe, con *console) (cfg loop.Config, closeJudge func() error, err error) {
	if err := f.box.check(); err != nil {
		return cfg, nil, err
	}
	cfg = loop.Config{Recipe: r, Dir: f.out, Force: f.force, Log: con.println, Version: version(), Machine: machine()}
	rep := &reporter{console: con}
	learn, err := loadSuite(problemFiles{flag: "problems", files: filesOf(r.Problems), format: "auto"}, rep)
	if err != nil {
		return cfg, nil, err
	}
	held, err := loadSuite(problemFiles{flag: "held_out", files: filesOf(r.HeldOut), format: "auto"}, rep)
	if err != nil {
		return cfg, nil, err
	}
	cfg.Learn, cfg.HeldOut = learn.problems, held.problems
	if cfg.Cache, err = cacheRoot(); err != nil {
		return cfg, nil, err
	}
	cfg.Bar = func(doing string, total int) (func(int, string), func()) {
		bar := progress.New(os.Stderr, doing, total, 0)
		con.bar.Store(bar)
		last := 0
		return func(done int, note string) { bar.Add(done-last, note); last = done }, func() { bar.Finish(); con.bar.Store(nil) }
	}
	lean()
	f.box.cache, f.box.noInProcess = "off", true // programs are counted, and rewards must not be forged
	cfg.Queue, _, closeJudge, err = f.box.open(ctx, append(cfg.Learn, cfg.HeldOut...), con)
	return cfg, closeJudge, err
}

// plan prints what the loop of a recipe would take.
func (f *improveFlags) plan(ctx context.Context, w io.Writer, r loop.Recipe) error {
	cfg, closeJudge, err := f.config(ctx, r, newConsole())
	if err != nil {
		return err
	}
	defer closeJudge()
	p, err := loop.Try(ctx, cfg)
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(w, p)
	}
	lasting := func(seconds float64) string { return (time.Duration(seconds+0.5) * time.Second).String() }
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "what\tprograms\ttokens each\ttime\n")
	fmt.Fprintf(t, "evaluation of each model\t%d\t%.0f\t%s\n", p.Evaluate.Programs, p.Evaluate.Tokens, lasting(p.Evaluate.Seconds))
	if c := p.Collect; c != nil {
		fmt.Fprintf(t, "collecting\t%d\t%.0f\t%s\n", c.Programs, c.Tokens, lasting(c.Seconds))
	}
	fmt.Fprintf(t, "\nstage\tsteps\ttokens/s\tprograms, at most\tmemory\ttime\t\n")
	for _, s := range p.Stages {
		if s.Train == nil {
			fmt.Fprintf(t, "%s\t?\t?\t%d\t?\t%s\tnot tried: %s\n", s.Stage, s.Executions, lasting(s.Seconds), s.Note)
			continue
		}
		fmt.Fprintf(t, "%s\t%d\t%.0f\t%d\t%.0f MB\t%s\t%s\n", s.Stage, s.Steps, float64(s.Train.TokensPerStep)/s.Train.SecondsPerStep, s.Executions,
			float64(s.Train.Memory.Total())/1e6, lasting(s.Seconds), s.Note)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\nall: %d programs run to learn from, at most, %s; that for each of %s\n", p.Executions, lasting(p.Seconds), count(p.Seeds, "seed", "seeds"))
	return err
}

// printLoop prints how good each model is.
func printLoop(w io.Writer, r *loop.Result) {
	for _, s := range r.Summaries {
		fmt.Fprintf(w, "\n%s: %s held out, %d programs each, seeds %v\n\n", s.Benchmark, count(s.Problems, "problem", "problems"), r.Recipe.Evaluate.Samples, r.Recipe.Seeds)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "model\tpass@1\tover base\tform apart\tpass@10\tgreedy\tsyntax\truns\tstyle\tsecurity\texecutions\tseconds")
		for _, row := range s.Rows {
			over, apart, ten := "", "", ""
			if row.Stage != loop.Base {
				over, apart = gain(row.OverBase), gain(row.FormedOverBase)
			}
			if row.PassAt10 != nil {
				ten = interval(*row.PassAt10)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%.1f\t%.1f\t%.1f\t%.3f\t%.3f\t%d\t%.0f\n", row.Stage, interval(row.PassAt1), over, apart, ten,
				100*row.Greedy, 100*row.Syntax, 100*row.Executes, row.Style, row.Security, row.Total.Executions, row.Total.Seconds)
		}
		t.Flush()
		if len(s.Pairs) == 0 {
			continue
		}
		fmt.Fprintln(w)
		for _, p := range s.Pairs {
			fmt.Fprintf(t, "%s over %s\t%s\n", p.Stage, p.Other, gain(p.By))
		}
		t.Flush()
	}
}

// gain is a difference of shares in points with its interval.
func gain(in judge.Interval) string {
	return fmt.Sprintf("%+.1f [%+.1f, %+.1f]", 100*in.Mean, 100*in.Lo, 100*in.Hi)
}

// interval is a share in per cent with its interval.
func interval(in judge.Interval) string {
	return fmt.Sprintf("%.1f [%.1f, %.1f]", 100*in.Mean, 100*in.Lo, 100*in.Hi)
}
