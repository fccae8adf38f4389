package dataflow

import (
	"math"
	"testing"

	"hone/source"
	"hone/source/python"
)

// TestCodeBLEU compares with the scores of the package codebleu.
func TestCodeBLEU(t *testing.T) {
	var rows []struct {
		Language             source.Language
		Candidate, Reference string
		Syntax               float64
		DataFlow             *float64 `json:"data_flow"` // nil where it varies from run to run
	}
	readJSON(t, "similarity.json", &rows)
	vary := 0
	for _, row := range rows {
		got, err := CompatibleSimilarity(row.Language, []byte(row.Candidate), []byte(row.Reference))
		if err != nil {
			t.Fatal(err)
		}
		if syntax, _ := got.Syntax.Score(); math.Abs(syntax-row.Syntax) > 1e-12 {
			t.Errorf("syntax %v = %g, want %g:\n%s\nagainst\n%s", got.Syntax, syntax, row.Syntax, row.Candidate, row.Reference)
		}
		if row.DataFlow == nil {
			vary++
			continue
		}
		if flow, _ := got.DataFlow.Score(); math.Abs(flow-*row.DataFlow) > 1e-12 {
			t.Errorf("data flow %v = %g, want %g:\n%s\nagainst\n%s", got.DataFlow, flow, *row.DataFlow, row.Candidate, row.Reference)
		}
	}
	t.Logf("%d pairs; codebleu's data flow varies for %d", len(rows), vary)
}

func parse(t testing.TB, program string) (*source.Tree, Graph) {
	t.Helper()
	tree, err := source.Parse(source.Python, []byte(program))
	if err != nil {
		t.Fatal(err)
	}
	module, err := python.Parse([]byte(program))
	if err != nil {
		t.Fatal(err)
	}
	return tree, Of(module)
}

func TestSimilarity(t *testing.T) {
	const reference = "def f(a, b):\n    c = a\n    c += b\n    return c\n"
	for _, x := range []struct {
		name, candidate string
		syntax, flow    Match
	}{
		{"itself", reference, Match{9, 9}, Match{6, 6}},
		{"renamed", "def g(x, y):\n    z = x\n    z += y\n    return z\n", Match{9, 9}, Match{6, 6}},
		// c = b, c += a: the numbers of a and b are those of a and b still, so that what
		// they flow into differs; c's own edges stay.
		{"crossed", "def f(a, b):\n    c = b\n    c += a\n    return c\n", Match{9, 9}, Match{4, 6}},
		{"empty", "", Match{0, 9}, Match{0, 6}},
	} {
		t.Run(x.name, func(t *testing.T) {
			wantTree, wantGraph := parse(t, reference)
			tree, graph := parse(t, x.candidate)
			if got := SyntaxMatch(tree, wantTree); got != x.syntax {
				t.Errorf("syntax %v, want %v", got, x.syntax)
			}
			if got := DataFlowMatch(graph, wantGraph); got != x.flow {
				t.Errorf("data flow %v, want %v", got, x.flow)
			}
		})
	}
}

func TestNothingToMatchHasNoScore(t *testing.T) {
	_, graph := parse(t, "def f():\n    return 1\n")
	if score, ok := DataFlowMatch(graph, graph).Score(); ok {
		t.Errorf("score %g of a reference without data flow", score)
	}
}

// TestRepeatedSubtreesMatchOnce: of three statements like one of the candidate, one matches.
func TestRepeatedSubtreesMatchOnce(t *testing.T) {
	one, _ := parse(t, "f(1)\n")
	three, _ := parse(t, "f(1)\nf(2)\nf(3)\n")
	if got := SyntaxMatch(one, three); got.Matched >= got.Total-2 {
		t.Errorf("%d of %d match", got.Matched, got.Total)
	}
	if got := presence(one, three); got.Matched != got.Total-1 {
		t.Errorf("%d of %d are present, want all but the module", got.Matched, got.Total)
	}
}
