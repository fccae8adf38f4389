package tasks

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The check of a world is made from what the reference did there: what changed in the
// world, what was said and asked, and in which order, as far as the instruction asks for
// an order. How the program found things out is left to it.

// goalEvent is an event that has to be in the trace, and the clause it belongs to.
type goalEvent struct {
	match  map[string]any
	clause int
	key    string
	loc    string // where it has to be; "" if that does not matter
}

// demand asks for the event.
func (g *goalEvent) demand() map[string]any {
	if g.loc == "" {
		return exists(g.match)
	}
	return map[string]any{"op": "act_at_any_visit", "slices": []any{}, "loc": regexp.QuoteMeta(g.loc), "match": g.match}
}

// effects are the kinds of events that an instruction asks for whenever they occur.
var effects = []string{"Put", "Place", "Cut", "Wash", "SwitchOn", "SwitchOff", "Close", "Say", "Ask"}

// formula is the check of one world, and the same for every right program.
func (d *draft) formula(a author, p *program, o *outcome, final string) json.RawMessage {
	goals := d.goals(a, p, o)
	var args []any
	seen := map[string]bool{}
	for _, g := range goals {
		if key := g.key + g.loc; !seen[key] {
			seen[key] = true
			args = append(args, g.demand())
		}
	}
	args = append(args, d.order(goals)...)
	args = append(args, elsewhere(o, goals)...)
	args = append(args, d.unsaid(p, o)...)
	args = append(args, map[string]any{"op": "world", "expr": final})
	raw, err := json.Marshal(map[string]any{"op": "and", "args": args})
	if err != nil {
		panic(err) // it holds texts and maps of texts only
	}
	return raw
}

func exists(match map[string]any, cuts ...any) map[string]any {
	if cuts == nil {
		cuts = []any{}
	}
	return map[string]any{"op": "exists", "slices": cuts, "match": match}
}

// goals lists the events of the run that the instruction asks for.
func (d *draft) goals(a author, p *program, o *outcome) []goalEvent {
	lines := p.numbered()
	var out []goalEvent
	at := ""
	for _, e := range o.trace {
		if e.Element == "GoTo" {
			at = fmt.Sprint(e.Values[0])
		}
		l := lines[e.Line]
		if l == nil || !l.goal && !slices.Contains(effects, e.Element) {
			continue
		}
		g := goalEvent{match: map[string]any{"element": e.Element}, clause: d.clauseOf(l)}
		switch {
		case e.Element == "Say":
			g.match["value1_re"] = l.heard(fmt.Sprint(e.Values[0]))
		case e.Element == "Ask":
			maps.Copy(g.match, a.asked(e.Values))
		case len(e.Values) > 0:
			g.match["value1_re"] = "^" + regexp.QuoteMeta(fmt.Sprint(e.Values[0])) + "$"
		}
		g.key = fmt.Sprint(g.match)
		if l.there {
			g.loc = at
		}
		out = append(out, g)
	}
	return out
}

// elsewhere forbids what has to be said in some places in those others that were visited.
func elsewhere(o *outcome, goals []goalEvent) []any {
	visited := map[string]bool{}
	for _, e := range o.trace {
		if e.Element == "GoTo" {
			visited[fmt.Sprint(e.Values[0])] = true
		}
	}
	said := map[string][]string{} // places by what is said there
	by := map[string]goalEvent{}
	for _, g := range goals {
		if g.loc != "" {
			said[g.key] = append(said[g.key], g.loc)
			by[g.key] = g
		}
	}
	var out []any
	for _, key := range sortedKeys(by) {
		for _, place := range sortedKeys(visited) {
			if g := by[key]; !slices.Contains(said[key], place) {
				g.loc = place
				out = append(out, map[string]any{"op": "not", "arg": g.demand()})
			}
		}
	}
	return out
}

func (d *draft) clauseOf(l *line) int {
	return slices.IndexFunc(d.clauses, func(c clause) bool { return has(c.code, l) })
}

