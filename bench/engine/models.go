package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"hone/bench/engine/line"
)

// The peers' settings that bench/peers/tune.py found best; README.md there has the table.
var (
	trainEager    = []string{"--malloc", "tcmalloc", "--openmp", "intel", "--bind"}
	trainCompiled = append([]string{"--mode", "default"}, trainEager...)
	sampleEager   = []string{"--openmp", "gnu"}
	sampleCompile = []string{"--mode", "default", "--cache", "bucket", "--attention", "matmul"}
)

// checkpoint makes random weights of a size with the peers' program, once. Sharp ones
// have a next-token distribution like a trained model's.
func (b *bench) checkpoint(ctx context.Context, name string, sharp bool) (string, error) {
	dir := filepath.Join(b.dir, name)
	args := []string{filepath.Join(b.peers, "train.py"), "--size", name, "--export", dir}
	if sharp {
		dir += "-sharp"
		args[4] = dir
		args = append(args, "--sharpen")
	}
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if out, err := exec.CommandContext(ctx, b.python, args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, out)
	}
	return dir, nil
}

// tokens writes n random tokens in [from, to).
func (b *bench) tokens(name string, n, from, to int) (string, error) {
	rng := rand.New(rand.NewPCG(1, 2))
	raw := make([]byte, 0, 4*n)
	for range n {
		raw = binary.LittleEndian.AppendUint32(raw, uint32(from+rng.IntN(to-from)))
	}
	path := filepath.Join(b.dir, name)
	return path, os.WriteFile(path, raw, 0o644)
}

// contest is sides that do the same thing in turns.
type contest struct {
	sides []*side
	ours  int // how many of the first are Hone's; the first is compared
	peers int // how many after ours are compared; the rest is printed only
}

func (c *contest) end() {
	for _, s := range c.sides {
		s.end()
	}
}

// round lets every side have a turn; odd rounds go backwards.
func (c *contest) round(i int, turn func(*side) (line.Reply, error)) error {
	order := slices.Clone(c.sides)
	if i%2 == 1 {
		slices.Reverse(order)
	}
	for _, s := range order {
		r, err := turn(s)
		if err != nil {
			return err
		}
		s.figures = append(s.figures, float64(r.Tokens)/r.Seconds)
		s.losses = append(s.losses, r.Losses...)
	}
	return nil
}

// ratios are ours to the best compared peer's, a round.
func (c *contest) ratios() (out []float64) {
	for i := range c.sides[0].figures {
		best := 0.0
		for _, s := range c.sides[c.ours : c.ours+c.peers] {
			best = max(best, s.figures[i])
		}
		out = append(out, c.sides[0].figures[i]/best)
	}
	return out
}

// table writes tokens per second of every round and each side's memory.
func (b *bench) table(c *contest) {
	w := b.out
	ratios := c.ratios()
	fmt.Fprint(w, "| side |")
	for i := range ratios {
		fmt.Fprintf(w, " %d |", i+1)
	}
	fmt.Fprint(w, " median tokens/s | peak MB | of it before the model |\n|---|"+strings.Repeat("---|", len(ratios)+3)+"\n")
	for _, s := range c.sides {
		fmt.Fprintf(w, "| %s |", s.name)
		for _, f := range s.figures {
			fmt.Fprintf(w, " %.0f |", f)
		}
		fmt.Fprintf(w, " **%.0f** | %.0f | %.0f |\n", median(s.figures), float64(s.memory.Peak)/1e6, float64(s.header.Base.RSS)/1e6)
	}
	fmt.Fprint(w, "| ours / better peer |")
	for _, r := range ratios {
		fmt.Fprintf(w, " %.2f |", r)
	}
	lo, hi := bounds(ratios)
	fmt.Fprintf(w, " **%.2f** (%.2f – %.2f) | | |\n\n", median(ratios), lo, hi)
}

// memoryFindings compares our peak with the smallest compared peer's: as a whole, and
// above what each program takes before it has a model.
func (b *bench) memoryFindings(name string, c *contest) {
	whole, above := math.Inf(1), math.Inf(1)
	for _, s := range c.sides[c.ours : c.ours+c.peers] {
		whole = min(whole, float64(s.memory.Peak))
		above = min(above, float64(s.memory.Peak-s.header.Base.RSS))
	}
	ours := c.sides[0]
	b.findings = append(
		b.findings,
		finding{name: name + ", peak memory / smaller peer's", figures: []float64{float64(ours.memory.Peak) / whole}, goal: 0.6, atMost: true},
		finding{name: name + ", the same above the loaded program", figures: []float64{float64(ours.memory.Peak-ours.header.Base.RSS) / above}},
	)
}

