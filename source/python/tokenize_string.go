package python

// str reads a string whose prefix begins at start and whose quote is at quote.
func (t *tokenizer) str(start, quote int) {
	raw, formatted := false, false
	for _, c := range t.text[start:quote] {
		raw = raw || c == 'r' || c == 'R'
		formatted = formatted || c == 'f' || c == 'F'
	}
	q, size := t.text[quote], 1
	if t.at(quote+1) == q && t.at(quote+2) == q {
		size = 3
	}
	if formatted {
		t.fstring(start, fquote{q, size, raw, quote + size})
		return
	}
	if size == 1 && t.at(quote+1) == q {
		t.emit(STRING, start, quote+2)
		return
	}
	if end, ok := t.plainEnd(quote+size, q, size); ok {
		t.emit(STRING, start, end)
	} else {
		t.unterminated(start, end, size, "")
	}
}

// plainEnd finds the end of a string without replacement fields, whose text
// begins at i; where it has none, it is the end of the line or the text.
func (t *tokenizer) plainEnd(i int, q byte, size int) (end int, ok bool) {
	for i < len(t.text) {
		switch c := t.text[i]; {
		case c == q && (size == 1 || t.at(i+1) == q && t.at(i+2) == q):
			return i + size, true
		case c == '\\':
			i += 1 + max(1, t.newlineSize(i+1))
		case size == 1 && isNewline(c):
			return i, false
		default:
			i++
		}
	}
	return len(t.text), false
}

func (t *tokenizer) unterminated(start, end, size int, f string) {
	triple := ""
	if size == 3 {
		triple = "triple-quoted "
	}
	last := end
	if size == 3 && last > 0 && isNewline(t.text[last-1]) {
		last--
	}
	if t.muted() {
		t.emit(ERRORTOKEN, start, end)
		return
	}
	t.fail(start, end, "unterminated %s%sstring literal (detected at line %d)",
		triple, f, t.line(last))
	t.emit(ERRORTOKEN, start, end)
}

// fquote says how an f-string ends: by size quotes q.
type fquote struct {
	q    byte
	size int
	raw  bool
	body int // where its text begins
}

func (f fquote) endsAt(t *tokenizer, i int) bool {
	return t.text[i] == f.q && (f.size == 1 || t.at(i+1) == f.q && t.at(i+2) == f.q)
}

// fstring reads a whole f-string. Where it is broken, its tokens give way to one
// ERRORTOKEN up to where an ordinary string would end, so that a stray quote
// does not swallow the rest of the program.
func (t *tokenizer) fstring(start int, f fquote) {
	tokens, errs, faults, open := len(t.tokens), len(t.errs), t.faults, len(t.open)
	t.fstrings++
	switch {
	case t.fstrings > maxFStrings:
		t.fail(start, f.body, "too many nested f-strings")
	case t.faults >= maxErrors:
		t.faults++ // looking for the end of so many that may have none is slow
	default:
		t.emit(FSTRING_START, start, f.body)
		t.fbody(start, f, open, 0)
	}
	t.fstrings--
	if t.faults > faults {
		t.tokens, t.open = t.tokens[:tokens], t.open[:open]
		t.errs = t.errs[:min(len(t.errs), errs+1)]
		end, _ := t.plainEnd(f.body, f.q, f.size)
		t.emit(ERRORTOKEN, start, end)
	}
}

// fbody reads the text and fields of an f-string to its end, or, at a nesting
// above 0, those of a format specification to the brace that ends its field.
func (t *tokenizer) fbody(start int, f fquote, open, nesting int) {
	faults := t.faults
	for t.faults == faults {
		i := t.fmiddle(f, nesting > 0)
		if i > t.pos {
			t.emit(FSTRING_MIDDLE, t.pos, i)
		}
		switch {
		case i == len(t.text) || f.size == 1 && isNewline(t.text[i]):
			t.unterminated(start, i, f.size, "f-")
			return
		case t.text[i] == '{':
			t.field(start, f, open, nesting)
		case nesting > 0 && t.text[i] == '}':
			return
		case t.text[i] == '}':
			t.fail(i, i+1, "f-string: single '}' is not allowed")
			return
		case nesting > 0:
			t.fail(i, i+1, "f-string: expecting '}'")
			return
		default:
			t.emit(FSTRING_END, i, i+f.size)
			return
		}
	}
}

// fmiddle is where the literal text at pos ends: at a quote that ends the
// string, a single brace, the end of the line or of the text. Doubled braces
// belong to the text, except in a format specification.
func (t *tokenizer) fmiddle(f fquote, spec bool) int {
	named := false // in \N{…}
	i := t.pos
	for i < len(t.text) {
		c := t.text[i]
		switch {
		case f.endsAt(t, i):
			return i
		case c == '{' || c == '}':
			if c == '}' && named {
				named = false
			} else if spec || t.at(i+1) != c {
				return i
			} else {
				i++
			}
		case c == '\\':
			next := t.at(i + 1)
			switch {
			case next == '{' || next == '}':
			case !f.raw && next == 'N' && t.at(i+2) == '{':
				named = true
				i += 2
			default:
				i += max(1, t.newlineSize(i+1))
			}
		case f.size == 1 && isNewline(c):
			return i
		}
		i++
	}
	return len(t.text)
}

// field reads a replacement field from its opening to its closing brace.
func (t *tokenizer) field(start int, f fquote, open, nesting int) {
	if nesting > 2 {
		t.fail(t.pos, t.pos+1, "f-string: expressions nested too deeply")
		return
	}
	faults, depth := t.faults, len(t.open)+1
	t.openBracket('{')
	for t.faults == faults {
		t.blanks()
		if t.pos == len(t.text) {
			t.unterminated(start, t.pos, f.size, "f-")
			return
		}
		if len(t.open) == depth {
			switch c := t.text[t.pos]; {
			case c == ':':
				t.emitOp(colon, 1)
				t.fbody(start, f, open, nesting+1)
				if t.faults == faults {
					t.closeBracket('}')
				}
				return
			case c == '}':
				t.closeBracket('}')
				return
			case c == '!' && t.at(t.pos+1) != '=':
				t.emitOp(bang, 1)
				continue
			}
		}
		t.token()
	}
}
