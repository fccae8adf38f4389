package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"hone/internal/progress"
	"hone/judge"
	"hone/problem"
	"hone/recipe"
	"hone/store"
	"hone/train"
)

// trainFlags are the flags of hone train.
type trainFlags struct {
	out    string
	cache  string
	sets   []string
	force  bool
	dryRun bool
	json   bool
	box    sandboxFlags // of what the model writes while it is trained
}

func newTrain(in *interrupts) *cobra.Command {
	var f trainFlags
	c := &cobra.Command{
		Use:   "train RECIPE",
		Short: "Train or fine-tune a model as a recipe says",
		Long: `Train or fine-tune a model as a recipe, a YAML file, says. recipes/ has examples and
docs/train.md describes every key.

Everything is kept in a run folder: the resolved recipe, metrics.jsonl, checkpoints
to go on from, and at the end model/, which hone generate, hone eval and Hugging
Face's transformers load. A run that was stopped or killed goes on where it was
when the same command is given again, and ends with the same bits.`,
		Example: `  hone train recipes/clm-tiny.yaml
  hone train recipes/clm-tiny.yaml --dry-run                  # how large, how long?
  hone train recipes/clm-tiny.yaml --set train.lr=1e-3 --set train.steps=500 --out runs/try`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("name one recipe, a YAML file (see: %s --help)", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return runTrain(c.Context(), in, c, args[0], f) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.out, "out", "", "run folder (default: the recipe's name in ./runs, or in $HONE_RUNS)")
	fl.StringArrayVar(&f.sets, "set", nil, "override a key of the recipe: train.lr=3e-5 (repeatable)")
	fl.BoolVar(&f.force, "force", false, "start anew in a folder that holds another run")
	fl.BoolVar(&f.dryRun, "dry-run", false, "say what it would take, measured by a few steps, and keep nothing")
	fl.StringVar(&f.cache, "cache", "", "folder for tokens and tokenizers made of corpora (default: hone in the user's cache folder)")
	fl.BoolVar(&f.json, "json", false, "print the summary as JSON on standard output")
	fl.StringVar(&f.box.python, "python", "", "grpo, ppo: interpreter or virtual environment that runs the programs (default: /usr/bin/python3 without any packages)")
	fl.StringVar(&f.box.tier, "tier", "auto", "grpo, ppo: isolation of the programs: auto, full or landlock")
	fl.BoolVar(&f.box.unsafe, "unsafe-no-isolation", false, "grpo, ppo: run programs without isolation (a disposable machine only)")
	return c
}

// read reads the recipe.
func (f *trainFlags) read(path string) (train.Recipe, error) {
	r := train.DefaultRecipe()
	raw, err := os.ReadFile(path)
	if err != nil {
		return r, fmt.Errorf("recipe: %w", err)
	}
	return r, recipe.Parse(raw, path, &r, f.sets...)
}

// paths fills in where things are kept by default.
func (f *trainFlags) paths(name string) error {
	if f.out == "" {
		f.out = filepath.Join(runsRoot(), name)
	}
	if f.cache == "" {
		dir, err := cacheRoot()
		if err != nil {
			return fmt.Errorf("%w (name one with --cache)", err)
		}
		f.cache = dir
	}
	return nil
}

// runsRoot is the folder of run folders.
func runsRoot() string {
	if root := os.Getenv("HONE_RUNS"); root != "" {
		return root
	}
	return "runs"
}

// cacheRoot is the folder of what can be made again.
func cacheRoot() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder for caches: %w", err)
	}
	return filepath.Join(dir, "hone"), nil
}

func runTrain(ctx context.Context, in *interrupts, c *cobra.Command, path string, f trainFlags) error {
	r, err := f.read(path)
	if err != nil {
		return err
	}
	if err := f.paths(r.Name); err != nil {
		return err
	}
	if err := f.box.check(); err != nil {
		return err
	}
	con := newConsole()
	reading := &phases{con: con}
	lean()
	closeJudge := func() error { return nil }
	defer func() { _ = closeJudge() }()
	job, err := train.Open(ctx, r, train.OpenOptions{
		Cache: f.cache, Log: con.println, Progress: reading.report,
		Judge: func(ctx context.Context, problems []*problem.Problem) (judge.Queue, error) {
			f.box.cache, f.box.noInProcess = "off", true // a run keeps its verdicts; rewards must not be forged
			j, _, done, err := f.box.open(ctx, problems, con)
			if err != nil {
				return nil, err
			}
			closeJudge = done
			return j, nil
		},
	})
	reading.finish()
	if err != nil {
		return err
	}
	defer job.Close()
	if f.dryRun {
		return f.plan(ctx, c, job)
	}
	run, err := f.open(c, job, con)
	if err != nil {
		return err
	}
	defer run.Close()
	var out train.Outcome
	if run.Status() == store.RunComplete {
		if err := json.Unmarshal(run.Record().Summary, &out); err != nil {
			return fmt.Errorf("run %s: its summary is damaged: %w (use --force to start anew)", f.out, err)
		}
		con.println(fmt.Sprintf("%s is complete already (--force starts anew)", f.out))
	} else if out, err = f.train(ctx, in, job, run, con); err != nil {
		return err
	}
	if f.json {
		return printJSON(os.Stdout, out)
	}
	printOutcome(c.OutOrStdout(), out)
	return run.Close()
}

