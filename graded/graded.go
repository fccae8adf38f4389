// Package graded writes problems for models that learn to write Python: an instruction, the
// head of a function, tests, and a program that passes them, of six levels of difficulty.
//
// The idea: a meaning is a chain of combinators (keep the even ones, square each, add up)
// with operands. From it come the instruction, in varied words; reference programs, in varied
// style; expected values, computed here and not by the reference; and near meanings, with one
// change, against which tests are chosen. Wording, program and tests cannot part, and the
// judge, which runs the references in CPython, agrees with the values: see the test.
//
// Phrases of steps go in front of what they work on ("the sum of the squares of the even
// numbers in xs"), so that they nest without brackets and can be read in one way only.
//
// Problems are split by composition: a held-out problem has two combinators that follow one
// another nowhere in training.
package graded

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"

	"hone/problem"
)

// Benchmark is the benchmark that problems belong to.
const Benchmark = "graded"

// entryPoint is what every function is called: names are nothing to learn here.
const entryPoint = "f"

// Config says which problems are written.
type Config struct {
	Levels []int  // taken in turn; default: all
	Split  string // one of [Splits]; "": all
	Seed   uint64
	// Examples puts the public tests into prompts.
	Examples bool
}

// Problem is a problem and how it came about.
type Problem struct {
	problem.Problem
	Level int
	// Meaning identifies what is asked for, without wording and names.
	Meaning string
	// Mutants is how many near meanings there are, Killed how many of them fail a hidden
	// test. The others do the same on all inputs that were tried.
	Mutants, Killed int

	meaning *meaning
	names   []string
	args    [][]any  // of the tests
	want    [][]byte // what they expect
	public  int      // how many of the tests are public: the first
}

// Completion is the reference behind the prompt.
func (p *Problem) Completion() string { return strings.TrimPrefix(p.Reference, p.Prefix) }

// Pairs are the combinators that follow one another in the problem's meaning, which
// problems are split by.
func (p *Problem) Pairs() []string { return p.meaning.pairs() }

// maxDry is how many drafts in a row may be dropped.
const maxDry = 20000

// ErrExhausted means that no drafts are new any more.
var ErrExhausted = errors.New("all further drafts were known meanings")

// Generate yields problems of distinct meaning and behaviour, the same for the same
// configuration, taking the levels in turn. A level of which nothing new is found is left
// out from then on; when none is left, an error is the last thing yielded.
func Generate(cfg Config) iter.Seq2[*Problem, error] {
	return func(yield func(*Problem, error) bool) {
		g, err := newGenerator(cfg)
		if err != nil {
			yield(nil, err)
			return
		}
		levels := slices.Clone(g.cfg.Levels)
		for i, dry := 0, 0; len(levels) > 0; {
			i %= len(levels)
			p := g.problem(levels[i])
			switch {
			case p != nil:
				if !yield(p, nil) {
					return
				}
				i, dry = i+1, 0
			case dry == maxDry:
				levels, dry = slices.Delete(levels, i, i+1), 0
			default:
				dry++
			}
		}
		yield(nil, fmt.Errorf("graded: %d problems are all that were found of the levels %v and split %q: %w", g.count, g.cfg.Levels, cfg.Split, ErrExhausted))
	}
}

type generator struct {
	cfg    Config
	r      *rand.Rand
	probes probeCache
	seen   map[[32]byte]bool // behaviours
	texts  map[string]bool   // prompts
	count  int
}

func newGenerator(cfg Config) (*generator, error) {
	if len(cfg.Levels) == 0 {
		for l := range Levels {
			cfg.Levels = append(cfg.Levels, l+1)
		}
	}
	for _, l := range cfg.Levels {
		if l < 1 || l > Levels {
			return nil, fmt.Errorf("graded: there is no level %d, levels are 1 to %d", l, Levels)
		}
	}
	if cfg.Split != "" && !slices.Contains(Splits, cfg.Split) {
		return nil, fmt.Errorf("graded: there is no split %q: it is one of %s", cfg.Split, strings.Join(Splits, ", "))
	}
	return &generator{
		cfg: cfg, r: rand.New(rand.NewPCG(cfg.Seed, seedOf([]byte(cfg.Split)))), probes: probeCache{},
		seen: map[[32]byte]bool{}, texts: map[string]bool{},
	}, nil
}

