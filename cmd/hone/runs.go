package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"hone/store"
)

// runsFlags are the flags of hone runs.
type runsFlags struct {
	root string
	json bool
	yes  bool
}

func newRuns() *cobra.Command {
	var f runsFlags
	c := &cobra.Command{
		Use:   "runs",
		Short: "List, show and remove the runs of training",
		Long: `List, show and remove the runs of training.

A run is a folder below --root, which is ./runs unless the environment variable
HONE_RUNS says otherwise. It holds the recipe, the metrics, checkpoints to go on
from and the model.`,
		Example: `  hone runs list
  hone runs show tiny
  hone runs rm tiny`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().StringVar(&f.root, "root", runsRoot(), "folder that holds the runs (environment: HONE_RUNS)")
	names := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return f.names(), cobra.ShellCompDirectiveNoFileComp
	}

	list := &cobra.Command{
		Use: "list", Short: "List the runs, the oldest first",
		Example: "  hone runs list\n  hone runs list --json | jq '.[] | select(.status == \"complete\").name'",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.list(c.OutOrStdout()) },
	}
	list.Flags().BoolVar(&f.json, "json", false, "print JSON")

	show := &cobra.Command{
		Use: "show RUN", Short: "Show a run: its recipe, its last metrics, the course of its loss",
		Example: "  hone runs show tiny\n  hone runs show /data/runs/tiny --json",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("name one run (see: hone runs list)")
			}
			return nil
		},
		ValidArgsFunction: names,
		RunE:              func(c *cobra.Command, args []string) error { return f.show(c.OutOrStdout(), args[0]) },
	}
	show.Flags().BoolVar(&f.json, "json", false, "print JSON, without the recipe")

	rm := &cobra.Command{
		Use: "rm RUN…", Short: "Remove runs with everything in their folders",
		Example: "  hone runs rm tiny\n  hone runs rm --yes try1 try2",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("name the runs to remove (see: hone runs list)")
			}
			return nil
		},
		ValidArgsFunction: names,
		RunE:              func(c *cobra.Command, args []string) error { return f.remove(c.InOrStdin(), c.OutOrStdout(), args) },
	}
	rm.Flags().BoolVar(&f.yes, "yes", false, "do not ask")

	c.SuggestionsMinimumDistance = 2
	c.AddCommand(list, show, rm)
	return c
}

// names are those of the runs below the root.
func (f *runsFlags) names() []string {
	var names []string
	runs, _ := store.ListRuns(f.root) // for hints only
	for _, r := range runs {
		names = append(names, r.Name)
	}
	return names
}

