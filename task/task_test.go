package task

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hone/recipe"
)

// write makes a file of JSON lines, or of text.
func write(t *testing.T, dir, name string, rows ...any) string {
	t.Helper()
	path := filepath.Join(dir, name)
	var b strings.Builder
	for _, r := range rows {
		if s, ok := r.(string); ok {
			b.WriteString(s)
			continue
		}
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(raw, '\n'))
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

type m = map[string]any

func config(kind Kind, format, path string) Config {
	var c Config
	c.Default()
	c.Kind, c.Format, c.Path = kind, format, path
	return c
}

// program is one of many that have nothing in common.
func program(i int) string {
	var b strings.Builder
	for j := range 30 {
		fmt.Fprintf(&b, "int v%d_%d = f%d(%d); ", i, j, i*31+j, j*i)
	}
	return b.String()
}

// TestFormats reads every public format.
func TestFormats(t *testing.T) {
	for _, c := range []struct {
		kind   Kind
		format string
		files  func(dir string) string
		want   Row // the first test row
		labels []string
	}{
		{Classification, "devign", func(dir string) string {
			for i, split := range []string{"train", "valid", "test"} {
				write(t, dir, split+".jsonl", m{"project": "qemu", "commit_id": "a", "target": 0, "func": program(10 * i), "idx": 7}, m{"project": "FFmpeg", "target": 1, "func": program(10*i + 1), "idx": 8})
			}
			return dir
		}, Row{ID: "7", Text: program(20), Label: "0", Group: "qemu", Split: "test"}, []string{"0", "1"}},
		{Clones, "poj", func(dir string) string {
			for i, split := range []string{"train", "valid", "test"} {
				write(t, dir, split+".jsonl", m{"label": fmt.Sprint(i), "index": "3", "code": program(i)}, m{"label": fmt.Sprint(i), "index": "4", "code": program(5 + i)})
			}
			return dir
		}, Row{ID: "3", Text: program(2), Label: "2", Group: "row 4", Split: "test"}, []string{"0", "1", "2"}},
		{Pairs, "bigclonebench", func(dir string) string {
			write(t, dir, "data.jsonl", m{"func": program(1), "idx": "11"}, m{"func": program(2), "idx": "12"}, m{"func": program(3), "idx": "13"}, m{"func": program(4), "idx": "14"})
			write(t, dir, "train.txt", "11\t12\t1\n11\t13\t0\n")
			write(t, dir, "valid.txt", "12\t13\t0\n")
			write(t, dir, "test.txt", "13\t14\t1\n13\t99\t1\n")
			return dir
		}, Row{ID: "13-14", Text: program(3), Other: program(4), Label: "1", Group: "row 3", Split: "test"}, []string{"0", "1"}},
		{Search, "advtest", func(dir string) string {
			for i, split := range []string{"train", "valid", "test"} {
				write(t, dir, split+".jsonl", m{"idx": i, "code_tokens": []string{"def", program(i)}, "docstring_tokens": []string{"adds", "two"}})
			}
			return dir
		}, Row{ID: "2", Text: "def " + program(2), Other: "adds two", Group: "row 2", Split: "test"}, nil},
		{Pairs, "cosqa", func(dir string) string {
			for i, split := range []string{"train", "dev", "test"} {
				raw, _ := json.Marshal([]m{{"idx": "a", "doc": "sort a list", "code": program(i), "label": 1}, {"idx": "b", "doc": "open a file", "code": program(10 + i), "label": 0}})
				write(t, dir, "cosqa-"+split+".json", string(raw))
			}
			return dir
		}, Row{ID: "a", Text: program(2), Other: "sort a list", Label: "1", Group: "row 4", Split: "test"}, []string{"0", "1"}},
		{Classification, "reveal", func(dir string) string {
			var safe, unsafe []m
			for i := range 40 {
				safe, unsafe = append(safe, m{"code": program(i), "hash": i, "project": "chrome", "size": 3}), append(unsafe, m{"code": program(100 + i), "hash": i, "project": "debian", "size": 3})
			}
			for name, rows := range map[string][]m{"vulnerables.json": unsafe, "non-vulnerables.json": safe} {
				raw, _ := json.Marshal(rows)
				write(t, dir, name, string(raw))
			}
			return dir
		}, Row{}, []string{"0", "1"}},
		{Classification, "cve", func(dir string) string {
			f, err := os.Create(filepath.Join(dir, "cve.jsonl.gz"))
			if err != nil {
				t.Fatal(err)
			}
			z := gzip.NewWriter(f)
			for i := range 60 {
				_ = json.NewEncoder(z).Encode(m{"id": fmt.Sprint(i), "cve": "CVE-2011-1", "cwe": "CWE-119", "project": fmt.Sprint("p", i/2), "file": "a.c", "label": i % 2, "lines": 1, "code": program(i)})
			}
			z.Close()
			f.Close()
			return f.Name()
		}, Row{}, []string{"0", "1"}},
	} {
		t.Run(c.format, func(t *testing.T) {
			s, err := Open(config(c.kind, c.format, c.files(t.TempDir())))
			if err != nil {
				t.Fatal(err)
			}
			if c.want.Text != "" {
				if diff := cmp.Diff(c.want, s.Test[0]); diff != "" {
					t.Error(diff)
				}
			}
			if diff := cmp.Diff(c.labels, s.Labels); diff != "" {
				t.Error(diff)
			}
			groups := map[string]string{}
			for split, rows := range map[string][]Row{"train": s.Train, "validation": s.Validation, "test": s.Test} {
				for _, r := range rows {
					if c.format == "cve" && groups[r.Group] != "" && groups[r.Group] != split {
						t.Errorf("the project %s is in two splits", r.Group)
					}
					groups[r.Group] = split
				}
			}
		})
	}
}

// TestWhatIsWrongIsSaid: empty classes, leaks, unbalanced labels, rows of white space.
func TestWhatIsWrongIsSaid(t *testing.T) {
	row := func(i int, split, label string) m {
		return m{"text": program(i), "label": label, "split": split}
	}
	for _, c := range []struct {
		name, note, err string
		rows            []any
		change          func(*Config)
	}{
		{"leak", "1 training rows are near-duplicates", "", []any{
			row(1, "train", "a"), row(2, "train", "b"), m{"text": program(3) + "int more;", "label": "a", "split": "train"}, row(3, "test", "a"), row(4, "test", "b"),
		}, nil},
		{"no leak", "no training row is a near-duplicate", "", []any{row(1, "train", "a"), row(2, "train", "b"), row(3, "test", "a")}, nil},
		{"unbalanced", `labels are unbalanced: "b" has 10.0 %`, "", append([]any{row(0, "train", "b"), row(100, "test", "a")}, func() (r []any) {
			for i := range 9 {
				r = append(r, row(1+i, "train", "a"))
			}
			return r
		}()...), nil},
		{"blank", "1 rows hold nothing but white space", "", []any{m{"text": " \n", "label": "a"}, row(1, "train", "a"), row(2, "train", "b"), row(3, "test", "a")}, nil},
		{"empty class", "", `label "c" has no rows in the training split`, []any{row(1, "train", "a"), row(2, "train", "b"), row(3, "test", "c")}, nil},
		{"one class", "", `all rows have the label "a"`, []any{row(1, "train", "a"), row(2, "test", "a")}, nil},
		{"no test", "", "the test split is empty", []any{row(1, "train", "a"), row(2, "train", "b")}, nil},
		{"no label", "", "has no label", []any{row(1, "train", ""), row(2, "test", "b")}, nil},
		{"split", "", `the split is "dev", not train`, []any{row(1, "dev", "a")}, nil},
		{"field", "", `unknown field "lable"`, []any{m{"text": "x", "lable": "a"}}, nil},
		{"text", "", `field "text" is missing (there are label)`, []any{m{"label": "a"}}, nil},
		{"span", "", "the span 3 … 9 is not within the text's 5 bytes", []any{m{"text": "a = b", "spans": []m{{"start": 3, "end": 9, "label": "int"}}}}, func(c *Config) { c.Kind = Tokens }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := config(Classification, "rows", write(t, t.TempDir(), "rows.jsonl", c.rows...))
			if c.change != nil {
				c.change(&o)
			}
			s, err := Open(o)
			switch {
			case c.err != "":
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("the error is %v, it should say %q", err, c.err)
				}
			case err != nil:
				t.Error(err)
			case !strings.Contains(strings.Join(s.Notes, "\n"), c.note):
				t.Errorf("the notes are %q, they should say %q", s.Notes, c.note)
			}
		})
	}
}

