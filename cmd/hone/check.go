package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"hone/internal/progress"
	"hone/internal/words"
	"hone/source"
	"hone/source/check"
)

// errFound ends hone check when there are findings: exit status 1, and nothing more to say.
var errFound = errors.New("there are findings")

// checkFlags are the flags of hone check.
type checkFlags struct {
	json, sarif, stat, exitZero, strict bool
	metrics, dataFlow                   bool
	selected, ignored                   []string
	maxLine                             int
	lang                                string
}

func newCheck() *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check FILE|FOLDER|-…",
		Short: "Say what is wrong with programs, how complex they are, where values come from",
		Long: `Report syntax errors, style, mistakes and unsafe code of Python programs, with the
rules of pycodestyle, pyflakes and Bandit; of C and Java programs syntax errors. The
programs are read, never run. A folder stands for the programs in it, "-" for standard
input.

A rule is selected by a prefix of its name: E5, F401, B602 or S602. Of two prefixes the
longer one wins. A comment "# noqa" or "# noqa: E501" silences its line.

Exit status: 0 nothing found, 1 something found, 2 wrong arguments.`,
		Example: `  hone check main.py src
  hone check src --select F,B --stat
  hone check main.py --metrics --dataflow
  hone check src --sarif > findings.sarif
  hone generate model "def add(" | hone check -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("name files or folders (hone check . is for this folder)")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), args) },
	}
	fl := c.Flags()
	fl.BoolVar(&f.json, "json", false, "print JSON")
	fl.BoolVar(&f.sarif, "sarif", false, "print SARIF 2.1.0, which editors and code hosts read")
	fl.BoolVar(&f.stat, "stat", false, "print how often each rule was found, not where")
	fl.BoolVar(&f.metrics, "metrics", false, "also print the complexity of each Python function")
	fl.BoolVar(&f.dataFlow, "dataflow", false, "also print where the values of Python variables come from")
	fl.StringSliceVar(&f.selected, "select", nil, "report these rules only")
	fl.StringSliceVar(&f.ignored, "ignore", nil, "do not report these rules")
	fl.IntVar(&f.maxLine, "max-line", 79, "longest line that is not E501, in characters")
	fl.StringVar(&f.lang, "lang", "", "language of all the programs, python, c or java, whatever their names")
	fl.BoolVar(&f.strict, "strict", false, `report also what a comment "# noqa" silences`)
	fl.BoolVar(&f.exitZero, "exit-zero", false, "exit with status 0 also when something is found")
	return c
}

// options checks the flags and makes options of them.
func (f *checkFlags) options() (check.Options, error) {
	o := check.Options{
		Select: f.selected, Ignore: f.ignored, MaxLine: f.maxLine,
		Metrics: f.metrics, DataFlow: f.dataFlow, Strict: f.strict, HasLanguage: f.lang != "",
	}
	if f.lang != "" {
		if err := o.Language.UnmarshalText([]byte(f.lang)); err != nil {
			return o, usagef("--lang: %v", err)
		}
	}
	switch {
	case f.json && f.sarif, f.json && f.stat, f.sarif && f.stat:
		return o, usagef("--json, --sarif and --stat print different things: give one of them")
	case f.sarif && (f.metrics || f.dataFlow):
		return o, usagef("SARIF has findings only: use --json for metrics and data flow")
	case f.maxLine < 1:
		return o, usagef("--max-line %d: a line has at least one character", f.maxLine)
	}
	for _, prefix := range append(append([]string(nil), f.selected...), f.ignored...) {
		if !check.Known(prefix) {
			return o, usagef("no rule begins with %q (is %s meant?)", prefix, nearestRule(prefix))
		}
	}
	return o, nil
}

func nearestRule(name string) string {
	var ids []string
	for _, r := range check.Rules() {
		ids = append(append(ids, r.ID), r.Aliases...)
	}
	return words.Nearest(name, ids)
}

func (f *checkFlags) run(ctx context.Context, args []string) error {
	opts, err := f.options()
	if err != nil {
		return err
	}
	files, err := findPrograms(args, opts.HasLanguage)
	if err != nil {
		return err
	}
	// Collecting a heap of a few MB at each doubling takes a tenth of the time. Many reports make it larger.
	if len(files) <= 1000 && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	out := newCheckPrinter(os.Stdout)
	var all []check.Report
	total := 0
	var broken []string
	err = checkAll(ctx, files, opts, func(r check.Report) error {
		total += len(r.Findings)
		for _, fault := range r.Faults {
			broken = append(broken, r.File+": "+fault)
		}
		if f.json || f.sarif || f.stat {
			r.Text = keepText(f.sarif, r.Text)
			all = append(all, r)
			return nil
		}
		out.report(&r)
		return out.flush()
	})
	if err != nil {
		return err
	}
	switch {
	case f.json:
		err = writeCheckJSON(os.Stdout, all, total)
	case f.sarif:
		err = check.WriteSARIF(os.Stdout, version(), all)
	case f.stat:
		out.stat(all)
		err = out.flush()
	default:
		out.summary(total, len(files))
		err = out.flush()
	}
	switch {
	case err != nil:
		return err
	case len(broken) > 0:
		return fmt.Errorf("an analysis broke down, which is a mistake in hone: %s", strings.Join(broken, "; "))
	case total > 0 && !f.exitZero:
		return errFound
	}
	return nil
}

// keepText lets go of a program's text if nobody will look at it again.
func keepText(keep bool, text []byte) []byte {
	if keep {
		return text
	}
	return nil
}

// writeCheckJSON writes what hone check --json prints.
func writeCheckJSON(w io.Writer, reports []check.Report, total int) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Schema   int            `json:"schema"`
		Hone     string         `json:"hone"`
		Versions check.Versions `json:"versions"`
		Findings int            `json:"findings"` // in all files
		Files    []check.Report `json:"files"`
	}{check.Schema, version(), check.CurrentVersions(), total, reports})
}

// checkAll checks files on all processors and emits the reports in the order of the files.
func checkAll(ctx context.Context, files []string, opts check.Options, emit func(check.Report) error) error {
	ctx, cancel := context.WithCancel(ctx)
	results := make(chan chan check.Report, 4*runtime.GOMAXPROCS(0)) // in order; full: wait
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	workers.Go(func() {
		defer close(results)
		slots := make(chan struct{}, runtime.GOMAXPROCS(0))
		for _, file := range files {
			result := make(chan check.Report, 1)
			select {
			case results <- result:
			case <-ctx.Done():
				return
			}
			slots <- struct{}{}
			workers.Go(func() {
				result <- checkFile(file, opts)
				<-slots
			})
		}
	})
	var bar *progress.Bar
	if len(files) > 100 && term.IsTerminal(int(os.Stderr.Fd())) && !term.IsTerminal(int(os.Stdout.Fd())) {
		bar = progress.New(os.Stderr, "checking", len(files), 0)
		defer bar.Finish()
	}
	for result := range results {
		select {
		case r := <-result:
			bar.Add(1, "")
			if err := emit(r); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// checkFile reads and checks one file, "-" for standard input.
func checkFile(file string, opts check.Options) check.Report {
	name := file
	var src []byte
	var err error
	if file == "-" {
		name = "stdin"
		src, err = io.ReadAll(io.LimitReader(os.Stdin, source.MaxSize+1))
	} else {
		src, err = readProgram(file)
	}
	if err == nil {
		err = notText(src)
	}
	if err != nil {
		return check.Unreadable(name, err)
	}
	return check.File(name, src, opts)
}
