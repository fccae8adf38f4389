package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hone/internal/progress"
	"hone/judge"
	"hone/problem"
	"hone/sandbox"
)

// judgeFlags are the flags of hone judge.
type judgeFlags struct {
	problems  []string
	format    string
	samples   string
	reference bool
	out       string
	report    string
	force     bool
	strict    bool
	json      bool
	challenge bool
	sandboxFlags
}

func newJudge(in *interrupts) *cobra.Command {
	var f judgeFlags
	c := &cobra.Command{
		Use:   "judge --problems FILE… --samples FILE --out FILE",
		Short: "Verify programs against problems with tests",
		Long: `Verify programs against problems with tests, each program in isolation.

Problems are benchmark files as published (MBPP, MBPP+, HumanEval, HumanEval+,
BigCodeBench, APPS, CodeContests, LiveCodeBench) or own JSONL; samples are JSONL
rows with task_id and one of completion, solution, response. Both may be .gz or
.zst, and "-" is standard input. docs/formats.md describes every field.

Verdicts are written as JSONL in the order of the samples. A run that was
stopped, killed or ran out of disk goes on where it was when the same command is
given again.`,
		Example: `  hone judge --problems HumanEval.jsonl.gz --samples samples.jsonl --out verdicts.jsonl
  hone judge --problems p.jsonl --samples s.jsonl --out v.jsonl --report verdicts.html
  hone judge --problems mbpp.jsonl.gz --reference                  # do the problems' own solutions pass?
  zcat s.jsonl.gz | hone judge --problems p.jsonl --samples - --out - | jq .verdict
  hone judge --problems BigCodeBench.jsonl.gz --samples s.jsonl --out v.jsonl --python ./venv`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runJudge(c.Context(), in, c, f) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringArrayVar(&f.problems, "problems", nil, "file with problems (repeatable)")
	fl.StringVar(&f.format, "format", "auto", "format of the problem files: "+formatNames())
	fl.StringVar(&f.samples, "samples", "", "file with programs; - is standard input")
	fl.BoolVar(&f.reference, "reference", false, "judge the problems' own reference solutions instead of samples")
	fl.StringVar(&f.out, "out", "", "file for the verdicts; - is standard output")
	fl.StringVar(&f.report, "report", "", "file for a report (HTML)")
	fl.BoolVar(&f.force, "force", false, "replace an output file that came from other inputs")
	fl.BoolVar(&f.strict, "strict", false, "refuse files with a bad row instead of reporting and skipping it")
	fl.BoolVar(&f.json, "json", false, "print the summary as JSON on standard output")
	fl.BoolVar(&f.challenge, "challenge", false, "include MBPP's challenge tests")
	f.register(c)
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(strings.Split(formatNames(), ", "), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func formatNames() string {
	var names []string
	for _, f := range problem.Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// check finds mistakes in the flags before anything is read.
func (f *judgeFlags) check() error {
	switch {
	case len(f.problems) == 0:
		return usagef("--problems is missing: name a file with problems (see: hone judge --help)")
	case f.reference && f.samples != "":
		return usagef("--samples and --reference exclude each other: judge programs, or the problems' own solutions")
	case !f.reference && f.samples == "":
		return usagef("name programs with --samples FILE, or judge the problems' own solutions with --reference (see: hone judge --help)")
	case !slices.Contains(problem.Formats(), problem.Format(f.format)):
		return usagef("--format %q: it is one of %s", f.format, formatNames())
	case f.samples == "-" && slices.Contains(f.problems, "-"):
		return usagef("standard input cannot hold both problems and samples: give one of them as a file")
	case f.out == "-" && f.json:
		return usagef("--out - and --json both write to standard output: name a file with --out")
	}
	for _, in := range append(slices.Clone(f.problems), f.samples) {
		if sameFile(in, f.out) {
			return usagef("--out %s is an input: name another file for the verdicts", f.out)
		}
	}
	if err := needFolder("--out", f.out); err != nil {
		return err
	}
	if err := checkReport(f.report, append(slices.Clone(f.problems), f.samples, f.out)...); err != nil {
		return err
	}
	return f.sandboxFlags.check()
}

func sameFile(a, b string) bool {
	sa, err := os.Stat(a)
	if err != nil {
		return false
	}
	sb, err := os.Stat(b)
	return err == nil && sa.Mode().IsRegular() && os.SameFile(sa, sb)
}

func runJudge(ctx context.Context, in *interrupts, c *cobra.Command, f judgeFlags) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	rep := &reporter{strict: f.strict, console: newConsole()}
	s, err := loadSuite(problemFiles{"--problems", filesOf(f.problems), f.format, f.challenge}, rep)
	if err != nil {
		return err
	}
	total, sampleDigest := len(s.problems), []byte("reference")
	var programs *sampleFile
	if !f.reference {
		if programs, err = openSamples(f.samples); err != nil {
			return err
		}
		defer programs.close()
		if sampleDigest, total, err = programs.scan(s, f.strict); err != nil {
			return err
		}
	}
	j, py, closeJudge, err := f.open(ctx, s.problems, rep.console)
	if err != nil {
		return err
	}
	defer closeJudge()

	tally := &judge.Tally{}
	sink, err := openSink(f.out, f.force, s, tally, fingerprint(s.digest, sampleDigest, f.sandboxFlags, py, j))
	if err != nil {
		return err
	}
	defer func() {
		if e := sink.close(); err == nil {
			err = e
		}
	}()
	var kept []problem.Verdict // for the report, where no file keeps them
	start := time.Now()
	if !sink.complete {
		bar := progress.New(os.Stderr, "judged", total, sink.done)
		rep.console.bar.Store(bar)
		var inputErr error
		jobs := skipJobs(s.samples(programs, rep, &inputErr), sink.done)
		if f.reference {
			jobs = skipJobs(s.references(rep, &inputErr), sink.done)
		}
		stop, done := in.finishing(bar, "finishing the programs that are running"+sink.saving())
		err = judge.Stream(ctx, stop, j, jobs, func(v problem.Verdict) error {
			if f.report != "" && sink.log == nil {
				kept = append(kept, v)
			}
			err := sink.add(&v)
			bar.Add(1, fmt.Sprintf("%d passed", tally.Outcomes[problem.Pass]))
			return err
		})
		done()
		bar.Finish()
		if err == nil {
			err = inputErr
		}
		if err != nil {
			return sink.interrupted(err)
		}
	}
	sum := summarize(tally, j, py, time.Since(start), tally.Programs-sink.done)
	sum.Skipped, sum.Out, sum.Resumed = rep.n, f.out, sink.done
	sum.TasksTotal = len(s.problems)
	if sum.Excluded, err = sink.excluded(ctx, j); err != nil {
		return sink.interrupted(err)
	}
	if sink.complete {
		sum.recall(sink.log.Meta())
	}
	if err := sink.commit(sum); err != nil {
		return err
	}
	if f.report != "" {
		if err := f.writeReport(s, programs, sum, kept); err != nil {
			return err
		}
	}
	w := c.OutOrStdout()
	if f.out == "-" {
		w = c.ErrOrStderr()
	}
	if f.json {
		enc := json.NewEncoder(os.Stdout) // as it is, on a narrow terminal too
		enc.SetIndent("", "  ")
		return enc.Encode(sum)
	}
	sum.print(w)
	if f.report != "" {
		fmt.Fprintf(w, "\nreport: %s\n", f.report)
	}
	return nil
}

func skipJobs(jobs iter.Seq[judge.Job], skip int) iter.Seq[judge.Job] {
	return func(yield func(judge.Job) bool) {
		for j := range jobs {
			if skip > 0 {
				skip--
			} else if !yield(j) {
				return
			}
		}
	}
}

// fingerprint identifies a run by what its verdicts depend on.
func fingerprint(problems, samples []byte, f sandboxFlags, py sandbox.Interpreter, j *judge.Judge) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %x %x %s %s %v %d %v", judge.Version, problems, samples, py.Identity(), j.Tier(), f.timeout, f.memory, f.noInProcess)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// machine describes the machine in one line.
func machine() string {
	return fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
}
