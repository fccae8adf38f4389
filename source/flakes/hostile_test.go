package flakes

import (
	"fmt"
	"strings"
	"testing"

	"hone/source/python"
)

// lines is n lines made of a format that takes the line's number.
func lines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(format, "@", fmt.Sprint(i)) + "\n")
	}
	return b.String()
}

// TestHostile: programs made to take for ever do not. Each would, if something
// grew with the square of its length or faster.
func TestHostile(t *testing.T) {
	const n = 8_000
	for name, text := range map[string]string{
		"bound in one branch":     "try:\n" + lines(n, "    x = 1") + "except E: x = 2\n",
		"continue after a loop":   "while 1: pass\nelse:\n" + lines(n, "    continue"),
		"stars and unknown names": lines(n, "from m@ import *") + lines(n, "u@"),
		"globals":                 lines(n, "u@") + "def f():\n" + lines(n, "    global u@") + "v",
		"exports":                 "__all__ = []\n" + lines(n, "__all__ += ['x@']"),
		"parameters":              "def f(" + strings.TrimSuffix(strings.ReplaceAll(lines(n, "p@,"), "\n", ""), ",") + ", p1): pass\n",
		"handlers":                "try:\n" + lines(n, "    u@") + "except (" + strings.ReplaceAll(lines(n, "E@,"), "\n", "") + "): pass\n",
		"casts":                   "from typing import cast\n" + strings.Repeat("cast(", 150) + "x" + strings.Repeat(")", 150) + "\n",
		"keys in one another":     "{" + strings.Repeat(strings.Repeat("(", 150)+"1"+strings.Repeat(",)", 150)+": 1, ", 3) + "'k': 1, 'k': 2}\n",
		"equal keys":              "{" + strings.Repeat("'k': 1, ", n) + "'k': 2}\n",
		"redefinitions":           lines(n, "def f(): pass"),
		"type comments":           lines(n, "x = 1  # type: U@"),
		"annotations":             lines(n, "x: 'List[U@]'"),
		"fields":                  "'" + strings.Repeat("{:{}}", n) + "'.format()\n",
		"conversions":             "'" + strings.Repeat("%(k)s", n) + "' % {}\n",
		"quotes in quotes":        "x: '" + strings.Repeat("(", 3000) + "'\n",
		"lambdas in lambdas":      strings.Repeat("lambda a=u: ", 400) + "a\n",
	} {
		t.Run(name, func(t *testing.T) {
			m, _ := python.ParseTolerant([]byte(text))
			if found := Check(m); len(found) == 0 {
				t.Errorf("nothing found in %.60s…", text)
			}
		})
	}
}
