package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// everything is a page with every kind of block, each text of which is s.
func everything(s string) *Page {
	return &Page{
		Title: s, Lead: s, Footer: s,
		Widgets: map[string]string{"show": "element.textContent = data.text;"},
		Blocks: []Block{
			Heading(s), Text(s), Heading("b"), Heading("c"),
			Figures{{s, s, s}},
			Fields{{s, s, true, Bad}, {s, s, false, Auto}},
			Table{Caption: s, Columns: []Column{
				{Name: s, Help: s, Texts: []string{s, "b"}, Colors: map[string]Color{s: Good}},
				{Name: "n", Numbers: []float64{1, math.NaN()}, Digits: 1},
			}, Detail: func(int) []Block { return []Block{Heading(s), Code{Text: s, Marks: []Mark{{1, s}}}} }},
			Chart{Title: s, Caption: s, X: Axis{Name: s, Categories: []string{s}}, Series: []Series{{Name: s, Y: []float64{1}, Labels: []string{s}}}},
			Code{Caption: s, Text: s, Marks: []Mark{{1, s}}, Spans: []Span{{0, len(s) / 2, 0.5, s}}},
			Details{Summary: s, Blocks: []Block{Text(s)}},
			Widget{"show", s, map[string]string{"text": s}},
		},
	}
}

func render(t testing.TB, p *Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// outline is the elements of a page with the names of their attributes, and the packed data, unpacked.
func outline(t testing.TB, page string) (elements []string, packed []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		e := n.Data
		for _, a := range n.Attr {
			e += " " + a.Key
		}
		elements = append(elements, e)
		if n.Data == "script" && len(n.Attr) > 0 {
			packed = append(packed, unpack(t, n.FirstChild.Data))
		}
	}
	return elements, packed
}

func unpack(t testing.TB, data string) string {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// hostile are texts that have ended the element they were in somewhere.
var hostile = []string{
	"</script><script>alert(1)</script>",
	`"><img src=x onerror=alert(1)>`,
	"'--><svg/onload=alert(1)>",
	"<!--<script>",
	"]]></title></style><b>",
	"&lt;b&gt;&#60;&amp",
	"\x00\x1b[31m\r\n\x7f",
	"a\u202eb\u2066c\u200f",
	"\xff\xfe<\xc3\x28>",
	"{{.}} ${x} %s %!d",
}

// TestTextStaysText: whatever the texts are, the page has the same elements and attributes.
func TestTextStaysText(t *testing.T) {
	t.Parallel()
	want, _ := outline(t, render(t, everything("text")))
	for _, s := range hostile {
		checkText(t, s, render(t, everything(s)), want)
	}
}

func checkText(t *testing.T, s, page string, want []string) {
	t.Helper()
	got, packed := outline(t, page)
	// A text of several lines has more lines in listings, a long one makes a column as wide as there is room.
	lines := func(e string) bool {
		return strings.HasPrefix(e, "span class") || e == "p" || strings.HasPrefix(e, "i class") || e == "col" || e == "col style"
	}
	if d := cmp.Diff(slices.DeleteFunc(slices.Clone(want), lines), slices.DeleteFunc(got, lines)); d != "" {
		t.Errorf("%q changes the elements of the page:\n%s", s, d)
	}
	for _, data := range packed {
		var chunk []string
		if json.Unmarshal([]byte(data), &chunk) != nil {
			continue // a table's or chart's data, which are set as text
		}
		for _, markup := range chunk {
			inner, _ := outline(t, markup)
			for _, e := range inner {
				if !slices.Contains([]string{"html", "head", "body", "h3", "figure class", "pre style", "code", "span class", "span class role"}, e) {
					t.Errorf("%q makes element %q in what opens from a row", s, e)
				}
			}
		}
	}
}

func FuzzTextStaysText(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	// The blocks alone: the library and the fonts would take all the time.
	blocks := func(s string) string {
		page := everything(s)
		return (&printer{widgets: page.Widgets}).fragment(page.Blocks)
	}
	want, _ := outline(f, blocks("text"))
	f.Fuzz(func(t *testing.T, s string) {
		if strings.TrimSpace(s) == "" {
			return // nothing to show, and fewer elements
		}
		checkText(t, s, blocks(s), want)
	})
}

func TestVisible(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"plain ünïcode\n\ttext", "plain ünïcode\n\ttext"},
		{"\x00\x1b[2J\r", "␀␛[2J␍"},
		{"\x7f\u0085", "␡⟨U+0085⟩"},
		{"if x\u202e:", "if x⟨U+202E⟩:"},
		{"\xff", "\ufffd"},
	} {
		if got := visible(c[0]); got != c[1] {
			t.Errorf("visible(%q) = %q, want %q", c[0], got, c[1])
		}
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		x      float64
		digits int
		want   string
	}{
		{0, 0, "0"},
		{-0.2, 0, "0"},
		{1234, 0, "1234"},
		{12345, 0, "12\u202f345"},
		{-1234567.25, 1, "−1\u202f234\u202f567.2"},
		{math.NaN(), 2, ""},
		{math.Inf(1), 0, "∞"},
		{math.Inf(-1), 0, "−∞"},
		{0.005, 2, "0.01"},
	} {
		if got := shown(c.x, c.digits); got != c.want {
			t.Errorf("shown(%v, %d) = %q, want %q", c.x, c.digits, got, c.want)
		}
	}
}

