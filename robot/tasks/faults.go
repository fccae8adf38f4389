package tasks

import (
	"math/rand/v2"
	"slices"

	"hone/problem"
)

// mutants tries programs with one mistake. A task whose check would let the reference
// pass without one of its effects is dropped; of the others some are kept as faults.
func (g *generator) mutants(t *Task, a author, p *program, worlds []*outcome, r *rand.Rand) (bool, error) {
	left := p.leftOut()
	for i, m := range left {
		verdict, err := g.verdict(m.text, worlds)
		if err != nil {
			return false, err
		}
		if verdict == problem.Pass && g.effect(p, i) {
			return false, nil
		}
	}
	all := slices.Concat(left, p.swapped(), p.replaced(r, a.kinds()), p.inverted())
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	kept := map[problem.Outcome]bool{}
	for _, m := range all {
		verdict, err := g.verdict(m.text, worlds)
		if err != nil {
			return false, err
		}
		if verdict == "" {
			continue
		}
		t.Mutants++
		if verdict == problem.Pass {
			continue
		}
		t.Killed++
		if !kept[verdict] {
			kept[verdict] = true
			t.Faults = append(t.Faults, Fault{Program: m.text, How: m.how, Outcome: verdict, Line: m.line})
		}
	}
	if fault, ok := pythonFault(p, worlds, r); ok {
		t.Faults = append(t.Faults, fault)
	}
	return t.Killed > 0, nil
}

// effect reports whether what the i-th program of leftOut lacks is asked for.
func (g *generator) effect(p *program, i int) bool {
	n := 0
	for _, list := range p.lists() {
		for k, l := range *list {
			if k+1 < len(*list) && (*list)[k+1].text == "else:" {
				continue
			}
			if n == i {
				m := call.FindStringSubmatch(l.text)
				return l.goal || m != nil && slices.Contains(effectCalls, m[1])
			}
			n++
		}
	}
	return false
}

// effectCalls are the actions behind effects.
var effectCalls = []string{"put", "place", "cut", "wash", "switch_on", "switch_off", "say", "ask"}

// verdict is what the judge would say of a program, or "" where the two languages may
// differ or the program does not end.
func (g *generator) verdict(text string, worlds []*outcome) (problem.Outcome, error) {
	program, err := g.compile(text)
	if err != nil {
		return "", nil
	}
	first := problem.Pass
	for _, w := range worlds {
		o, err := g.run(program, w.begin)
		switch {
		case err != nil:
			return "", err
		case o.broke != nil || o.endless:
			return "", nil
		case first != problem.Pass:
			continue // the first failure decides, but all must be known
		case o.failed != nil:
			first = problem.RobotError
			continue
		}
		ok, err := holds(w.compiled, o)
		if err != nil {
			return "", err
		}
		if !ok {
			first = problem.WrongAnswer
		}
	}
	return first, nil
}

// pythonFault is a program that Python refuses, or stops in the first world.
func pythonFault(p *program, worlds []*outcome, r *rand.Rand) (Fault, bool) {
	lines := p.numbered()
	runs := func(l *line) bool {
		for n, x := range lines {
			if x == l {
				return worlds[0].lines[n]
			}
		}
		return false
	}
	broken := p.broken(runs)
	if len(broken) == 0 {
		return Fault{}, false
	}
	m := pick(r, broken)
	f := Fault{Program: m.text, How: m.how, Outcome: problem.Exception, Line: m.line}
	if m.how == "a bracket is missing" {
		f.Outcome = problem.SyntaxError
	}
	return f, true
}
