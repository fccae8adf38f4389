package style

import "bytes"

// comparisonToSingleton checks E711 and E712.
func comparisonToSingleton(c *checker, l *logical) {
	if l.noqa {
		return
	}
	s := l.text
	done := 0 // what is before belongs to a comparison already found
	for i := 0; i+1 < len(s); i++ {
		if s[i+1] != '=' || s[i] != '=' && s[i] != '!' {
			continue
		}
		left := singletonBefore(s, i, done)
		right := skipBlank(s, i+2)
		end := right
		what := left
		if left == nil || right == len(s) || !wordByte(s[right]) {
			end = wordEnd(s, right)
			if what = s[right:end]; !singleton(what) {
				continue
			}
		}
		reportSingleton(c, l, i, string(what), s[i] == '=')
		done = end
		i = end - 1
	}
}

// singletonBefore is the singleton that ends before place i of s and begins no earlier
// than from, or nil.
func singletonBefore(s []byte, i, from int) []byte {
	for i > from && blank(s[i-1]) {
		i--
	}
	start := i
	for start > from && wordByte(s[start-1]) {
		start--
	}
	if w := s[start:i]; singleton(w) && (start == 0 || !wordByte(s[start-1])) {
		return w
	}
	return nil
}

func reportSingleton(c *checker, l *logical, i int, what string, same bool) {
	start, end := l.span(i, i+2)
	not := "not "
	if same {
		not = ""
	}
	advice := "'if cond is " + not + what + ":'"
	if what == "None" {
		c.report(e711, start, end, advice)
		return
	}
	not = "not "
	if same == (what == "True") {
		not = ""
	}
	c.report(e712, start, end, what, advice+" or 'if "+not+"cond:'")
}

// comparisonNegative checks E713 and E714, of which a line has one at most.
func comparisonNegative(c *checker, l *logical) {
	s := l.text
	for from := 0; ; {
		i := bytes.Index(s[from:], []byte("not"))
		if i < 0 {
			return
		}
		i += from
		from = i + 3
		if i > 0 && wordByte(s[i-1]) || i >= 3 && blank(s[i-1]) && s[i-2] == 's' && s[i-3] == 'i' {
			continue
		}
		operand := skipBlank(s, i+3)
		after := operand
		for after < len(s) && !opening(s[after]) && !closing(s[after]) && !blank(s[after]) {
			after++
		}
		operator := skipBlank(s, after)
		if operand == i+3 || after == operand || operator == after {
			continue
		}
		end := operator + 2
		if end >= len(s) || !blank(s[end]) {
			continue
		}
		start := l.at(i)
		switch string(s[operator:end]) {
		case "in":
			c.report(e713, start, l.at(end))
			return
		case "is":
			c.report(e714, start, l.at(end))
			return
		}
	}
}

// comparisonType checks E721.
func comparisonType(c *checker, l *logical) {
	if l.noqa || !bytes.Contains(l.text, []byte("type")) {
		return
	}
	s := l.text
	for i := 0; i+1 < len(s); i++ {
		operator := string(s[i : i+2])
		if operator != "==" && operator != "!=" && operator != "is" {
			continue
		}
		end, inner := typeAfter(s, i+2)
		if end < 0 && operator == "is" {
			if j := skipBlank(s, i+2); j > i+2 && bytes.HasPrefix(s[j:], []byte("not")) {
				end, inner = typeAfter(s, j+3)
			}
		}
		if end < 0 {
			continue
		}
		if identifier(inner) && !singleton(inner) {
			return // which types these are does not show: compared by intention
		}
		start := l.at(i)
		c.report(e721, start, l.at(end))
		return
	}
}

// typeAfter reads white space and then type(inner) or types.SomeType; end is -1 if there
// is neither.
func typeAfter(s []byte, i int) (end int, inner []byte) {
	j := skipBlank(s, i)
	if j == i || !bytes.HasPrefix(s[j:], []byte("type")) {
		return -1, nil
	}
	j += len("type")
	if j+1 < len(s) && s[j] == 's' {
		name := s[j+2 : wordEnd(s, j+2)]
		if k := bytes.LastIndex(name, []byte("Type")); k > 0 {
			return j + 2 + k + len("Type"), nil
		}
	}
	j = skipBlank(s, j)
	if j == len(s) || s[j] != '(' {
		return -1, nil
	}
	closing := bytes.IndexByte(s[j:], ')')
	if closing < 0 {
		return -1, nil
	}
	inner = bytes.TrimSpace(s[j+1 : j+closing])
	if len(inner) == 0 {
		return -1, nil
	}
	return j + closing + 1, inner
}
