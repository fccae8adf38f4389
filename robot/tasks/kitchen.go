package tasks

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// What stands and lies in a kitchen.
var (
	kitchenBoards    = []string{"cutting board", "chopping board", "butcher block"}
	kitchenSinks     = []string{"sink", "wash basin", "scullery"}
	kitchenStoves    = []string{"stove", "hob", "gas cooker"}
	kitchenCupboards = []string{"fridge", "freezer", "left cupboard", "right cupboard", "spice cupboard", "larder", "cold store"}
	kitchenPlaces    = []string{"table", "counter", "window sill", "top shelf", "low shelf", "serving hatch", "trolley", "bar", "side board", "bench", "pass", "drying rack"}
	kitchenFood      = []string{"tomato", "onion", "carrot", "cucumber", "leek", "loaf", "lemon", "pear", "cheese", "potato", "melon", "celery", "fennel", "ham", "cabbage", "mango"}
	kitchenDishes    = []string{"cup", "plate", "bowl", "glass", "mug", "jug", "ladle", "tray", "sieve", "whisk", "grater", "saucer"}
	kitchenPots      = []string{"soup", "stew", "sauce", "milk", "broth", "porridge", "curry", "cocoa"}
	kitchenSorts     = []string{"plum", "radish", "egg", "bun", "fork", "spoon", "beaker", "muffin", "shallot", "fig"}
	kitchenPeople    = []string{"Ines", "Tom", "Mara", "Jonas", "Li", "Omar", "Ruth", "Pavel", "Nadia", "Yusuf", "Greta", "Hugo", "Sanna", "Kofi"}
	kitchenSentences = []string{
		"lunch is ready", "the table is set", "mind the hot stove", "the kitchen is closed", "we are out of salt",
		"the guests may come in", "somebody has to go shopping", "everything is under control", "the first course can go out",
		"the kitchen is yours", "it will take a little longer", "please stand back", "there is nothing left", "the bread is fresh today",
	}
	kitchenWords = [][]string{
		{"tea", "coffee"},
		{"rice", "noodles", "potatoes"},
		{"mild", "spicy"},
		{"red", "white"},
		{"now", "later"},
		{"small", "medium", "large"},
		{"with ice", "without ice"},
		{"vegan", "vegetarian", "neither"},
	}
	kitchenQuestions = []string{
		"Are you hungry?", "Shall we start?", "Do you need help?", "Is the dish ready?", "Do you want dessert?",
		"May I tidy up?", "Is it spicy enough?", "Are the guests here?", "Would you like more?",
	}
)

// kitchen writes tasks for the robot of kitchen.yaml.
type kitchen struct {
	*draft
	board, sink, stove string
	cupboards, plain   []string
}

func newKitchen(r *rand.Rand) *kitchen {
	k := &kitchen{draft: newDraft(r)}
	k.board = k.addPlace(kitchenBoards, "board", "")
	k.sink = k.addPlace(kitchenSinks, "sink", "")
	k.stove = k.addPlace(kitchenStoves, "stove", "")
	for range 1 + r.IntN(2) {
		k.cupboards = append(k.cupboards, k.addPlace(kitchenCupboards, "cupboard", "closed"))
	}
	for range 3 + r.IntN(2) {
		k.plain = append(k.plain, k.addPlace(kitchenPlaces, "place", ""))
	}
	r.Shuffle(len(k.scene.places), func(i, j int) {
		k.scene.places[i], k.scene.places[j] = k.scene.places[j], k.scene.places[i]
	})
	return k
}

func (k *kitchen) addPlace(from []string, kind, door string) string {
	p := place{name: k.fresh(from), kind: kind, door: door}
	k.scene.places = append(k.scene.places, p)
	return p.name
}

// put adds a thing to the scene.
func (k *kitchen) put(from []string, at string) string {
	name := k.fresh(from)
	k.scene.things = append(k.scene.things, thing{name: name, at: at, clean: true, temperature: 20, grams: 100})
	return name
}

// invite adds a person to the scene.
func (k *kitchen) invite(at string) string {
	name := k.fresh(kitchenPeople)
	k.scene.people = append(k.scene.people, person{name: name, at: at})
	return name
}

// source is a place to take things from: often one with a door that may be closed.
func (k *kitchen) source() string {
	if k.r.IntN(3) > 0 {
		return pick(k.r, k.plain)
	}
	name := pick(k.r, k.cupboards)
	k.fact(func(w *scene, r *rand.Rand) { w.place(name).door = pick(r, []string{"open", "closed"}) })
	return name
}

// target is a plain place other than those named.
func (k *kitchen) target(not ...string) string {
	for {
		if p := pick(k.r, k.plain); !slices.Contains(not, p) {
			return p
		}
	}
}

func (k *kitchen) hasDoor(name string) bool { return k.scene.place(name).door != "" }

// reach drives to a place and opens its door where it has one.
func (k *kitchen) reach(name string) []*line {
	out := code(do("go_to(%q)", name))
	if k.hasDoor(name) {
		out = append(out, block(fmt.Sprintf("if not is_open(%q):", name), do("open_door(%q)", name)))
	}
	return out
}

// in, from and to are a place in a sentence.
func (k *kitchen) in(name string) string {
	if kind := k.scene.place(name).kind; kind == "cupboard" || kind == "sink" {
		return "in the " + name
	}
	if k.scene.place(name).kind == "place" && k.r.IntN(2) == 0 {
		return "at the " + name
	}
	return "on the " + name
}

