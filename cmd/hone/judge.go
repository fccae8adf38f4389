package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hone/internal/progress"
	"hone/judge"
	"hone/problem"
	"hone/sandbox"
	"hone/store"
)

// judgeFlags are the flags of hone judge; those of sandboxFlags are shared by every command that runs programs.
type judgeFlags struct {
	problems  []string
	format    string
	samples   string
	reference bool
	out       string
	force     bool
	strict    bool
	json      bool
	challenge bool
	sandboxFlags
}

type sandboxFlags struct {
	python      string
	tier        string
	unsafe      bool
	workers     int
	timeout     time.Duration
	memory      int
	cache       string
	noInProcess bool
	verbose     bool
}

func (f *sandboxFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.python, "python", "", "interpreter or virtual environment; its site-packages are then visible to programs (default: /usr/bin/python3 without any)")
	fl.StringVar(&f.tier, "tier", "auto", "isolation: auto, full or landlock")
	fl.BoolVar(&f.unsafe, "unsafe-no-isolation", false, "run untrusted programs without isolation (a disposable machine only)")
	fl.IntVar(&f.workers, "workers", 0, "programs judged at once (default: one per core)")
	fl.DurationVar(&f.timeout, "timeout", 0, "time of one test on an idle reference machine (default 2s; scaled to this machine and to slow references)")
	fl.IntVar(&f.memory, "memory", 0, "MiB of address space of a program (default 1024, with --python 4096)")
	fl.StringVar(&f.cache, "cache", "", "verdict cache: a file, or off (default: hone/verdicts.sqlite in the user's cache folder)")
	fl.BoolVar(&f.noInProcess, "no-in-process", false, "refuse tests that only run in the program's own process and could be forged")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "say what the judge does on standard error")
}