// open opens the run folder.
func (f *trainFlags) open(c *cobra.Command, job *train.Job, con *console) (*store.Run, error) {
	resolved, err := recipe.Marshal(&job.Recipe)
	if err != nil {
		return nil, err
	}
	return store.OpenRun(f.out, store.RunOptions{
		Recipe: resolved, Fingerprint: job.Fingerprint, Kind: "train " + string(job.Recipe.Kind), Command: os.Args,
		Version: version(), Machine: machine(), Force: f.force, Keep: job.Recipe.Train.Keep, Log: con.println,
	})
}

// train trains below a progress bar.
func (f *trainFlags) train(ctx context.Context, in *interrupts, job *train.Job, run *store.Run, con *console) (train.Outcome, error) {
	s, err := job.Start(run)
	if err != nil {
		return train.Outcome{}, err
	}
	defer s.Close()
	con.println(fmt.Sprintf("%s: %d parameters, %d tokens to train on, %d steps: %.2f times through the data", job.Recipe.Name, job.Model.Parameters(), job.Tokens(), job.Steps, job.Epochs()))
	if n := s.Step(); n > 0 {
		con.println(fmt.Sprintf("going on from step %d of %d", n, job.Steps))
	}
	bar := progress.New(os.Stderr, "step", job.Steps, s.Step())
	con.bar.Store(bar)
	stop, done := in.finishing(bar, "finishing this step and saving")
	heldOut := ""
	out, err := s.Train(ctx, stop, func(r train.Row) {
		if r.Evaluation != nil {
			said := ""
			if a, ok := r.Evaluation.Measures["accuracy"]; ok {
				said = fmt.Sprintf(", accuracy %.4f", a)
			}
			con.println(fmt.Sprintf("step %d: validation loss %.4f, perplexity %.2f%s", r.Step, r.Evaluation.Loss, r.Perplexity, said))
		}
		if o := r.Rollout; o != nil {
			con.println(fmt.Sprintf("iteration %d: reward %.3f, %.1f %% pass, entropy %.2f, KL %.3f, %.0f %% different, %.0f tokens, %.0f %% cut off, %d run", o.Iteration, o.Reward, 100*o.Passed, o.Entropy, o.KL, 100*o.Unique, o.Length, 100*o.Truncated, o.Executions))
		}
		if h := r.HeldOut; h != nil {
			con.println(fmt.Sprintf("step %d: held out: %.1f %% pass, %.1f %% compile, %.1f %% of %s solved, reward %.3f, %d run in %.1f s",
				r.Step, 100*h.PassAt1, 100*h.Syntax, 100*h.Solved, count(h.Problems, "problem", "problems"), h.Reward, h.Executions, r.Time.EvalSeconds))
			heldOut = fmt.Sprintf("  held out %.1f %%", 100*h.PassAt1)
			if r.Step == 0 {
				return
			}
		}
		bar.Add(1, fmt.Sprintf("loss %.3f  rate %.1e  %.0f tokens/s%s", r.Loss, r.LR, r.Time.TokensPerSecond, heldOut))
	})
	done()
	bar.Finish()
	var nf *train.NonFiniteError
	switch {
	case errors.Is(err, train.ErrStopped):
		con.println(fmt.Sprintf("stopped after step %d of %d and saved; the same command goes on from there", s.Step(), job.Steps))
	case errors.As(err, &nf):
		err = fmt.Errorf("%w (the checkpoints of before are kept in %s; a lower train.lr, more train.warmup or train.skip_nan can help, with --force)", err, f.out)
	}
	return out, err
}

