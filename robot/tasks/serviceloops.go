package tasks

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// condition is one that a visit to a room decides.
func (s *service) condition() condition {
	return pick(s.r, []func() condition{s.ifThing, s.ifPerson, s.ifYes, s.ifYes})()
}

func (s *service) inRoom(what string, at string) (expr string, before string) {
	return fmt.Sprintf("is_in_room(%q)", what), s.word("go to the "+at, "look into the "+at)
}

func (s *service) ifThing() condition {
	at := s.room()
	x := s.thingAt(at)
	s.fact(func(w *scene, r *rand.Rand) { w.thing(x).at = pick(r, []string{at, ""}) })
	expr, before := s.inRoom(x, at)
	return condition{
		meaning: "thing", before: before,
		yes:  s.word("there is "+an(x), "you see "+an(x)+" there"),
		no:   s.word(fmt.Sprintf("there is no %s", x), fmt.Sprintf("no %s is there", x)),
		code: code(do("go_to(%q)", at)), expr: expr, inverted: "not " + expr,
	}
}

func (s *service) ifPerson() condition {
	at := s.room()
	who := s.guest(at)
	elsewhere := s.room(at)
	s.fact(func(w *scene, r *rand.Rand) { w.person(who).at = pick(r, []string{at, elsewhere}) })
	expr, before := s.inRoom(who, at)
	return condition{
		meaning: "person", before: before,
		yes:  s.word(who+" is there", "you find "+who+" there"),
		no:   s.word(who+" is not there", "you do not find "+who),
		code: code(do("go_to(%q)", at)), expr: expr, inverted: "not " + expr,
	}
}

func (s *service) ifYes() condition {
	at := s.room()
	who := s.guest(at)
	question := s.fresh(museumQuestions)
	s.fact(func(w *scene, r *rand.Rand) { w.person(who).answers = []string{pick(r, []string{"yes", "no"})} })
	answer := s.variable("answer")
	return condition{
		meaning: "answer",
		before:  s.word(fmt.Sprintf("ask %s in the %s %q", who, at, question), fmt.Sprintf("go to %s, who is in the %s, and ask %q", who, at, question)),
		yes:     s.word("the answer is yes", who+" says yes"),
		no:      s.word("the answer is no", who+" says no"),
		code:    code(do("go_to(%q)", at), do(`%s = ask(%q, %q, ["yes", "no"])`, answer, who, question)),
		expr:    answer + ` == "yes"`, inverted: answer + ` == "no"`,
	}
}

func (s *service) level3() {
	c := s.either(s.condition(), s.effect)
	switch s.r.IntN(5) {
	case 0, 1:
		s.clauses = []clause{c}
	case 2:
		s.clauses = []clause{s.plainClause(), c}
	case 3:
		s.clauses = []clause{c, s.plainClause()}
	case 4:
		s.clauses = []clause{c}
		s.comeBack("get_current_location")
	}
}

// allRooms goes through every room there is; which these are differs between worlds.
func (s *service) allRooms(spot string, body ...any) *line {
	return block(fmt.Sprintf("for %s in get_all_rooms():", spot), do("go_to(%s)", spot), code(body...))
}

// fitted puts a fitting into some rooms, others in every world.
func (s *service) fitted() string {
	f := s.fresh(museumFittings)
	rooms := s.rooms
	for i := range rooms {
		s.scene.things = append(s.scene.things, thing{name: fmt.Sprintf("%s %d", f, i), label: f})
	}
	s.fact(func(w *scene, r *rand.Rand) {
		for i, room := range rooms {
			if r.IntN(2) == 0 {
				w.thing(fmt.Sprintf("%s %d", f, i)).at = room
			}
		}
	})
	return f
}

func (s *service) level4() {
	main := pick(s.r, []func() clause{s.announceEverywhere, s.bringThose, s.poll, s.findPerson, s.whereIsIt})()
	switch s.r.IntN(4) {
	case 0, 1:
		s.clauses = []clause{main}
	case 2:
		s.clauses = []clause{main, s.plainClause()}
	case 3:
		s.clauses = []clause{s.plainClause(), main}
	}
}

// announceEverywhere says something wherever somebody is.
func (s *service) announceEverywhere() clause {
	people := []string{s.guest(s.rooms[0]), s.guest(s.rooms[1])}
	s.fact(func(w *scene, r *rand.Rand) {
		for _, who := range people {
			w.person(who).at = pick(r, w.places).name
		}
	})
	spot := s.variable(s.style.spot)
	who := people[0]
	t := s.fresh(museumSentences)
	return clause{
		meaning: "rooms if person(say)",
		text:    s.word(fmt.Sprintf("go to every room, and wherever you meet %s or %s say %q", who, people[1], t), fmt.Sprintf("visit all rooms; in each in which %s or %s is, announce %q", who, people[1], t)),
		code:    code(s.allRooms(spot, block(fmt.Sprintf("if is_in_room(%q) or is_in_room(%q):", who, people[1]), s.marked(sayText(t))))),
	}
}