// TestColumns: the packed columns hold what was given, each text once.
func TestColumns(t *testing.T) {
	t.Parallel()
	page := render(t, &Page{Title: "t", Blocks: []Block{Table{Name: "rows", Columns: []Column{
		{Name: "task", Texts: []string{"a", "b", "a"}, Colors: map[string]Color{"a": Good}},
		{Name: "id", Texts: []string{"x", "y", "z"}},
		{Name: "ms", Numbers: []float64{1.26, math.NaN(), math.Inf(-1)}, Digits: 1},
	}}}})
	_, packed := outline(t, page)
	want := `{"name":"rows","rows":3,"columns":[` +
		`{"name":"task","texts":["a","b"],"index":[0,1,0],"digits":0,"colors":["good",""]},` +
		`{"name":"id","texts":["x","y","z"],"digits":0},` +
		`{"name":"ms","numbers":[1.3,null,-1e999],"digits":1}],"chunks":null}`
	if d := cmp.Diff([]string{want}, packed); d != "" {
		t.Error(d)
	}
}

// TestChunks: what opens from a row is in the chunk whose first row is at or before it.
func TestChunks(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", chunkBytes/3)
	const rows = 10
	n := make([]float64, rows)
	var asked []int
	page := render(t, &Page{Blocks: []Block{Table{
		Columns: []Column{{Name: "n", Numbers: n}},
		Detail: func(i int) []Block {
			asked = append(asked, i)
			return []Block{Text(long + string(rune('a'+i)))}
		},
	}}})
	_, packed := outline(t, page)
	var data tableData
	if err := json.Unmarshal([]byte(packed[len(packed)-1]), &struct {
		Chunks *[]int `json:"chunks"`
	}{&data.Chunks}); err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 3, 6, 9}; !slices.Equal(data.Chunks, want) {
		t.Errorf("chunks begin at %v, want %v", data.Chunks, want)
	}
	at := 0
	for i, raw := range packed[:len(packed)-1] {
		var chunk []string
		if err := json.Unmarshal([]byte(raw), &chunk); err != nil {
			t.Fatal(err)
		}
		if at != data.Chunks[i] {
			t.Errorf("chunk %d begins at %d, not %d", i, at, data.Chunks[i])
		}
		for _, s := range chunk {
			if !strings.Contains(s, "x"+string(rune('a'+at))+"<") {
				t.Errorf("row %d has %q…", at, s[len(s)-8:])
			}
			at++
		}
	}
	if at != rows || !slices.Equal(asked, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
		t.Errorf("%d details; asked for %v", at, asked)
	}
}