// problem drafts one, or nil where the draft is not worth one or not new.
func (g *generator) problem(level int) *Problem {
	m := draft(g.r, level)
	if m == nil || !m.usesArgs() {
		return nil
	}
	split := m.split()
	if split == "" || g.cfg.Split != "" && split != g.cfg.Split {
		return nil
	}
	t := m.try(g.probes)
	if !t.telling() {
		return nil
	}
	b := m.behaviour(t.outs)
	if g.seen[b] {
		return nil
	}
	if m.idle(&t) {
		return nil
	}
	mutants := m.mutants()
	for _, mu := range mutants {
		// A step or a case has no effect, or what is held out can be had by steps in
		// another order that are trained on.
		if (mu.missing || split != Train && mu.m.split() == Train) && !mu.m.differs(&t) {
			return nil
		}
	}
	public, hidden, killed := t.choose(mutants)
	if len(public) < 2 || len(hidden) < minHidden {
		return nil
	}
	p := &Problem{Level: level, Meaning: m.key(), Mutants: len(mutants), Killed: killed, meaning: m}
	for _, i := range slices.Concat(public, hidden) {
		p.args, p.want = append(p.args, t.ins[i]), append(p.want, t.outs[i])
	}
	p.Split = split
	p.Schema, p.Benchmark, p.EntryPoint = problem.SchemaVersion, Benchmark, entryPoint
	p.public = len(public)
	p.word(g.r, g.cfg.Examples)
	if g.texts[p.Prompt] {
		return nil
	}
	g.seen[b], g.texts[p.Prompt] = true, true
	g.count++
	p.TaskID = fmt.Sprintf("graded/%d-%d-%d", g.cfg.Seed, level, g.count)
	p.addTests()
	return p
}

// word writes the prompt and the reference, with names, words and style by chance.
func (p *Problem) word(r *rand.Rand, examples bool) {
	p.names = p.meaning.names(r)
	var b strings.Builder
	b.WriteString("# " + p.meaning.instruction(r, p.names) + "\n")
	if examples {
		for i := range p.public {
			fmt.Fprintf(&b, "# %s(%s) == %s\n", entryPoint, reprs(p.args[i]), reprJSON(p.want[i]))
		}
	}
	fmt.Fprintf(&b, "def %s(%s):\n", entryPoint, strings.Join(p.names, ", "))
	p.Prompt, p.Prefix = b.String(), b.String()
	p.Reference = p.Prefix + indented(p.meaning.statements(style(r.IntN(int(styles))), p.names, r.IntN(3) == 0))
}

// Reworded is the problem in other words, names and style; its tests are the same.
func (p *Problem) Reworded(r *rand.Rand, examples bool) *Problem {
	out := *p
	out.word(r, examples)
	return &out
}

// Programs are programs with the problem's meaning in every style, the reference aside.
func (p *Problem) Programs() []string {
	var out []string
	for s := range styles {
		for _, conditional := range []bool{false, true} {
			text := p.Prefix + indented(p.meaning.statements(s, p.names, conditional))
			if text != p.Reference && !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}

func indented(lines []string) string {
	return "    " + strings.Join(lines, "\n    ") + "\n"
}

func reprs(args []any) string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = problem.Repr(show(a))
	}
	return strings.Join(out, ", ")
}

func reprJSON(raw []byte) string {
	v, err := problem.DecodeValue(raw)
	if err != nil {
		return string(raw) // it was encoded here: not reached
	}
	return problem.Repr(v)
}

func (p *Problem) addTests() {
	for i, args := range p.args {
		name, vis := fmt.Sprintf("public[%d]", i), problem.Public
		if i >= p.public {
			name, vis = fmt.Sprintf("hidden[%d]", i-p.public), problem.Hidden
		}
		t, err := problem.NewTest(name, problem.KindCall, vis, problem.CallSpec{Function: entryPoint, Args: encodeAll(args), Expected: p.want[i]})
		if err == nil { // a CallSpec of ours always encodes
			p.Tests = append(p.Tests, t)
		}
	}
}