func newJudge(stop <-chan struct{}) *cobra.Command {
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
  hone judge --problems mbpp.jsonl.gz --reference                  # do the problems' own solutions pass?
  zcat s.jsonl.gz | hone judge --problems p.jsonl --samples - --out - | jq .verdict
  hone judge --problems BigCodeBench.jsonl.gz --samples s.jsonl --out v.jsonl --python ./venv`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runJudge(c.Context(), stop, c, f) },
	}
	fl := c.Flags()
	fl.StringArrayVar(&f.problems, "problems", nil, "file with problems (repeatable)")
	fl.StringVar(&f.format, "format", "auto", "format of the problem files: "+formatNames())
	fl.StringVar(&f.samples, "samples", "", "file with programs; - is standard input")
	fl.BoolVar(&f.reference, "reference", false, "judge the problems' own reference solutions instead of samples")
	fl.StringVar(&f.out, "out", "", "file for the verdicts; - is standard output")
	fl.BoolVar(&f.force, "force", false, "replace an output file that came from other inputs")
	fl.BoolVar(&f.strict, "strict", false, "stop at the first bad row instead of reporting and skipping it")
	fl.BoolVar(&f.json, "json", false, "print the summary as JSON on standard output")
	fl.BoolVar(&f.challenge, "challenge", false, "include MBPP's challenge tests")
	f.register(c)
	return c
}

func formatNames() string {
	var names []string
	for _, f := range problem.Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// open starts a judge as the flags say. The returned function closes it.
// problems says which modules are worth having imported before programs start.
func (f *sandboxFlags) open(ctx context.Context, problems []*problem.Problem) (*judge.Judge, sandbox.Interpreter, func() error, error) {
	var py sandbox.Interpreter
	py, err := sandbox.FindPython(ctx, f.python, f.python != "")
	if err != nil {
		return nil, py, nil, err
	}
	tier := sandbox.Tier(f.tier)
	switch {
	case f.unsafe:
		tier = sandbox.TierNone
	case tier == sandbox.TierNone:
		return nil, py, nil, usagef("--tier none runs untrusted programs without isolation: say --unsafe-no-isolation if that is meant")
	case !slices.Contains([]sandbox.Tier{sandbox.TierAuto, sandbox.TierFull, sandbox.TierLandlock}, tier):
		return nil, py, nil, usagef("--tier %q: it is one of auto, full, landlock", f.tier)
	}
	if f.workers < 0 || f.timeout < 0 || f.memory < 0 {
		return nil, py, nil, usagef("--workers, --timeout and --memory cannot be negative")
	}
	level := slog.LevelWarn
	if f.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	cfg := judge.Config{
		Python: py, Tier: tier, Workers: f.workers, NoInProcess: f.noInProcess, Log: log,
		Limits: judge.Limits{PerTest: f.timeout, Memory: int64(f.memory) << 20},
	}
	if len(py.Site) > 0 {
		cfg.Preload = commonLibraries(problems)
	}
	cache, err := f.openCache(log)
	if err != nil {
		return nil, py, nil, err
	}
	if cache != nil {
		cfg.Cache = cache
	}
	j, err := judge.New(ctx, cfg)
	if err != nil {
		if cache != nil {
			cache.Close()
		}
		return nil, py, nil, err
	}
	return j, py, func() error {
		j.Close()
		if cache == nil {
			return nil
		}
		if err := cache.Close(); err != nil {
			log.Warn("the verdict cache could not be written; verdicts themselves are not affected", "error", err)
		}
		return nil
	}, nil
}

// commonLibraries are the third-party modules that at least one problem in fifty uses.
func commonLibraries(problems []*problem.Problem) []string {
	uses := map[string]int{}
	for _, p := range problems {
		for _, l := range p.Libraries {
			uses[l]++
		}
	}
	var out []string
	for l, n := range uses {
		if n*50 >= len(problems) {
			if l == "matplotlib" {
				l = "matplotlib.pyplot" // where its start-up cost is
			}
			out = append(out, l)
		}
	}
	slices.Sort(out)
	return out
}

// openCache returns nil when caching is off or, by default, not possible.
func (f *sandboxFlags) openCache(log *slog.Logger) (*store.Cache, error) {
	switch f.cache {
	case "off":
		return nil, nil
	case "":
		dir, err := os.UserCacheDir()
		if err != nil {
			log.Debug("no verdict cache", "error", err)
			return nil, nil
		}
		dir = filepath.Join(dir, "hone")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			log.Warn("no verdict cache", "error", err)
			return nil, nil
		}
		cache, err := store.OpenCache(filepath.Join(dir, "verdicts.sqlite"))
		if err != nil {
			log.Warn("no verdict cache", "error", err)
			return nil, nil
		}
		return cache, nil
	}
	return store.OpenCache(f.cache)
}

// suite is what the problem files gave.
type suite struct {
	problems []*problem.Problem
	index    *problem.Index
	digest   []byte // of the files' bytes
}

// reporter prints issues, the first few in full.
type reporter struct {
	strict bool
	bar    *progress.Bar
	n      int
}

const maxIssues = 20

func (r *reporter) issue(err error) error {
	if r.strict {
		return fmt.Errorf("%w (--strict stops at the first bad row)", err)
	}
	r.n++
	if r.n <= maxIssues {
		r.bar.Println("hone: skipped: " + err.Error())
	} else if r.n == maxIssues+1 {
		r.bar.Println("hone: further bad rows are only counted")
	}
	return nil
}

func loadSuite(f *judgeFlags, rep *reporter) (*suite, error) {
	if len(f.problems) == 0 {
		return nil, usagef("--problems is missing: name a file with problems (see: hone judge --help)")
	}
	if !slices.Contains(problem.Formats(), problem.Format(f.format)) {
		return nil, usagef("--format %q: it is one of %s", f.format, formatNames())
	}
	if f.samples == "-" && slices.Contains(f.problems, "-") {
		return nil, usagef("standard input cannot hold both problems and samples")
	}
	h := sha256.New()
	s := &suite{}
	var opts []problem.Option
	if f.challenge {
		opts = append(opts, problem.WithChallenge())
	}
	for _, path := range f.problems {
		set, err := problem.Load(path, problem.Format(f.format), os.Stdin, opts...)
		if err != nil {
			return nil, err
		}
		for _, is := range set.Issues {
			if err := rep.issue(is); err != nil {
				return nil, err
			}
		}
		s.problems = append(s.problems, set.Problems...)
	}
	if len(s.problems) == 0 {
		return nil, errors.New("no usable problem was found; the messages above say why")
	}
	enc := json.NewEncoder(h)
	for _, p := range s.problems {
		if err := enc.Encode(p); err != nil {
			return nil, err
		}
	}
	s.digest = h.Sum(nil)
	s.index = problem.NewIndex(s.problems)
	return s, nil
}

// job joins a program with its problem.
func (s *suite) job(p problem.Program) (judge.Job, error) {
	prob, err := s.index.Find(p.TaskID)
	if err != nil {
		return judge.Job{}, fmt.Errorf("%s: %w", p.Where, err)
	}
	j := judge.Job{Problem: prob, TaskID: p.TaskID, Sample: p.Sample}
	switch p.Form {
	case problem.FormCompletion:
		j.Program = prob.Prefix + p.Text
	case problem.FormResponse:
		code, _ := problem.Extract(p.Text, prob.EntryPoint)
		if prob.EntryPoint != "" && !strings.Contains(code, prob.EntryPoint) {
			code = prob.Prefix + code // the answer was the body alone
		}
		j.Program, j.Response = code, true
		if code != p.Text {
			j.Literal = p.Text
		}
	default:
		j.Program = p.Text
	}
	return j, nil
}

// references yields the problems' own solutions as jobs.
func (s *suite) references(rep *reporter, fail *error) iter.Seq[judge.Job] {
	return func(yield func(judge.Job) bool) {
		for _, p := range s.problems {
			if p.Reference == "" {
				if *fail = rep.issue(fmt.Errorf("%s: the problem has no reference solution", p.TaskID)); *fail != nil {
					return
				}
				continue
			}
			if !yield(judge.Job{Problem: p, TaskID: p.TaskID, Program: p.Reference}) {
				return
			}
		}
	}
}

// samples yields the sample file's programs as jobs, after the first skip ones.
func (s *suite) samples(path string, skip int, rep *reporter, fail *error) iter.Seq[judge.Job] {
	return func(yield func(judge.Job) bool) {
		for p, err := range problem.Samples(path, os.Stdin) {
			var j judge.Job
			if err == nil {
				j, err = s.job(p)
			}
			if err != nil {
				var is *problem.Issue
				if fatal := !errors.As(err, &is) && p.TaskID == ""; fatal {
					*fail = err
				} else {
					*fail = rep.issue(err)
				}
				if *fail != nil {
					return
				}
				continue
			}
			if skip > 0 {
				skip--
				continue
			}
			if !yield(j) {
				return
			}
		}
	}
}

func runJudge(ctx context.Context, stop <-chan struct{}, c *cobra.Command, f judgeFlags) (err error) {
	if f.reference == (f.samples != "") {
		return usagef("name programs with --samples FILE, or judge the problems' own solutions with --reference")
	}
	if f.out == "-" && f.json {
		return usagef("--out - and --json both write to standard output")
	}
	rep := &reporter{strict: f.strict}
	s, err := loadSuite(&f, rep)
	if err != nil {
		return err
	}
	if f.samples == "-" {
		spooled, err := spool(os.Stdin)
		if err != nil {
			return err
		}
		defer os.Remove(spooled)
		f.samples = spooled
	}
	total := len(s.problems)
	sampleDigest := []byte("reference")
	if !f.reference {
		if sampleDigest, total, err = scanSamples(f.samples); err != nil {
			return err
		}
		if total == 0 {
			return fmt.Errorf("%s holds no programs: rows need task_id and one of completion, solution, response (docs/formats.md)", f.samples)
		}
	}
	j, py, closeJudge, err := f.open(ctx, s.problems)
	if err != nil {
		return err
	}
	defer closeJudge()

	tally := &judge.Tally{}
	sink, err := openSink(f, s, tally, fingerprint(s.digest, sampleDigest, f, py, j))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sink.close()) }()
	start := time.Now()
	done := sink.done
	if !sink.complete {
		bar := progress.New(os.Stderr, "judged", total, done)
		rep.bar = bar
		var inputErr error
		jobs := s.samples(f.samples, done, rep, &inputErr)
		if f.reference {
			jobs = skipJobs(s.references(rep, &inputErr), done)
		}
		err = judge.Stream(ctx, announce(stop, bar, sink.where()), j, jobs, func(v problem.Verdict) error {
			bar.Add(1, fmt.Sprintf("%d passed", tally.Outcomes[problem.Pass]))
			return sink.add(&v)
		})
		bar.Finish()
		if err == nil {
			err = inputErr
		}
		if err != nil {
			return sink.interrupted(err)
		}
	}
	sum := summarize(tally, j, py, time.Since(start), tally.Programs-done)
	sum.Skipped, sum.Out = rep.n, f.out
	sum.TasksTotal = len(s.problems)
	for _, p := range s.problems {
		for _, name := range j.Excluded(p) {
			sum.Excluded = append(sum.Excluded, p.TaskID+" "+name)
		}
	}
	if err := sink.commit(sum); err != nil {
		return err
	}
	w := c.OutOrStdout()
	if f.out == "-" {
		w = c.ErrOrStderr()
	}
	if f.json {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(sum)
	}
	sum.print(w)
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

// announce tells the user on the first Ctrl-C what happens now.
func announce(stop <-chan struct{}, bar *progress.Bar, where string) <-chan struct{} {
	out := make(chan struct{})
	go func() {
		<-stop
		bar.Println("hone: finishing the programs that are running" + where + "; Ctrl-C again stops at once")
		close(out)
	}()
	return out
}

// spool copies standard input to a temporary file, so that it can be read twice.
func spool(r io.Reader) (string, error) {
	f, err := os.CreateTemp("", "hone-samples-*.jsonl")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, r)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", fmt.Errorf("copy standard input to %s: %w", f.Name(), err)
	}
	return f.Name(), nil
}

// scanSamples hashes the sample file and counts its programs.
func scanSamples(path string) (digest []byte, programs int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	h := sha256.New()
	_, err = io.Copy(h, bufio.NewReaderSize(file, 1<<20))
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, 0, err
	}
	for _, err := range problem.Samples(path, nil) {
		if err == nil {
			programs++
		}
	}
	return h.Sum(nil), programs, nil
}

// fingerprint identifies a run by what its verdicts depend on.
func fingerprint(problems, samples []byte, f judgeFlags, py sandbox.Interpreter, j *judge.Judge) string {
	h := sha256.New()
	fmt.Fprintf(h, "%x %x %s %s %v %d %v", problems, samples, py.Identity(), j.Tier(), f.timeout, f.memory, f.noInProcess)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// machine describes the machine in one line.
func machine() string {
	return fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
}
