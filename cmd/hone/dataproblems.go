package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"hone/problem"
	"hone/train"
)

// dataProblemsFlags are the flags of hone data problems.
type dataProblemsFlags struct {
	problems []string
	format   string
	from, to int
	out      string
	force    bool
}

func newDataProblems() *cobra.Command {
	var f dataProblemsFlags
	c := &cobra.Command{
		Use:   "problems --problems FILE… --out FILE",
		Short: "Write problems as hone eval asks a base model for them, to train on",
		Long: `Write problems of a benchmark with the prompts by which hone eval asks a base model, in
Hone's own format: a model that is trained on them (kinds grpo and ppo, and hone improve, form
completion) sees what it is evaluated with. MBPP's prose, for example, becomes a docstring with
the first assert that may be seen, and a program follows it.

It says which texts end a program, for the key stop of a recipe. --from and --to take a part
of the problems, by their place: MBPP's own split has its test tasks, 11 to 510, at places
11 to 510, and its training tasks from place 601.`,
		Example: `  hone data problems --problems mbpp.jsonl.gz --from 601 --out learn.jsonl
  hone data problems --problems mbpp.jsonl.gz --from 11 --to 510 --out held-out.jsonl`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.OutOrStdout()) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringArrayVar(&f.problems, "problems", nil, "file of problems (repeatable)")
	fl.StringVar(&f.format, "format", "auto", "format of the problems")
	fl.IntVar(&f.from, "from", 1, "place of the first problem that is written, from 1")
	fl.IntVar(&f.to, "to", 0, "place of the last; 0: all")
	fl.StringVar(&f.out, "out", "", "file to write, JSON lines")
	fl.BoolVar(&f.force, "force", false, "replace a file that is there")
	return c
}

func (f *dataProblemsFlags) run(w io.Writer) error {
	switch {
	case len(f.problems) == 0:
		return usagef("--problems is missing: name a file")
	case f.out == "":
		return usagef("--out is missing: name a file for the problems")
	case f.from < 1 || f.to != 0 && f.to < f.from:
		return usagef("--from %d --to %d: places are counted from 1", f.from, f.to)
	}
	if err := checkOutputs(f.force, f.out); err != nil {
		return err
	}
	s, err := loadSuite(problemFiles{flag: "--problems", files: filesOf(f.problems), format: f.format}, &reporter{console: newConsole()})
	if err != nil {
		return err
	}
	if f.from > len(s.problems) {
		return fmt.Errorf("--from %d: there are %d problems", f.from, len(s.problems))
	}
	if f.to == 0 || f.to > len(s.problems) {
		f.to = len(s.problems)
	}
	var stops []string
	err = writeEach(f.out, s.problems[f.from-1:f.to], func(w io.Writer, p *problem.Problem) error {
		if err := train.MayTrain(p.Benchmark, p.TaskID); err != nil {
			return err
		}
		ask, asked := promptOf(p), *p
		for _, stop := range ask.stops {
			if !slices.Contains(stops, stop) {
				stops = append(stops, stop)
			}
		}
		asked.Prompt, asked.Prefix = ask.text, ask.text
		return json.NewEncoder(w).Encode(asked)
	})
	if err != nil {
		return err
	}
	raw, err := json.Marshal(stops)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s: %s; what ends a program: stop: %s\n", f.out, count(f.to-f.from+1, "problem", "problems"), raw)
	return err
}