// maxOrder bounds the events of a clause that are compared with those of the next.
const maxOrder = 6

// order asks that what one clause asks for comes before what the next does.
func (d *draft) order(goals []goalEvent) []any {
	by := make([][]goalEvent, len(d.clauses))
	for _, g := range goals {
		if g.clause >= 0 && !slices.ContainsFunc(by[g.clause], func(x goalEvent) bool { return x.key == g.key }) {
			by[g.clause] = append(by[g.clause], g)
		}
	}
	var out []any
	var before []goalEvent
	for _, events := range by {
		if len(events) == 0 {
			continue
		}
		for _, a := range before[:min(len(before), maxOrder)] {
			for _, b := range events[:min(len(events), maxOrder)] {
				if a.key != b.key {
					out = append(out, exists(b.match, map[string]any{"slice": "AfterFirst", "at": a.match}))
				}
			}
		}
		before = events
	}
	return out
}

// numbers in words, which a program may use as well.
var numbers = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve")

// word is a pattern that finds s as a word, or a list of words in any order.
func word(s string) string {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n < len(numbers) {
		return fmt.Sprintf(`\b(%s|%s)\b`, s, numbers[n])
	}
	return `\b` + regexp.QuoteMeta(s) + `\b`
}

// value is the part of a sentence that the program put in, or the whole sentence.
func (l *line) value(sentence string) string {
	if l.says == nil {
		return strings.TrimRight(sentence, ".!?")
	}
	return strings.TrimSuffix(strings.TrimPrefix(sentence, l.says.before), l.says.after)
}

// heard is a pattern for sentences that say the same as one of the reference's.
func (l *line) heard(sentence string) string {
	v := l.value(sentence)
	if parts := strings.Split(v, ", "); l.says != nil && len(parts) > 1 {
		all := ""
		for _, p := range parts {
			all += `(?=.*` + word(p) + `)`
		}
		return "^" + all
	}
	if v == "" { // an empty list
		return ".*"
	}
	return word(v)
}

// fixed is the sentence of a line that says a literal.
func (l *line) fixed() (string, bool) {
	if l.says != nil || !strings.HasPrefix(l.text, "say(\"") || !strings.HasSuffix(l.text, "\")") {
		return "", false
	}
	s, err := strconv.Unquote(l.text[len("say(") : len(l.text)-1])
	return s, err == nil
}

// unsaid are the sentences that would be right in other worlds.
func (d *draft) unsaid(p *program, o *outcome) []any {
	lines := p.numbered()
	var said []string
	number := ""
	for _, e := range o.trace {
		if e.Element == "Say" {
			sentence := fmt.Sprint(e.Values[0])
			said = append(said, sentence)
			if l := lines[e.Line]; l.says != nil && l.says.others == nil {
				if _, err := strconv.Atoi(l.value(sentence)); err == nil {
					number += "|" + word(l.value(sentence))
				}
			}
		}
	}
	wrong := map[string]bool{}
	never := func(s string) {
		re := word(s)
		if heard := regexp.MustCompile(`(?i)` + re); !slices.ContainsFunc(said, heard.MatchString) {
			wrong[re] = true
		}
	}
	for _, l := range p.all() {
		if s, ok := l.fixed(); ok {
			never(strings.TrimRight(s, ".!?"))
		}
		if l.says != nil {
			for _, s := range l.says.others {
				never(s)
			}
		}
	}
	if digits := regexp.MustCompile(`\d`); number != "" && !slices.ContainsFunc(said, func(s string) bool {
		return digits.MatchString(s) && !regexp.MustCompile(number[1:]).MatchString(s)
	}) {
		wrong["^(?!.*("+number[1:]+")).*\\d"] = true
	}
	var out []any
	for _, re := range sortedKeys(wrong) {
		out = append(out, map[string]any{"op": "not", "arg": exists(map[string]any{"element": "Say", "value1_re": re})})
	}
	return out
}
