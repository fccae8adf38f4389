package tasks

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// scene is a world in the terms that both robots share. What a robot has no notion of
// stays at its zero value and is not written.
type scene struct {
	places []place
	things []thing
	people []person
	start  string // where the robot is
}

type place struct {
	name, kind, door string
}

type thing struct {
	name, at    string // at "" leaves it out of the world
	clean       bool
	temperature int // °C
	grams       int
	label       string // what it is called where several have one name
}

type person struct {
	name, at string // at "" leaves them out of the world
	late     int    // minutes
	answers  []string
}

func (s *scene) clone() *scene {
	c := *s
	c.places, c.things, c.people = slices.Clone(s.places), slices.Clone(s.things), slices.Clone(s.people)
	return &c
}

// thing, person and place find by name what the generator has put there.
func (s *scene) thing(name string) *thing {
	return &s.things[slices.IndexFunc(s.things, func(t thing) bool { return t.name == name })]
}

func (s *scene) person(name string) *person {
	return &s.people[slices.IndexFunc(s.people, func(p person) bool { return p.name == name })]
}

func (s *scene) place(name string) *place {
	return &s.places[slices.IndexFunc(s.places, func(p place) bool { return p.name == name })]
}

func (s *scene) placeNames() []string {
	out := make([]string, len(s.places))
	for i, p := range s.places {
		out[i] = p.name
	}
	return out
}

// fact is something that is decided anew in every world of a task.
type fact func(w *scene, r *rand.Rand)

// draft is a task in the making: the scene, the facts that vary, and the clauses of the
// instruction with their code.
type draft struct {
	r       *rand.Rand
	scene   scene
	facts   []fact
	clauses []clause
	names   map[string]int // variables in use
	taken   map[string]bool
	style   style
}

// clause is one part of an instruction.
type clause struct {
	meaning string // what it is composed of, without the names
	text    string // imperative, without a capital letter and a full stop
	code    []*line
	stays   bool // the robot has to be where the clause ends
}

// style is how the reference of a task is written.
type style struct {
	item, spot, count string
	augmented         bool // n += 1
	percent           bool // "%d" % n
}

func newDraft(r *rand.Rand) *draft {
	return &draft{r: r, names: map[string]int{}, taken: map[string]bool{}, style: style{
		item:      pick(r, []string{"item", "thing", "x", "object_name"}),
		spot:      pick(r, []string{"spot", "p", "location", "where"}),
		count:     pick(r, []string{"count", "n", "total", "found"}),
		augmented: r.IntN(2) == 0,
		percent:   r.IntN(3) == 0,
	}}
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// fresh is one of from that no other part of the task uses.
func (d *draft) fresh(from []string) string {
	var free []string
	for _, s := range from {
		if !d.taken[s] {
			free = append(free, s)
		}
	}
	if len(free) == 0 {
		return "" // the draft is dropped, see usable
	}
	s := pick(d.r, free)
	d.taken[s] = true
	return s
}

// usable reports whether every name of the scene could be had.
func (d *draft) usable() bool {
	names := map[string]bool{"": true}
	for _, p := range d.scene.places {
		if names[p.name] {
			return false
		}
		names[p.name] = true
	}
	for _, t := range d.scene.things {
		if names[t.name] {
			return false
		}
		names[t.name] = true
	}
	for _, p := range d.scene.people {
		if names[p.name] {
			return false
		}
		names[p.name] = true
	}
	return true
}

// variable is a name that the program does not use yet.
func (d *draft) variable(name string) string {
	d.names[name]++
	if n := d.names[name]; n > 1 {
		return name + "_" + string(rune('0'+n))
	}
	return name
}

// add is the statement that adds to a variable.
func (d *draft) add(variable, what string) *line {
	if d.style.augmented {
		return do("%s += %s", variable, what)
	}
	return do("%s = %s + %s", variable, variable, what)
}

// sayNumber says a sentence with a number in it.
func (d *draft) sayNumber(before, expr, after string) *line {
	l := do("say(%s)", joined(before, "str("+expr+")", after))
	if d.style.percent {
		l = do("say(%q %% %s)", before+"%d"+after, expr)
	}
	l.says = &saying{before: before, after: after}
	return l
}

// joined is a sum of texts, without those that are empty.
func joined(before, expr, after string) string {
	if before != "" {
		expr = fmt.Sprintf("%q + %s", before, expr)
	}
	if after != "" {
		expr = fmt.Sprintf("%s + %q", expr, after)
	}
	return expr
}

// sayName says a sentence with a text in it, one of choices where they are known.
func (d *draft) sayName(before, expr, after string, choices []string) *line {
	l := do("say(%s)", joined(before, expr, after))
	l.says = &saying{before: before, after: after, others: choices}
	return l
}

// world is the scene with the facts decided.
func (d *draft) world(r *rand.Rand) *scene {
	w := d.scene.clone()
	w.start = pick(r, w.places).name
	for _, f := range d.facts {
		f(w, r)
	}
	return w
}

func (d *draft) fact(f fact) { d.facts = append(d.facts, f) }

// called is the thing's name in the world.
func (t *thing) called() string {
	if t.label != "" {
		return t.label
	}
	return t.name
}