// find looks at the run called name below the root, or in the folder of that name.
func (f *runsFlags) find(name string) (store.RunInfo, error) {
	dir := filepath.Join(f.root, name)
	if filepath.Base(name) != name || name == "." || name == ".." {
		dir = filepath.Clean(name)
	}
	r, err := store.InspectRun(dir)
	if err == nil {
		return r, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	hint := "there are none; --root names another folder"
	if names := f.names(); len(names) > 0 {
		hint = "there are: " + strings.Join(names, ", ")
	}
	return r, fmt.Errorf("there is no run %q in %s (%s)", name, f.root, hint)
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func (f *runsFlags) list(w io.Writer) error {
	runs, err := store.ListRuns(f.root)
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(os.Stdout, append([]store.RunInfo{}, runs...)) // [] where there are none
	}
	if len(runs) == 0 {
		fmt.Fprintf(w, "no runs in %s (hone train makes them; --root names another folder)\n", f.root)
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tKIND\tSTATUS\tSTEP\tMETRIC\tAGE\tSIZE")
	for _, r := range runs {
		status := string(r.Status)
		if r.Damage != "" {
			status = strings.TrimPrefix(status+", damaged", ", ")
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", r.Name, r.Kind, status, r.Step, keyMetric(r.Last), age(time.Since(r.Created)), size(r.Bytes))
	}
	return tw.Flush()
}

// keyMetrics are the metrics that say most of a run, the best first.
var keyMetrics = []string{"val_loss", "validation_loss", "reward", "loss"}

// keyMetric is the first of keyMetrics that there is.
func keyMetric(last map[string]any) string {
	for _, k := range keyMetrics {
		if x, ok := last[k].(float64); ok {
			return fmt.Sprintf("%s %.4g", k, x)
		}
	}
	return "-"
}

// age is a time in its largest unit.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

// size is a number of bytes in a unit that suits it.
func size(n int64) string {
	x := float64(n)
	for _, unit := range []string{"B", "KB", "MB", "GB"} {
		if x < 1000 {
			return fmt.Sprintf("%.3g %s", x, unit)
		}
		x /= 1000
	}
	return fmt.Sprintf("%.3g TB", x)
}

func (f *runsFlags) show(w io.Writer, name string) error {
	r, err := f.find(name)
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(os.Stdout, r)
	}
	line := func(key, format string, args ...any) {
		if s := fmt.Sprintf(format, args...); s != "" {
			fmt.Fprintf(w, "%-9s %s\n", key, s)
		}
	}
	line("run", "%s", r.Dir)
	line("kind", "%s", r.Kind)
	line("status", "%s, step %d", r.Status, r.Step)
	line("error", "%s", r.Error)
	line("damage", "%s", r.Damage)
	line("created", "%s (%s ago)", r.Created.Local().Format(time.DateTime), age(time.Since(r.Created)))
	line("command", "%s", strings.Join(r.Command, " "))
	line("hone", "%s", r.Version)
	line("machine", "%s", r.Machine)
	line("size", "%s", size(r.Bytes))
	if r.BestStep != nil && r.BestValue != nil {
		line("best", "%.4g at step %d", *r.BestValue, *r.BestStep)
	}
	printCourses(w, r.Dir)
	if len(r.Last) > 0 {
		fmt.Fprintln(w, "\nlast metrics")
		for _, k := range slices.Sorted(maps.Keys(r.Last)) {
			fmt.Fprintf(w, "  %-20s %s\n", k, metric(r.Last[k]))
		}
	}
	if raw, err := store.RunRecipe(r.Dir); err == nil {
		fmt.Fprintf(w, "\nrecipe\n  %s\n", strings.ReplaceAll(strings.TrimRight(string(raw), "\n"), "\n", "\n  "))
	}
	return nil
}

func metric(v any) string {
	if x, ok := v.(float64); ok {
		return fmt.Sprintf("%.6g", x)
	}
	return fmt.Sprint(v)
}

// printCourses draws how the losses of the run in dir went.
func printCourses(w io.Writer, dir string) {
	course := map[string][]float64{}
	for row, err := range store.MetricsRows(dir) {
		if err != nil {
			break // InspectRun has said so
		}
		for _, k := range keyMetrics {
			if x, ok := row[k].(float64); ok {
				course[k] = append(course[k], x)
			}
		}
	}
	if len(course) > 0 {
		fmt.Fprintln(w)
	}
	for _, k := range slices.Sorted(maps.Keys(course)) {
		xs := course[k]
		fmt.Fprintf(w, "%-9s %s  %.4g → %.4g\n", k, sparkline(xs, 50), xs[0], xs[len(xs)-1])
	}
}

// sparkline draws xs as at most width bars, each the mean of its share of them.
func sparkline(xs []float64, width int) string {
	n := min(width, len(xs))
	means := make([]float64, n)
	for i := range means {
		from, to := i*len(xs)/n, (i+1)*len(xs)/n
		for _, x := range xs[from:to] {
			means[i] += x / float64(to-from)
		}
	}
	bars := []rune("▁▂▃▄▅▆▇█")
	if n == 0 {
		return ""
	}
	low, high := slices.Min(means), slices.Max(means)
	var b strings.Builder
	for _, x := range means {
		i := 0
		if high > low {
			i = int((x-low)/(high-low)*float64(len(bars)-1) + 0.5)
		}
		b.WriteRune(bars[i])
	}
	return b.String()
}

func (f *runsFlags) remove(in io.Reader, w io.Writer, names []string) error {
	var runs []store.RunInfo
	var bytes int64
	for _, name := range names {
		r, err := f.find(name)
		if err != nil {
			return err
		}
		if r.Status == store.RunRunning {
			return fmt.Errorf("run %s is running: stop it first (nothing was removed)", r.Name)
		}
		runs = append(runs, r)
		bytes += r.Bytes
	}
	if !f.yes {
		if file, ok := in.(*os.File); ok && !term.IsTerminal(int(file.Fd())) {
			return usagef("say --yes to remove %s (%s)", count(len(runs), "run", "runs"), size(bytes))
		}
		fmt.Fprintf(os.Stderr, "remove %s (%s) with all checkpoints and models? [y/N] ", strings.Join(names, ", "), size(bytes))
		answer, _ := bufio.NewReader(in).ReadString('\n')
		if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
			return errors.New("nothing was removed")
		}
	}
	for _, r := range runs {
		if err := store.RemoveRun(r.Dir); err != nil {
			return err
		}
		fmt.Fprintf(w, "removed %s\n", r.Dir)
	}
	return nil
}
