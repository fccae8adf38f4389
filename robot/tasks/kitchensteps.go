package tasks

import (
	"fmt"
	"math/rand/v2"
)

// Clauses in which the robot learns something and acts on it at once (levels 1 and 2).

// learned is what a source yields: an expression of the program for a value.
type learned struct {
	meaning string
	text    string // "ask Ines which one to cut, the leek or the ham, and"
	code    []*line
	value   string   // expression
	choices []string // of a text
}

// askHere lets the robot ask somebody who stands where it is for one of words.
func (k *kitchen) askHere(at, topic, question string, words []string) learned {
	who := k.invite(at)
	k.fact(func(w *scene, r *rand.Rand) { w.person(who).answers = []string{pick(r, words)} })
	answer := k.variable("answer")
	said, list := options(words)
	return learned{
		meaning: "ask",
		text:    k.word(fmt.Sprintf("ask %s %s (%s)", who, topic, said), fmt.Sprintf("find out from %s %s: %s", who, topic, said)),
		code:    code(do("%s = ask(%q, %q, %s)", answer, who, question, list)),
		value:   answer, choices: words,
	}
}

// starts makes the robot begin at a place.
func (k *kitchen) starts(at string) {
	k.fact(func(w *scene, _ *rand.Rand) { w.start = at })
}

// step is a source and a sink of its value. With there, the clause drives to where it
// happens; otherwise the robot is there at the beginning.
func (k *kitchen) step(there bool) clause {
	steps := []func() (string, clause){
		k.pickAnswer, k.cutAnswer, k.washAnswer, k.goAnswer, k.sayAnswer, k.sayAnswer,
		k.sayTemperature, k.sayCount, k.sayNames, k.sayWhether, k.sayClean, k.sayOpen, k.sayWeight, k.sayWhere,
	}
	at, c := pick(k.r, steps)()
	if !there {
		k.starts(at)
		return c
	}
	c.text = k.word("go to the "+at+", ", "drive to the "+at+", ") + c.text
	c.code = code(do("go_to(%q)", at), c.code)
	c.meaning = "at " + c.meaning
	return c
}

func (k *kitchen) acts(l learned, verb, then string, parts ...any) clause {
	return clause{meaning: l.meaning + "→" + verb, text: l.text + " and " + then, code: code(l.code, code(parts...))}
}

// several are n things at a place.
func (k *kitchen) several(n int, from []string, at string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = k.put(from, at)
	}
	return out
}

func (k *kitchen) pickAnswer() (string, clause) {
	at := pick(k.r, k.plain)
	words := k.several(2+k.r.IntN(2), append(kitchenFood, kitchenDishes...), at)
	l := k.askHere(at, "what to take", "What shall I take?", words)
	c := k.acts(l, "pick", k.word("take it into your hand", "pick it up"), do("pick(%s)", l.value))
	c.stays = true
	return at, c
}

func (k *kitchen) cutAnswer() (string, clause) {
	words := k.several(2+k.r.IntN(2), kitchenFood, k.board)
	l := k.askHere(k.board, "what to cut", "What shall I cut?", words)
	return k.board, k.acts(l, "cut", k.word("cut it", "slice it"), do("cut(%s)", l.value))
}

func (k *kitchen) washAnswer() (string, clause) {
	words := k.several(2+k.r.IntN(2), kitchenDishes, k.sink)
	for _, w := range words {
		k.scene.thing(w).clean = false
	}
	l := k.askHere(k.sink, "what to wash", "What shall I wash?", words)
	return k.sink, k.acts(l, "wash", k.word("wash it", "clean it"), do("wash(%s)", l.value))
}

func (k *kitchen) goAnswer() (string, clause) {
	at := k.stove
	n := 2 + k.r.IntN(2)
	l := k.askHere(at, "where to go", "Where shall I go?", k.plain[:n])
	c := k.acts(l, "go", k.word("go there", "drive there"), goal("go_to(%s)", l.value))
	c.stays = true
	return at, c
}

func (k *kitchen) sayAnswer() (string, clause) {
	at := pick(k.r, k.plain)
	words := pick(k.r, kitchenWords)
	l := k.askHere(at, "what it shall be", "What shall it be?", words)
	return at, k.acts(l, "say", k.word("say the answer", "repeat the answer aloud"), k.sayName("", l.value, "", words))
}

func (k *kitchen) sayTemperature() (string, clause) {
	x := k.put(kitchenPots, k.stove)
	k.fact(func(w *scene, r *rand.Rand) { w.thing(x).temperature = 15 + r.IntN(80) })
	return k.stove, clause{
		meaning: "temperature→say",
		text:    k.word(fmt.Sprintf("measure the temperature of the %s here and say it", x), fmt.Sprintf("say how warm the %s on the %s is", x, k.stove)),
		code:    code(k.sayNumber("It has ", fmt.Sprintf("temperature(%q)", x), " degrees.")),
	}
}

