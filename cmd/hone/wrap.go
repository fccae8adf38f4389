package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// wrapped is standard output for text: on a narrow terminal long lines are broken
// at spaces. Elsewhere it changes nothing.
func wrapped(f *os.File) io.Writer {
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns < 20 {
		return f
	}
	return &wrapper{w: f, columns: columns}
}

// wrapper breaks lines as they come.
type wrapper struct {
	w       io.Writer
	columns int
	line    []byte // not yet ended
}

// Write implements [io.Writer].
func (w *wrapper) Write(p []byte) (int, error) {
	w.line = append(w.line, p...)
	end := bytes.LastIndexByte(w.line, '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	var out strings.Builder
	for line := range strings.Lines(string(w.line[:end])) {
		out.WriteString(wrap(strings.TrimSuffix(line, "\n"), w.columns) + "\n")
	}
	w.line = append(w.line[:0], w.line[end:]...)
	_, err := io.WriteString(w.w, out.String())
	return len(p), err
}

// wrap breaks a line of more than columns characters at spaces. What follows is
// indented to the last column of text, columns being two or more spaces apart.
func wrap(line string, columns int) string {
	indent, spaces := 0, 0
	for i, r := range []rune(line) {
		if r == ' ' {
			spaces++
			continue
		}
		if spaces >= 2 && i <= 2*columns/3 {
			indent = i
		}
		spaces = 0
	}
	var out []string
	for utf8.RuneCountInString(line) > columns {
		runes := []rune(line)
		cut := columns
		for cut > indent && runes[cut] != ' ' {
			cut--
		}
		if cut <= indent { // one long word
			break
		}
		out = append(out, strings.TrimRight(string(runes[:cut]), " "))
		line = strings.Repeat(" ", indent) + strings.TrimLeft(string(runes[cut:]), " ")
	}
	return strings.Join(append(out, line), "\n")
}
