package python

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"testing"
	"unicode/utf8"
)

// mutate breaks a program in one place, as people and models do: a token is
// missing, twice there, exchanged with its neighbour or replaced by another.
func mutate(r *rand.Rand, text []byte, tokens []Token) []byte {
	i := r.IntN(len(tokens))
	t := tokens[i].Span
	word := text[t.Start:t.End]
	var replacement []byte
	end := t.End
	switch r.IntN(4) {
	case 0:
	case 1:
		replacement = append(append(append(replacement, word...), ' '), word...)
	case 2:
		other := tokens[r.IntN(len(tokens))].Span
		replacement = append(replacement, text[other.Start:other.End]...)
	case 3:
		if i+1 < len(tokens) {
			next := tokens[i+1].Span
			end = next.End
			replacement = append(append(append(replacement, text[next.Start:next.End]...), ' '), word...)
		}
	}
	return append(append(append([]byte(nil), text[:t.Start]...), replacement...), text[end:]...)
}

// TestAcceptance compares with CPython which broken programs are refused.
// Against 3.11 the constructs of later versions count as differences.
func TestAcceptance(t *testing.T) {
	o := newOracle(t, "accepts.py")
	programs, mutants := 60, 20
	if os.Getenv("HONE_LONG") != "" {
		programs = 1500
	}
	paths := realPrograms(t)
	r := rand.New(rand.NewPCG(1, 2))
	var asked, refused, falselyAccepted, falselyRefused, sameMessage int
	for programs > 0 {
		src, err := os.ReadFile(paths[r.IntN(len(paths))])
		if err != nil || len(src) < 100 || len(src) > 6000 || !utf8.Valid(src) {
			continue
		}
		m, err := Parse(src)
		if err != nil || len(m.Tokens) < 20 {
			continue
		}
		programs--
		for range mutants {
			mutant := mutate(r, m.Text, m.Tokens)
			question, _ := json.Marshal(string(mutant))
			var want *string
			o.ask(t, string(question), &want)
			_, err := Parse(mutant)
			asked++
			switch {
			case want == nil && err != nil:
				falselyRefused++
				t.Logf("refused: %v in %s", err, around(mutant, err))
			case want != nil && err == nil:
				falselyAccepted++
				t.Logf("accepted, CPython: %s", *want)
				if folder := os.Getenv("HONE_KEEP"); folder != "" {
					f, _ := os.CreateTemp(folder, "accepted*.py")
					f.Write(mutant)
					f.Close()
				}
			case want != nil:
				refused++
				if err.(*SyntaxError).Message == messageOf(*want) {
					sameMessage++
				}
			}
		}
	}
	wrong := falselyAccepted + falselyRefused
	t.Logf("%d mutants, %d refused by both (%d with the same message), %d only by CPython, %d only here: %.2f %% agree",
		asked, refused, sameMessage, falselyAccepted, falselyRefused, 100*float64(asked-wrong)/float64(asked))
	if 100*wrong > asked {
		t.Errorf("more than 1 %% differ")
	}
}

// messageOf is what follows the type of an exception.
func messageOf(s string) string {
	for i := range len(s) {
		if s[i] == ':' && i+2 <= len(s) {
			return s[i+2:]
		}
	}
	return s
}

func around(text []byte, err error) string {
	at := err.(*SyntaxError).Span.Start
	return string(text[max(0, at-40):min(len(text), at+40)])
}