// TestLeakIsDropped: what is dropped is the training row.
func TestLeakIsDropped(t *testing.T) {
	path := write(t, t.TempDir(), "rows.jsonl", m{"text": program(1), "label": "a", "split": "train"}, m{"text": program(2), "label": "b", "split": "train"},
		m{"text": program(3), "label": "a", "split": "train"}, m{"text": program(3), "label": "a", "split": "test"})
	for leaks, want := range map[string]int{"drop": 2, "keep": 3} {
		c := config(Classification, "rows", path)
		c.Leaks = leaks
		s, err := Open(c)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Train) != want || len(s.Test) != 1 {
			t.Errorf("%s: %d training rows, %d test rows", leaks, len(s.Train), len(s.Test))
		}
	}
}

// TestShares: a smaller share is part of a larger one, and every label has its share.
func TestShares(t *testing.T) {
	var rows []any
	for i := range 200 {
		rows = append(rows, m{"text": program(i), "label": string(rune('a' + i%4)), "split": map[bool]string{true: "test", false: "train"}[i >= 180]})
	}
	path := write(t, t.TempDir(), "rows.jsonl", rows...)
	before := map[string]bool{}
	for _, share := range []float64{.01, .1, .5, 1} {
		c := config(Classification, "rows", path)
		c.Share = share
		s, err := Open(c)
		if err != nil {
			t.Fatal(err)
		}
		now, counts := map[string]bool{}, map[string]int{}
		for _, r := range s.Train {
			now[r.Text] = true
			counts[r.Label]++
		}
		for text := range before {
			if !now[text] {
				t.Errorf("the share %v lacks a row of a smaller one", share)
			}
		}
		for l, n := range counts {
			if want := max(1, int(math.Round(45*share))); n != want {
				t.Errorf("share %v: %d rows of %s, not %d", share, n, l, want)
			}
		}
		before = now
	}
}

