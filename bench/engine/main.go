// Command engine measures Hone's engine beside PyTorch and OpenBLAS at their best
// settings, on this machine, in one run, and writes what it found as Markdown:
//
//	go run ./bench/engine -rounds 5 -out bench/RESULTS-engine.md
//
// Both sides are processes of their own that take turns: while one works, the others
// are stopped. They start from the same weights and read the same tokens, and what
// they compute is compared: losses of every step, greedy tokens. The peers need the
// environment that bench/peers/setup.sh makes; what is measured of them, and why in
// this way, is in bench/peers/README.md.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// bench is a run of the benchmarks.
type bench struct {
	rounds int
	turn   time.Duration // about how long a side works before it is the next one's turn
	python string
	peers  string   // folder of the peers' programs
	sizes  []string // names in sizes.json
	dir    string   // for checkpoints and tokens, removed at the end
	worker string   // our side's program
	models map[string]size
	out    io.Writer // Markdown
	// What was found, for the summary at the end.
	findings  []finding
	disturbed disturbance
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("engine: ")
	runtime.LockOSThread() // the workers end when the thread that started them does
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
	what := flag.String("what", "train,sample,gemm,decode", "what to measure; encoder, too")
	flag.IntVar(&b.rounds, "rounds", 5, "how often the sides take turns")
	flag.DurationVar(&b.turn, "turn", 3*time.Second, "about how long a turn of training or sampling lasts")
	sizes := flag.String("sizes", "gpt2-1m,qwen2-1m,gpt2-25m,qwen2-25m,gpt2-125m", "models, by their names in sizes.json")
	out := flag.String("out", "", "file for the report; standard output without it")
	flag.StringVar(&b.peers, "peers", filepath.Join("bench", "peers"), "folder of the peers' programs")
	flag.StringVar(&b.python, "python", filepath.Join(cache, "hone", "peers", "bin", "python"), "Python of the peers")
	flag.Parse()
	b.sizes = strings.Split(*sizes, ",")
	if b.models, err = readSizes(filepath.Join(b.peers, "sizes.json"), b.sizes); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "hone-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	b.worker = filepath.Join(b.dir, "worker")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", b.worker, "./bench/engine/worker")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the worker: %w", err)
	}
	var report bytes.Buffer
	b.out = &report
	head := fmt.Sprintf("# The engine beside PyTorch and OpenBLAS\n\nWritten by `go run ./bench/engine %s`.\n\n%s\n", strings.Join(os.Args[1:], " "), describeMachine())
	parts := map[string]func(context.Context) error{"train": b.training, "encoder": b.encoders, "sample": b.sampling, "gemm": b.products, "decode": b.decoding}
	write := func(text string) error {
		if *out == "" {
			_, err := os.Stdout.WriteString(text)
			return err
		}
		return os.WriteFile(*out, []byte(text), 0o644)
	}
	whats := strings.Split(*what, ",")
	for i, w := range whats {
		part := parts[w]
		if part == nil {
			return fmt.Errorf("-what: %q is none of train, encoder, sample, gemm and decode", w)
		}
		if err := part(ctx); err != nil {
			return fmt.Errorf("%s: %w", w, err)
		}
		if *out != "" && i < len(whats)-1 { // a run is long: what is measured is kept
			if err := write(head + b.summary() + report.String() + "\n**Unfinished.**\n"); err != nil {
				return err
			}
		}
	}
	return write(head + b.summary() + report.String())
}

// finding is a figure that the specification has a goal for.
type finding struct {
	name    string
	figures []float64 // of each round
	goal    float64
	atMost  bool // the goal is an upper bound
}

func (f finding) met() bool {
	m := median(f.figures)
	return f.atMost && m <= f.goal || !f.atMost && m >= f.goal
}

// summary is the figures that have goals, and whether the machine was quiet.
func (b *bench) summary() string {
	var w strings.Builder
	fmt.Fprint(&w, "\n## Summary\n\n| | median | min – max | goal | |\n|---|---|---|---|---|\n")
	for _, f := range b.findings {
		goal, verdict := "–", ""
		if f.goal != 0 {
			sign := "≥"
			if f.atMost {
				sign = "≤"
			}
			goal, verdict = fmt.Sprintf("%s %.2f", sign, f.goal), "**missed**"
			if f.met() {
				verdict = "met"
			}
		}
		lo, hi := bounds(f.figures)
		fmt.Fprintf(&w, "| %s | %.2f | %.2f – %.2f | %s | %s |\n", f.name, median(f.figures), lo, hi, goal, verdict)
	}
	fmt.Fprintf(&w, "\n%s\n", b.disturbed)
	return w.String()
}

var errDiffers = errors.New("the sides do not compute the same")

// say tells the person who waits what is being done.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
