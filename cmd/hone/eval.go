package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hone/generate"
	"hone/problem"
	"hone/store"
)

// evalFlags are the flags of hone eval.
type evalFlags struct {
	benchmarks []string
	format     string
	split      string
	limit      int
	chat       bool
	noStops    bool
	perRequest int
	out        string
	force      bool
	json       bool
	jsonOut    string
	report     string
	dryRun     bool
	sampling   samplingFlags
	model      modelFlags
	sandboxFlags
}

func newEval(in *interrupts) *cobra.Command {
	var f evalFlags
	c := &cobra.Command{
		Use:   "eval MODEL|ENDPOINT --benchmark FILE|NAME… --out DIR",
		Short: "Draw programs from a model and verify them: pass@k with intervals",
		Long: `Draw programs from a model for a benchmark's problems, verify them, and report
pass@k with intervals. Drawing and verifying overlap.

MODEL is a folder with a checkpoint; ENDPOINT the address of a server that speaks
OpenAI's API (vLLM, llama.cpp, Ollama, OpenAI, hone serve), with #MODEL or --model
where it has several. Its key comes from the environment: HONE_API_KEY, or the
variable that --key-env names.

A benchmark is a file with problems as hone judge reads it, or one of
  ` + benchmarkNames() + `
which are looked for in HONE_DATA (docs/data.md). mbpp is its test split.

A base model continues the problem's code; a text that begins the next thing in a
file (as "\ndef ") ends a completion, unless --no-stops or --stop says otherwise.
With --chat a model is asked in a message and its answer's code is used. docs/eval.md
has every prompt and stop.

DIR gets samples.jsonl, which hone judge reads too, verdicts.jsonl and summary.json.
--report writes the page that hone judge --report writes (docs/report.md).

A run that was stopped or killed goes on where it was when the same command is given
again.`,
		Example: `  hone eval http://127.0.0.1:8000/v1 --benchmark humaneval --n 20 --out runs/he
  hone eval https://api.openai.com/v1#gpt-4o-mini --chat --benchmark mbpp --n 1 --temperature 0 --out runs/mbpp
  hone eval ./checkpoint --benchmark own.jsonl --n 10 --max-tokens 256 --out runs/own --json`,
		Args: oneModel(0),
		RunE: func(c *cobra.Command, args []string) error { return runEval(c.Context(), in, c, args[0], f) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringArrayVar(&f.benchmarks, "benchmark", nil, "file with problems, or a name (repeatable)")
	fl.StringVar(&f.format, "format", "auto", "format of the problem files: "+formatNames())
	fl.StringVar(&f.split, "split", "", "only this split of the problems (MBPP: prompt, test, validation, train; all: every problem)")
	fl.IntVar(&f.limit, "limit", 0, "only the first so many problems")
	fl.BoolVar(&f.chat, "chat", false, "ask in a message, and take the code out of the answer")
	f.sampling.register(c, 20, 512)
	fl.BoolVar(&f.noStops, "no-stops", false, "end completions nowhere but where the model does")
	fl.IntVar(&f.perRequest, "per-request", 10, "samples that are asked for in one request")
	fl.StringVar(&f.out, "out", "", "folder for samples, verdicts and summary")
	fl.BoolVar(&f.force, "force", false, "replace files that came from other inputs")
	fl.BoolVar(&f.json, "json", false, "print the summary as JSON on standard output")
	fl.StringVar(&f.jsonOut, "json-out", "", "write the summary as JSON to this file")
	fl.StringVar(&f.report, "report", "", "file for a report (HTML)")
	fl.BoolVar(&f.dryRun, "dry-run", false, "say what would be asked, and ask nothing")
	f.model.register(c)
	f.sandboxFlags.register(c)
	_ = c.RegisterFlagCompletionFunc("benchmark", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return strings.Split(benchmarkNames(), ", "), cobra.ShellCompDirectiveDefault
	})
	return c
}

// check finds mistakes in the flags before anything is read.
func (f *evalFlags) check() error {
	switch {
	case len(f.benchmarks) == 0:
		return usagef("--benchmark is missing: name a file with problems, or one of %s", benchmarkNames())
	case !slices.Contains(problem.Formats(), problem.Format(f.format)):
		return usagef("--format %q: it is one of %s", f.format, formatNames())
	case f.noStops && len(f.sampling.stops) > 0:
		return usagef("--stop and --no-stops exclude each other")
	case f.perRequest < 1:
		return usagef("--per-request %d: it is 1 or more", f.perRequest)
	case f.limit < 0:
		return usagef("--limit cannot be negative")
	case f.out == "-":
		return usagef("--out names a folder")
	}
	if info, err := os.Stat(f.out); err == nil && !info.IsDir() {
		return usagef("--out %s is a file: name a folder", f.out)
	}
	if err := f.sampling.check(); err != nil {
		return err
	}
	if err := f.model.check(); err != nil {
		return err
	}
	return f.sandboxFlags.check()
}

// load reads the problems that the flags name.
func (f *evalFlags) load(rep *reporter) (*suite, error) {
	files, split, err := findBenchmarks(f.benchmarks)
	if err != nil {
		return nil, err
	}
	s, err := loadSuite(problemFiles{flag: "--benchmark", files: files, format: f.format}, rep)
	if err != nil {
		return nil, err
	}
	if f.split != "" {
		split = f.split
	}
	all := len(s.problems)
	if split != "" && split != "all" {
		s.problems = slices.DeleteFunc(s.problems, func(p *problem.Problem) bool { return p.Split != split })
	}
	if len(s.problems) == 0 {
		return nil, fmt.Errorf("none of %s is in the split %q", count(all, "problem", "problems"), split)
	}
	if f.limit > 0 && f.limit < len(s.problems) {
		s.problems = s.problems[:f.limit]
	}
	return s, s.prepare()
}

// evaluation is what is asked: every problem's prompt, n samples each, in requests of
// up to per samples. Samples are numbered through: sample i is number i mod n of
// problem i / n.
type evaluation struct {
	suite   *suite
	prompts []prompt // of each problem
	n, per  int
	request generate.Request // without prompt, seed and number of samples
	seed    uint64
}

func (f *evalFlags) plan(s *suite) *evaluation {
	e := &evaluation{suite: s, n: f.sampling.n, per: min(f.perRequest, f.sampling.n), request: f.sampling.request(), seed: f.sampling.seed}
	for _, p := range s.problems {
		q := promptOf(p)
		if f.chat {
			q = chatPromptOf(p)
		}
		if f.noStops {
			q.stops = nil
		}
		if len(e.request.Stop) > 0 {
			q.stops = e.request.Stop
		}
		e.prompts = append(e.prompts, q)
	}
	return e
}

// total is the number of samples.
func (e *evaluation) total() int { return e.n * len(e.prompts) }

// perProblem is the number of requests for one problem.
func (e *evaluation) perProblem() int { return (e.n + e.per - 1) / e.per }

// unit is one request.
type unit struct{ problem, first, n int }

func (e *evaluation) unit(i int) unit {
	first := i % e.perProblem() * e.per
	return unit{i / e.perProblem(), first, min(e.per, e.n-first)}
}

// at is the request that sample i comes from, and how many samples of that request
// come before it.
func (e *evaluation) at(i int) (request, before int) {
	return i/e.n*e.perProblem() + i%e.n/e.per, i % e.n % e.per
}

// ask makes the request of a unit. Its seed depends on the problem, so that the
// samples of a problem do not depend on which others there are.
func (e *evaluation) ask(u unit) generate.Request {
	p, q := e.suite.problems[u.problem], e.prompts[u.problem]
	r := e.request
	r.Prompt, r.Messages, r.Stop, r.Seed, r.First, r.N = q.text, q.messages, q.stops, seedOf(e.seed, p.Benchmark, p.TaskID), u.first, u.n
	return r
}

// fingerprint identifies the samples by what they depend on.
func (e *evaluation) fingerprint(f *evalFlags, model generate.Generator) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s %q %x %s %v %v %d", promptVersion, model.Identity(), e.suite.digest, f.sampling.identity(), f.chat, f.noStops, e.per)
	return h.Sum(nil)
}

