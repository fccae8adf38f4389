package tasks

import (
	"fmt"
	"math/rand/v2"
)

// A loop over things goes through the items of one place or of several, keeps those that
// a filter lets through, does something with each, and may count them.

// filter selects items.
type filter struct {
	meaning string
	noun    string // "everything that is dirty", "every plum"
	plural  string // "dirty items", "plums"
	expr    string // with %s for the item's variable, "" for all
	// held: the item has to be in the hand to find out.
	held bool
	// from are the names of the items that lie around; vary decides about them in a world.
	from []string
	vary fact
}

// filter puts n items at places, which vary from world to world.
func (k *kitchen) filter(kind string, at []string, n int) filter {
	f := filter{meaning: kind}
	spread := func(w *scene, r *rand.Rand) {
		for _, x := range f.from {
			w.thing(x).at = pick(r, at)
			if r.IntN(4) == 0 {
				w.thing(x).at = ""
			}
		}
	}
	vary := func(*thing, *rand.Rand) {}
	switch kind {
	case "any":
		f.noun, f.plural = "everything", "items"
		f.from = k.several(n, append(kitchenFood, kitchenDishes...), at[0])
	case "sort":
		sort := k.fresh(kitchenSorts)
		f.noun, f.plural, f.expr = "every "+sort, plural(sort), fmt.Sprintf("%q in %%s", sort)
		for i := range n - 1 {
			name := fmt.Sprintf("%s %d", sort, i+1)
			k.scene.things = append(k.scene.things, thing{name: name, at: at[0], clean: true, temperature: 20, grams: 60})
			f.from = append(f.from, name)
		}
		f.from = append(f.from, k.several(2, append(kitchenFood, kitchenDishes...), at[0])...)
	case "dirty":
		f.noun, f.plural, f.expr = "everything that is dirty", "dirty items", "not is_clean(%s)"
		f.from = k.several(n, kitchenDishes, at[0])
		vary = func(t *thing, r *rand.Rand) { t.clean = r.IntN(2) == 0 }
	case "clean":
		f.noun, f.plural, f.expr = "everything that is clean", "clean items", "is_clean(%s)"
		f.from = k.several(n, kitchenDishes, at[0])
		vary = func(t *thing, r *rand.Rand) { t.clean = r.IntN(2) == 0 }
	case "warm":
		limit := 30 + 5*k.r.IntN(8)
		f.noun, f.plural = fmt.Sprintf("everything warmer than %d degrees", limit), fmt.Sprintf("items warmer than %d degrees", limit)
		f.expr = fmt.Sprintf("temperature(%%s) > %d", limit)
		f.from = k.several(n, append(kitchenPots, kitchenFood...), at[0])
		vary = func(t *thing, r *rand.Rand) { t.temperature = limit + pick(r, []int{-9, -1, 0, 1, 9}) }
	case "heavy":
		limit := 100 + 50*k.r.IntN(8)
		f.noun, f.plural = fmt.Sprintf("everything heavier than %d grams", limit), fmt.Sprintf("items heavier than %d grams", limit)
		f.expr, f.held = fmt.Sprintf("weigh(%%s) > %d", limit), true
		f.from = k.several(n, kitchenFood, at[0])
		vary = func(t *thing, r *rand.Rand) { t.grams = limit + pick(r, []int{-40, -1, 0, 1, 40}) }
	}
	f.vary = func(w *scene, r *rand.Rand) {
		spread(w, r)
		for _, x := range f.from {
			vary(w.thing(x), r)
		}
	}
	k.fact(f.vary)
	return f
}

func plural(noun string) string {
	switch noun {
	case "radish":
		return "radishes"
	}
	return noun + "s"
}

// deed is what is done with each item.
type deed struct {
	meaning string
	verb    string // "bring %s to the table", with the noun filled in
	code    func(item, at string) []*line
	to      string // where the items end, "" where they were
}

