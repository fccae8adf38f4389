// Package hostile holds programs that attack a judge, and a world outside the judge
// that notices what they do to it. The tests of package judge hold Hone against them,
// bench/judge also the judges of others.
package hostile

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed programs/*.py
var files embed.FS

// Program is one attack: none solves its task, f(kind, n) with Solution's answers.
type Program struct {
	Name  string
	Class string // what it tries, for tables
	// Against are the kinds of tests it is meant for: data (calls with literals), split
	// (tests that run code of their own) and stdio.
	Against []string
	// Source has @NAME@ where World.Fill puts what it aims at; @SIGNAL@ stands for a
	// signal's number, see KillSelf.
	Source string
}

// KillSelf is the program that ends itself by a signal.
const KillSelf = "kill_self"

// Programs are all attacks by name.
func Programs() ([]Program, error) {
	names, err := fs.Glob(files, "programs/*.py")
	if err != nil {
		return nil, err
	}
	var out []Program
	for _, name := range names {
		b, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		p := Program{Name: strings.TrimSuffix(path.Base(name), ".py"), Source: string(b)}
		for line := range strings.Lines(p.Source) {
			if c, ok := strings.CutPrefix(line, "# class: "); ok {
				p.Class = strings.TrimSpace(c)
			}
			if m, ok := strings.CutPrefix(line, "# against: "); ok {
				p.Against = strings.Fields(m)
			}
		}
		if p.Class == "" || len(p.Against) == 0 {
			return nil, fmt.Errorf("%s: its header names no class or no kind of tests", name)
		}
		out = append(out, p)
	}
	return out, nil
}

// Solution computes the secret function. No attack contains its formula, so none can
// pass a test by luck.
const Solution = `
def f(kind, n):
    s = (n * 7919 + 104729) % 65537
    return {'int': s, 'float': s / 7, 'str': 'v%d' % s, 'list': [s, s + 1], 'tuple': (s, str(s)), 'dict': {s: [s / 2]}, 'set': {s, s * 2}}[kind]
`

// Secret is the number that the answers of Solution for n are made of.
func Secret(n int) int { return (n*7919 + 104729) % 65537 }