// TestSharesOfTokens: the smallest share has every label, and a smaller one is part of a larger one.
func TestSharesOfTokens(t *testing.T) {
	var rows []any
	for i := range 300 {
		spans := []m{{"start": 0, "end": 1, "label": "often"}, {"start": 1, "end": 2, "label": fmt.Sprint("label ", i%7)}}
		if i%100 == 3 { // three training rows
			spans = append(spans, m{"start": 2, "end": 3, "label": "seldom"})
		}
		rows = append(rows, m{"text": program(i), "spans": spans, "split": map[bool]string{true: "test", false: "train"}[i >= 280]})
	}
	path := write(t, t.TempDir(), "rows.jsonl", rows...)
	before := map[string]bool{}
	for _, share := range []float64{.001, .01, .05, .1, .5, 1} {
		c := config(Tokens, "rows", path)
		c.Share = share
		s, err := Open(c)
		if err != nil {
			t.Fatal(err)
		}
		now := map[string]bool{}
		for _, r := range s.Train {
			now[r.Text] = true
		}
		for text := range before {
			if !now[text] {
				t.Errorf("the share %v lacks a row of a smaller one", share)
			}
		}
		if want := int(math.Round(280 * share)); len(s.Labels) != 9 || len(now) > max(9, want) || len(now) < want {
			t.Errorf("share %v: %d labels, %d rows", share, len(s.Labels), len(now))
		}
		before = now
	}
}

