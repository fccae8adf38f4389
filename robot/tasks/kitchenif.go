package tasks

import (
	"fmt"
	"math/rand/v2"
)

func (k *kitchen) condition() condition {
	return pick(k.r, []func() condition{k.ifThing, k.ifThing, k.ifPerson, k.ifYes, k.ifYes, k.ifHot, k.ifDirty, k.ifMany})()
}

func (k *kitchen) ifThing() condition {
	at := k.source()
	x := k.put(append(kitchenFood, kitchenDishes...), at)
	k.scatter([]string{x}, at, "")
	expr := fmt.Sprintf("is_here(%q)", x)
	return condition{
		meaning: "thing",
		before:  k.word("go to the "+at, "drive to the "+at+" and look"),
		yes:     k.word("there is "+an(x), an(x)+" is there", "you find "+an(x)),
		no:      k.word(fmt.Sprintf("there is no %s", x), fmt.Sprintf("no %s is there", x)),
		code:    k.reach(at), expr: expr, inverted: "not " + expr,
	}
}

func (k *kitchen) ifPerson() condition {
	at := pick(k.r, k.plain)
	who := k.invite(at)
	elsewhere := k.target(at)
	k.fact(func(w *scene, r *rand.Rand) { w.person(who).at = pick(r, []string{at, elsewhere}) })
	expr := fmt.Sprintf("is_here(%q)", who)
	return condition{
		meaning: "person",
		before:  k.word("go to the "+at, "drive to the "+at),
		yes:     k.word(who+" is there", "you meet "+who+" there"),
		no:      k.word(who+" is not there", "you do not meet "+who),
		code:    code(do("go_to(%q)", at)), expr: expr, inverted: "not " + expr,
	}
}

func (k *kitchen) ifYes() condition {
	at := pick(k.r, k.plain)
	who := k.invite(at)
	question := k.fresh(kitchenQuestions)
	k.fact(func(w *scene, r *rand.Rand) { w.person(who).answers = []string{pick(r, []string{"yes", "no"})} })
	answer := k.variable("answer")
	return condition{
		meaning: "answer",
		before:  k.word(fmt.Sprintf("ask %s at the %s %q", who, at, question), fmt.Sprintf("go to %s at the %s and ask: %q", who, at, question)),
		yes:     k.word("the answer is yes", who+" says yes"),
		no:      k.word("the answer is no", who+" says no"),
		code:    code(do("go_to(%q)", at), do(`%s = ask(%q, %q, ["yes", "no"])`, answer, who, question)),
		expr:    answer + ` == "yes"`, inverted: answer + ` == "no"`,
	}
}

func (k *kitchen) ifHot() condition {
	x := k.put(kitchenPots, k.stove)
	limit := 30 + 5*k.r.IntN(11)
	k.fact(func(w *scene, r *rand.Rand) {
		w.thing(x).temperature = limit + pick(r, []int{-12, -3, -1, 0, 1, 4, 13})
	})
	expr := fmt.Sprintf("temperature(%q) > %d", x, limit)
	return condition{
		meaning: "hot",
		before:  k.word(fmt.Sprintf("measure the temperature of the %s on the %s", x, k.stove), fmt.Sprintf("go to the %s and check how warm the %s is", k.stove, x)),
		yes:     k.word(fmt.Sprintf("it has more than %d degrees", limit), fmt.Sprintf("the %s is warmer than %d degrees", x, limit)),
		no:      k.word(fmt.Sprintf("it has at most %d degrees", limit), fmt.Sprintf("it is not warmer than %d degrees", limit)),
		code:    code(do("go_to(%q)", k.stove)), expr: expr, inverted: fmt.Sprintf("temperature(%q) <= %d", x, limit),
	}
}

func (k *kitchen) ifDirty() condition {
	at := k.source()
	x := k.put(kitchenDishes, at)
	k.fact(func(w *scene, r *rand.Rand) { w.thing(x).clean = r.IntN(2) == 0 })
	expr := fmt.Sprintf("is_clean(%q)", x)
	return condition{
		meaning: "clean",
		before:  k.word(fmt.Sprintf("inspect the %s that is %s", x, k.in(at)), fmt.Sprintf("look at the %s %s", x, k.in(at))),
		yes:     k.word("it is clean", fmt.Sprintf("the %s is clean", x)),
		no:      k.word("it is dirty", fmt.Sprintf("the %s is not clean", x)),
		code:    k.reach(at), expr: expr, inverted: "not " + expr,
	}
}

func (k *kitchen) ifMany() condition {
	at := pick(k.r, k.plain)
	n := 1 + k.r.IntN(3)
	k.scatter(k.several(n+2, append(kitchenFood, kitchenDishes...), at), at, "")
	return condition{
		meaning: "many",
		before:  k.word("look at the "+at, "go to the "+at),
		yes:     k.word(fmt.Sprintf("there are more than %d items", n), fmt.Sprintf("more than %d items are there", n)),
		no:      k.word(fmt.Sprintf("there are at most %d items", n), fmt.Sprintf("no more than %d items are there", n)),
		code:    code(do("go_to(%q)", at)),
		expr:    fmt.Sprintf("len(look()) > %d", n), inverted: fmt.Sprintf("len(look()) <= %d", n),
	}
}

// level3 is a condition, alone or with a plain clause.
func (k *kitchen) level3() {
	switch k.r.IntN(5) {
	case 0, 1:
		k.clauses = []clause{k.either(k.condition(), k.effect)}
	case 2:
		k.clauses = []clause{k.plainClause(), k.either(k.condition(), k.effect)}
	case 3:
		k.clauses = []clause{k.either(k.condition(), k.effect), k.plainClause()}
	case 4:
		k.clauses = []clause{k.either(k.condition(), k.effect)}
		k.comeBack("where_am_i")
	}
}
