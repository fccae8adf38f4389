package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hone/internal/progress"
	"hone/recipe"
	"hone/store"
	"hone/study"
)

// studyFlags are the flags of hone study run and show.
type studyFlags struct {
	dir    string
	report string
	csv    string
	json   bool
	dryRun bool
	jobs   int
}

func newStudy(in *interrupts) *cobra.Command {
	c := &cobra.Command{
		Use:   "study",
		Short: "Run a grid of commands and put their results side by side",
		Long: `Run a grid of commands and put their results side by side.

A study is a YAML file: axes, seeds, and steps, which are commands of hone such as
train and eval. Every combination is a cell, kept in a folder that is named after a
hash of all that decides its result: what is there is not run again, what was
stopped goes on. docs/study.md describes the file.`,
		Example: `  hone study run studies/ssm-vs-transformer.yaml --dry-run
  hone study run studies/ssm-vs-transformer.yaml --report study.html
  hone study show studies/ssm-vs-transformer.yaml`,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	for _, sub := range []struct {
		use, short string
		run        bool
	}{
		{"run FILE", "Run the cells that have no result yet", true},
		{"show FILE", "Show the results that are there", false},
	} {
		var f studyFlags
		s := &cobra.Command{
			Use: sub.use, Short: sub.short,
			Args: func(c *cobra.Command, args []string) error {
				if len(args) != 1 {
					return usagef("name one study, a YAML file (see: %s --help)", c.CommandPath())
				}
				return nil
			},
			RunE: func(c *cobra.Command, args []string) error {
				return runStudy(c.Context(), in, c.OutOrStdout(), args[0], sub.run, f)
			},
		}
		s.Flags().StringVar(&f.dir, "dir", "", "folder of the cells (default: study in ./runs, or in $HONE_RUNS)")
		s.Flags().StringVar(&f.report, "report", "", "write tables and curves as one HTML page")
		s.Flags().StringVar(&f.csv, "csv", "", "write the numbers of the tables, one a row")
		s.Flags().BoolVar(&f.json, "json", false, "print the results as JSON on standard output")
		if sub.run {
			s.Flags().IntVar(&f.jobs, "jobs", 1, "cells to run at the same time, which share the processors")
			s.Flags().BoolVar(&f.dryRun, "dry-run", false, "list the cells and what would be run")
		}
		c.AddCommand(s)
	}
	return c
}

func runStudy(ctx context.Context, in *interrupts, w io.Writer, path string, run bool, f studyFlags) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("study: %w", err)
	}
	if f.dir == "" {
		f.dir = filepath.Join(runsRoot(), "study")
	}
	if err := errors.Join(needFolder("--report", f.report, f.dir), needFolder("--csv", f.csv, f.dir)); err != nil && !f.dryRun {
		return err
	}
	var s study.Study
	if err := recipe.Parse(raw, path, &s); err != nil {
		return err
	}
	cells, err := s.Cells()
	if err != nil {
		return err
	}
	results, err := study.Load(cells, f.dir)
	if err != nil {
		return err
	}
	if f.dryRun {
		have := map[string]bool{}
		for _, r := range results {
			have[r.Cell.Key] = r.Error == ""
		}
		for _, c := range cells {
			state := "to run"
			if have[c.Key] {
				state = "done"
			}
			fmt.Fprintf(w, "%s  %-7s hone %s\n", c.Key, state, strings.Join(c.Args, " "))
		}
		fmt.Fprintf(w, "%s\n", count(len(cells), "cell", "cells"))
		return nil
	}
	if run {
		if results, err = runCells(ctx, in, cells, f.dir, f.jobs); err != nil {
			return err
		}
	}
	return showStudy(w, &s, results, len(cells), f)
}

// runCells runs each cell as a process of its own, which keeps what it writes to standard error in
// the cell's folder.
func runCells(ctx context.Context, in *interrupts, cells []study.Cell, dir string, jobs int) ([]study.Result, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	con := newConsole()
	bar := progress.New(os.Stderr, "cell", len(cells), 0)
	con.bar.Store(bar)
	stop, done := in.finishing(bar, "letting the cells under way save where they are")
	results, err := study.Run(ctx, cells, study.Options{
		Dir: dir, Version: version(), Jobs: jobs, Stop: stop,
		Exec: func(ctx context.Context, args []string, dir string) ([]byte, error) {
			log, err := os.Create(filepath.Join(dir, "log.txt"))
			if err != nil {
				return nil, err
			}
			defer log.Close()
			var out, last bytes.Buffer
			c := exec.CommandContext(ctx, self, args...)
			if jobs > 1 {
				c.Env = append(os.Environ(), fmt.Sprint("GOMAXPROCS=", max(1, runtime.GOMAXPROCS(0)/jobs)))
			}
			c.Stdout, c.Stderr = &out, io.MultiWriter(log, &last)
			err = c.Run()
			var exit *exec.ExitError
			switch {
			case errors.As(err, &exit) && exit.ExitCode() == exitInterrupted:
				return nil, study.ErrStopped
			case err != nil:
				lines := strings.Split(strings.TrimSpace(last.String()), "\n")
				return nil, fmt.Errorf("%w: %s", err, lines[len(lines)-1])
			}
			return out.Bytes(), nil
		},
		Report: func(at, _ int, r study.Result) {
			name := strings.TrimSpace(fmt.Sprintf("%s %v seed %d", r.Cell.Step, r.Cell.At, r.Cell.Seed))
			switch {
			case r.Seconds == 0 && r.Error == "" && r.Version == "":
				bar.Add(0, name)
				return
			case r.Error != "":
				con.println(fmt.Sprintf("%s: failed: %s", name, r.Error))
			}
			bar.Add(1, fmt.Sprintf("%s took %s", name, time.Duration(r.Seconds*float64(time.Second)).Round(time.Second)))
		},
	})
	done()
	bar.Finish()
	con.bar.Store(nil)
	if errors.Is(err, study.ErrStopped) {
		con.println("stopped; the same command goes on from there")
	}
	return results, err
}

func showStudy(w io.Writer, s *study.Study, results []study.Result, cells int, f studyFlags) error {
	if f.report != "" {
		page, err := s.Page(results, cells, f.dir)
		if err != nil {
			return err
		}
		page.Footer = "Hone " + version()
		if err := page.WriteFile(f.report); err != nil {
			return err
		}
	}
	if f.csv != "" {
		if err := store.Create(f.csv, 0o666, func(w io.Writer) error { return s.CSV(w, results) }); err != nil {
			return fmt.Errorf("%s: %w", f.csv, err)
		}
	}
	failed := 0
	for _, r := range results {
		if r.Error != "" {
			failed++
		}
	}
	if f.json {
		if err := printJSON(os.Stdout, results); err != nil {
			return err
		}
	} else {
		for _, t := range s.Tables {
			if g := s.Grid(t, results); !g.Empty() {
				fmt.Fprintln(w, g.Text())
			}
		}
		fmt.Fprintf(w, "%d of %s have a result\n", len(results)-failed, count(cells, "cell", "cells"))
	}
	if failed > 0 {
		return fmt.Errorf("%s failed: see log.txt in their folders in %s; the same command tries them again", count(failed, "cell", "cells"), f.dir)
	}
	return nil
}
