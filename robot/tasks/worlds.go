package tasks

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

const (
	maxWorlds  = 4  // of a task
	minDiffers = 2  // worlds that ask for different behaviour
	enough     = 10 // worlds in a row with nothing new, where those that are kept suffice
	maxDry     = 50 // where they do not: the draft is dropped
)

// worlds draws worlds and keeps those in which the reference does something new, each
// with its check. nil: they do not suffice.
func (g *generator) worlds(a author, p *program, r *rand.Rand) ([]*outcome, error) {
	d := a.plan()
	calls := g.callLines(p)
	program, err := g.compile(p.text())
	if err != nil {
		return nil, fmt.Errorf("tasks: a reference of %s: %w\n%s", g.cfg.Robot, err, p.text())
	}
	var kept []*outcome
	seen, covered := map[string]bool{}, map[int]bool{}
	for dry := 0; dry < maxDry && (dry < enough || len(seen) < minDiffers || !g.covers(covered, calls)); dry++ {
		raw, err := json.Marshal(a.encode(d.world(r)))
		if err != nil {
			return nil, err
		}
		w, err := g.def.World(raw, "world")
		if err != nil {
			return nil, fmt.Errorf("tasks: a world of %s: %w", g.cfg.Robot, err)
		}
		o, err := g.run(program, w)
		if err != nil {
			return nil, err
		}
		o.world = raw
		if o.broke != nil {
			return nil, o.broke // a reference that is no program is a fault of this package
		}
		if o.failed != nil || o.endless {
			continue
		}
		behaviour := o.behaviour(d.goals(a, p, o))
		fresh := slices.ContainsFunc(calls, func(n int) bool { return o.lines[n] && !covered[n] })
		if seen[behaviour] && !fresh || len(kept) == maxWorlds && !fresh {
			continue
		}
		final, err := a.final(o)
		if err != nil {
			return nil, err
		}
		o.check = d.formula(a, p, o, final)
		if o.compiled, err = g.def.Check(o.check, "check"); err != nil {
			return nil, fmt.Errorf("tasks: a check for %s: %w", g.cfg.Robot, err)
		}
		if ok, err := holds(o.compiled, o); err != nil {
			return nil, err
		} else if !ok {
			continue // the events of one clause are not all before those of the next
		}
		seen[behaviour] = true
		kept = append(kept, o)
		dry = 0
		for n := range o.lines {
			covered[n] = true
		}
		if len(kept) >= maxWorlds && g.covers(covered, calls) {
			break
		}
	}
	if len(seen) < minDiffers || !g.covers(covered, calls) {
		return nil, nil
	}
	return kept, nil
}

func (g *generator) covers(covered map[int]bool, calls []int) bool {
	return !slices.ContainsFunc(calls, func(n int) bool { return !covered[n] })
}

var calledName = regexp.MustCompile(`([a-z_]+)\(`)

// callLines are the lines of the program that call the robot.
func (g *generator) callLines(p *program) []int {
	var out []int
	for n, l := range p.numbered() {
		for _, m := range calledName.FindAllStringSubmatch(l.text, -1) {
			if g.def.Action(m[1]) != nil {
				out = append(out, n)
				break
			}
		}
	}
	return out
}

// behaviour is what a run did that the instruction asks for.
func (o *outcome) behaviour(goals []goalEvent) string {
	var b strings.Builder
	for _, g := range goals {
		b.WriteString(g.key + "\n")
	}
	return b.String()
}