// scatter lets some of things be at a place.
func (k *kitchen) scatter(things []string, at, elsewhere string) {
	k.fact(func(w *scene, r *rand.Rand) {
		for _, t := range things {
			w.thing(t).at = pick(r, []string{at, elsewhere})
		}
	})
}

func (k *kitchen) sayCount() (string, clause) {
	at := pick(k.r, k.plain)
	k.scatter(k.several(5, append(kitchenFood, kitchenDishes...), at), at, k.target(at))
	return at, clause{
		meaning: "look→count",
		text:    k.word("look around and say how many items are here", "say the number of items at this place"),
		code:    code(k.sayNumber("I see ", "len(look())", " items.")),
	}
}

func (k *kitchen) sayNames() (string, clause) {
	at := pick(k.r, k.plain)
	names := k.several(4, append(kitchenFood, kitchenDishes...), at)
	k.scatter(names, at, k.target(at))
	return at, clause{
		meaning: "look→say",
		text:    k.word("look around and say what is here", "name all items at this place"),
		code:    code(k.sayName("Here I see: ", `", ".join(look())`, "", names)),
	}
}

// yesNo says yes or no.
func (k *kitchen) yesNo(expr string) *line {
	l := do(`say("yes" if %s else "no")`, expr)
	l.says = &saying{others: []string{"yes", "no"}}
	return l
}

func (k *kitchen) sayWhether() (string, clause) {
	at := pick(k.r, k.plain)
	x := k.put(append(kitchenFood, kitchenDishes...), at)
	k.scatter([]string{x}, at, k.target(at))
	return at, clause{
		meaning: "here→say",
		text:    k.word(fmt.Sprintf("say yes if the %s is here and no if it is not", x), fmt.Sprintf("check whether the %s is at this place and answer with yes or no", x)),
		code:    code(k.yesNo(fmt.Sprintf("is_here(%q)", x))),
	}
}

func (k *kitchen) sayClean() (string, clause) {
	at := pick(k.r, k.plain)
	x := k.put(kitchenDishes, at)
	k.fact(func(w *scene, r *rand.Rand) { w.thing(x).clean = r.IntN(2) == 0 })
	return at, clause{
		meaning: "clean→say",
		text:    k.word(fmt.Sprintf("say yes if the %s here is clean and no if it is dirty", x), fmt.Sprintf("look whether the %s is clean and answer yes or no", x)),
		code:    code(k.yesNo(fmt.Sprintf("is_clean(%q)", x))),
	}
}

func (k *kitchen) sayOpen() (string, clause) {
	at := k.cupboards[0]
	k.fact(func(w *scene, r *rand.Rand) { w.place(at).door = pick(r, []string{"open", "closed"}) })
	return at, clause{
		meaning: "open→say",
		text:    k.word(fmt.Sprintf("say yes if the %s is open and no if it is closed", at), fmt.Sprintf("check whether the door of the %s is open and answer yes or no", at)),
		code:    code(k.yesNo(fmt.Sprintf("is_open(%q)", at))),
	}
}

func (k *kitchen) sayWeight() (string, clause) {
	at := pick(k.r, k.plain)
	x := k.put(kitchenFood, at)
	k.fact(func(w *scene, r *rand.Rand) { w.thing(x).grams = 50 + 10*r.IntN(60) })
	return at, clause{
		meaning: "weigh→say", stays: true,
		text: k.word(fmt.Sprintf("take the %s and say how many grams it weighs", x), fmt.Sprintf("pick up the %s, weigh it and say the weight", x)),
		code: code(do("pick(%q)", x), k.sayNumber("It weighs ", fmt.Sprintf("weigh(%q)", x), " grams.")),
	}
}

func (k *kitchen) sayWhere() (string, clause) {
	at := pick(k.r, k.plain)
	return at, clause{
		meaning: "where→say",
		text:    k.word("find out where you are and say the name of the place", "say at which place you are"),
		code:    code(k.sayName("I am at the ", "where_am_i()", ".", k.scene.placeNames())),
	}
}

// level1 is two actions in a row.
func (k *kitchen) level1() {
	c := k.step(false)
	if c.meaning == "where→say" { // or the robot would always be at the same place
		k.facts = nil
	}
	k.clauses = []clause{c}
}

// level2 is three or four steps in a row.
func (k *kitchen) level2() {
	s := k.step(true)
	switch k.r.IntN(4) {
	case 0:
		k.clauses = []clause{s, k.plainClause()}
	case 1:
		k.clauses = []clause{k.plainClause(), s}
	case 2:
		k.clauses = []clause{k.plainClause(), s, k.plainClause()}
	case 3:
		k.clauses = []clause{s, k.plainClause()}
		k.comeBack("where_am_i")
		return
	}
	k.handFree()
}
