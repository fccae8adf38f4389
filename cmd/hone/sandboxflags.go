package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"hone/judge"
	"hone/problem"
	"hone/sandbox"
	"hone/store"
)

// sandboxFlags are shared by every command that runs programs.
type sandboxFlags struct {
	python      string
	tier        string
	unsafe      bool
	workers     int
	timeout     time.Duration
	memory      int
	cache       string
	noInProcess bool
	share       bool
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
	fl.BoolVar(&f.share, "share", false, "run programs that can reach nothing which outlives them one after the other in the same process: faster; for programs nobody trained to cheat")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "say what the judge does on standard error")
	_ = c.RegisterFlagCompletionFunc("tier", cobra.FixedCompletions([]string{"auto", "full", "landlock"}, cobra.ShellCompDirectiveNoFileComp))
}

// check finds mistakes in the flags before anything is started.
func (f *sandboxFlags) check() error {
	tier := sandbox.Tier(f.tier)
	switch {
	case tier == sandbox.TierNone && !f.unsafe:
		return usagef("--tier none runs untrusted programs without isolation: say --unsafe-no-isolation if that is meant")
	case !slices.Contains([]sandbox.Tier{sandbox.TierAuto, sandbox.TierFull, sandbox.TierLandlock, sandbox.TierNone}, tier):
		return usagef("--tier %q: it is one of auto, full, landlock", f.tier)
	case f.workers < 0 || f.timeout < 0 || f.memory < 0:
		return usagef("--workers, --timeout and --memory cannot be negative")
	case f.memory > 0 && f.memory < leastMemory:
		return usagef("--memory %d: a Python needs at least %d MiB", f.memory, leastMemory)
	}
	return nil
}

// leastMemory is the address space, in MiB, that an interpreter needs to start.
const leastMemory = 64

// open starts a judge as the flags say. The returned function closes it.
// problems says which modules are worth having imported before programs start.
func (f *sandboxFlags) open(ctx context.Context, problems []*problem.Problem, con *console) (*judge.Judge, sandbox.Interpreter, func() error, error) {
	var py sandbox.Interpreter
	py, err := sandbox.FindPython(ctx, f.python, f.python != "")
	if err != nil {
		return nil, py, nil, err
	}
	tier := sandbox.Tier(f.tier)
	if f.unsafe {
		tier = sandbox.TierNone
	}
	if f.verbose {
		con.level = slog.LevelDebug
	}
	log := slog.New(con)
	cfg := judge.Config{
		Python: py, Tier: tier, Workers: f.workers, NoInProcess: f.noInProcess, Share: f.share, Log: log,
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
			log.Warn("verdicts are complete, but not all could be cached", "error", err)
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
			log.Debug("verdicts are not cached", "error", err)
			return nil, nil
		}
		dir = filepath.Join(dir, "hone")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			log.Warn("verdicts are not cached", "error", err)
			return nil, nil
		}
		cache, err := store.OpenCache(filepath.Join(dir, "verdicts.sqlite"))
		if err != nil {
			log.Warn("verdicts are not cached", "error", err)
			return nil, nil
		}
		return cache, nil
	}
	return store.OpenCache(f.cache)
}
