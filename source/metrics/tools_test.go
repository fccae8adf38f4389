package metrics

import (
	"math"
	"sort"
	"strings"
	"testing"

	"hone/source"
	"hone/source/python"
)

// toolNumbers is what testdata/oracle/tools.py answers.
type toolNumbers struct {
	McCabe              int                `json:"mccabe"`
	McCabeFunctions     [][2]int           `json:"mccabe_functions"`
	Cyclomatic          int                `json:"cyclomatic"`
	CyclomaticFunctions [][2]int           `json:"cyclomatic_functions"`
	Halstead            Halstead           `json:"halstead"`
	HalsteadFunctions   []halsteadFunction `json:"halstead_functions"`
	Lines               Lines              `json:"lines"`
	Maintainability     float64            `json:"maintainability"`
	CognitiveFunctions  []toolCognitive    `json:"cognitive_functions"`
}

// TestTools compares with mccabe, radon and cognitive_complexity.
func TestTools(t *testing.T) {
	n := 40
	if long() {
		n = 2500
	}
	o := newOracle(t, "tools.py", "mccabe", "radon", "cognitive_complexity")
	s := statistics{deviating: map[string]int{}}
	for p, answer := range ask[toolNumbers](t, o, realPrograms(t, n), 1) {
		want, err := answer()
		if err != nil {
			t.Logf("%s: %v", p.name, err)
			continue
		}
		m, err := python.Parse(p.text)
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		s.programs++
		compareTools(t, p.name, m, want, &s)
	}
	t.Logf("%d programs of %d", s.programs, n)
	if s.programs < n*9/10 { // radon takes minutes for some
		t.Errorf("only %d programs of %d were compared", s.programs, n)
	}
	t.Logf("cognitive complexity: %d functions equal, %d differ where cognitive_complexity departs from the paper: %v", s.equal, s.different, s.deviating)
}

// statistics counts what was compared.
type statistics struct {
	programs, equal, different int
	deviating                  map[string]int // differing functions by what is in them
}

func compareTools(t *testing.T, path string, m *python.Module, want toolNumbers, s *statistics) {
	t.Helper()
	got := Of(m)
	if got.McCabe != want.McCabe || got.Cyclomatic != want.Cyclomatic {
		t.Errorf("%s: mccabe %d, radon %d; want %d, %d", path, got.McCabe, got.Cyclomatic, want.McCabe, want.Cyclomatic)
	}
	if got.Lines != want.Lines {
		t.Errorf("%s:\n got %+v\nwant %+v", path, got.Lines, want.Lines)
	}
	if !sameHalstead(got.Halstead, want.Halstead) {
		t.Errorf("%s:\n got %+v\nwant %+v", path, got.Halstead, want.Halstead)
	}
	if !near(got.Maintainability, want.Maintainability) {
		t.Errorf("%s: maintainability %v, want %v", path, got.Maintainability, want.Maintainability)
	}

	lines := source.NewLines(m.Text)
	byLine := map[int]Function{}
	var outermost []Function
	for _, f := range got.Functions {
		byLine[lines.Line(f.Span.Start)] = f
		if !strings.Contains(f.Name, "<locals>") {
			outermost = append(outermost, f)
		}
	}
	for _, f := range want.McCabeFunctions {
		if g := byLine[f[0]]; g.McCabe != f[1] {
			t.Errorf("%s:%d: mccabe of %q is %d, want %d", path, f[0], g.Name, g.McCabe, f[1])
		}
	}
	for _, f := range want.CyclomaticFunctions {
		if g := byLine[f[0]]; g.Cyclomatic != f[1] {
			t.Errorf("%s:%d: radon of %q is %d, want %d", path, f[0], g.Name, g.Cyclomatic, f[1])
		}
	}
	if len(outermost) != len(want.HalsteadFunctions) {
		t.Errorf("%s: %d functions outside of others, want %d", path, len(outermost), len(want.HalsteadFunctions))
		return
	}
	for i, f := range want.HalsteadFunctions {
		if !sameHalstead(outermost[i].Halstead, f.Halstead) {
			t.Errorf("%s: %s:\n got %+v\nwant %+v", path, f.Name, outermost[i].Halstead, f.Halstead)
		}
	}
	compareCognitive(t, path, m, want.CognitiveFunctions, s)
}

func compareCognitive(t *testing.T, path string, m *python.Module, want []toolCognitive, s *statistics) {
	t.Helper()
	c := newCognitive(m)
	c.recursive = nil
	lines := source.NewLines(m.Text)
	got := map[int]int{}
	definitions(m, "", func(_ string, f *python.FunctionDef) {
		got[lines.Line(f.Span.Start)] = c.function(f)
	})
	for _, f := range want {
		n, ok := got[f.Line]
		switch {
		case ok && n == f.Complexity:
			s.equal++
		case !ok || len(f.Deviations) == 0:
			t.Errorf("%s:%d: cognitive complexity is %d, want %d", path, f.Line, n, f.Complexity)
		default:
			s.different++
			sort.Strings(f.Deviations)
			s.deviating[strings.Join(f.Deviations, ", ")]++
		}
	}
}

func sameHalstead(a, b Halstead) bool {
	if !near(a.CalculatedLength, b.CalculatedLength) || !near(a.Volume, b.Volume) || !near(a.Difficulty, b.Difficulty) ||
		!near(a.Effort, b.Effort) || !near(a.Time, b.Time) || !near(a.Bugs, b.Bugs) {
		return false
	}
	return a.DistinctOperators == b.DistinctOperators && a.DistinctOperands == b.DistinctOperands &&
		a.Operators == b.Operators && a.Operands == b.Operands && a.Vocabulary == b.Vocabulary && a.Length == b.Length
}

// near allows for another order of roundings.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }
