package python

// number reads a numeric literal; where it is malformed, what was read is a
// NUMBER all the same.
func (t *tokenizer) number() {
	i := t.pos
	if t.text[i] == '0' {
		switch t.at(i+1) | 0x20 {
		case 'x':
			t.radix(i+2, 16, "hexadecimal")
			return
		case 'o':
			t.radix(i+2, 8, "octal")
			return
		case 'b':
			t.radix(i+2, 2, "binary")
			return
		}
	}
	i, ok := t.decimal(i)
	integer := true
	if ok && t.at(i) == '.' {
		integer = false
		if i++; class[t.at(i)]&digit != 0 {
			i, ok = t.decimal(i)
		}
	}
	if ok && t.at(i)|0x20 == 'e' {
		var exponent bool
		i, exponent, ok = t.exponent(i)
		integer = integer && !exponent
	}
	kind := "decimal"
	if ok && t.at(i)|0x20 == 'j' {
		integer = false
		kind = "imaginary"
		i++
	}
	if ok && integer && t.text[t.pos] == '0' && hasNonZero(t.text[t.pos:i]) {
		t.fail(t.pos, i, "leading zeros in decimal integer literals are not permitted; "+
			"use an 0o prefix for octal integers")
		ok = false
	}
	if ok {
		t.checkNumberEnd(i, kind)
	}
	t.emit(NUMBER, t.pos, i)
}

func hasNonZero(text []byte) bool {
	for _, c := range text {
		if c != '0' && c != '_' {
			return true
		}
	}
	return false
}

// decimal reads digits with single underscores between them.
func (t *tokenizer) decimal(i int) (end int, ok bool) {
	for {
		for class[t.at(i)]&digit != 0 {
			i++
		}
		if t.at(i) != '_' {
			return i, true
		}
		if class[t.at(i+1)]&digit == 0 {
			t.fail(i, i+1, "invalid decimal literal")
			return i, false
		}
		i++
	}
}

// exponent reads the exponent at i, if what is there is one.
func (t *tokenizer) exponent(i int) (end int, exponent, ok bool) {
	digits := i + 1
	if c := t.at(digits); c == '+' || c == '-' {
		digits++
		if class[t.at(digits)]&digit == 0 {
			t.fail(t.pos, digits, "invalid decimal literal")
			return i, false, false
		}
	}
	if class[t.at(digits)]&digit == 0 {
		return i, false, true
	}
	end, ok = t.decimal(digits)
	return end, true, ok
}

// radix reads the digits after 0x, 0o or 0b.
func (t *tokenizer) radix(i, base int, kind string) {
	for {
		if t.at(i) == '_' {
			i++
		}
		start := i
		for digitValue(t.at(i)) < base {
			i++
		}
		if c := t.at(i); base < 10 && digitValue(c) < 10 {
			t.fail(i, i+1, "invalid digit '%c' in %s literal", c, kind)
			break
		}
		if i == start {
			t.fail(t.pos, i, "invalid %s literal", kind)
			break
		}
		if t.at(i) != '_' {
			t.checkNumberEnd(i, kind)
			break
		}
	}
	t.emit(NUMBER, t.pos, min(i, len(t.text)))
}

// digitValue is the value of a digit, or 99.
func digitValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return 99
}

// checkNumberEnd refuses a name right after a number; keywords may stand there.
func (t *tokenizer) checkNumberEnd(i int, kind string) {
	c := t.at(i)
	if class[c]&idContinue == 0 {
		return
	}
	for _, keyword := range [...]string{"and", "else", "for", "if", "in", "is", "or", "not"} {
		if i+len(keyword) <= len(t.text) && string(t.text[i:i+len(keyword)]) == keyword {
			return
		}
	}
	t.fail(i-1, i+1, "invalid %s literal", kind)
}
