package tasks

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Clauses that wait, ask several people, add up or search.

// heatUntil heats a pot and switches the stove off in time.
func (k *kitchen) heatUntil() clause {
	x := k.put(kitchenPots, k.stove)
	limit := 45 + 5*k.r.IntN(9)
	k.fact(func(w *scene, r *rand.Rand) { w.thing(x).temperature = 12 + r.IntN(limit+5) })
	k.taken["switch"] = true
	return clause{
		meaning: "heat until",
		text: k.word(
			fmt.Sprintf("heat the %s on the %s until it has at least %d degrees and then switch the %s off", x, k.stove, limit, k.stove),
			fmt.Sprintf("switch the %s on, wait until the %s on it has %d degrees or more, and switch it off", k.stove, x, limit),
		),
		code: code(do("go_to(%q)", k.stove), do("switch_on(%q)", k.stove),
			block(fmt.Sprintf("while temperature(%q) < %d:", x, limit), do("wait_minute()")), do("switch_off(%q)", k.stove)),
	}
}

// waitFor waits for somebody who is late, with a limit and a fallback where it is asked for.
func (k *kitchen) waitFor(limited bool) clause {
	at := pick(k.r, k.plain)
	who := k.invite(at)
	then := k.sentence()
	if !limited {
		k.fact(func(w *scene, r *rand.Rand) {
			w.person(who).late = r.IntN(8)
			w.person(who).answers = []string{pick(r, []string{"yes", "no"})}
		})
		c := k.yesQuestion(who)
		return clause{
			meaning: "wait for(" + c.meaning + ")",
			text:    k.word(fmt.Sprintf("wait at the %s for %s, %s", at, who, c.text), fmt.Sprintf("go to the %s and wait there until %s comes; %s", at, who, c.text)),
			code:    code(do("go_to(%q)", at), block(fmt.Sprintf("while not is_here(%q):", who), do("wait_minute()")), c.code),
		}
	}
	limit := 2 + k.r.IntN(5)
	k.fact(func(w *scene, r *rand.Rand) { w.person(who).late = r.IntN(2*limit + 1) })
	other := k.effect()
	minutes := k.variable("minutes")
	return clause{
		meaning: "wait at most(" + then.meaning + "|" + other.meaning + ")",
		text: k.word(
			fmt.Sprintf("wait at the %s for %s, but at most %d minutes; if %s comes, %s, otherwise %s", at, who, limit, who, then.text, other.text),
			fmt.Sprintf("go to the %s and wait up to %d minutes for %s; when %s is there, %s, and if nobody came, %s", at, limit, who, who, then.text, other.text),
		),
		code: code(do("go_to(%q)", at), do("%s = 0", minutes),
			block(fmt.Sprintf("while not is_here(%q) and %s < %d:", who, minutes, limit), do("wait_minute()"), k.add(minutes, "1")),
			block(fmt.Sprintf("if is_here(%q):", who), then.code), block("else:", other.code)),
	}
}

// yesQuestion asks somebody who is here and acts on yes.
func (k *kitchen) yesQuestion(who string) clause {
	question := k.fresh(kitchenQuestions)
	a := k.effect()
	answer := k.variable("answer")
	return clause{
		meaning: "answer(" + a.meaning + ")",
		text:    fmt.Sprintf("ask %q and, if the answer is yes, %s", question, a.text),
		code:    code(do(`%s = ask(%q, %q, ["yes", "no"])`, answer, who, question), block(fmt.Sprintf(`if %s == "yes":`, answer), a.code)),
	}
}

// poll asks whoever is at some places, and counts who says yes or repeats the answers.
func (k *kitchen) poll(counts bool) clause {
	places := k.distinct(3)
	people := make([]string, len(places))
	for i, p := range places {
		people[i] = k.invite(p)
	}
	question := k.fresh(kitchenQuestions)
	all := k.scene.placeNames()
	k.fact(func(w *scene, r *rand.Rand) {
		for i, who := range people {
			w.person(who).answers = []string{pick(r, []string{"yes", "no"})}
			w.person(who).at = places[i]
			if r.IntN(4) == 0 && !counts {
				w.person(who).at = pick(r, all)
			}
		}
	})
	who, where, n := k.variable("person"), k.variable(k.style.spot), k.variable(k.style.count)
	said, list := pairs(people, places, "at the")
	head := fmt.Sprintf("for %s, %s in %s:", who, where, list)
	askHim := fmt.Sprintf(`ask(%s, %q, ["yes", "no"])`, who, question)
	if counts {
		return clause{
			meaning: "poll count",
			text:    k.word(fmt.Sprintf("ask %s %q and say how many answered yes", said, question), fmt.Sprintf("find out how many of %s say yes to %q and announce the number", said, question)),
			code: code(do("%s = 0", n), block(head, do("go_to(%s)", where), block("if "+askHim+` == "yes":`, k.add(n, "1"))),
				k.sayNumber("", n, " said yes.")),
		}
	}
	there := do("say(%s)", who)
	there.says = &saying{others: people}
	return clause{
		meaning: "poll present",
		text:    k.word(fmt.Sprintf("look for %s; ask everybody who is there %q and repeat the name of each who says yes", said, question), fmt.Sprintf("visit %s and ask those you meet %q; say the names of those who answer yes", said, question)),
		code: code(block(head, do("go_to(%s)", where),
			block(fmt.Sprintf("if is_here(%s):", who), block("if "+askHim+` == "yes":`, there)))),
	}
}

