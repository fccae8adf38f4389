package style

import "bytes"

const indentSize = 4

// indentation checks E111 to E117.
func indentation(c *checker, l *logical) {
	start, end := l.head()
	multiple, missing, unexpected, comment := e111, e112, e113, ""
	if len(l.text) == 0 {
		multiple, missing, unexpected, comment = e114, e115, e116, " (comment)"
	}
	if l.level%indentSize != 0 {
		c.report(multiple, start, end)
	}
	expected := bytes.HasSuffix(c.previous.text, []byte(":"))
	switch {
	case expected && l.level <= c.previous.level:
		c.report(missing, start, end)
	case !expected && l.level > c.previous.level:
		c.report(unexpected, start, end)
	}
	amount := indentSize
	if c.indentChar == '\t' {
		amount = 8
	}
	if expected && l.level > c.previous.level+amount {
		c.report(e117, start, end, comment)
	}
}
