package python

import (
	"sort"
	"strings"

	"hone/source"
)

// strings reads strings side by side, which are one.
func (p *parser) strings() Expr {
	start := p.start()
	if p.kind() == STRING {
		if k := p.peek().Kind; k != STRING && k != FSTRING_START {
			return p.stringPart()
		}
	}
	mark := len(p.exprs)
	formatted := false
	for p.kind() == STRING || p.kind() == FSTRING_START {
		if p.kind() == STRING {
			p.exprs = append(p.exprs, p.stringPart())
		} else {
			formatted = true
			p.fstring()
		}
	}
	kind := p.sameKind(start, p.exprs[mark:], formatted)
	if !formatted {
		first := p.exprs[mark].(*Constant)
		joined := joinConstants(p.exprs[mark:])
		p.exprs = p.exprs[:mark]
		return p.constants.put(Constant{Base: p.base(start), Kind: kind, Value: joined, U: first.U})
	}
	p.foldConstants(mark)
	return &JoinedStr{Base: p.base(start), Values: p.takeExprs(mark)}
}

// sameKind is the kind of all parts, which must have the same.
func (p *parser) sameKind(start int, parts []Expr, formatted bool) ConstantKind {
	kinds := [2]bool{formatted, false}
	for _, e := range parts {
		if c, ok := e.(*Constant); ok {
			kinds[c.Kind-StrConstant] = true
		}
	}
	if kinds[0] && kinds[1] {
		p.fail(start, p.end, "cannot mix bytes and nonbytes literals")
	}
	if kinds[1] {
		return BytesConstant
	}
	return StrConstant
}

func joinConstants(parts []Expr) string {
	var b strings.Builder
	for _, e := range parts {
		b.WriteString(e.(*Constant).Value)
	}
	return b.String()
}

// foldConstants makes one constant of those side by side in an f-string, of
// which the stack above mark holds the parts, and drops empty ones.
func (p *parser) foldConstants(mark int) {
	parts := p.exprs[mark:]
	folded := parts[:0]
	for i := 0; i < len(parts); {
		first, ok := parts[i].(*Constant)
		if !ok {
			folded = append(folded, parts[i])
			i++
			continue
		}
		j := i + 1
		for j < len(parts) && isConstant(parts[j]) {
			j++
		}
		if j > i+1 {
			first.Value = joinConstants(parts[i:j])
			first.Span.End = parts[j-1].Pos().End
		}
		if first.Value != "" {
			folded = append(folded, first)
		}
		i = j
	}
	p.exprs = p.exprs[:mark+len(folded)]
}

func isConstant(e Expr) bool {
	_, ok := e.(*Constant)
	return ok
}

// stringPart reads one string that is no f-string.
func (p *parser) stringPart() Expr {
	t := p.tokens[p.i]
	p.next()
	word := p.word(t)
	kind, raw := StrConstant, false
	i := 0
	for ; word[i] != '"' && word[i] != '\''; i++ {
		switch word[i] | 0x20 {
		case 'b':
			kind = BytesConstant
		case 'r':
			raw = true
		}
	}
	size := 1
	if len(word) >= i+6 && word[i+1] == word[i] && word[i+2] == word[i] {
		size = 3
	}
	value := p.unescape(word[i+size:len(word)-size], t.Span, kind, raw)
	return p.constants.put(Constant{Base: Base{t.Span}, Kind: kind, Value: value, U: word[0] == 'u'})
}

// unescape is the value of a string's text.
func (p *parser) unescape(body string, span source.Span, kind ConstantKind, raw bool) string {
	value, problem := unescape(body, kind == BytesConstant, raw)
	if problem != "" {
		p.fail(span.Start, span.End, problem)
	}
	return value
}

// fstring reads one f-string and pushes its parts.
func (p *parser) fstring() {
	p.deeper()
	word := p.word(p.tokens[p.i])
	raw := strings.ContainsAny(word, "rR")
	p.next()
	p.fstringParts(raw, FSTRING_END, noSym)
	p.next()
	p.depth--
}