// sumOfWeights weighs the items of a place one by one.
func (k *kitchen) sumOfWeights() clause {
	at := k.source()
	f := k.filter("any", []string{at}, 4)
	k.fact(func(w *scene, r *rand.Rand) {
		for _, x := range f.from {
			w.thing(x).grams = 50 + 10*r.IntN(50)
		}
	})
	item, sum := k.variable(k.style.item), k.variable("grams")
	return clause{
		meaning: "sum of weights",
		text:    k.word(fmt.Sprintf("weigh everything %s, putting each item back, and say the total weight in grams", k.in(at)), fmt.Sprintf("find out how many grams all items %s weigh together and say it; leave everything in its place", k.in(at))),
		code: code(do("%s = 0", sum), k.reach(at), block(fmt.Sprintf("for %s in look():", item),
			do("pick(%s)", item), k.add(sum, fmt.Sprintf("weigh(%s)", item)), do("put(%s)", item)),
			k.sayNumber("Together that is ", sum, " grams.")),
	}
}

// heaviest finds the heaviest item of a place and brings it somewhere.
func (k *kitchen) heaviest() clause {
	at := k.source()
	b := k.target(at)
	f := k.filter("any", []string{at}, 4)
	k.fact(func(w *scene, r *rand.Rand) {
		order := r.Perm(len(f.from))
		for i, x := range f.from {
			w.thing(x).grams = 60 + 35*order[i]
		}
		w.thing(f.from[0]).at = at // there is one
	})
	item, most, best, g := k.variable(k.style.item), k.variable("most"), k.variable("best"), k.variable("grams")
	heavy := k.r.IntN(2) == 0
	word, op, first := "heaviest", ">", "0"
	if !heavy {
		word, op, first = "lightest", "<", "100000"
	}
	return clause{
		meaning: word,
		text:    k.word(fmt.Sprintf("find the %s item %s and bring it to the %s; leave the others", word, k.in(at), b), fmt.Sprintf("weigh the items %s and put the %s one on the %s", k.in(at), word, b)),
		code: code(do("%s = %s", most, first), do(`%s = ""`, best), k.reach(at),
			block(fmt.Sprintf("for %s in look():", item),
				do("pick(%s)", item), do("%s = weigh(%s)", g, item), do("put(%s)", item),
				block(fmt.Sprintf("if %s %s %s:", g, op, most), do("%s = %s", most, g), do("%s = %s", best, item))),
			do("pick(%s)", best), do("go_to(%q)", b), do("put(%s)", best)),
	}
}

// search looks for an item at several places and brings it, with a fallback.
func (k *kitchen) search() clause {
	places := k.distinct(3)
	b := k.target(places...)
	if slices.Contains(places, b) {
		return k.sentence()
	}
	x := k.put(append(kitchenFood, kitchenDishes...), places[0])
	k.fact(func(w *scene, r *rand.Rand) { w.thing(x).at = pick(r, append([]string{"", ""}, places...)) })
	spot, found := k.variable(k.style.spot), k.variable("done")
	other := k.effect()
	said, list := listed(places)
	return clause{
		meaning: "search(" + other.meaning + ")",
		text: k.word(
			fmt.Sprintf("look for the %s at %s and bring it to the %s; if it is nowhere, %s", x, said, b, other.text),
			fmt.Sprintf("search %s for the %s; when you find it, take it to the %s, and if you do not, %s", said, x, b, other.text),
		),
		code: code(do("%s = False", found), block(fmt.Sprintf("for %s in %s:", spot, list),
			do("go_to(%s)", spot),
			block(fmt.Sprintf("if is_here(%q):", x), do("pick(%q)", x), do("go_to(%q)", b), do("put(%q)", x), do("%s = True", found), do("break"))),
			block(fmt.Sprintf("if not %s:", found), other.code)),
	}
}