func (k *kitchen) deed(kind string, not ...string) deed {
	d := deed{meaning: kind}
	switch kind {
	case "carry":
		d.to = k.target(not...)
		d.verb = k.word("bring %s "+to(d.to), "carry %s "+to(d.to), "put %s on the "+d.to)
		d.code = func(item, at string) []*line {
			return code(do("pick(%s)", item), do("go_to(%q)", d.to), do("put(%s)", item), do("go_to(%s)", at))
		}
	case "wash":
		d.to = k.sink
		d.verb = k.word("wash %s in the "+k.sink, "bring %s to the "+k.sink+" and wash it")
		d.code = func(item, at string) []*line {
			return code(do("pick(%s)", item), do("go_to(%q)", k.sink), do("put(%s)", item), do("wash(%s)", item), do("go_to(%s)", at))
		}
	case "washback":
		d.verb = k.word("wash %s in the "+k.sink+" and bring it back", "take %s to the "+k.sink+", wash it and put it back")
		d.code = func(item, at string) []*line {
			return code(do("pick(%s)", item), do("go_to(%q)", k.sink), do("put(%s)", item), do("wash(%s)", item),
				do("pick(%s)", item), do("go_to(%s)", at), do("put(%s)", item))
		}
	case "cut":
		d.to = k.board
		d.verb = k.word("cut %s on the "+k.board, "bring %s to the "+k.board+" and cut it")
		d.code = func(item, at string) []*line {
			return code(do("pick(%s)", item), do("go_to(%q)", k.board), do("put(%s)", item), do("cut(%s)", item), do("go_to(%s)", at))
		}
	case "name":
		d.verb = k.word("say the name of %s", "name %s aloud")
		d.code = func(item, _ string) []*line {
			l := do("say(%s)", item)
			l.says = &saying{}
			return code(l)
		}
	case "none":
		d.code = func(string, string) []*line { return nil }
	}
	return d
}

// loop is a clause about all items of places that a filter lets through.
type loop struct {
	places  []string // one, or several that are gone through
	filter  filter
	deed    deed
	counts  bool
	unless  *clause // what to do where there was none
	counter string
}

func (l *loop) meaning() string {
	m := fmt.Sprintf("each %s(%s)", l.filter.meaning, l.deed.meaning)
	if len(l.places) > 1 {
		m = "places " + m
	}
	if l.counts {
		m += " count"
	}
	if l.unless != nil {
		m += " none(" + l.unless.meaning + ")"
	}
	return m
}

// kinds of filters and deeds that go together.
var kitchenLoops = []struct{ filter, deed string }{
	{"any", "carry"},
	{"any", "cut"},
	{"any", "name"},
	{"any", "wash"},
	{"any", "none"},
	{"sort", "carry"},
	{"sort", "cut"},
	{"sort", "none"},
	{"sort", "wash"},
	{"dirty", "wash"},
	{"dirty", "washback"},
	{"dirty", "carry"},
	{"dirty", "none"},
	{"dirty", "name"},
	{"clean", "carry"},
	{"clean", "name"},
	{"clean", "none"},
	{"warm", "carry"},
	{"warm", "name"},
	{"warm", "none"},
	{"heavy", "carry"},
	{"heavy", "cut"},
}

// loopOver draws a loop over n places; filtered ones have a filter.
func (k *kitchen) loopOver(n int, filtered bool) *loop {
	for {
		kind := pick(k.r, kitchenLoops)
		if filtered == (kind.filter == "any") || !filtered && kind.deed == "none" {
			continue
		}
		l := &loop{places: []string{k.source()}}
		if n > 1 {
			l.places = k.distinct(n)
		}
		l.filter = k.filter(kind.filter, l.places, 3+k.r.IntN(3))
		l.deed = k.deed(kind.deed, l.places...)
		if kind.deed == "none" {
			l.counts = true
		}
		return l
	}
}

// distinct are n plain places, fewer than there are, so that one is left to bring things to.
func (k *kitchen) distinct(n int) []string {
	names := append([]string(nil), k.plain...)
	k.r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names[:min(n, len(names)-1)]
}

// clause writes the loop.
func (k *kitchen) loopClause(l *loop) clause {
	item := k.variable(k.style.item)
	if l.counts || l.unless != nil {
		l.counter = k.variable(k.style.count)
	}
	at := fmt.Sprintf("%q", l.places[0])
	spot := ""
	if len(l.places) > 1 {
		spot = k.variable(k.style.spot)
		at = spot
	}
	inner := block(fmt.Sprintf("for %s in look():", item), k.one(l, item, at))
	var c clause
	if l.counter != "" {
		c.code = code(do("%s = 0", l.counter))
	}
	if spot == "" {
		c.code = code(c.code, k.reach(l.places[0]), inner)
	} else {
		_, list := listed(l.places)
		c.code = code(c.code, block(fmt.Sprintf("for %s in %s:", spot, list), do("go_to(%s)", spot), inner))
	}
	c.meaning, c.text = l.meaning(), k.loopText(l)
	if l.unless != nil {
		c.code = code(c.code, block(fmt.Sprintf("if %s == 0:", l.counter), l.unless.code))
		if l.counts {
			c.code = code(c.code, block("else:", k.sayNumber("I found ", l.counter, " of them.")))
		}
		return c
	}
	if l.counts {
		c.code = code(c.code, k.sayNumber("There were ", l.counter, "."))
	}
	return c
}

