// Package tasks writes instructions for robots together with what decides whether a
// program follows them: worlds, and a check for each. A task is composed of clauses
// (carry, if there is …, for each …), which know their wording and their code. The worlds
// of a task are drawn until the instruction asks for different behaviour in at least two
// of them and every call of the reference happens in one. What has to happen in a world
// is read off a run of the reference there, so wording, program and check cannot part.
//
// References are written in what Python and Starlark share, and run here in Starlark: no
// sandbox is needed to write tasks, and thousands take seconds. The judge, which runs the
// same text in CPython, agrees: see the test.
//
// Split by meaning: tasks of the same composition are all for training or all held out,
// whatever the seed.
package tasks

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"hone/internal/words"
	"hone/problem"
	"hone/robot"
)

// Levels is the number of levels of difficulty: 1 two actions in a row, 2 a few steps, 3
// a condition, 4 a loop or waiting, 5 loops that select, count and report, 6 those over
// several places with a fallback, and a second thing to do.
const Levels = 6

// Config says which tasks are written.
type Config struct {
	Robot  string // one of [Robots]
	Levels []int  // taken in turn; default: all
	Seed   uint64
	// Split leaves out tasks of the other one, before their worlds are drawn: train or test;
	// empty: none.
	Split string
	// Short leaves the robot's API out of prompts.
	Short bool
}

// Task is a problem and how it came about.
type Task struct {
	Problem problem.Problem
	Level   int
	// Meaning is the composition: clauses without names, numbers and wording.
	Meaning string
	HeldOut bool // by Meaning
	// Faults are programs with a mistake, at most one of each class.
	Faults []Fault
	// Mutants is how many programs with one mistake were tried, Killed how many fail.
	Mutants, Killed int
}

// Completion is what continues the prompt: the reference without its head.
func (t *Task) Completion() string {
	_, body, _ := strings.Cut(t.Problem.Reference, "\n")
	return body
}

// Fault is a program with one mistake.
type Fault struct {
	Program string
	How     string // what was changed
	// Outcome is the verdict that the judge gives.
	Outcome problem.Outcome
	Line    int // of the mistake, or 0
}

// author writes drafts for one robot.
type author interface {
	// level composes a draft; it may leave it without clauses, which drops it.
	level(n int)
	plan() *draft
	// encode is a scene as the robot's worlds have it.
	encode(*scene) any
	// final is an expression that holds of the final world alone that the run o left.
	final(o *outcome) (string, error)
	// asked is what a question that a trace records has to match.
	asked(values []any) map[string]any
	// kinds are the names that can be mistaken for one another.
	kinds() [][]string
}

var authors = map[string]func(*rand.Rand) author{
	"kitchen": func(r *rand.Rand) author { return newKitchen(r) },
	"service": func(r *rand.Rand) author { return newService(r) },
}