func from(name string) string { return "from the " + name }

func to(name string) string { return "to the " + name }

// Clauses that are the same in every world.

func (k *kitchen) carry() clause {
	a := k.source()
	b := k.target(a)
	x := k.put(append(kitchenFood, kitchenDishes...), a)
	return clause{
		meaning: "carry",
		text: k.word(
			fmt.Sprintf("take the %s %s %s", x, from(a), to(b)),
			fmt.Sprintf("bring the %s that is %s %s", x, k.in(a), to(b)),
			fmt.Sprintf("carry the %s %s over %s", x, from(a), to(b)),
			fmt.Sprintf("move the %s %s %s", x, from(a), to(b)),
		),
		code: code(k.reach(a), do("pick(%q)", x), do("go_to(%q)", b), do("put(%q)", x)),
	}
}

func (k *kitchen) cutOne() clause {
	a := k.source()
	x := k.put(kitchenFood, a)
	return clause{
		meaning: "cut",
		text: k.word(
			fmt.Sprintf("cut the %s that is %s on the %s", x, k.in(a), k.board),
			fmt.Sprintf("bring the %s %s %s and cut it there", x, from(a), to(k.board)),
			fmt.Sprintf("take the %s %s %s and slice it", x, from(a), to(k.board)),
		),
		code: code(k.reach(a), do("pick(%q)", x), do("go_to(%q)", k.board), do("put(%q)", x), do("cut(%q)", x)),
	}
}

func (k *kitchen) washOne() clause {
	a := k.source()
	x := k.put(kitchenDishes, a)
	k.scene.thing(x).clean = false
	return clause{
		meaning: "wash",
		text: k.word(
			fmt.Sprintf("wash the %s that is %s in the %s", x, k.in(a), k.sink),
			fmt.Sprintf("bring the %s %s %s and wash it", x, from(a), to(k.sink)),
		),
		code: code(k.reach(a), do("pick(%q)", x), do("go_to(%q)", k.sink), do("put(%q)", x), do("wash(%q)", x)),
	}
}

func (k *kitchen) sentence() clause {
	s := k.fresh(kitchenSentences)
	return clause{
		meaning: "say",
		text:    k.word(fmt.Sprintf("say %q", s), fmt.Sprintf("announce %q", s), fmt.Sprintf("call out %q", s)),
		code:    code(sayText(s)),
	}
}

func (k *kitchen) switchOn() clause {
	if k.taken["switch"] {
		return k.sentence()
	}
	k.taken["switch"] = true
	return clause{
		meaning: "switch",
		text:    k.word(fmt.Sprintf("switch the %s on", k.stove), fmt.Sprintf("turn on the %s", k.stove)),
		code:    code(do("go_to(%q)", k.stove), do("switch_on(%q)", k.stove)),
	}
}

func (k *kitchen) openDoor() clause {
	name := k.cupboards[0]
	if k.taken["door"] {
		return k.sentence()
	}
	k.taken["door"] = true
	k.fact(func(w *scene, _ *rand.Rand) { w.place(name).door = "closed" })
	return clause{
		meaning: "open",
		text:    k.word(fmt.Sprintf("open the door of the %s, which is closed", name), fmt.Sprintf("open the closed %s", name)),
		code:    code(do("go_to(%q)", name), goal("open_door(%q)", name)),
	}
}

func (k *kitchen) drive() clause {
	p := k.fresh2(k.plain)
	return clause{
		meaning: "go", stays: true,
		text: k.word("go "+to(p), "drive "+to(p), "move over "+to(p)),
		code: code(goal("go_to(%q)", p)),
	}
}

// fresh2 is a place, preferably one that was not yet driven to.
func (k *kitchen) fresh2(names []string) string {
	p := pick(k.r, names)
	for range 3 {
		if !k.taken["drive "+p] {
			break
		}
		p = pick(k.r, names)
	}
	k.taken["drive "+p] = true
	return p
}

// plainClause is any of them.
func (k *kitchen) plainClause() clause {
	return pick(k.r, []func() clause{k.carry, k.carry, k.cutOne, k.washOne, k.sentence, k.sentence, k.switchOn, k.openDoor, k.drive})()
}

// effect is one that changes something, for a branch: it must not go wrong where another
// branch is taken.
func (k *kitchen) effect() clause {
	return pick(k.r, []func() clause{k.carry, k.carry, k.cutOne, k.washOne, k.sentence, k.sentence, k.sentence, k.switchOn})()
}

// listed are places in a sentence and in a program.
func listed(names []string) (sentence, list string) {
	quoted := make([]string, len(names))
	said := make([]string, len(names))
	for i, n := range names {
		quoted[i], said[i] = fmt.Sprintf("%q", n), "the "+n
	}
	sentence = said[0]
	if n := len(said); n > 1 {
		sentence = strings.Join(said[:n-1], ", ") + " and " + said[n-1]
	}
	return sentence, "[" + strings.Join(quoted, ", ") + "]"
}

// options are the words of a list in a sentence and in a program.
func options(words []string) (sentence, list string) {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = fmt.Sprintf("%q", w)
	}
	n := len(words)
	return strings.Join(words[:n-1], ", ") + " or " + words[n-1], "[" + strings.Join(quoted, ", ") + "]"
}

func (k *kitchen) level(n int) {
	[]func(){k.level1, k.level2, k.level3, k.level4, k.level5, k.level6}[n-1]()
}

func (k *kitchen) plan() *draft { return k.draft }