// TestScores has values computed by hand.
func TestScores(t *testing.T) {
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("%s is %v, not %v", what, got, want)
		}
	}
	s := Classes([][]float64{{0, 1}, {.4, .6}, {1, 0}, {.4, .4}, {0, 2}}, []int{1, 0, 0, 1, 1}, 2)
	near("accuracy", s["accuracy"].Value, .6)
	near("F1", s["f1"].Value, 2./3)
	near("macro F1", s["macro_f1"].Value, (2./3+.5)/2)
	near("the area", s["auc"].Value, (2+1+2)/6.) // 1 and 2 are above .2 and −1, 0 is below the first
	if _, ok := Classes([][]float64{{0, 1, 0}}, []int{1}, 3)["auc"]; ok {
		t.Error("three labels have an area under the curve")
	}

	// Query 0's answer is first, query 1's last of three, query 2's ties with one.
	sim := [][]float64{{3, 2, 1}, {3, 1, 2}, {0, 1, 1}}
	near("MRR", ReciprocalRanks(3, func(q, i int) float64 { return sim[q][i] })["mrr"].Value, (1+1./3+.5)/3)

	// a at 0, 1, 3, b at 2, 4, by distance: for 0, others at 1 (a), 2 (b), 3 (a), 4 (b); R = 2.
	labels, at := []string{"a", "a", "b", "a", "b"}, []float64{0, 1, 2.1, 3.3, 4.6}
	got := AveragePrecisions(labels, func(a, b int) float64 { return -math.Abs(at[a] - at[b]) })["map_at_r"].Value
	// 0: hit, miss → 1/2. 1: 0 (a) → hit, 2 (b) → miss → 1/2. 2: R=1, nearest 1 (1.1; 3 is 1.2) → 0.
	// 3: 2 (1.2), 4 (1.3) → 0. 4: nearest 3 → 0.
	near("MAP@R", got, (.5+.5)/5)
}

// TestGolden compares with scikit-learn (testdata/gen/scores.py).
func TestGolden(t *testing.T) {
	var golden struct {
		Two []struct {
			Rows              [][]float64
			Truth             []int
			Accuracy, F1, AUC float64
			MacroF1           float64 `json:"macro_f1"`
		}
		Weights []struct {
			Labels   []int
			Balanced []float64
		}
	}
	raw, err := os.ReadFile("testdata/scores.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	for i, c := range golden.Two {
		s := Classes(c.Rows, c.Truth, 2)
		for name, want := range map[string]float64{"accuracy": c.Accuracy, "f1": c.F1, "macro_f1": c.MacroF1, "auc": c.AUC} {
			if got := s[name]; math.Abs(got.Value-want) > 1e-12 || got.Low > want || got.High < want || got.Rows != len(c.Truth) {
				t.Errorf("case %d: %s is %+v, not %v", i, name, got, want)
			}
		}
	}
	for _, c := range golden.Weights {
		var rows []Row
		for i, l := range c.Labels {
			rows = append(rows, Row{Text: program(i), Label: fmt.Sprint(l), Split: "train"}, Row{Text: program(100 + i), Label: fmt.Sprint(l), Split: "test"})
		}
		o := config(Classification, "rows", "")
		o.Weights = "balanced"
		s := &Set{Kind: Classification}
		if err := s.deal(rows, o); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.Balanced, s.Weights); diff != "" {
			t.Error(diff)
		}
	}
}

// TestAreaUnderCurve: it is the share of pairs that are in order, whatever the scale, and mirrored when labels change places.
func TestAreaUnderCurve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 30).Draw(t, "rows")
		margin := rapid.SliceOfN(rapid.Map(rapid.IntRange(-4, 4), func(x int) float64 { return float64(x) }), n, n).Draw(t, "margins")
		truth := rapid.SliceOfN(rapid.IntRange(0, 1), n, n).Draw(t, "truth")
		var area, pairs float64
		scaled, other := make([]float64, n), make([]int, n)
		for i := range n {
			scaled[i], other[i] = math.Exp(margin[i]), 1-truth[i]
			for j := range n {
				if truth[i] == 1 && truth[j] == 0 {
					pairs++
					switch {
					case margin[i] > margin[j]:
						area++
					case margin[i] == margin[j]:
						area += .5
					}
				}
			}
		}
		want := .5
		if pairs > 0 {
			want = area / pairs
		}
		if got := areaUnderCurve(margin, truth); math.Abs(got.Value-want) > 1e-12 || got != areaUnderCurve(scaled, truth) {
			t.Fatalf("%+v, not %v", got, want)
		}
		if got := areaUnderCurve(margin, other).Value; math.Abs(got-(1-want)) > 1e-12 {
			t.Fatalf("mirrored %v, not %v", got, 1-want)
		}
	})
}

