package failures

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"hone/problem"
)

// formSteps are what can differ between two answers that say the same, the mildest first. Each is applied after those before.
var formSteps = []struct {
	name  string
	apply func(string) string
}{
	{"white space", func(s string) string { return strings.Join(strings.Fields(lineEnds.Replace(s)), "") }},
	{"quotes", func(s string) string { return quotes.Replace(s) }},
	{"case", strings.ToLower},
	{"type", func(s string) string {
		s = wholeFloat.ReplaceAllString(brackets.Replace(s), "$1$2")
		return strings.Trim(emptyComma.ReplaceAllString(typeNames.ReplaceAllString(s, "("), ")"), "()")
	}},
	{"order", func(s string) string {
		parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("(),:", r) })
		slices.Sort(parts)
		return strings.Join(parts, ",")
	}},
}

var (
	lineEnds   = strings.NewReplacer(`\n`, " ", `\t`, " ", `\r`, " ")
	quotes     = strings.NewReplacer(`\"`, "", `\'`, "", `"`, "", `'`, "")
	brackets   = strings.NewReplacer("[", "(", "]", ")", "{", "(", "}", ")")
	wholeFloat = regexp.MustCompile(`(\d)\.0+([^\d]|$)`)
	emptyComma = regexp.MustCompile(`,\)`)
	typeNames  = regexp.MustCompile(`\b(list|tuple|set|frozenset|dict|deque|counter|ordereddict|defaultdict|array|decimal|fraction)\(+`)
)

// wasCut reports whether an answer is no longer whole, see [problem.Cut].
func wasCut(s string) bool {
	return len(s) >= problem.MaxShown || len(s) >= problem.MaxShown-utf8.UTFMax && strings.HasSuffix(s, "…")
}

// FormDifference says in what two answers differ that are the same but for their form: white space, quotes, case, type (a list for
// a tuple, 3.0 for 3) or order; "" where they differ in more, are equal or were cut.
func FormDifference(got, expected string) string {
	if got == expected || wasCut(got) || wasCut(expected) || expected == "" || got == "" {
		return ""
	}
	for _, s := range formSteps {
		if got, expected = s.apply(got), s.apply(expected); got == expected {
			if got == "" { // nothing is left to compare
				return ""
			}
			return s.name
		}
	}
	return ""
}
