package flakes

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"hone/source/python"
)

// conversion is one % of a format.
type conversion struct {
	key    string // (key), if named
	named  bool
	stars  int // * as width and as precision
	letter rune
}

// formatError says why a text is no format, in the words of the tool.
type formatError string

func (e formatError) Error() string { return string(e) }

const errIncomplete formatError = "incomplete format"

// parsePercent divides the format of 'format' % values.
// https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting
func parsePercent(s string) ([]conversion, error) {
	var found []conversion
	for {
		i := strings.IndexByte(s, '%')
		if i < 0 {
			return found, nil
		}
		s = s[i+1:]
		var v conversion
		if strings.HasPrefix(s, "(") {
			// A key in which parentheses nest is none to pyflakes.
			if end := strings.IndexAny(s[1:], "()"); end >= 0 && s[1+end] == ')' {
				v.key, v.named, s = s[1:1+end], true, s[end+2:]
			}
		}
		s = strings.TrimLeft(s, "#0+ -")
		s, v.stars = width(s, v.stars)
		if rest, ok := strings.CutPrefix(s, "."); ok {
			s, v.stars = width(rest, v.stars)
		}
		if s != "" && strings.IndexByte("hlL", s[0]) >= 0 {
			s = s[1:]
		}
		if s == "" {
			return nil, errIncomplete
		}
		letter, size := utf8.DecodeRuneInString(s)
		v.letter, s = letter, s[size:]
		found = append(found, v)
	}
}

// width skips a number or a star, which it counts.
func width(s string, stars int) (string, int) {
	if rest, ok := strings.CutPrefix(s, "*"); ok {
		return rest, stars + 1
	}
	return strings.TrimLeftFunc(s, unicode.IsDigit), stars
}

// percentFormat checks that a format and its values fit.
func (c *checker) percentFormat(n *python.BinOp, p *place) {
	format, ok := n.Left.(*python.Constant)
	if n.Op != python.Mod || !ok || format.Kind != python.StrConstant {
		return
	}
	conversions, err := parsePercent(format.Value)
	if err != nil {
		c.report(&percentInvalid, p, p.span, err)
		return
	}
	u, ok := c.percentUse(conversions, p)
	if !ok {
		return
	}
	if elts, ok := elements(n.Right); ok && !slices.ContainsFunc(elts, isStarred) {
		switch {
		case u.positional && u.count != len(elts):
			c.report(&percentCount, p, p.span, u.count, len(elts))
		case !u.positional:
			c.report(&percentMapping, p, p.span)
		}
	}
	if d, ok := n.Right.(*python.Dict); ok && !slices.ContainsFunc(d.Keys, func(k python.Expr) bool { return k == nil || !isStr(k) }) {
		c.percentMapping(d, u, p)
	}
}

// percentUse is what a format takes.
type percentUse struct {
	positional bool
	count      int // of values, if positional
	keys       map[string]bool
}

// percentUse adds the conversions up; ok is false where it makes no sense to
// compare them with values.
func (c *checker) percentUse(conversions []conversion, p *place) (u percentUse, ok bool) {
	u.keys = map[string]bool{}
	first := true
	for _, v := range conversions {
		if v.letter == '%' {
			continue
		}
		if !strings.ContainsRune("diouxXeEfFgGcrsa", v.letter) {
			c.report(&percentCharacter, p, p.span, repr(string(v.letter)))
		}
		if first {
			first, u.positional = false, !v.named
		}
		for range v.stars {
			if !u.positional {
				c.report(&percentStar, p, p.span)
			} else {
				u.count++
			}
		}
		if u.positional == v.named {
			c.report(&percentMixed, p, p.span)
			return u, false
		}
		if u.positional {
			u.count++
		} else {
			u.keys[v.key] = true
		}
	}
	return u, true
}

// percentMapping checks that a format and a dictionary with literal keys fit.
func (c *checker) percentMapping(d *python.Dict, u percentUse, p *place) {
	if u.positional {
		if u.count > 1 {
			c.report(&percentSequence, p, p.span)
		}
		return
	}
	given := map[string]bool{}
	for _, k := range d.Keys {
		given[k.(*python.Constant).Value] = true
	}
	if extra := missing(given, u.keys); len(extra) > 0 {
		c.report(&percentExtra, p, p.span, strings.Join(extra, ", "))
	}
	if absent := missing(u.keys, given); len(absent) > 0 {
		c.report(&percentMissing, p, p.span, strings.Join(absent, ", "))
	}
}

