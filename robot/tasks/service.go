package tasks

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// What a service robot meets in a museum.
var (
	museumRooms = []string{
		"entrance hall", "map room", "fossil room", "archive", "cloakroom", "lecture hall", "sculpture court", "workshop",
		"coin cabinet", "clock room", "herbarium", "print gallery", "loading dock", "ticket office", "planetarium", "glass house",
	}
	museumThings = []string{
		"ladder", "globe", "tripod", "toolbox", "lantern", "catalogue", "crate", "easel", "microscope", "umbrella", "wheelchair",
		"telescope", "stuffed owl", "sextant", "key ring", "audio guide", "dust sheet", "drill", "parcel", "violin",
	}
	museumFittings  = []string{"smoke detector", "bench seat", "hygrometer", "floor plan", "emergency lamp", "spotlight"}
	museumPeople    = []string{"Irma", "Tobias", "Maya", "Jonah", "Linus", "Oskar", "Rosa", "Pjotr", "Noor", "Yannick", "Gesa", "Henrik", "Sunniva", "Kwame"}
	museumSentences = []string{
		"the museum opens in ten minutes", "the guided tour begins now", "please do not touch the exhibits", "the lift is out of order",
		"the last visitors have left", "the restorers are here", "a school class is coming", "the shutters are down", "the new exhibit has arrived",
		"the tour is fully booked", "the climate control is off", "your taxi is waiting", "we close early today", "the cloakroom is full",
	}
	museumWords     = [][]string{{"guided tour", "audio tour"}, {"German", "English", "Polish"}, {"morning", "afternoon"}, {"paintings", "fossils", "coins"}, {"stairs", "lift"}}
	museumQuestions = []string{
		"Do you need a chair?", "Shall I call the curator?", "Is your tour over?", "May I lock the room?", "Do you want a catalogue?",
		"Is everything in its place?", "Are you cold?", "Do you have a ticket?", "Shall I dim the light?",
	}
)

// service writes tasks for the robot of service.yaml.
type service struct {
	*draft
	rooms []string
}

func newService(r *rand.Rand) *service {
	s := &service{draft: newDraft(r)}
	for range 4 + r.IntN(3) {
		s.rooms = append(s.rooms, s.fresh(museumRooms))
		s.scene.places = append(s.scene.places, place{name: s.rooms[len(s.rooms)-1]})
	}
	return s
}

func (s *service) plan() *draft { return s.draft }

func (s *service) level(n int) {
	[]func(){s.level1, s.level2, s.level3, s.level4, s.level5, s.level6}[n-1]()
}

func (s *service) thingAt(at string) string {
	name := s.fresh(museumThings)
	s.scene.things = append(s.scene.things, thing{name: name, at: at})
	return name
}

func (s *service) guest(at string) string {
	name := s.fresh(museumPeople)
	s.scene.people = append(s.scene.people, person{name: name, at: at})
	return name
}

// room is one other than those named.
func (s *service) room(not ...string) string {
	for {
		if r := pick(s.r, s.rooms); !slices.Contains(not, r) {
			return r
		}
	}
}

// some are n rooms of those there are, at most all but one.
func (s *service) some(n int) []string {
	names := slices.Clone(s.rooms)
	s.r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names[:min(n, len(names)-1)]
}

// Clauses that are the same in every world.

func (s *service) carry() clause {
	a := s.room()
	b := s.room(a)
	x := s.thingAt(a)
	return clause{
		meaning: "carry",
		text: s.word(
			fmt.Sprintf("bring the %s from the %s to the %s", x, a, b),
			fmt.Sprintf("fetch the %s, which is in the %s, and leave it in the %s", x, a, b),
			fmt.Sprintf("get the %s out of the %s and put it down in the %s", x, a, b),
		),
		code: code(do("go_to(%q)", a), do("pick(%q)", x), do("go_to(%q)", b), do("place(%q)", x)),
	}
}

func (s *service) sentence() clause {
	t := s.fresh(museumSentences)
	return clause{
		meaning: "say",
		text:    s.word(fmt.Sprintf("say %q", t), fmt.Sprintf("announce %q", t), fmt.Sprintf("say the words %q", t)),
		code:    code(sayText(t)),
	}
}

func (s *service) sentenceIn() clause {
	t, at := s.fresh(museumSentences), s.room()
	return clause{
		meaning: "say in",
		text:    s.word(fmt.Sprintf("announce %q in the %s", t, at), fmt.Sprintf("go to the %s and say there %q", at, t)),
		code:    code(goal("go_to(%q)", at), sayText(t)),
	}
}

