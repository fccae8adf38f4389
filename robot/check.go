package robot

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"
)

// ErrNoWorld means that a check asks for the final world and there is none: recorded
// traces come without.
var ErrNoWorld = errors.New("the check asks for the final world, which a recorded trace does not have")

// Result is what a check found.
type Result struct {
	Holds bool
	// Why says which part of the formula decided that it does not hold, or "".
	Why string
}

// Evaluate runs the check over a finished run. The error is a fault of the check's
// author, or [ErrNoWorld]; world may be nil for checks over the trace alone.
func (c *Check) Evaluate(trace []Event, world *World) (Result, error) {
	e := &evaluation{check: c, trace: trace, world: world, seen: make([]truth, len(c.atoms)*len(trace))}
	holds := e.holds(c.root)
	if e.err != nil {
		return Result{}, e.err
	}
	r := Result{Holds: holds}
	if !holds {
		r.Why = e.why(c.root)
	}
	return r, e.err
}

// truth is what is known of an atom at an event.
type truth uint8

const (
	unknown truth = iota
	yes
	no
)

// evaluation is a check at work on one trace.
type evaluation struct {
	check *Check
	trace []Event
	world *World
	seen  []truth // [atom, event]
	err   error
}

// window is a part of the trace, events lo to hi-1.
type window struct{ lo, hi int }

func (e *evaluation) at(a, i int) bool {
	known := &e.seen[a*len(e.trace)+i]
	if *known == unknown {
		*known = no
		ok, err := e.check.atoms[a].matches(&e.trace[i])
		if err != nil && e.err == nil {
			e.err = err
		}
		if ok {
			*known = yes
		}
	}
	return *known == yes
}

// matches reports whether an event meets the condition.
func (a *atom) matches(ev *Event) (bool, error) {
	if a.element != ev.Element {
		return false, nil
	}
	for i, p := range a.values {
		if p == nil {
			continue
		}
		if i >= len(ev.Values) {
			return false, nil
		}
		if ok, err := p.findIn(ev.Values[i]); !ok {
			return false, err
		}
	}
	return true, nil
}

// findIn searches a value, or any element of a list.
func (p *pattern) findIn(v any) (bool, error) {
	list, ok := v.([]any)
	if !ok {
		return p.find(textOf(v))
	}
	for _, x := range list {
		if ok, err := p.find(textOf(x)); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

func (e *evaluation) first(w window, a int) int {
	for i := w.lo; i < w.hi; i++ {
		if e.at(a, i) {
			return i
		}
	}
	return -1
}

func (e *evaluation) last(w window, a int) int {
	for i := w.hi - 1; i >= w.lo; i-- {
		if e.at(a, i) {
			return i
		}
	}
	return -1
}

// cut applies slices from left to right; one that finds nothing changes nothing.
func (e *evaluation) cut(cuts []cut) window {
	w := window{0, len(e.trace)}
	for _, c := range cuts {
		find := e.first
		if c.last {
			find = e.last
		}
		i := find(w, c.at)
		switch {
		case i < 0:
		case c.after:
			w.lo = i + 1
		default:
			w.hi = i
		}
	}
	return w
}

func (e *evaluation) holds(f *formula) bool {
	switch f.op {
	case "true", "false":
		return f.op == "true"
	case "and":
		for _, a := range f.args {
			if !e.holds(a) {
				return false
			}
		}
		return true
	case "or":
		for _, a := range f.args {
			if e.holds(a) {
				return true
			}
		}
		return false
	case "not":
		return !e.holds(f.args[0])
	case "world":
		return e.expr(f)
	}
	w := e.cut(f.slices)
	switch f.op {
	case "exists":
		return e.first(w, f.match) >= 0
	case "terminal":
		return w.lo < w.hi && e.at(f.match, w.hi-1)
	case "precedes":
		if i := e.first(w, f.match); i >= 0 {
			w.lo = i + 1
		}
		return e.first(w, f.then) >= 0
	case "act_at_first":
		return e.atVisit(w, f)
	}
	for !e.atVisit(w, f) { // act_at_any_visit
		i := e.first(w, f.enter)
		if i < 0 {
			return false
		}
		w.lo = i + 1
		if e.first(w, f.enter) < 0 {
			return false
		}
	}
	return true
}

// atVisit reports whether the act happens between the first arrival and leaving.
func (e *evaluation) atVisit(w window, f *formula) bool {
	i := e.first(w, f.enter)
	if i < 0 {
		return false
	}
	w.lo = i + 1
	if k := e.first(w, f.leave); k >= 0 {
		w.hi = k
	}
	return e.first(w, f.match) >= 0
}

// expr evaluates a Starlark expression over the final world.
func (e *evaluation) expr(f *formula) bool {
	fault := func(err error) bool {
		if e.err == nil {
			e.err = err
		}
		return false
	}
	if e.world == nil {
		return fault(ErrNoWorld)
	}
	t := &starlark.Thread{Name: f.path}
	t.SetLocal(runKey, &run{def: e.check.def, action: f.path})
	v, err := callBody(t, f.expr, starlark.Tuple{e.world.root})
	if err != nil {
		return fault(fmt.Errorf("%s: %w", join(f.path, "expr"), err))
	}
	b, ok := v.(starlark.Bool)
	if !ok {
		return fault(fmt.Errorf("%s: the expression gives a %s, not True or False", join(f.path, "expr"), v.Type()))
	}
	return bool(b)
}

// why says which part of a formula that does not hold is to blame.
func (e *evaluation) why(f *formula) string {
	switch f.op {
	case "and":
		for _, a := range f.args {
			if !e.holds(a) {
				return e.why(a)
			}
		}
	case "or":
		return fmt.Sprintf("%snone of %d alternatives holds, the first: %s", prefix(f.path), len(f.args), e.why(f.args[0]))
	case "not":
		return fmt.Sprintf("%sit must not be that %s", prefix(f.path), e.check.describe(f.args[0]))
	}
	return fmt.Sprintf("%sit does not hold that %s", prefix(f.path), e.check.describe(f))
}

func prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

// describe says a formula in words.
func (c *Check) describe(f *formula) string {
	s := ""
	switch f.op {
	case "and", "or":
		return fmt.Sprintf("%d conditions hold, joined by %q", len(f.args), f.op)
	case "not":
		return "not " + c.describe(f.args[0])
	case "world":
		return f.source
	case "true", "false":
		return f.op
	case "exists":
		s = fmt.Sprintf("there is %v", c.atoms[f.match])
	case "terminal":
		s = fmt.Sprintf("the last event is %v", c.atoms[f.match])
	case "precedes":
		s = fmt.Sprintf("%v comes before %v", c.atoms[f.match], c.atoms[f.then])
	case "act_at_first":
		s = fmt.Sprintf("%v happens at the first visit, %v", c.atoms[f.match], c.atoms[f.enter])
	default:
		s = fmt.Sprintf("%v happens at a visit, %v", c.atoms[f.match], c.atoms[f.enter])
	}
	for _, cut := range f.slices {
		where, which := "before", "first"
		if cut.after {
			where = "after"
		}
		if cut.last {
			which = "last"
		}
		s += fmt.Sprintf(", %s the %s %v", where, which, c.atoms[cut.at])
	}
	return s
}