func TestSameBytes(t *testing.T) {
	t.Parallel()
	first := render(t, everything("text"))
	if second := render(t, everything("text")); first != second {
		t.Error("the same page gives other bytes")
	}
}

// TestListing: whatever the spans, a listing is the text, line for line.
func TestListing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab<&\"é\n\t "))).Draw(t, "text")
		spans := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Span {
			from := rapid.IntRange(-2, len(text)+2).Draw(t, "from")
			return Span{from, from + rapid.IntRange(-1, 12).Draw(t, "length"), rapid.Float64Range(-1, 1).Draw(t, "weight"), ""}
		}), 0, 6).Draw(t, "spans")
		for i := range spans { // at characters, as tokens are
			for _, at := range []*int{&spans[i].From, &spans[i].To} {
				for *at > 0 && *at < len(text) && text[*at]&0xc0 == 0x80 {
					*at--
				}
			}
		}
		root, err := html.Parse(strings.NewReader((&printer{}).fragment([]Block{Code{Text: text, Spans: spans}})))
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for n := range root.Descendants() {
			if n.Type == html.TextNode {
				got.WriteString(n.Data)
			}
		}
		if got.String() != strings.TrimSuffix(text, "\n")+"\n\n" { // the last after the figure
			t.Fatalf("listing %q of %q", got.String(), text)
		}
	})
}

// TestSpans: a span colours its bytes and no others, also over line ends and where spans overlap.
func TestSpans(t *testing.T) {
	t.Parallel()
	got := (&printer{}).fragment([]Block{Code{Text: "ab\ncd\n", Spans: []Span{{1, 4, 0.5, ""}, {3, 5, -1, "why"}}}})
	want := `<span class="line">a<span class="weight good" style="--weight:0.500">b</span>` + "\n</span>" +
		`<span class="line"><span class="weight good" style="--weight:0.500">c</span><span class="weight bad" style="--weight:1.000" title="why">d</span>` + "\n</span>"
	if !strings.Contains(got, want) {
		t.Errorf("listing is\n%s\nwant\n%s", got, want)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	err := (&Page{Blocks: []Block{Widget{Script: "robot"}}}).Write(&bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "widget robot: Page.Widgets has no script of that name") {
		t.Errorf("an unknown widget: %v", err)
	}
	full := errors.New("disk full")
	if err := everything("x").Write(failing{full}); !errors.Is(err, full) {
		t.Errorf("a failed write: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestWriteFile: an earlier report stays where the new one fails, and nothing is left behind.
func TestWriteFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "r.html")
	if err := (&Page{Title: "first"}).WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if err := (&Page{Blocks: []Block{Widget{Script: "none"}}}).WriteFile(path); err == nil {
		t.Error("no error")
	}
	raw, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(raw), "<h1>first</h1>") {
		t.Errorf("the first report is gone: %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left: %v", len(entries), err)
	}
}

// TestWidgetScript: a widget's script cannot end the element it is in.
func TestWidgetScript(t *testing.T) {
	t.Parallel()
	p := &Page{Widgets: map[string]string{"w": "element.textContent = '</ScRiPt><b>';"}}
	elements, _ := outline(t, render(t, p))
	if slices.Contains(elements, "b") {
		t.Error("a widget's string ended its script")
	}
}

func BenchmarkWrite(b *testing.B) {
	const rows = 20000
	task, n := make([]string, rows), make([]float64, rows)
	program := strings.Repeat("    return [x for x in range(10) if x < 3]\n", 10)
	for i := range rows {
		task[i], n[i] = "task "+string(rune('a'+i%26)), float64(i)
	}
	page := &Page{Blocks: []Block{Table{
		Columns: []Column{{Name: "task", Texts: task}, {Name: "n", Numbers: n}},
		Detail:  func(int) []Block { return []Block{Code{Text: program}} },
	}}}
	for b.Loop() {
		var w bytes.Buffer
		if err := page.Write(&w); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(w.Len()))
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
