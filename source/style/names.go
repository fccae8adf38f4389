package style

import "hone/source/python"

// ambiguous reports whether a name is l, O or I.
func ambiguous(t *token) bool {
	return len(t.text) == 1 && (t.text[0] == 'l' || t.text[0] == 'O' || t.text[0] == 'I')
}

// binds reports whether the name after t is bound.
func binds(t *token) bool {
	switch string(t.text) {
	case "as", "for", "global", "nonlocal":
		return true
	}
	return false
}

// ambiguousNames checks E741, E742 and E743.
func ambiguousNames(c *checker, l *logical) {
	depth := 0
	parameters := -1 // depth of the def or lambda whose parameters are being read
	for i := 1; i < len(l.tokens); i++ {
		t, before := &l.tokens[i], &l.tokens[i-1]
		if before.is("def") || before.is("lambda") {
			parameters = depth
		} else if parameters == depth && t.is(":") {
			parameters = -1
		}
		switch b := t.one(); {
		case opening(b) || len(t.text) == 0: // the tool counts the empty DEDENT as a bracket
			depth++
		case closing(b):
			depth--
		}
		var found *token
		if (t.is(":=") || t.is("=") && depth == 0) && ambiguous(before) {
			found = before
		}
		if ambiguous(t) {
			switch {
			case binds(before), parameters >= 0 && i+1 < len(l.tokens) && parameter(before, &l.tokens[i+1]):
				found = t
			case before.is("class"):
				c.report(e742, t.start, t.end, string(t.text))
			case before.is("def"):
				c.report(e743, t.start, t.end, string(t.text))
			}
		}
		if found != nil {
			c.report(e741, found.start, found.end, string(found.text))
		}
	}
}

// parameter reports whether what stands between two tokens is a parameter.
func parameter(before, after *token) bool {
	switch string(before.text) {
	case "lambda", ",", "*", "**", "(":
	default:
		return false
	}
	switch string(after.text) {
	case "", ":", ",", "=", ")":
		return true
	}
	return false
}

// reservedNames checks W606: async and await where no statement or expression of theirs
// begins.
func reservedNames(c *checker, l *logical) {
	var pending *token // the async, await, def or for that waits for what follows
	for i := range l.tokens {
		t := &l.tokens[i]
		if t.kind == python.NL {
			continue
		}
		name := t.kind == python.NAME
		wrong := false
		switch {
		case pending == nil:
			if name && (t.is("async") || t.is("await") || t.is("def") || t.is("for")) {
				pending = t
			}
			continue
		case pending.is("async"):
			wrong = !name || !t.is("def") && !t.is("with") && !t.is("for")
		case pending.is("await"):
			wrong = !name && !t.is("(")
		default:
			wrong = name && (t.is("async") || t.is("await"))
		}
		if wrong {
			c.report(w606, pending.start, pending.end)
		}
		pending = nil
	}
	if pending != nil {
		c.report(w606, pending.start, pending.end)
	}
}