// one is the body of a loop over items.
func (k *kitchen) one(l *loop, item, at string) []*line {
	body := l.deed.code(item, at)
	for _, b := range body {
		if b.says != nil {
			b.says.others = l.filter.from // the names that may not be said unless they are right
		}
	}
	if l.counter != "" {
		body = append(body, k.add(l.counter, "1"))
	}
	switch {
	case l.filter.expr == "":
		return body
	case l.filter.held: // it is in the hand when the deed begins
		return code(do("pick(%s)", item), block("if "+fmt.Sprintf(l.filter.expr, item)+":", body[1:]), block("else:", do("put(%s)", item)))
	}
	return code(block("if "+fmt.Sprintf(l.filter.expr, item)+":", body))
}

func (k *kitchen) loopText(l *loop) string {
	where := "from the " + l.places[0]
	if l.deed.to == "" {
		where = k.in(l.places[0])
	}
	if len(l.places) > 1 {
		said, _ := listed(l.places)
		where = k.word("from "+said, "that you find at "+said)
		if l.deed.to == "" {
			where = k.word("at "+said, "that you find at "+said)
		}
	}
	report := k.word("say how many there were", "report their number", "tell how many that were")
	var text string
	if l.deed.meaning == "none" {
		text = k.word(
			fmt.Sprintf("count the %s %s and say the number", l.filter.plural, where),
			fmt.Sprintf("find out how many %s there are %s and say it", l.filter.plural, where),
		)
	} else {
		text = fmt.Sprintf(l.deed.verb, l.filter.noun+" "+where)
		if l.counts {
			text += " and at the end " + report
		}
	}
	if l.unless == nil {
		return text
	}
	if l.counts {
		return text + k.word("; if there is none, ", "; should there be none at all, ") + l.unless.text + k.word(" instead", " instead of a number")
	}
	return text + k.word("; if there is none, ", "; should there be none at all, ") + l.unless.text
}

// level4 is a loop, or waiting for something, with or without a plain clause.
func (k *kitchen) level4() {
	main := k.loopOrWait()
	switch k.r.IntN(4) {
	case 0, 1:
		k.clauses = []clause{main}
	case 2:
		k.clauses = []clause{main, k.plainClause()}
	case 3:
		k.clauses = []clause{k.plainClause(), main}
	}
}

func (k *kitchen) loopOrWait() clause {
	switch k.r.IntN(7) {
	case 0:
		return k.heatUntil()
	case 1:
		return k.poll(false)
	case 2:
		return k.waitFor(false)
	}
	return k.loopClause(k.loopOver(1+2*k.r.IntN(2), false))
}

// level5 is a loop with a condition that counts or sums and reports.
func (k *kitchen) level5() {
	var main clause
	switch k.r.IntN(6) {
	case 0:
		main = k.poll(true)
	case 1:
		main = k.sumOfWeights()
	case 2:
		main = k.heaviest()
	default:
		l := k.loopOver(1+2*k.r.IntN(2), true)
		l.counts = true
		main = k.loopClause(l)
	}
	k.clauses = []clause{main}
	switch k.r.IntN(4) {
	case 0:
		k.clauses = []clause{main, k.plainClause()}
	case 1:
		k.clauses = []clause{k.plainClause(), main}
	}
}

// level6 goes through places with a filter, one hand and a fallback, and before or after
// that waits, asks or decides.
func (k *kitchen) level6() {
	l := k.loopOver(2+k.r.IntN(2), true)
	l.counts = l.counts || k.r.IntN(2) == 0
	u := k.effect()
	l.unless = &u
	main := k.loopClause(l)
	other := pick(k.r, []func() clause{k.heatUntil, func() clause { return k.waitFor(true) }, func() clause { return k.either(k.condition(), k.effect) }, k.search, func() clause { return k.poll(true) }})()
	k.clauses = []clause{main, other}
	if k.r.IntN(2) == 0 {
		k.clauses = []clause{other, main}
	}
	if k.r.IntN(4) == 0 {
		k.comeBack("where_am_i")
	}
}