// TestConstant: no answer for all rows is better, and the values are those computed by hand.
func TestConstant(t *testing.T) {
	s := &Set{Kind: Classification, Labels: []string{"no", "yes"}}
	for _, l := range []string{"no", "yes", "no", "no", "no"} {
		s.Test = append(s.Test, Row{Label: l})
	}
	c := s.Constant()
	for name, want := range map[string]float64{"accuracy": .8, "macro_f1": (1.6 / 1.8) / 2, "f1": .4 / 1.2, "auc": .5} {
		if got := c[name].Value; math.Abs(got-want) > 1e-12 {
			t.Errorf("%s is %v, not %v", name, got, want)
		}
	}
	if _, ok := c["f1_tuned"]; ok {
		t.Error("a line is chosen on no rows")
	}
	s.Validation = s.Test[:1]
	if c := s.Constant(); c["f1_tuned"] != c["f1"] {
		t.Errorf("%+v", c)
	}
	tokens := &Set{Kind: Tokens, Labels: []string{"bool", "int", "str"}, Test: []Row{
		{Spans: []Span{{Label: "str"}, {Label: "int"}}}, {}, {Spans: []Span{{Label: "str"}, {Label: "str"}}},
	}}
	c = tokens.Constant()
	if c["accuracy"].Value != .75 || math.Abs(c["macro_f1"].Value-(6./7)/2) > 1e-12 || c["accuracy"].Rows != 4 || len(c) != 2 {
		t.Errorf("of spans %+v", c)
	}
	if got := (&Set{Kind: Search, Test: make([]Row, 3)}).Constant(); got != nil {
		t.Errorf("search has %v", got)
	}
}

// TestIntervals hold the value.
func TestIntervals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 60).Draw(t, "rows"), rapid.IntRange(2, 4).Draw(t, "labels")
		row := rapid.SliceOfN(rapid.Float32Range(-1, 1), k, k)
		rows, y := rapid.SliceOfN(row, n, n).Draw(t, "rows"), rapid.SliceOfN(rapid.IntRange(0, k-1), n, n).Draw(t, "truth")
		for name, s := range Classes(rows, y, k) {
			if !(s.Low >= 0 && s.Low <= s.High && s.High <= 1 && s.Value >= 0 && s.Value <= 1) {
				t.Fatalf("%s is %+v", name, s)
			}
		}
	})
}