// missing are the keys of a that are not in b, sorted.
func missing(a, b map[string]bool) []string {
	var keys []string
	for k := range a {
		if !b[k] {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

func isStarred(e python.Expr) bool {
	_, ok := e.(*python.Starred)
	return ok
}

// field is one replacement field of a format for str.format.
type field struct {
	name string
	spec string
}

// parseFields finds the replacement fields of a format, with errors in the words
// of CPython's string.Formatter().parse.
// https://docs.python.org/3/library/string.html#format-string-syntax
func parseFields(s string) ([]field, error) {
	var fields []field
	for {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			return fields, nil
		}
		mark := s[i]
		s = s[i+1:]
		switch {
		case strings.HasPrefix(s, string(mark)): // {{ and }} stand for themselves
			s = s[1:]
			continue
		case mark == '}' || s == "":
			return nil, formatError("Single '" + string(mark) + "' encountered in format string")
		}
		f, rest, err := parseField(s)
		if err != nil {
			return nil, err
		}
		fields, s = append(fields, f), rest
	}
}

// parseField reads a field whose opening brace is read already.
func parseField(s string) (f field, rest string, err error) {
	end, err := fieldName(s)
	if err != nil {
		return f, "", err
	}
	f.name = s[:end]
	mark := s[end]
	s = s[end+1:]
	switch mark {
	case '}':
		return f, s, nil
	case '!':
		if s == "" {
			return f, "", formatError("end of string while looking for conversion specifier")
		}
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		if strings.HasPrefix(s, "}") {
			return f, s[1:], nil
		}
		if s != "" && s[0] != ':' {
			return f, "", formatError("expected ':' after conversion specifier")
		}
		s = strings.TrimPrefix(s, ":")
	}
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				f.spec = s[:i]
				return f, s[i+1:], nil
			}
		}
	}
	return f, "", formatError("unmatched '{' in format spec")
}

// fieldName is where the name of a field ends: at } or : or !, but not in [].
func fieldName(s string) (int, error) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{':
			return 0, formatError("unexpected '{' in field name")
		case '[':
			closing := strings.IndexByte(s[i:], ']')
			if closing < 0 {
				i = len(s)
			} else {
				i += closing
			}
		case '}', ':', '!':
			return i, nil
		}
	}
	return 0, formatError("expected '}' before end of string")
}

// formatUse is what a format for str.format takes: positions and names, and how
// positions are numbered.
type formatUse struct {
	positions, names    map[string]bool
	automatic, numbered bool
	next                int
}

const errMixed formatError = "automatic and manual numbering"

// add counts a field.
func (u *formatUse) add(name string) error {
	name, _, _ = strings.Cut(name, ".")
	name, _, _ = strings.Cut(name, "[")
	n, isNumber := integer(name)
	switch {
	case isNumber && u.automatic, name == "" && u.numbered:
		return errMixed
	case isNumber:
		u.numbered = true
		u.positions[n] = true
	case name == "":
		u.automatic = true
		u.positions[strconv.Itoa(u.next)] = true
		u.next++
	default:
		u.names[name] = true
	}
	return nil
}

// integer reads what Python's int reads and writes it without signs of its form.
func integer(s string) (string, bool) {
	s = strings.TrimFunc(s, unicode.IsSpace)
	digits := strings.TrimPrefix(strings.TrimPrefix(s, "+"), "-")
	if digits == "" || len(s)-len(digits) > 1 || strings.HasPrefix(digits, "_") ||
		strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") {
		return "", false
	}
	plain := strings.ReplaceAll(digits, "_", "")
	if strings.TrimLeft(plain, "0123456789") != "" {
		return "", false
	}
	plain = strings.TrimLeft(plain, "0")
	switch {
	case plain == "":
		return "0", true
	case s[0] == '-':
		return "-" + plain, true
	}
	return plain, true
}

// read counts all fields of a format, and those in their formats.
func (u *formatUse) read(format string) error {
	fields, err := parseFields(format)
	if err != nil {
		return err
	}
	for _, f := range fields {
		if err := u.add(f.name); err != nil {
			return err
		}
		inner, err := parseFields(f.spec)
		if err != nil {
			return err
		}
		for _, g := range inner {
			if strings.Contains(g.spec, "{") {
				return formatError("Max string recursion exceeded")
			}
			if err := u.add(g.name); err != nil {
				return err
			}
		}
	}
	return nil
}

// dotFormat checks that a format and the arguments of its method format fit.
func (c *checker) dotFormat(n *python.Call, p *place) {
	method, ok := n.Func.(*python.Attribute)
	if !ok || method.Attr != "format" {
		return
	}
	format, ok := method.Value.(*python.Constant)
	if !ok || format.Kind != python.StrConstant {
		return
	}
	u := formatUse{positions: map[string]bool{}, names: map[string]bool{}}
	switch err := u.read(format.Value); {
	case errors.Is(err, errMixed):
		c.report(&formatMixed, p, p.span)
		return
	case err != nil:
		c.report(&formatInvalid, p, p.span, err)
		return
	}
	positions, names := map[string]bool{}, map[string]bool{}
	for i, a := range n.Args {
		if isStarred(a) {
			return
		}
		positions[strconv.Itoa(i)] = true
	}
	for _, k := range n.Keywords {
		if k.Arg == "" {
			return
		}
		names[k.Arg] = true
	}
	if extra := missing(positions, u.positions); len(extra) > 0 {
		c.report(&formatExtra, p, p.span, strings.Join(extra, ", "))
	}
	if extra := missing(names, u.names); len(extra) > 0 {
		c.report(&formatExtraNamed, p, p.span, strings.Join(extra, ", "))
	}
	absent := append(missing(u.positions, positions), missing(u.names, names)...)
	slices.Sort(absent)
	if len(absent) > 0 {
		c.report(&formatMissing, p, p.span, strings.Join(absent, ", "))
	}
}