// training measures optimizer steps.
func (b *bench) training(ctx context.Context) error {
	fmt.Fprintf(b.out, "\n## Training\n\nOptimizer steps (forward, backward, clipping, AdamW), 2 threads, f32 unless it says bf16, from the same weights on the same tokens.\nColumns are rounds, in tokens a second.\n")
	for _, name := range b.sizes {
		say("training %s", name)
		if err := b.trainOne(ctx, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (b *bench) trainOne(ctx context.Context, name string) error {
	m := b.models[name]
	weights, err := b.checkpoint(ctx, name, false)
	if err != nil {
		return err
	}
	tokens, err := b.tokens("tokens-"+name, 32*m.Batch*(m.Seq+1), 0, m.Vocab)
	if err != nil {
		return err
	}
	c := &contest{ours: 1, peers: 2}
	defer c.end()
	add := func(s *side, err error) error {
		if err == nil {
			c.sides = append(c.sides, s)
		}
		return err
	}
	if err := add(b.hone(ctx, "hone", "train", "-weights", weights, "-tokens", tokens, "-batch", fmt.Sprint(m.Batch), "-length", fmt.Sprint(m.Seq))); err != nil {
		return err
	}
	args := []string{"--size", name, "--weights", weights, "--tokens", tokens}
	for _, p := range []struct {
		name     string
		settings []string
	}{
		{"PyTorch eager", trainEager},
		{"PyTorch compiled", trainCompiled},
		{"PyTorch bf16", append([]string{"--dtype", "bf16", "--warm", "1"}, trainEager...)},
	} {
		if p.name == "PyTorch bf16" && m.Positions >= 256 && os.Getenv("BENCH_BF16") == "" {
			continue // minutes a step where the processor has no bf16: BENCH_BF16=1 waits for them
		}
		if err := add(b.peer(ctx, p.name, "train.py", append(args, p.settings...)...)); err != nil {
			return err
		}
	}
	// The slowest compared side says how many steps fill a turn.
	slowest := 0.0
	for _, s := range c.sides {
		r, err := s.ask("step 1")
		if err != nil {
			return err
		}
		s.losses = append(s.losses, r.Losses...)
		if s.name != "PyTorch bf16" {
			slowest = max(slowest, r.Seconds)
		}
	}
	steps := max(1, int(b.turn.Seconds()/slowest))
	rounds := b.rounds
	if steps == 1 && slowest > b.turn.Seconds() {
		rounds = min(rounds, 3)
	}
	for i := range rounds {
		err := c.round(i, func(s *side) (line.Reply, error) {
			if s.name == "PyTorch bf16" { // slow without hardware for it: a step is enough
				return s.ask("step 1")
			}
			return s.ask("step %d", steps)
		})
		if err != nil {
			return err
		}
	}
	h := c.sides[0].header
	fmt.Fprintf(b.out, "\n### %s: %d parameters, %d × %d tokens a step, %d steps a turn\n\n", name, h.Parameters, m.Batch, m.Seq, steps)
	b.table(c)
	worst := 0.0
	for _, s := range c.sides[1:3] {
		if s.header.Parameters != h.Parameters {
			return fmt.Errorf("%w: %d parameters and %d", errDiffers, h.Parameters, s.header.Parameters)
		}
		for i, l := range s.losses {
			worst = max(worst, math.Abs(l-c.sides[0].losses[i])/l)
		}
	}
	fmt.Fprintf(b.out, "Losses of %d steps differ by at most %.1e of themselves; the last is %.4f. Ready after %s.\n", len(c.sides[0].losses), worst, c.sides[0].losses[len(c.sides[0].losses)-1], readiness(c.sides))
	if worst > 1e-3 || math.IsNaN(worst) {
		return fmt.Errorf("%w: losses differ by %.1e", errDiffers, worst)
	}
	goals := map[string]float64{"1m": 1.3, "25m": 1.0}
	b.findings = append(b.findings, finding{name: "training " + name + " / better of eager and compiled", figures: c.ratios(), goal: goals[name[strings.LastIndexByte(name, '-')+1:]]})
	b.memoryFindings("training "+name, c)
	return nil
}

// readiness says how long the first three steps took, compiling included.
func readiness(sides []*side) string {
	var parts []string
	for _, s := range sides {
		parts = append(parts, fmt.Sprintf("%.1f s (%s)", s.header.WarmSeconds, s.name))
	}
	return strings.Join(parts, ", ")
}