// marked is a line whose event has to be where the robot was.
func (s *service) marked(l *line) *line { l.there = true; return l }

// bringThose brings those of some things that are in a room.
func (s *service) bringThose() clause {
	a := s.room()
	b := s.room(a)
	things := []string{s.thingAt(a), s.thingAt(a), s.thingAt(a)}
	s.fact(func(w *scene, r *rand.Rand) {
		for _, x := range things {
			w.thing(x).at = pick(r, []string{a, a, ""})
		}
	})
	said, list := listed(things)
	item := s.variable(s.style.item)
	return clause{
		meaning: "each thing(carry)",
		text:    s.word(fmt.Sprintf("bring %s from the %s to the %s, as far as they are there", said, a, b), fmt.Sprintf("look in the %s for %s and carry what you find to the %s", a, said, b)),
		code: code(block(fmt.Sprintf("for %s in %s:", item, list), do("go_to(%q)", a),
			block(fmt.Sprintf("if is_in_room(%s):", item), do("pick(%s)", item), do("go_to(%q)", b), do("place(%s)", item)))),
	}
}

// poll asks several people and counts.
func (s *service) poll() clause {
	rooms := s.some(3)
	people := make([]string, len(rooms))
	for i, room := range rooms {
		people[i] = s.guest(room)
	}
	question := s.fresh(museumQuestions)
	s.fact(func(w *scene, r *rand.Rand) {
		for _, who := range people {
			w.person(who).answers = []string{pick(r, []string{"yes", "no"})}
		}
	})
	who, spot, n := s.variable("person"), s.variable(s.style.spot), s.variable(s.style.count)
	said, list := pairs(people, rooms, "in the")
	return clause{
		meaning: "poll count",
		text:    s.word(fmt.Sprintf("ask %s %q and say how many answered yes", said, question), fmt.Sprintf("put the question %q to %s; announce how many said yes", question, said)),
		code: code(do("%s = 0", n), block(fmt.Sprintf("for %s, %s in %s:", who, spot, list), do("go_to(%s)", spot),
			block(fmt.Sprintf(`if ask(%s, %q, ["yes", "no"]) == "yes":`, who, question), s.add(n, "1"))),
			s.sayNumber("", n, " said yes.")),
	}
}

// findPerson looks for somebody everywhere and tells them something.
func (s *service) findPerson() clause {
	who := s.guest(s.rooms[0])
	s.fact(func(w *scene, r *rand.Rand) { w.person(who).at = pick(r, w.places).name })
	t := s.fresh(museumSentences)
	spot := s.variable(s.style.spot)
	tell := s.marked(sayText(t))
	return clause{
		meaning: "rooms until person(say)",
		text:    s.word(fmt.Sprintf("find %s, who is in one of the rooms, and say there %q", who, t), fmt.Sprintf("search the rooms for %s and, where you find them, say %q", who, t)),
		code:    code(s.allRooms(spot, block(fmt.Sprintf("if is_in_room(%q):", who), tell, do("break")))),
	}
}

// whereIsIt says where something is.
func (s *service) whereIsIt() clause {
	x := s.thingAt(s.rooms[0])
	s.fact(func(w *scene, r *rand.Rand) { w.thing(x).at = pick(r, w.places).name })
	spot := s.variable(s.style.spot)
	return clause{
		meaning: "rooms until thing(name)",
		text:    s.word(fmt.Sprintf("find out in which room the %s is and say it", x), fmt.Sprintf("look for the %s in all rooms and say the name of the room where it is", x)),
		code:    code(s.allRooms(spot, block(fmt.Sprintf("if is_in_room(%q):", x), s.sayName("It is in the ", spot, ".", s.rooms)))),
	}
}

func (s *service) level5() {
	main := pick(s.r, []func() clause{s.countFittings, s.countFittings, s.lacking, s.vote, s.collect})()
	switch s.r.IntN(4) {
	case 0, 1:
		s.clauses = []clause{main}
	case 2:
		s.clauses = []clause{main, s.plainClause()}
	case 3:
		s.clauses = []clause{s.plainClause(), main}
	}
}

