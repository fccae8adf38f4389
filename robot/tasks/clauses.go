package tasks

import (
	"fmt"
	"strings"
)

// condition is something that differs between worlds and decides between two clauses.
type condition struct {
	meaning string
	// before is what to do to find out, as "look at the table:", or "".
	before   string
	yes, no  string // "there is a cup on the table", "there is none"
	code     []*line
	expr     string // true or false
	inverted string
}

// either is a clause that a condition decides; effect draws what depends on it.
func (d *draft) either(c condition, effect func() clause) clause {
	a := effect()
	switch d.r.IntN(4) {
	case 0: // nothing otherwise
		return clause{
			meaning: fmt.Sprintf("if %s(%s)", c.meaning, a.meaning),
			text:    fmt.Sprintf("%s; %s", c.before, d.word("if "+c.yes+", "+a.text, a.text+" if "+c.yes)),
			code:    code(c.code, block("if "+c.expr+":", a.code)),
		}
	case 1:
		return clause{
			meaning: fmt.Sprintf("unless %s(%s)", c.meaning, a.meaning),
			text:    fmt.Sprintf("%s; %s", c.before, d.word("if "+c.no+", "+a.text, a.text+" if "+c.no)),
			code:    code(c.code, block("if "+c.inverted+":", a.code)),
		}
	}
	b := effect()
	return clause{
		meaning: fmt.Sprintf("if %s(%s|%s)", c.meaning, a.meaning, b.meaning),
		text:    fmt.Sprintf("%s; if %s, %s, %s", c.before, c.yes, a.text, d.word("otherwise "+b.text, "and if not, "+b.text, "or else "+b.text)),
		code:    code(c.code, block("if "+c.expr+":", a.code), block("else:", b.code)),
	}
}

// word is one of several wordings.
func (d *draft) word(wordings ...string) string { return pick(d.r, wordings) }

// comeBack makes the robot return to where it began. where asks for its place.
func (d *draft) comeBack(where string) {
	d.clauses = append([]clause{{code: code("start = " + where + "()")}}, d.clauses...)
	d.clauses = append(d.clauses, clause{
		meaning: "back", stays: true,
		text: d.word("come back to where you started", "return to where you are now", "drive back to the place where you began"),
		code: code(goal("go_to(start)")),
	})
}

// handFree drops drafts whose clauses fill the hand before others need it.
func (d *draft) handFree() {
	for _, c := range d.clauses[:len(d.clauses)-1] {
		if strings.HasSuffix(c.meaning, "→pick") || strings.Contains(c.meaning, "weigh→") {
			d.clauses = nil
			return
		}
	}
}

// pairs are people and where they are, in a sentence and in a program.
func pairs(people, places []string, at string) (sentence, list string) {
	said, quoted := make([]string, len(people)), make([]string, len(people))
	for i, p := range people {
		said[i] = fmt.Sprintf("%s (%s %s)", p, at, places[i])
		quoted[i] = fmt.Sprintf("(%q, %q)", p, places[i])
	}
	n := len(said)
	return strings.Join(said[:n-1], ", ") + " and " + said[n-1], "[" + strings.Join(quoted, ", ") + "]"
}
