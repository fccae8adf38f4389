package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"hone/judge"
	"hone/problem"
)

// compareFlags are the flags of hone compare.
type compareFlags struct {
	json   bool
	report string
}

func newCompare() *cobra.Command {
	var f compareFlags
	c := &cobra.Command{
		Use:   "compare V1 V2",
		Short: "Compare two files of verdicts, program by program",
		Long: `Compare two files of verdicts of the same tasks and samples, such as those of a
model before and after training.

Programs are paired by benchmark, task and sample. The difference of pass@1 comes
with a 95 % interval from 10,000 resamples of the tasks (paired), McNemar's exact
test over the programs that pass in one run only, and a sign test over the tasks.
Programs that were not scored in either file (infrastructure) are left out of both
and counted.`,
		Example: `  hone compare base.jsonl tuned.jsonl
  hone compare base.jsonl tuned.jsonl --report difference.html
  hone compare base.jsonl tuned.jsonl --json | jq .difference`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("name two files of verdicts, as hone judge --out writes them (see: hone compare --help)")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.OutOrStdout(), args[0], args[1]) },
	}
	c.Flags().BoolVar(&f.json, "json", false, "print JSON on standard output")
	c.Flags().StringVar(&f.report, "report", "", "file for a report (HTML)")
	return c
}

func (f *compareFlags) run(w io.Writer, a, b string) error {
	if err := checkReport(f.report, a, b); err != nil {
		return err
	}
	first, err := readVerdicts(a)
	if err != nil {
		return err
	}
	second, err := readVerdicts(b)
	if err != nil {
		return err
	}
	pairs, err := pairVerdicts(a, b, first, second)
	if err != nil {
		return err
	}
	c := comparePairs(a, b, pairs)
	if c.Pairs == 0 {
		return fmt.Errorf("%s and %s: no program was scored in both (infrastructure): there is nothing to compare", a, b)
	}
	c.note(pairs)
	if f.report != "" {
		if err := compareReport(c, pairs).WriteFile(f.report); err != nil {
			return err
		}
	}
	if f.json {
		return printJSON(os.Stdout, c)
	}
	c.print(w)
	if f.report != "" {
		fmt.Fprintf(w, "\nreport: %s\n", f.report)
	}
	return nil
}

// readVerdicts reads a file of verdicts, whose keys have to differ.
func readVerdicts(path string) ([]problem.Verdict, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, e := os.Stat(path + ".part"); e == nil {
			return nil, fmt.Errorf("%s: the run that makes it is not finished (%s.part is there): give its command again", path, path)
		}
		return nil, fmt.Errorf("there is no file %s", path)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []problem.Verdict
	lines := map[problem.Key]int{}
	r := bufio.NewReaderSize(f, 1<<20)
	for n := 1; ; n++ {
		row, err := r.ReadBytes('\n')
		if err == io.EOF && len(row) == 0 {
			break
		}
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if len(strings.TrimSpace(string(row))) == 0 {
			continue
		}
		var v problem.Verdict
		if err := json.Unmarshal(row, &v); err != nil {
			return nil, fmt.Errorf("%s:%d: no verdict: %w", path, n, err)
		}
		if v.TaskID == "" || v.Verdict == "" {
			return nil, fmt.Errorf("%s:%d: no verdict: task_id and verdict are wanted, as hone judge --out writes them", path, n)
		}
		if at, twice := lines[v.Key()]; twice {
			return nil, fmt.Errorf("%s:%d: %s is in line %d too", path, n, keyText(v.Key()), at)
		}
		lines[v.Key()] = n
		out = append(out, v)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no verdicts", path)
	}
	return out, nil
}

func keyText(k problem.Key) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s sample %d", k.Benchmark, k.TaskID, k.Sample))
}

// pairVerdicts joins two runs by key, in the order of the first. Keys that only one has are an error.
func pairVerdicts(a, b string, first, second []problem.Verdict) ([]pair, error) {
	at := make(map[problem.Key]int, len(second))
	for i := range second {
		at[second[i].Key()] = i
	}
	var pairs []pair
	var onlyA, onlyB []problem.Key
	for i := range first {
		key := first[i].Key()
		j, ok := at[key]
		if !ok {
			onlyA = append(onlyA, key)
			continue
		}
		delete(at, key)
		pairs = append(pairs, pair{&first[i], &second[j]})
	}
	for i := range second {
		if _, left := at[second[i].Key()]; left {
			onlyB = append(onlyB, second[i].Key())
		}
	}
	if len(onlyA)+len(onlyB) == 0 {
		return pairs, nil
	}
	return nil, fmt.Errorf("%s and %s are not about the same programs (benchmark, task and sample have to agree):%s%s",
		a, b, onlyIn(a, onlyA), onlyIn(b, onlyB))
}

