package tasks

import "strings"

// instruction writes the clauses as a person would say them.
func (d *draft) instruction() string {
	var said []string
	for _, c := range d.clauses {
		if c.text != "" {
			said = append(said, c.text)
		}
	}
	start := pick(d.r, []string{"", "", "", "Please ", "Robot, ", "I would like you to "})
	if len(said) == 1 {
		return sentence(start + said[0])
	}
	simple := true
	for _, s := range said {
		simple = simple && !strings.ContainsAny(s, ",;:")
	}
	switch n := len(said); {
	case simple && d.r.IntN(2) == 0:
		return sentence(start + strings.Join(said[:n-1], ", then ") + pick(d.r, []string{" and then ", ", and finally "}) + said[n-1])
	case d.r.IntN(2) == 0:
		return sequence(said, "First, ", []string{"Then ", "After that, "}, "Finally, ")
	case start == "I would like you to ":
		start = ""
	}
	return sequence(said, start, []string{pick(d.r, []string{"Then ", "After that, ", "Next, "})}, pick(d.r, []string{"Then ", "After that, ", "When that is done, "}))
}

// sequence is a sentence for each part, with words in front of it.
func sequence(parts []string, first string, middle []string, last string) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		switch i {
		case 0:
			p = first + p
		case len(parts) - 1:
			p = last + p
		default:
			p = middle[i%len(middle)] + p
		}
		out[i] = sentence(p)
	}
	return strings.Join(out, " ")
}

// sentence has a capital letter and a full stop.
func sentence(s string) string {
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// an is a noun with its article.
func an(noun string) string {
	if strings.ContainsRune("aeio", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}