// TestTunedF1: the line is drawn where it is best on the validation split, and nothing of the test
// split has a say in it.
func TestTunedF1(t *testing.T) {
	row := func(margins ...float64) (rows [][]float64) {
		for _, m := range margins {
			rows = append(rows, []float64{1, 1 + m})
		}
		return rows
	}
	for _, c := range []struct {
		name       string
		validation [][]float64
		of         []int
		want       float64 // of test rows with margins −3, −1 and 1, of which the last two are of label 1
	}{
		{"between two", row(-2, -2, -4), []int{1, 1, 0}, 1},           // the line is −3, on which the first row lies
		{"higher than is best here", row(2, 3, 0), []int{1, 1, 0}, 0}, // the line is 1, on which the last row lies
		{"all are of it", row(-9, -5), []int{1, 0}, .8},
		{"nobody is of it", row(-9, -5), []int{0, 0}, 2. / 3}, // the line is 0
	} {
		if got := TunedF1(row(-3, -1, 1), []int{0, 1, 1}, c.validation, c.of).Value; math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: F1 is %v, not %v", c.name, got, c.want)
		}
	}
	// Between neighbours there is no middle.
	neighbours, truth := [][]float64{{0, 1}, {0, math.Nextafter(1, 0)}}, []int{1, 0}
	if got := TunedF1(neighbours, truth, neighbours, truth).Value; got != 1 {
		t.Errorf("of two margins beside each other F1 is %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "rows")
		var rows [][]float64
		for _, m := range rapid.SliceOfN(rapid.IntRange(-4, 4), n, n).Draw(t, "margins") {
			rows = append(rows, []float64{0, float64(m)})
		}
		truth := rapid.SliceOfN(rapid.IntRange(0, 1), n, n).Draw(t, "truth")
		best := 0.
		for line := -4.5; line < 5; line++ {
			var hit, said, is float64
			for i, r := range rows {
				is += float64(truth[i])
				if r[1] > line {
					said++
					hit += float64(truth[i])
				}
			}
			if said+is > 0 {
				best = max(best, 2*hit/(said+is))
			}
		}
		if got := TunedF1(rows, truth, rows, truth).Value; math.Abs(got-best) > 1e-12 {
			t.Fatalf("F1 is %v where %v is possible", got, best)
		}
	})
}

// TestBaseline learns what a bag can know and no more.
func TestBaseline(t *testing.T) {
	s := &Set{Kind: Classification, Labels: []string{"safe", "unsafe"}}
	for i := range 120 {
		r := Row{Text: program(i%7) + "strncpy(a, b, n);", Label: "safe"}
		if i%2 == 1 {
			r = Row{Text: program(i%7) + "strcpy(a, b);", Label: "unsafe"}
		}
		if i < 90 {
			s.Train = append(s.Train, r)
		} else {
			s.Test = append(s.Test, r)
		}
	}
	if got := s.Baseline()["accuracy"].Value; got != 1 {
		t.Errorf("one word tells the labels apart, the accuracy is %v", got)
	}
	search := &Set{Kind: Search}
	for i := range 10 {
		search.Test = append(search.Test, Row{Text: program(i), Other: fmt.Sprintf("calls f%d and v%d_3", i*31+3, i)})
	}
	if got := search.Baseline()["mrr"].Value; got != 1 {
		t.Errorf("names tell the texts apart, MRR is %v", got)
	}
	tokens := &Set{Kind: Tokens, Labels: []string{"int", "str"}}
	for i := range 6 {
		r := Row{Text: "n name", Spans: []Span{{0, 1, "int"}, {2, 6, "str"}}}
		if i < 3 {
			tokens.Train = append(tokens.Train, r)
		} else {
			tokens.Test = append(tokens.Test, r)
		}
	}
	if got := tokens.Baseline()["accuracy"].Value; got != 1 {
		t.Errorf("names have one type each, the accuracy is %v", got)
	}
}