// countFittings counts the rooms with, or without, something.
func (s *service) countFittings() clause {
	f := s.fitted()
	with := s.r.IntN(2) == 0
	spot, n := s.variable(s.style.spot), s.variable(s.style.count)
	cond, said := fmt.Sprintf("if is_in_room(%q):", f), "have "+an(f)
	if !with {
		cond, said = fmt.Sprintf("if not is_in_room(%q):", f), "have no "+f
	}
	return clause{
		meaning: fmt.Sprintf("rooms count with=%v", with),
		text:    s.word(fmt.Sprintf("check all rooms and say how many of them %s", said), fmt.Sprintf("count the rooms that %s and announce the number", said)),
		code:    code(do("%s = 0", n), s.allRooms(spot, block(cond, s.add(n, "1"))), s.sayNumber("There are ", n, " such rooms.")),
	}
}

// lacking says where something is missing.
func (s *service) lacking() clause {
	f := s.fitted()
	rooms := s.some(4)
	said, list := listed(rooms)
	spot := s.variable(s.style.spot)
	return clause{
		meaning: "rooms without(name)",
		text:    s.word(fmt.Sprintf("check %s and say the name of each in which the %s is missing", said, f), fmt.Sprintf("go through %s; name every room that has no %s", said, f)),
		code: code(block(fmt.Sprintf("for %s in %s:", spot, list), do("go_to(%s)", spot),
			block(fmt.Sprintf("if not is_in_room(%q):", f), s.sayName("", spot, "", rooms)))),
	}
}

// vote asks several people and does what most of them want.
func (s *service) vote() clause {
	rooms := s.some(3)
	if len(rooms) < 3 { // or it could end in a draw
		return s.countFittings()
	}
	people := make([]string, len(rooms))
	for i, room := range rooms {
		people[i] = s.guest(room)
	}
	question := s.fresh(museumQuestions)
	s.fact(func(w *scene, r *rand.Rand) {
		for _, who := range people {
			w.person(who).answers = []string{pick(r, []string{"yes", "no"})}
		}
	})
	a, b := s.effect(), s.effect()
	who, spot, n := s.variable("person"), s.variable(s.style.spot), s.variable("votes")
	said, list := pairs(people, rooms, "in the")
	return clause{
		meaning: "vote(" + a.meaning + "|" + b.meaning + ")",
		text:    fmt.Sprintf("ask %s %q; if at least two say yes, %s, otherwise %s", said, question, a.text, b.text),
		code: code(do("%s = 0", n), block(fmt.Sprintf("for %s, %s in %s:", who, spot, list), do("go_to(%s)", spot),
			block(fmt.Sprintf(`if ask(%s, %q, ["yes", "no"]) == "yes":`, who, question), s.add(n, "1"))),
			block(fmt.Sprintf("if %s >= 2:", n), a.code), block("else:", b.code)),
	}
}

// collect brings things from wherever they are to one room and counts them.
func (s *service) collect() clause {
	b := s.room()
	things := []string{s.thingAt(b), s.thingAt(b), s.thingAt(b)}
	others := s.some(3)
	s.fact(func(w *scene, r *rand.Rand) {
		for _, x := range things {
			w.thing(x).at = pick(r, append([]string{""}, others...))
		}
	})
	if strings.Contains(strings.Join(others, "|"), b) {
		return s.countFittings()
	}
	said, list := listed(things)
	where, rooms := listed(others)
	item, spot, n := s.variable(s.style.item), s.variable(s.style.spot), s.variable(s.style.count)
	return clause{
		meaning: "rooms things(carry) count",
		text:    s.word(fmt.Sprintf("look in %s for %s, bring what you find to the %s and say how many that were", where, said, b), fmt.Sprintf("collect %s, as far as they are in %s, in the %s and announce their number", said, where, b)),
		code: code(do("%s = 0", n), block(fmt.Sprintf("for %s in %s:", spot, rooms),
			block(fmt.Sprintf("for %s in %s:", item, list), do("go_to(%s)", spot),
				block(fmt.Sprintf("if is_in_room(%s):", item), do("pick(%s)", item), do("go_to(%q)", b), do("place(%s)", item), s.add(n, "1")))),
			s.sayNumber("I brought ", n, ".")),
	}
}

func (s *service) level6() {
	main := pick(s.r, []func() clause{s.search, s.search, s.serve, s.collect, s.vote})()
	other := pick(s.r, []func() clause{s.search, s.countFittings, func() clause { return s.either(s.condition(), s.effect) }, s.lacking, s.poll})()
	s.clauses = []clause{main, other}
	if s.r.IntN(3) == 0 {
		s.clauses = []clause{other, main}
	}
	if s.r.IntN(3) == 0 {
		s.comeBack("get_current_location")
	}
}