// onlyIn says how many keys only a file has, and which.
func onlyIn(file string, keys []problem.Key) string {
	if len(keys) == 0 {
		return ""
	}
	var names []string
	for _, k := range keys[:min(len(keys), 5)] {
		names = append(names, keyText(k))
	}
	if len(keys) > len(names) {
		names = append(names, "…")
	}
	return fmt.Sprintf("\n  %s only in %s: %s", count(len(keys), "program", "programs"), file, strings.Join(names, ", "))
}

// note adds what a reader should know before believing the numbers.
func (c *comparison) note(pairs []pair) {
	tiers := map[[2]string]int{}
	for _, p := range pairs {
		if p.a.Tier != p.b.Tier {
			tiers[[2]string{p.a.Tier, p.b.Tier}]++
		}
	}
	for t, n := range tiers {
		c.Notes = append(c.Notes, fmt.Sprintf("%s judged at different tiers of isolation: %s and %s", count(n, "program was", "programs were"), t[0], t[1]))
	}
	slices.Sort(c.Notes)
	if c.NotScored > 0 {
		c.Notes = append(c.Notes, count(c.NotScored, "program", "programs")+" left out: not scored in one of the files (infrastructure)")
	}
	if c.Pairs > c.Tasks {
		c.Notes = append(c.Notes, "the programs of a task are not independent of each other: the interval and the sign test, which are over tasks, hold, McNemar's p is too small")
	}
}

func (c *comparison) print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "A\t%s\tpass@1\t%s\n", c.A.File, percentInterval(c.A.PassAt))
	fmt.Fprintf(tw, "B\t%s\tpass@1\t%s\n", c.B.File, percentInterval(c.B.PassAt))
	fmt.Fprintf(tw, "B − A\t\t\t%s\n", pointsInterval(c.Difference))
	tw.Flush()
	fmt.Fprintf(w, "95 %% intervals over %s, paired bootstrap, %d resamples, seed %d\n\n", count(c.Tasks, "task", "tasks"), c.Resamples, c.Seed)
	tw = tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprint(tw, "\tB passes\tB fails\t\n")
	fmt.Fprintf(tw, "A passes\t%d\t%d\t\n", c.Both, c.OnlyA)
	fmt.Fprintf(tw, "A fails\t%d\t%d\t\n", c.OnlyB, c.Neither)
	tw.Flush()
	fmt.Fprintf(w, "\nprograms  %d only A passes, %d only B: McNemar (exact) p = %s\n", c.OnlyA, c.OnlyB, pText(c.McNemar))
	fmt.Fprintf(w, "tasks     %d worse, %d better: sign test p = %s\n", c.Worse, c.Better, pText(c.Sign))
	printChanged(w, "better", c.Changed, func(t taskChange) bool { return t.B > t.A })
	printChanged(w, "worse", c.Changed, func(t taskChange) bool { return t.B < t.A })
	if len(c.Transitions) > 0 {
		fmt.Fprintln(w, "\nverdicts that changed")
		tw = tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, t := range c.Transitions[:min(10, len(c.Transitions))] {
			fmt.Fprintf(tw, "%d\t%s\t→ %s\t\n", t.N, t.From, t.To)
		}
		tw.Flush()
	}
	for _, n := range c.Notes {
		fmt.Fprintf(w, "\nnote: %s\n", n)
	}
}

// maxChanged is how many tasks are listed on a terminal.
const maxChanged = 20

func printChanged(w io.Writer, title string, changed []taskChange, is func(taskChange) bool) {
	var those []taskChange
	for _, t := range changed {
		if is(t) {
			those = append(those, t)
		}
	}
	slices.SortStableFunc(those, func(x, y taskChange) int {
		return cmp.Compare(math.Abs(y.difference()), math.Abs(x.difference()))
	})
	if len(those) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	for i, t := range those {
		if i == maxChanged {
			fmt.Fprintf(w, "  and %d more (--json and --report list all)\n", len(those)-i)
			return
		}
		fmt.Fprintf(w, "  %s  %d/%d → %d/%d\n", t.TaskID, t.A, t.N, t.B, t.N)
	}
}

// percentInterval is "40.2 % [33.1, 47.6]".
func percentInterval(i judge.Interval) string {
	return fmt.Sprintf("%.1f %% [%.1f, %.1f]", 100*i.Mean, 100*i.Lo, 100*i.Hi)
}

// pointsInterval is "+4.9 points [+1.2, +8.8]".
func pointsInterval(i judge.Interval) string {
	return fmt.Sprintf("%s points [%s, %s]", points(i.Mean), points(i.Lo), points(i.Hi))
}

// points is a difference of shares in percentage points, signed unless it is none.
func points(x float64) string {
	x = math.Round(1000*x) / 10
	if x == 0 {
		return "0.0"
	}
	return strings.Replace(fmt.Sprintf("%+.1f", x), "-", "−", 1)
}

// pText is a p-value as it is printed in papers.
func pText(p float64) string {
	if p < 1e-4 {
		return fmt.Sprintf("%.1e", p)
	}
	return fmt.Sprintf("%.3g", p)
}