// TestWeightedBaseline: what is seldom is said where it is as likely as its weight makes it.
func TestWeightedBaseline(t *testing.T) {
	// Of the rows with eval a third are unsafe, of all a seventh: balanced weights of 7/12 and 7/2 make
	// that third more than half.
	s := &Set{Kind: Classification, Labels: []string{"safe", "unsafe"}}
	add := func(n int, text, label string) {
		for i := range n {
			s.Train = append(s.Train, Row{Text: fmt.Sprint(text, " ", i%3), Label: label})
		}
	}
	add(12, "eval", "safe")
	add(6, "eval", "unsafe")
	add(24, "print", "safe")
	s.Test = []Row{{Text: "eval 1", Label: "unsafe"}, {Text: "print 1", Label: "safe"}}
	if got := s.Baseline(); got["f1"].Value != 0 || got["f1_tuned"].Rows != 0 {
		t.Errorf("without weights and a validation split the scores are %+v", got)
	}
	s.Validation = s.Test // so that what is best there is best here
	if got := s.Baseline(); got["f1"].Value != 0 || got["f1_tuned"].Value != 1 {
		t.Errorf("without weights the scores are %+v", got)
	}
	s.Validation = nil
	s.Weights = []float64{7. / 12, 7. / 2}
	if got := s.Baseline(); got["f1"].Value != 1 || got["auc"].Value != 1 {
		t.Errorf("with weights the scores are %+v", got)
	}

	tokens := &Set{Kind: Tokens, Labels: []string{"int", "str"}}
	for _, r := range []struct {
		n           int
		text, label string
	}{{4, "n", "int"}, {2, "n", "str"}, {8, "i", "int"}} {
		for range r.n {
			tokens.Train = append(tokens.Train, Row{Text: r.text, Spans: []Span{{0, 1, r.label}}})
		}
	}
	// A text that is not there gets what is frequent, with weights, too.
	tokens.Test = []Row{{Text: "n", Spans: []Span{{0, 1, "str"}}}, {Text: "i", Spans: []Span{{0, 1, "int"}}}, {Text: "x", Spans: []Span{{0, 1, "int"}}}}
	if got := tokens.Baseline()["accuracy"].Value; math.Abs(got-2./3) > 1e-12 {
		t.Errorf("of spans without weights the accuracy is %v", got)
	}
	tokens.Weights = []float64{14. / 24, 14. / 4}
	if got := tokens.Baseline()["accuracy"].Value; got != 1 {
		t.Errorf("of spans with weights the accuracy is %v", got)
	}
}

// TestWeightsDigest: only what is weighted is another set.
func TestWeightsDigest(t *testing.T) {
	path := write(t, t.TempDir(), "rows.jsonl", m{"text": program(1), "label": "a", "split": "train"}, m{"text": program(2), "label": "a", "split": "train"}, m{"text": program(3), "label": "b", "split": "train"}, m{"text": program(4), "label": "a", "split": "test"})
	digest := func(weights string) string {
		c := config(Classification, "rows", path)
		c.Weights = weights
		s, err := Open(c)
		if err != nil {
			t.Fatal(err)
		}
		if (s.Weights != nil) != (weights == "balanced") {
			t.Errorf("%s: the weights are %v", weights, s.Weights)
		}
		print, err := recipe.Fingerprint(&c)
		if err != nil {
			t.Fatal(err)
		}
		return print + s.Digest
	}
	if none := digest("none"); none != digest("none") || none == digest("balanced") {
		t.Error("the digest does not tell weights apart")
	}
}

// TestConfig refuses what does not fit.
func TestConfig(t *testing.T) {
	for text, want := range map[string]string{
		"{kind: classify, format: devign, path: x}":                              "must be one of [classification pairs tokens search clones]",
		"{kind: clones, format: devign, path: x}":                                "rows are for [classification], not for clones",
		"{kind: classification, format: cve, path: x, by: file}":                 "divided by one of",
		"{kind: classification, format: cve, path: x, test: .7, validation: .4}": "something to train on",
		"{kind: classification, format: cve, path: x, share: 0}":                 "must be above 0 and at most 1",
		"{kind: classification, format: cve, path: x, leaks: ignore}":            "must be drop or keep",
		"{kind: classification, format: cve, path: x, weights: equal}":           "must be none or balanced",
		"{kind: search, format: rows, path: x, weights: balanced}":               "search learns from which rows belong together",
	} {
		var c struct {
			Task Config `yaml:"task"`
		}
		if err := recipe.Parse([]byte("task: "+text), "r.yaml", &c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, it should say %q", text, err, want)
		}
	}
}

// FuzzRows: whatever a file holds is rows or an error.
func FuzzRows(f *testing.F) {
	f.Add([]byte(`{"text":"a","label":"b"}`))
	f.Add([]byte(`[{"text":"a"}, {"text":"b","spans":[{"start":0,"end":1,"label":"x"}]}]`))
	f.Add([]byte("  {}\n\n[1]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "rows.jsonl")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		rows, _, err := readRows(path, "")
		if err != nil {
			return
		}
		s := &Set{Kind: Classification}
		_ = s.deal(rows, config(Classification, "rows", path))
	})
}