// fstringParts pushes texts and fields up to a token that ends them.
func (p *parser) fstringParts(raw bool, kind TokenKind, s sym) {
	for {
		t := p.tokens[p.i]
		switch {
		case t.Kind == FSTRING_MIDDLE:
			p.next()
			text := p.word(t)
			if s == noSym && strings.ContainsAny(text, "{}") {
				text = singleBraces(text, raw)
			}
			value := p.unescape(text, t.Span, StrConstant, raw)
			p.exprs = append(p.exprs, p.constants.put(Constant{Base: Base{t.Span}, Kind: StrConstant, Value: value}))
		case t.sym == lbrace:
			p.replacement(raw)
		case t.Kind == kind && t.sym == s:
			return
		default:
			p.failHere("f-string: expecting '}'")
		}
	}
}

// singleBraces undoubles the braces of an f-string's text, but for those of \N{…}.
func singleBraces(text string, raw bool) string {
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' && i+1 < len(text) && text[i+1] != '{' && text[i+1] != '}' {
			if end := strings.IndexByte(text[i:], '}'); !raw && strings.HasPrefix(text[i:], `\N{`) && end > 0 {
				b = append(b, text[i:i+end+1]...)
				i += end
				continue
			}
			b = append(b, c, text[i+1])
			i++
			continue
		}
		b = append(b, c)
		if c == '{' || c == '}' {
			i++
		}
	}
	return string(b)
}

// replacement reads a replacement field. One that ends with = also pushes its
// own text.
func (p *parser) replacement(raw bool) {
	p.deeper()
	start := p.start()
	p.next()
	switch p.sym() {
	case rbrace, bang, colon, assign:
		p.failHere("f-string: valid expression required before '" + p.word(p.tokens[p.i]) + "'")
	}
	f := &FormattedValue{Conversion: -1, Value: p.yieldOrStar()}
	debug := p.accept(assign)
	textEnd := p.start()
	if p.sym() == bang {
		p.next()
		f.Conversion = p.conversion()
	}
	switch p.sym() {
	case colon:
		f.FormatSpec = p.formatSpec(raw)
	case rbrace:
	default:
		p.failHere("f-string: expecting '!', or ':', or '}'")
	}
	p.expect(rbrace)
	f.Base = p.base(start)
	p.depth--
	if debug {
		if f.Conversion < 0 && f.FormatSpec == nil {
			f.Conversion = 'r'
		}
		p.exprs = append(p.exprs, p.constants.put(Constant{
			Base: Base{source.Span{Start: start + 1, End: textEnd}},
			Kind: StrConstant, Value: lineFeeds(p.uncommented(start+1, textEnd)),
		}))
	}
	p.exprs = append(p.exprs, f)
}

// uncommented is a part of the text without comments.
func (p *parser) uncommented(start, end int) string {
	text := p.str[start:end]
	if strings.IndexByte(text, '#') < 0 {
		return text
	}
	var b strings.Builder
	first := sort.Search(len(p.all), func(i int) bool { return p.all[i].Span.Start >= start })
	for _, t := range p.all[first:] {
		if t.Span.Start >= end {
			break
		}
		if t.Kind == COMMENT {
			b.WriteString(p.str[start:t.Span.Start])
			start = t.Span.End
		}
	}
	b.WriteString(p.str[start:end])
	return b.String()
}

// conversion reads what follows the exclamation mark.
func (p *parser) conversion() int {
	t := p.tokens[p.i]
	if t.Kind == NAME && t.Span.Start == p.end {
		switch word := p.word(t); word {
		case "s", "r", "a":
			p.next()
			return int(word[0])
		}
		p.failHere("f-string: invalid conversion character '" + p.word(t) + "': expected 's', 'r', or 'a'")
	}
	p.failHere("f-string: invalid conversion character")
	return 0
}

// formatSpec reads a format specification from its colon.
func (p *parser) formatSpec(raw bool) Expr {
	start := p.start()
	p.next()
	mark := len(p.exprs)
	p.fstringParts(raw, OP, rbrace)
	p.foldConstants(mark)
	return &JoinedStr{Base: p.base(start), Values: p.takeExprs(mark)}
}