// Robots lists the robots that tasks can be written for.
func Robots() []string { return slices.Sorted(maps.Keys(authors)) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// maxDropped is how many drafts in a row may be dropped; of held-out tasks more, since few drafts are.
const maxDropped = 3000

// Generate yields distinct tasks without end, the same for the same configuration. The
// error is the last thing yielded.
func Generate(cfg Config) iter.Seq2[Task, error] {
	return func(yield func(Task, error) bool) {
		g, err := newGenerator(cfg)
		if err != nil {
			yield(Task{}, err)
			return
		}
		most := maxDropped
		if g.cfg.Split == "test" {
			most *= heldOutOf
		}
		level := 0
		for n, dropped, attempt := 0, 0, uint64(0); dropped < most; attempt++ {
			level = g.cfg.Levels[n%len(g.cfg.Levels)]
			t, ok, err := g.task(level, n, rand.New(rand.NewPCG(cfg.Seed, attempt)))
			if err != nil {
				yield(Task{}, err)
				return
			}
			if !ok {
				dropped++
				continue
			}
			if n, dropped = n+1, 0; !yield(t, nil) {
				return
			}
		}
		of := ""
		if g.cfg.Split != "" {
			of = " of the split " + g.cfg.Split
		}
		yield(Task{}, fmt.Errorf("tasks: no task of level %d%s is new after %d drafts: ask for fewer, or leave this level out", level, of, most))
	}
}

type generator struct {
	cfg   Config
	def   *robot.Definition
	new   func(*rand.Rand) author
	seen  map[[32]byte]bool   // instructions
	calls starlark.StringDict // the robot's actions
}

func newGenerator(cfg Config) (*generator, error) {
	begin, ok := authors[cfg.Robot]
	if !ok {
		return nil, fmt.Errorf("tasks: no tasks are written for a robot %q (nearest: %q; known: %s)", cfg.Robot, words.Nearest(cfg.Robot, Robots()), strings.Join(Robots(), ", "))
	}
	if len(cfg.Levels) == 0 {
		for i := range Levels {
			cfg.Levels = append(cfg.Levels, i+1)
		}
	}
	if !slices.Contains([]string{"", "train", "test"}, cfg.Split) {
		return nil, fmt.Errorf("tasks: split %q: it is train, test or empty", cfg.Split)
	}
	for _, l := range cfg.Levels {
		if l < 1 || l > Levels {
			return nil, fmt.Errorf("tasks: level %d: there are the levels 1 to %d", l, Levels)
		}
	}
	def, err := robot.Load(cfg.Robot)
	if err != nil {
		return nil, err
	}
	return &generator{cfg: cfg, def: def, new: begin, seen: map[[32]byte]bool{}, calls: calls(def)}, nil
}

// task makes one draft a task; false drops it.
func (g *generator) task(level, n int, r *rand.Rand) (Task, bool, error) {
	a := g.new(r)
	a.level(level)
	d := a.plan()
	if len(d.clauses) == 0 || !d.usable() {
		return Task{}, false, nil
	}
	p := &program{entry: g.def.Entry}
	var meanings []string
	for _, c := range d.clauses {
		p.body = append(p.body, c.code...)
		if c.meaning != "" {
			meanings = append(meanings, c.meaning)
		}
	}
	t := Task{Level: level, Meaning: g.cfg.Robot + ": " + strings.Join(meanings, "; ")}
	digest := sha256.Sum256([]byte(t.Meaning))
	t.HeldOut = heldOut(digest)
	split := "train"
	if t.HeldOut {
		split = "test"
	}
	if g.cfg.Split != "" && g.cfg.Split != split {
		return t, false, nil
	}
	said := d.instruction()
	key := sha256.Sum256([]byte(said))
	if g.seen[key] {
		return t, false, nil
	}
	worlds, err := g.worlds(a, p, r)
	if err != nil || worlds == nil {
		return t, false, err
	}
	if ok, err := g.mutants(&t, a, p, worlds, r); err != nil || !ok {
		return t, false, err
	}
	g.seen[key] = true
	t.Problem = g.problem(p, said, worlds)
	t.Problem.TaskID = fmt.Sprintf("%s/%d/%s/%d", g.cfg.Robot, level, hex.EncodeToString(digest[:4]), n)
	t.Problem.Split = split
	return t, true, nil
}

// heldOut holds back one of heldOutOf compositions.
func heldOut(digest [32]byte) bool { return digest[31]%heldOutOf == 0 }

const heldOutOf = 8

// problem is the task as the judge takes it.
func (g *generator) problem(p *program, said string, worlds []*outcome) problem.Problem {
	out := problem.Problem{
		Schema: problem.SchemaVersion, Benchmark: "Robot tasks", EntryPoint: g.def.Entry,
		Reference: p.text(), Prompt: g.prompt(said),
	}
	out.Prefix = out.Prompt
	for i, w := range worlds {
		spec := problem.RobotSpec{Robot: g.cfg.Robot, World: w.world, Check: w.check}
		raw, err := json.Marshal(spec)
		if err != nil {
			panic(err) // it was JSON before
		}
		out.Tests = append(out.Tests, problem.Test{Name: fmt.Sprintf("world %d", i+1), Kind: problem.KindRobot, Spec: raw})
	}
	return out
}

// prompt is the instruction as a comment, after the robot's API, and the function's head.
func (g *generator) prompt(said string) string {
	var b strings.Builder
	if !g.cfg.Short {
		fmt.Fprintf(&b, "# %s Its functions:\n", g.def.About)
		for _, a := range g.def.Actions {
			fmt.Fprintf(&b, "# %s: %s\n", a.Signature(), a.Doc)
		}
		b.WriteString("#\n")
	}
	fmt.Fprintf(&b, "# %s\ndef %s():\n", said, g.def.Entry)
	return b.String()
}
