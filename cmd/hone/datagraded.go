package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hone/graded"
	"hone/internal/progress"
	"hone/store"
)

// dataGradedFlags are the flags of hone data graded.
type dataGradedFlags struct {
	levels   string
	n        int
	seed     uint64
	split    string
	examples bool
	out      string
	rows     string
	wordings int
	text     string
	faults   string
	force    bool
	json     bool
}

func newDataGraded() *cobra.Command {
	var f dataGradedFlags
	c := &cobra.Command{
		Use:   "graded",
		Short: "Write problems that a small model can learn: instruction, tests, programs",
		Long: `Write problems for hone judge, hone eval and training: an instruction with the head of a
Python function, a program that follows it, and tests. They are composed by chance, of
six levels:

  1  operators on one or two arguments
  2  built-in functions, conditions
  3  a comprehension or a loop
  4  compositions of those, over numbers and strings
  5  state, early exit, dictionaries
  6  compositions that say what happens at the edges: nothing there, ties, out of range

The tests fail every near meaning (another operator, one off, a step left out) that does
anything else. All problems of a file differ in what their functions do. A validation or
test problem has two steps in a row that no training problem has, whatever the seeds.

--rows writes prompts and completions for hone train (kind sft), --wordings of each problem
in other words, names and style; --text the same as plain text, for hone token train.
--faults writes programs with one mistake, as samples. docs/graded.md says more.

The same seed gives the same files.`,
		Example: `  hone data graded --n 5000 --split train --out train.jsonl --rows rows.jsonl --wordings 3
  hone data graded --levels 1-3 --n 300 --split test --seed 2 --out test.jsonl --faults faults.jsonl`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), c.OutOrStdout()) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.levels, "levels", "1-6", "levels of difficulty, as 1-3 or 2,4")
	fl.IntVar(&f.n, "n", 1000, "number of problems")
	fl.Uint64Var(&f.seed, "seed", 1, "what chance begins from")
	fl.StringVar(&f.split, "split", "train", "problems of this split: "+strings.Join(graded.Splits, ", ")+", or all")
	fl.BoolVar(&f.examples, "examples", false, "public tests as comments in prompts")
	fl.StringVar(&f.out, "out", "", "file for the problems, JSON lines")
	fl.StringVar(&f.rows, "rows", "", "file for prompts and completions")
	fl.IntVar(&f.wordings, "wordings", 1, "rows of a problem")
	fl.StringVar(&f.text, "text", "", "file for the rows as plain text")
	fl.StringVar(&f.faults, "faults", "", "file for programs with one mistake, as samples")
	fl.BoolVar(&f.force, "force", false, "replace files that are there")
	fl.BoolVar(&f.json, "json", false, "print the summary as JSON")
	_ = c.RegisterFlagCompletionFunc("split", cobra.FixedCompletions(append([]string{"all"}, graded.Splits...), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (f *dataGradedFlags) check() ([]int, error) {
	levels, err := parseLevels(f.levels)
	switch {
	case err != nil:
		return nil, err
	case f.out == "":
		return nil, usagef("--out is missing: name a file for the problems")
	case f.n < 1:
		return nil, usagef("--n %d: at least one problem is wanted", f.n)
	case f.split != "all" && !slices.Contains(graded.Splits, f.split):
		return nil, usagef("--split %q: it is %s or all", f.split, strings.Join(graded.Splits, ", "))
	case f.wordings < 1:
		return nil, usagef("--wordings %d: at least one is wanted", f.wordings)
	case f.wordings > 1 && f.rows == "" && f.text == "":
		return nil, usagef("--wordings is for --rows and --text: name a file for one of them")
	}
	if err := checkOutputs(f.force, f.out, f.rows, f.text, f.faults); err != nil {
		return nil, err
	}
	return levels, nil
}

// writeEach writes a whole file, what write makes of each x in turn.
func writeEach[T any](path string, xs []T, write func(w io.Writer, x T) error) error {
	err := store.Create(path, 0o666, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		for _, x := range xs {
			if err := write(b, x); err != nil {
				return err
			}
		}
		return b.Flush()
	})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// gradedSummary says what was written.
type gradedSummary struct {
	Problems int            `json:"problems"`
	Levels   map[int]int    `json:"levels"`
	Pairs    int            `json:"pairs"` // of steps in a row
	Tests    int            `json:"tests"`
	Mutants  int            `json:"mutants"`
	Killed   int            `json:"killed"`
	Rows     int            `json:"rows"`
	Faults   map[string]int `json:"faults,omitempty"`
}

// pairRow is a row for hone train; the level is for people and studies.
type pairRow struct {
	Prompt     string `json:"prompt"`
	Completion string `json:"completion"`
	Level      int    `json:"level"`
	TaskID     string `json:"task_id"`
}

// mistakeRow is a sample with the mistake that is in it.
type mistakeRow struct {
	Benchmark  string `json:"benchmark"`
	TaskID     string `json:"task_id"`
	Sample     int    `json:"sample"`
	Completion string `json:"completion"`
	Mistake    string `json:"mistake"`
}

func (f *dataGradedFlags) run(ctx context.Context, w io.Writer) error {
	levels, err := f.check()
	if err != nil {
		return err
	}
	sum := &gradedSummary{Levels: map[int]int{}, Faults: map[string]int{}}
	problems, err := f.draw(ctx, levels, sum)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		path  string
		write func(w io.Writer, p *graded.Problem) error
	}{
		{f.out, func(w io.Writer, p *graded.Problem) error { return json.NewEncoder(w).Encode(&p.Problem) }},
		{f.rows, f.writeRows(sum)},
		{f.text, f.writeText},
		{f.faults, f.writeFaults(sum)},
	} {
		if file.path == "" {
			continue
		}
		if err := writeEach(file.path, problems, file.write); err != nil {
			return err
		}
	}
	if f.json {
		return printJSON(w, sum)
	}
	return sum.print(w)
}

// draw returns the problems, and fewer than were asked for where there are no more.
func (f *dataGradedFlags) draw(ctx context.Context, levels []int, sum *gradedSummary) ([]*graded.Problem, error) {
	cfg := graded.Config{Levels: levels, Seed: f.seed, Split: f.split, Examples: f.examples}
	if f.split == "all" {
		cfg.Split = ""
	}
	con := newConsole()
	bar := progress.New(os.Stderr, "problems", f.n, 0)
	con.bar.Store(bar)
	defer bar.Finish()
	var out []*graded.Problem
	pairs := map[string]bool{}
	for p, err := range graded.Generate(cfg) {
		if errors.Is(err, graded.ErrExhausted) && len(out) > 0 {
			con.println(fmt.Sprintf("warning: %s instead of %d: no other meanings were found (more levels give more)", count(len(out), "problem", "problems"), f.n))
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		out = append(out, p)
		sum.Problems++
		sum.Levels[p.Level]++
		sum.Tests += len(p.Tests)
		sum.Mutants, sum.Killed = sum.Mutants+p.Mutants, sum.Killed+p.Killed
		for _, pair := range p.Pairs() {
			pairs[pair] = true
		}
		bar.Add(1, "")
		if len(out) == f.n {
			break
		}
	}
	sum.Pairs = len(pairs)
	return out, nil
}

// worded are the problem and others in other words, the same each time.
func (f *dataGradedFlags) worded(p *graded.Problem) []*graded.Problem {
	out := []*graded.Problem{p}
	seen := map[string]bool{p.Reference: true}
	r := rand.New(rand.NewPCG(f.seed, uint64(len(p.Reference))))
	for range 4 * f.wordings {
		if len(out) == f.wordings {
			break
		}
		if q := p.Reworded(r, f.examples); !seen[q.Reference] {
			seen[q.Reference] = true
			out = append(out, q)
		}
	}
	return out
}

func (f *dataGradedFlags) writeRows(sum *gradedSummary) func(io.Writer, *graded.Problem) error {
	return func(w io.Writer, p *graded.Problem) error {
		enc := json.NewEncoder(w)
		for _, q := range f.worded(p) {
			if err := enc.Encode(pairRow{q.Prompt, q.Completion(), q.Level, q.TaskID}); err != nil {
				return err
			}
			sum.Rows++
		}
		return nil
	}
}

func (f *dataGradedFlags) writeText(w io.Writer, p *graded.Problem) error {
	for _, q := range f.worded(p) {
		if _, err := io.WriteString(w, q.Reference); err != nil {
			return err
		}
	}
	return nil
}

func (f *dataGradedFlags) writeFaults(sum *gradedSummary) func(io.Writer, *graded.Problem) error {
	return func(w io.Writer, p *graded.Problem) error {
		enc := json.NewEncoder(w)
		for i, x := range graded.Wrong(p, rand.New(rand.NewPCG(f.seed, uint64(len(p.Meaning))))) {
			sum.Faults[x.How]++
			if err := enc.Encode(mistakeRow{p.Benchmark, p.TaskID, i, x.Completion, x.How}); err != nil {
				return err
			}
		}
		return nil
	}
}

func (s *gradedSummary) print(w io.Writer) error {
	var levels, faults []string
	for _, l := range slices.Sorted(maps.Keys(s.Levels)) {
		levels = append(levels, fmt.Sprintf("level %d: %d", l, s.Levels[l]))
	}
	for _, how := range graded.Mistakes {
		if n := s.Faults[how]; n > 0 {
			faults = append(faults, fmt.Sprintf("%s %d", how, n))
		}
	}
	_, err := fmt.Fprintf(w, "%d problems of as many meanings (%s), %d pairs of steps, %d tests\n%d of %d near meanings fail a test; the others do the same wherever it was tried\n",
		s.Problems, strings.Join(levels, ", "), s.Pairs, s.Tests, s.Killed, s.Mutants)
	if err == nil && s.Rows > 0 {
		_, err = fmt.Fprintf(w, "%d rows of prompt and completion\n", s.Rows)
	}
	if err == nil && len(faults) > 0 {
		_, err = fmt.Fprintf(w, "programs with a mistake: %s\n", strings.Join(faults, ", "))
	}
	return err
}