// describe prints what would be asked.
func (e *evaluation) describe(w io.Writer) {
	chars, stops := 0, 0
	for _, q := range e.prompts {
		chars += len(q.text)
		for _, m := range q.messages {
			chars += len(m.Content)
		}
		stops = max(stops, len(q.stops))
	}
	requests := e.perProblem() * len(e.prompts)
	fmt.Fprintf(w, "%s, %s each: %s in %s\n", count(len(e.prompts), "problem", "problems"), count(e.n, "sample", "samples"),
		count(e.total(), "completion", "completions"), count(requests, "request", "requests"))
	fmt.Fprintf(w, "about %d tokens of prompts (%d characters / 3, for each request), at most %d tokens drawn\n", chars*e.perProblem()/3, chars, e.total()*e.request.MaxTokens)
	first := e.ask(e.unit(0))
	text := first.Prompt
	for _, m := range first.Messages {
		text += m.Role + ": " + m.Content
	}
	fmt.Fprintf(w, "\nthe first prompt, of %s, with %d stops %q:\n\n%s\n", e.suite.problems[0].TaskID, stops, first.Stop, text)
}

func runEval(ctx context.Context, in *interrupts, c *cobra.Command, ref string, f evalFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	con := newConsole()
	if f.verbose {
		con.level = slog.LevelDebug
	}
	s, err := f.load(&reporter{console: con})
	if err != nil {
		return err
	}
	e := f.plan(s)
	if f.dryRun {
		e.describe(c.OutOrStdout())
		return nil
	}
	if f.sampling.temperature == 0 && f.sampling.n > 1 {
		con.println("warning: at --temperature 0 the samples of a problem are all the same; --n 1 is enough")
	}
	if f.out != "" {
		if err := os.MkdirAll(f.out, 0o777); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	run := &evalRun{evaluation: e, flags: &f, console: con}
	if err := checkReport(f.report, append(slices.Clone(f.benchmarks), f.jsonOut, run.path("samples.jsonl"), run.path("verdicts.jsonl"), run.path("summary.json"))...); err != nil {
		return err
	}
	if run.model, err = f.model.open(ctx, ref, slog.New(con)); err != nil {
		return err
	}
	defer run.model.close()
	if err := run.open(ctx); err != nil {
		return err
	}
	defer run.close()
	sum, err := run.run(ctx, in)
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(sum, "", "  ")
	if err != nil {
		return err
	}
	raw = append(raw, '\n')
	for _, path := range []string{f.jsonOut, run.path("summary.json")} {
		if path != "" {
			if err := store.WriteFile(path, raw, 0o644); err != nil {
				return err
			}
		}
	}
	if f.report != "" {
		if err := run.writeReport(sum); err != nil {
			return err
		}
	}
	if f.json {
		_, err = os.Stdout.Write(raw)
		return err
	}
	sum.print(c.OutOrStdout())
	if f.report != "" {
		fmt.Fprintf(c.OutOrStdout(), "\nreport: %s\n", f.report)
	}
	return nil
}

// path is a file in the output folder, or "" where there is none.
func (r *evalRun) path(name string) string {
	if r.flags.out == "" {
		return ""
	}
	return filepath.Join(r.flags.out, name)
}