// plan prints what the job would take.
func (f *trainFlags) plan(ctx context.Context, c *cobra.Command, job *train.Job) error {
	p, err := job.Plan(ctx)
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(os.Stdout, p)
	}
	w := c.OutOrStdout()
	fmt.Fprintln(w, "data")
	job.Describe(w)
	uncounted := "evaluations and checkpoints not counted"
	if p.Evaluations > 0 {
		uncounted = "checkpoints not counted"
	}
	mb := func(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
	held := ""
	if p.Peak > 0 {
		held = fmt.Sprintf("; all of this process had %s at most", mb(p.Peak))
	}
	for _, l := range [][2]string{
		{"tokens", fmt.Sprintf("%d to train on, %d to evaluate on, vocabulary %d", p.TrainTokens, p.EvalTokens, job.Tokenizer.Size())},
		{"model", job.Recipe.Model.Describe()},
		{"parameters", fmt.Sprintf("%d, of which %d are trained", p.Parameters, p.Trainable)},
		{"memory", fmt.Sprintf("%s: weights %s, gradients %s, moments %s, intermediate values %s%s", mb(p.Memory.Total()),
			mb(p.Memory.Weights), mb(p.Memory.Gradients), mb(p.Memory.Moments), mb(p.Memory.Arena), held)},
		{"steps", fmt.Sprintf("%d of %d tokens: %.2f times through the data", p.Steps, p.TokensPerStep, p.Epochs)},
		{"first loss", fmt.Sprintf("%.4f", p.Loss)},
		{"speed", fmt.Sprintf("%.0f tokens/s", float64(p.TokensPerStep)/p.SecondsPerStep)},
		{"time", time.Duration(p.Seconds*float64(time.Second)).Round(time.Second).String() + ", " + uncounted},
	} {
		fmt.Fprintf(w, "%-12s%s\n", l[0], l[1])
	}
	if p.Iterations > 0 {
		fmt.Fprintf(w, "%-12s%d of %d programs; those of the first took %.1f s to write, run and score; at most %d executions\n", "iterations", p.Iterations, p.Programs, p.IterationSeconds, p.Iterations*p.Programs)
	}
	if p.Evaluations > 0 {
		fmt.Fprintf(w, "%-12s%d of %d programs for held-out problems; the first took %.1f s\n", "evaluations", p.Evaluations, p.EvaluationPrograms, p.EvaluationSeconds)
	}
	return nil
}

func printOutcome(w io.Writer, o train.Outcome) {
	fmt.Fprintf(w, "%d steps, %d tokens, %d parameters", o.Steps, o.Tokens, o.Parameters)
	if o.BestPass != nil {
		fmt.Fprintf(w, "; best on held-out problems after step %d: %.1f %% pass", o.BestStep, 100**o.BestPass)
		if o.PassBefore != nil {
			fmt.Fprintf(w, ", %.1f %% before training", 100**o.PassBefore)
		}
	} else if o.BestStep > 0 {
		fmt.Fprintf(w, "; best on the validation split after step %d: %.4f", o.BestStep, o.BestLoss)
	}
	if o.StoppedBy != "" {
		fmt.Fprintf(w, "; stopped by a guard: %s", o.StoppedBy)
	} else if o.StoppedEarly {
		fmt.Fprint(w, ", then stopped early")
	}
	if o.Skipped > 0 {
		fmt.Fprintf(w, "; %d steps left out", o.Skipped)
	}
	if c := o.Cost; c != nil {
		fmt.Fprintf(w, "\n%d programs run to learn from, %d to evaluate; steps %.0f s, evaluations %.0f s; meanwhile %.0f s of writing and %.0f s more of judging",
			c.Executions, c.EvalExecutions, c.Seconds, c.EvalSeconds, c.RolloutSeconds, c.VerifySeconds)
	}
	fmt.Fprintln(w)
	for _, name := range slices.Sorted(maps.Keys(o.Scores)) {
		s, b := o.Scores[name], o.Baseline[name]
		fmt.Fprintf(w, "%s on %d test rows: %.4f [%.4f to %.4f]; a bag of tokens reaches %.4f", name, s.Rows, s.Value, s.Low, s.High, b.Value)
		if one, ok := o.Constant[name]; ok {
			fmt.Fprintf(w, ", one answer for all rows %.4f", one.Value)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "the model is in %s\n", o.Model)
}

// phases reports on work that has no end known beforehand.
type phases struct {
	con   *console
	bar   *progress.Bar
	doing string
	done  int
}

// report is told how much of what is done.
func (p *phases) report(doing string, done, total int) {
	if doing != p.doing {
		p.finish()
		p.doing, p.done, p.bar = doing, 0, progress.New(os.Stderr, doing, total, 0)
		p.con.bar.Store(p.bar)
	}
	p.bar.Add(done-p.done, "")
	p.done = done
}

func (p *phases) finish() {
	p.bar.Finish()
	p.con.bar.Store(nil)
}
