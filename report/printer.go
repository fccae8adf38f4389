package report

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"unicode"

	"github.com/klauspost/compress/gzip"
)

// printer writes markup. After the first error it writes nothing.
type printer struct {
	w        *bufio.Writer
	err      error
	sections int
	charts   bool // a chart was written: the page needs the library
	nested   bool // inside what opens from a row
	widgets  map[string]string
}

func (p *printer) blocks(bs []Block) {
	for _, b := range bs {
		b.write(p)
	}
}

// trusted writes markup of ours.
func (p *printer) trusted(s string) {
	if p.err == nil {
		_, p.err = p.w.WriteString(s)
	}
}

// markup writes markup of ours with texts in it, which are escaped for elements
// and for attributes in quotes.
func (p *printer) markup(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = escape(s)
		}
	}
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// text writes text.
func (p *printer) text(s string) { p.trusted(escape(s)) }

// escape makes markup of text.
func escape(s string) string { return html.EscapeString(visible(s)) }

// visible replaces what a browser would drop, obey or hide: invalid UTF-8, control
// characters but tab and line feed, and the characters that reorder text
// (Boucher and Anderson, "Trojan Source", 2021).
func visible(s string) string {
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !hidden(r), r == unicode.ReplacementChar:
			b.WriteRune(r)
		case r < 0x20:
			b.WriteRune('␀' + r)
		case r == 0x7f:
			b.WriteRune('␡')
		default:
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		}
	}
	return b.String()
}

// hidden reports what [visible] replaces. Bytes that are no UTF-8 arrive as U+FFFD, which stays.
func hidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r == unicode.ReplacementChar: // also what the loop in visible makes of invalid bytes
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x61c:
		return true
	}
	return unicode.IsControl(r)
}

// data writes a value as compressed JSON in an element that the page's script finds by its class.
func (p *printer) data(class string, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		if p.err == nil {
			p.err = err
		}
		return
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.DefaultCompression)
	if err == nil {
		_, err = z.Write(raw)
	}
	if err == nil {
		err = z.Close()
	}
	if p.err == nil {
		p.err = err
	}
	p.markup(`<script type="text/plain" class="%s">`, class)
	p.trusted(base64.StdEncoding.EncodeToString(packed.Bytes()))
	p.trusted("</script>\n")
}