// search looks for something in several rooms and brings it, with a fallback.
func (s *service) search() clause {
	rooms := s.some(3)
	b := s.room(rooms...)
	x := s.thingAt(rooms[0])
	s.fact(func(w *scene, r *rand.Rand) { w.thing(x).at = pick(r, append([]string{"", ""}, rooms...)) })
	spot, found := s.variable(s.style.spot), s.variable("done")
	other := s.effect()
	said, list := listed(rooms)
	return clause{
		meaning: "search(" + other.meaning + ")",
		text:    s.word(fmt.Sprintf("look for the %s in %s and bring it to the %s; if it is nowhere, %s", x, said, b, other.text), fmt.Sprintf("search %s for the %s; if you find it, take it to the %s, otherwise %s", said, x, b, other.text)),
		code: code(do("%s = False", found), block(fmt.Sprintf("for %s in %s:", spot, list),
			do("go_to(%s)", spot),
			block(fmt.Sprintf("if is_in_room(%q):", x), do("pick(%q)", x), do("go_to(%q)", b), do("place(%q)", x), do("%s = True", found), do("break"))),
			block(fmt.Sprintf("if not %s:", found), other.code)),
	}
}

// serve asks people who may be there what they want, brings it and reports how many were served.
func (s *service) serve() clause {
	rooms := s.some(2)
	store := s.room(rooms...)
	people, wishes := make([]string, len(rooms)), []string{s.thingAt(store), s.thingAt(store)}
	for i, room := range rooms {
		people[i] = s.guest(room)
	}
	s.fact(func(w *scene, r *rand.Rand) {
		order := r.Perm(2)
		for i, who := range people {
			w.person(who).answers = []string{wishes[order[i%2]]}
			if r.IntN(3) == 0 {
				w.person(who).at = store
			}
		}
	})
	who, spot, wish, n := s.variable("person"), s.variable(s.style.spot), s.variable("wish"), s.variable(s.style.count)
	said, list := pairs(people, rooms, "in the")
	words, choices := options(wishes)
	return clause{
		meaning: "serve count",
		text: s.word(
			fmt.Sprintf("visit %s; ask whoever is there whether to bring the %s, fetch that from the %s and put it down where they are; in the end say how many people got something", said, words, store),
			fmt.Sprintf("go to %s, ask those who are there which they want, %s, bring it to their room from the %s, and finally announce how many you served", said, words, store),
		),
		code: code(do("%s = 0", n), block(fmt.Sprintf("for %s, %s in %s:", who, spot, list), do("go_to(%s)", spot),
			block(fmt.Sprintf("if is_in_room(%s):", who),
				do("%s = ask(%s, %q, %s)", wish, who, "What shall I bring?", choices),
				do("go_to(%q)", store), do("pick(%s)", wish), do("go_to(%s)", spot), do("place(%s)", wish), s.add(n, "1"))),
			s.sayNumber("I served ", n, ".")),
	}
}

// encode is the scene as service.yaml has it.
func (s *service) encode(w *scene) any {
	rooms, objects, people := []string{}, []any{}, []any{}
	for _, p := range w.places {
		rooms = append(rooms, p.name)
	}
	for _, t := range w.things {
		if t.at != "" {
			objects = append(objects, map[string]any{"pattern": t.called(), "at": t.at})
		}
	}
	for _, p := range w.people {
		if p.at != "" {
			answers := p.answers
			if answers == nil {
				answers = []string{}
			}
			people = append(people, map[string]any{"pattern": p.name, "at": p.at, "answers": answers})
		}
	}
	return map[string]any{"locations": rooms, "objects": objects, "people": people, "robot": map[string]any{"at": w.start}}
}

// final compares where the objects are, the hand, and the robot's place if it was told.
func (s *service) final(o *outcome) (string, error) {
	var end struct {
		Objects []struct {
			Pattern string `json:"pattern"`
			At      string `json:"at"`
		} `json:"objects"`
		Robot struct {
			At      string `json:"at"`
			Holding string `json:"holding"`
		} `json:"robot"`
	}
	raw, err := o.final.MarshalJSON()
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(raw, &end); err != nil {
		return "", err
	}
	expr := fmt.Sprintf("len(world.objects) == %d and world.robot.holding == %q", len(end.Objects), end.Robot.Holding)
	for _, x := range end.Objects {
		name := strings.ReplaceAll(x.Pattern, `\`, "")
		expr += fmt.Sprintf(" and any([x.at == %q and matches(x.pattern, %q) for x in world.objects])", x.At, name)
	}
	if s.clauses[len(s.clauses)-1].stays {
		expr += fmt.Sprintf(" and world.robot.at == %q", end.Robot.At)
	}
	return expr, nil
}

// asked matches questions with one of the options: their wording is free, and who was
// asked is not recorded.
func (s *service) asked(values []any) map[string]any {
	if list, ok := values[1].([]any); ok && len(list) > 0 {
		return map[string]any{"value2_re": word(fmt.Sprint(list[0]))}
	}
	return nil
}
