package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/spf13/cobra"

	"hone/internal/progress"
	"hone/judge"
	"hone/problem"
)

var (
	//go:embed excerpt/HumanEval.jsonl.gz
	demoProblems []byte
	//go:embed excerpt/completions.jsonl.gz
	demoCompletions []byte
)

func newDemo(in *interrupts) *cobra.Command {
	var f sandboxFlags
	var only bool
	var out string
	iterations, problems, heldOut := 10, 3000, 200
	c := &cobra.Command{
		Use:   "demo",
		Short: "Verify 3,280 real programs, and make a small model better by running its own",
		Long: `Two things with what comes along in the binary; nothing is downloaded.

3,280 programs that CodeGen 16B wrote for HumanEval's 164 tasks (20 a task, from the CodeT
data set) are verified with the tests of the benchmark, and every verdict compared with the
label that came with the data.

Then a small model learns: it writes programs for problems of kinds that it was never trained on,
they are run, and what passes becomes likelier. It is measured before and after on problems that
it does not learn from, and a report shows what changed. Five minutes on two processors; what was
stopped goes on with the same command.`,
		Example: `  hone demo
  hone demo --judge      # only the first`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if iterations < 1 {
				return usagef("--iterations must be at least 1, is %d", iterations)
			}
			if problems < 64 {
				return usagef("--problems must be at least 64, is %d", problems)
			}
			if heldOut < 1 {
				return usagef("--held-out must be at least 1, is %d", heldOut)
			}
			if out == "" {
				out = filepath.Join(runsRoot(), "demo")
			}
			if !only {
				if err := demoFolder(out); err != nil {
					return err
				}
			}
			f.cache = "off" // a demonstration of speed must not read answers from a cache
			if err := runDemo(c.Context(), in, c.OutOrStdout(), f); err != nil || only {
				return err
			}
			return demoLoop(c.Context(), in, c.OutOrStdout(), f, out, iterations, problems, heldOut)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().BoolVar(&only, "judge", false, "only verify the programs that come along")
	c.Flags().IntVar(&iterations, "iterations", iterations, "of the last stage, 512 programs each")
	c.Flags().IntVar(&problems, "problems", problems, "to learn from")
	c.Flags().IntVar(&heldOut, "held-out", heldOut, "problems to measure on")
	c.Flags().StringVar(&out, "out", "", "folder of the model and of the report (default: demo in ./runs, or in $HONE_RUNS)")
	f.register(c)
	c.Flags().Lookup("cache").Hidden = true
	return c
}

// demoLabels reads the pass labels that came with the completions, by task and sample.
func demoLabels() (map[problem.Key]bool, error) {
	z, err := gzip.NewReader(bytes.NewReader(demoCompletions))
	if err != nil {
		return nil, err
	}
	labels := map[problem.Key]bool{}
	for dec := json.NewDecoder(z); ; {
		var row struct {
			TaskID string `json:"task_id"`
			Sample int    `json:"sample"`
			Passed bool   `json:"passed"`
		}
		if err := dec.Decode(&row); errors.Is(err, io.EOF) {
			return labels, nil
		} else if err != nil {
			return nil, err
		}
		labels[problem.Key{TaskID: row.TaskID, Sample: row.Sample}] = row.Passed
	}
}

func runDemo(ctx context.Context, in *interrupts, w io.Writer, f sandboxFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	set, err := problem.Read(bytes.NewReader(demoProblems), "HumanEval.jsonl.gz", problem.FormatAuto)
	if err != nil {
		return err
	}
	labels, err := demoLabels()
	if err != nil {
		return err
	}
	s := &suite{problems: set.Problems, index: problem.NewIndex(set.Problems)}
	var jobs []judge.Job
	for p, err := range problem.ReadSamples(bytes.NewReader(demoCompletions), "completions.jsonl.gz") {
		if err != nil {
			return err
		}
		j, err := s.job(p)
		if err != nil {
			return err
		}
		jobs = append(jobs, j)
	}
	con := newConsole()
	j, py, closeJudge, err := f.open(ctx, s.problems, con)
	if err != nil {
		return err
	}
	defer closeJudge()
	fmt.Fprintf(w, "Verifying %d programs that CodeGen 16B wrote for HumanEval's %d tasks, each isolated from this machine.\n\n", len(jobs), len(set.Problems))
	tally := &judge.Tally{}
	start := time.Now()
	bar := progress.New(os.Stderr, "judged", len(jobs), 0)
	con.bar.Store(bar)
	agree := 0
	var differ []string
	var shown *problem.Verdict
	stop, done := in.finishing(bar, "finishing the programs that are running")
	err = judge.Stream(ctx, stop, j, func(yield func(judge.Job) bool) {
		for _, job := range jobs {
			if !yield(job) {
				return
			}
		}
	}, func(v problem.Verdict) error {
		bar.Add(1, fmt.Sprintf("%d passed", tally.Outcomes[problem.Pass]))
		tally.Add(v.TaskID, &v)
		label := labels[problem.Key{TaskID: v.TaskID, Sample: v.Sample}]
		if v.Passed != nil && *v.Passed == label {
			agree++
		} else {
			differ = append(differ, fmt.Sprintf("%s sample %d: %s here, passed=%v in the data", v.TaskID, v.Sample, v.Verdict, label))
		}
		if shown == nil && v.Verdict == problem.WrongAnswer && v.PassedTests() > 0 {
			shown = &v
		}
		return nil
	})
	done()
	bar.Finish()
	if err != nil {
		return err
	}
	sum := summarize(tally, j, py, time.Since(start), tally.Programs)
	sum.TasksTotal = len(set.Problems)
	sum.print(w)
	fmt.Fprintf(w, "\n%d of %d verdicts agree with the labels that came with the data\n", agree, tally.Programs)
	for _, d := range differ {
		fmt.Fprintln(w, "  differs:", d)
	}
	if shown != nil {
		for _, t := range shown.Tests {
			if t.Verdict == problem.WrongAnswer {
				fmt.Fprintf(w, "\nA verdict says why, for instance %s sample %d, test %s:\n  got %s, expected %s\n", shown.TaskID, shown.Sample, t.Name, t.Got, t.Expected)
				break
			}
		}
	}
	fmt.Fprint(w, "\nhone judge --help verifies your own samples; hone doctor says what this machine offers.\n")
	return nil
}