func (s *service) drive() clause {
	at := s.room()
	return clause{
		meaning: "go", stays: true,
		text: s.word("go to the "+at, "drive to the "+at, "take yourself to the "+at),
		code: code(goal("go_to(%q)", at)),
	}
}

func (s *service) plainClause() clause {
	return pick(s.r, []func() clause{s.carry, s.carry, s.sentence, s.sentenceIn, s.drive})()
}

func (s *service) effect() clause {
	return pick(s.r, []func() clause{s.carry, s.carry, s.sentence, s.sentence, s.sentenceIn})()
}

// ask lets the robot ask somebody for one of words.
func (s *service) ask(at, topic, question string, words []string) learned {
	who := s.guest(at)
	s.fact(func(w *scene, r *rand.Rand) { w.person(who).answers = []string{pick(r, words)} })
	answer := s.variable("answer")
	said, list := options(words)
	return learned{
		meaning: "ask",
		text:    s.word(fmt.Sprintf("ask %s %s (%s)", who, topic, said), fmt.Sprintf("let %s tell you %s, %s,", who, topic, said)),
		code:    code(do("%s = ask(%q, %q, %s)", answer, who, question, list)),
		value:   answer, choices: words,
	}
}

// step learns something at a room and acts on it.
func (s *service) step(there bool) clause {
	at := s.room()
	c := pick(s.r, []func(at string) clause{s.pickAnswer, s.goAnswer, s.sayAnswer, s.sayWhether, s.sayWhere})(at)
	if !there {
		if c.meaning != "where→say" {
			s.fact(func(w *scene, _ *rand.Rand) { w.start = at })
		}
		return c
	}
	c.text = s.word("go to the "+at+", ", "drive to the "+at+", ") + c.text
	c.code = code(do("go_to(%q)", at), c.code)
	c.meaning = "at " + c.meaning
	return c
}

func (s *service) pickAnswer(at string) clause {
	words := []string{s.thingAt(at), s.thingAt(at), s.thingAt(at)}[:2+s.r.IntN(2)]
	l := s.ask(at, "what to take", "What shall I take?", words)
	return clause{meaning: "ask→pick", stays: true, text: l.text + " and " + s.word("take it", "pick it up"), code: code(l.code, do("pick(%s)", l.value))}
}

func (s *service) goAnswer(at string) clause {
	l := s.ask(at, "where to go", "Where shall I go?", s.some(3))
	return clause{meaning: "ask→go", stays: true, text: l.text + " and " + s.word("go there", "drive to that room"), code: code(l.code, goal("go_to(%s)", l.value))}
}

func (s *service) sayAnswer(at string) clause {
	words := pick(s.r, museumWords)
	l := s.ask(at, "what it shall be", "What shall it be?", words)
	return clause{meaning: "ask→say", text: l.text + " and " + s.word("say the answer", "repeat the answer"), code: code(l.code, s.sayName("", l.value, "", words))}
}

func (s *service) sayWhether(at string) clause {
	x := s.thingAt(at)
	s.fact(func(w *scene, r *rand.Rand) { w.thing(x).at = pick(r, []string{at, ""}) })
	l := do(`say("yes" if is_in_room(%q) else "no")`, x)
	l.says = &saying{others: []string{"yes", "no"}}
	return clause{
		meaning: "here→say",
		text:    s.word(fmt.Sprintf("say yes if the %s is in this room and otherwise no", x), fmt.Sprintf("check whether the %s is here and answer yes or no", x)),
		code:    code(l),
	}
}

func (s *service) sayWhere(string) clause {
	return clause{
		meaning: "where→say",
		text:    s.word("say in which room you are", "find out where you are and say it"),
		code:    code(s.sayName("This is the ", "get_current_location()", ".", s.rooms)),
	}
}

func (s *service) level1() { s.clauses = []clause{s.step(false)} }

func (s *service) level2() {
	c := s.step(true)
	switch s.r.IntN(4) {
	case 0:
		s.clauses = []clause{c, s.plainClause()}
	case 1:
		s.clauses = []clause{s.plainClause(), c}
	case 2:
		s.clauses = []clause{s.plainClause(), c, s.plainClause()}
	case 3:
		s.clauses = []clause{c, s.plainClause()}
		s.comeBack("get_current_location")
		return
	}
	s.handFree()
}

// kinds are the names of the scene by what they are.
func (s *service) kinds() [][]string {
	var things, people []string
	for _, t := range s.scene.things {
		things = append(things, t.name)
	}
	for _, p := range s.scene.people {
		people = append(people, p.name)
	}
	return [][]string{s.rooms, things, people, slices.Clone(museumSentences), {"yes", "no"}}
}
