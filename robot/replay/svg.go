package replay

import (
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Sizes in the units of the picture.
const (
	boxWidth, boxHeight = 190, 146
	gap                 = 26
	margin              = 24
	head                = 46 // room above the boxes, for the title
	row                 = 17 // of a list of things
	maxRows             = 4
	programWidth        = 400
	programRow          = 16
	maxProgram          = 60 // lines
	footer              = 78
	seconds             = 0.9 // a frame
	longest             = 90. // seconds of a whole replay
)

// layout is where things are drawn.
type layout struct {
	columns, rows int
	width, height int
	boxes         int // width of the part with the boxes
	list          int // where the list of things begins below the top of its box
	program       []string
}

func newLayout(fs []frame, program string) layout {
	n := max(1, len(fs[0].view.places))
	l := layout{columns: min(4, int(math.Ceil(math.Sqrt(float64(n)))))}
	l.list = 40
	for _, f := range fs {
		if strings.Join(f.view.states, "") != "" {
			l.list = 58 // a line says how the place is
		}
	}
	l.rows = (n + l.columns - 1) / l.columns
	l.boxes = 2*margin + l.columns*boxWidth + (l.columns-1)*gap
	l.width = l.boxes
	l.height = head + l.rows*boxHeight + (l.rows-1)*gap + footer
	if program != "" {
		l.program = strings.Split(strings.TrimRight(program, "\n"), "\n")
		l.program = l.program[:min(len(l.program), maxProgram)]
		l.width += programWidth
		l.height = max(l.height, head+len(l.program)*programRow+footer)
	}
	return l
}

// box is the upper left corner of a place.
func (l layout) box(i int) (x, y int) {
	return margin + i%l.columns*(boxWidth+gap), head + i/l.columns*(boxHeight+gap)
}

// robotAt is where the robot stands.
func (l layout) robotAt(v view) point {
	x, y := l.box(max(0, v.at))
	return point{x + boxWidth - 28, y + boxHeight - 20}
}

type point struct{ x, y int }

// positions gives each thing its row; what cannot be seen is at row -1.
func (l layout) positions(v view) []point {
	used := map[int]int{}
	out := make([]point, len(v.tokens))
	for i, t := range v.tokens {
		switch {
		case t.place == -1:
			p := l.robotAt(v)
			out[i] = point{p.x - 142, p.y + 6}
		case t.place < 0 || used[t.place] >= maxRows:
			out[i] = point{-1000, -1000}
		default:
			x, y := l.box(t.place)
			out[i] = point{x + 12, y + l.list + used[t.place]*row}
			used[t.place]++
		}
	}
	return out
}

// SVG writes the run as a picture that moves.
func SVG(w io.Writer, r Run) error {
	text, err := draw(r)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

// picture is an SVG in the making.
type picture struct {
	strings.Builder
	frames []frame
	layout
	length float64 // seconds
}

func draw(r Run) (string, error) {
	fs, err := r.frames()
	if err != nil {
		return "", err
	}
	last := &fs[len(fs)-1]
	if r.Line > 0 {
		last.line = r.Line
	}
	p := &picture{frames: fs, layout: newLayout(fs, r.Program)}
	p.length = min(longest, seconds*float64(len(fs)))
	fmt.Fprintf(p, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s" data-frames="%d" data-seconds="%.2f">`+"\n%s",
		p.width, p.height, p.width, p.height, escape(r.Title), len(fs), p.length, style)
	fmt.Fprintf(p, `<rect class="page" width="%d" height="%d"/><text class="title" x="%d" y="28">%s</text>`+"\n", p.width, p.height, margin, escape(cut(r.Title, p.width/8)))
	p.drawPlaces()
	p.drawProgram(r.Failed)
	p.drawTokens()
	p.drawRobot()
	p.drawSpeech()
	p.drawTime(r)
	p.WriteString("</svg>\n")
	return p.String(), nil
}

func escape(s string) string { return html.EscapeString(clean(s)) }

// cut shortens a text to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:max(1, n-1)]) + "…"
	}
	return s
}

// animate writes the values of an attribute over all frames, as far as they change. The
// attribute itself has the last one.
func (p *picture) animate(kind, attribute string, values []string) {
	n := len(values)
	if !slices.ContainsFunc(values, func(v string) bool { return v != values[0] }) {
		return
	}
	var vs, times []string
	add := func(at float64, v string) {
		vs, times = append(vs, v), append(times, fmt.Sprintf("%.5g", at))
	}
	moving := kind != "set"
	add(0, values[0])
	for i := 1; i < n; i++ {
		if values[i] == values[i-1] {
			continue
		}
		at := float64(i) / float64(n)
		if moving { // it stays until the frame begins and is there before its middle
			add(at, values[i-1])
			at += 0.45 / float64(n)
		}
		add(at, values[i])
	}
	mode, tag := "linear", "animate"
	if !moving {
		mode = "discrete"
	} else {
		add(1, values[n-1])
	}
	what := fmt.Sprintf(`attributeName="%s"`, attribute)
	if kind == "move" {
		tag, what = "animateTransform", `attributeName="transform" type="translate"`
	}
	fmt.Fprintf(p, `<%s %s dur="%.2fs" fill="freeze" calcMode="%s" keyTimes="%s" values="%s"/>`, tag, what, p.length, mode, strings.Join(times, ";"), strings.Join(vs, ";"))
}

// each is a value for every frame.
func (p *picture) each(value func(i int, f *frame) string) []string {
	out := make([]string, len(p.frames))
	for i := range p.frames {
		out[i] = value(i, &p.frames[i])
	}
	return out
}

// shown makes a group that is seen in some frames only.
func (p *picture) shown(class string, when []bool, inside func()) {
	values := make([]string, len(when))
	for i, w := range when {
		values[i] = "hidden"
		if w {
			values[i] = "visible"
		}
	}
	fmt.Fprintf(p, `<g class="%s" visibility="%s">`, class, values[len(values)-1])
	p.animate("set", "visibility", values)
	inside()
	p.WriteString("</g>\n")
}

func (p *picture) drawPlaces() {
	for i, name := range p.frames[0].view.places {
		x, y := p.box(i)
		fmt.Fprintf(p, `<rect class="box" x="%d" y="%d" width="%d" height="%d" rx="10"/><text class="place" x="%d" y="%d">%s</text>`+"\n",
			x, y, boxWidth, boxHeight, x+12, y+22, escape(cut(name, 21)))
		states := map[string]bool{}
		for _, f := range p.frames {
			states[f.view.states[i]] = true
		}
		for s := range states {
			if s == "" {
				continue
			}
			p.shown("state", p.when(func(f *frame) bool { return f.view.states[i] == s }), func() {
				fmt.Fprintf(p, `<text class="small" x="%d" y="%d">%s</text>`, x+12, y+38, escape(cut(s, 30)))
			})
		}
		p.more(i, x, y)
	}
}

func (p *picture) when(is func(*frame) bool) []bool {
	out := make([]bool, len(p.frames))
	for i := range p.frames {
		out[i] = is(&p.frames[i])
	}
	return out
}

// more says how many things a place has no room for.
func (p *picture) more(place, x, y int) {
	count := func(f *frame) int {
		n := 0
		for _, t := range f.view.tokens {
			if t.place == place {
				n++
			}
		}
		return n - maxRows
	}
	seen := map[int]bool{}
	for i := range p.frames {
		n := count(&p.frames[i])
		if n <= 0 || seen[n] {
			continue
		}
		seen[n] = true
		p.shown("state", p.when(func(f *frame) bool { return count(f) == n }), func() {
			fmt.Fprintf(p, `<text class="small" x="%d" y="%d">and %d more</text>`, x+12, y+p.list+maxRows*row, n)
		})
	}
}

func (p *picture) drawTokens() {
	at := make([][]point, len(p.frames))
	for i, f := range p.frames {
		at[i] = p.positions(f.view)
	}
	for k, t := range p.frames[0].view.tokens {
		places := p.each(func(i int, _ *frame) string { return fmt.Sprintf("%d %d", at[i][k].x, at[i][k].y) })
		end := at[len(at)-1][k]
		fmt.Fprintf(p, `<g class="kind%d" transform="translate(%d %d)">`, t.kind%3, end.x, end.y)
		p.animate("move", "transform", places)
		p.WriteString(`<circle cx="4" cy="-4" r="4"/>`)
		labels := p.each(func(_ int, f *frame) string {
			t := f.view.tokens[k]
			if t.place == -1 {
				return t.name + ", held"
			}
			if t.state != "" {
				return t.name + ", " + t.state
			}
			return t.name
		})
		for _, l := range distinct(labels) {
			p.shown("label", same(labels, l), func() {
				fmt.Fprintf(p, `<text x="13" y="0">%s</text>`, escape(cut(l, 22)))
			})
		}
		p.WriteString("</g>\n")
	}
}

// same says in which frames a value is v.
func same(values []string, v string) []bool {
	out := make([]bool, len(values))
	for i := range values {
		out[i] = values[i] == v
	}
	return out
}

// distinct are the values in the order of their first time.
func distinct(values []string) []string {
	var out []string
	for _, v := range values {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func (p *picture) drawRobot() {
	places := p.each(func(_ int, f *frame) string { q := p.robotAt(f.view); return fmt.Sprintf("%d %d", q.x, q.y) })
	end := p.robotAt(p.frames[len(p.frames)-1].view)
	fmt.Fprintf(p, `<g class="robot" transform="translate(%d %d)">`, end.x, end.y)
	p.animate("move", "transform", places)
	p.WriteString(`<rect x="-15" y="-14" width="30" height="26" rx="8"/><circle class="eye" cx="-6" cy="-2" r="3.4"/><circle class="eye" cx="6" cy="-2" r="3.4"/><path d="M0 -14v-6" class="line"/><circle cx="0" cy="-22" r="3"/>`)
	own := p.each(func(_ int, f *frame) string { return f.view.robot })
	for _, s := range distinct(own) {
		if s != "" {
			p.shown("own", same(own, s), func() {
				fmt.Fprintf(p, `<text class="small" x="-22" y="-8" text-anchor="end">%s</text>`, escape(cut(s, 24)))
			})
		}
	}
	p.WriteString("</g>\n")
}

// drawSpeech draws bubbles beside the robot, and what it refuses in red.
func (p *picture) drawSpeech() {
	for i, f := range p.frames {
		text, class := f.speech, "speech"
		if f.failed != "" {
			text, class = f.failed, "refused"
		}
		if text == "" {
			continue
		}
		lines := wrap(text, 34, 4)
		q := p.robotAt(f.view)
		width, height := 0, 10+row*len(lines)
		for _, l := range lines {
			width = max(width, 7*len([]rune(l))+22)
		}
		x := min(max(6, q.x-width+20), p.boxes-width-6)
		y := max(4, q.y-28-height)
		p.shown(class, p.only(i), func() {
			fmt.Fprintf(p, `<rect x="%d" y="%d" width="%d" height="%d" rx="9"/>`, x, y, width, height)
			for k, l := range lines {
				fmt.Fprintf(p, `<text x="%d" y="%d">%s</text>`, x+11, y+18+k*row, escape(l))
			}
		})
	}
}

func (p *picture) only(i int) []bool {
	out := make([]bool, len(p.frames))
	out[i] = true
	return out
}

// wrap breaks a text into at most n lines of about width characters.
func wrap(text string, width, n int) []string {
	var out []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			out = append(out, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + cut(word, width))
	}
	out = append(out, line)
	if len(out) > n {
		out = append(out[:n-1], out[n-1]+" …")
	}
	return out
}

// drawProgram writes the source with a bar on the line at work.
func (p *picture) drawProgram(failed bool) {
	if len(p.program) == 0 {
		return
	}
	x := p.boxes
	last := p.frames[len(p.frames)-1]
	y := func(line int) string {
		if line < 1 || line > len(p.program) {
			return "-100"
		}
		return fmt.Sprint(head + (line-1)*programRow)
	}
	bar := func(class, y string, moves []string) {
		fmt.Fprintf(p, `<rect class="%s" x="%d" y="%s" width="%d" height="%d" rx="3">`, class, x-6, y, programWidth-margin+6, programRow)
		p.animate("set", "y", moves)
		p.WriteString("</rect>\n")
	}
	bar("bar", y(last.line), p.each(func(_ int, f *frame) string { return y(f.line) }))
	if n := len(p.frames) - 1; failed {
		p.shown("failing", p.only(n), func() { bar("bar end", y(last.line), []string{""}) })
	}
	for i, l := range p.program {
		fmt.Fprintf(p, `<text class="number" x="%d" y="%d" text-anchor="end">%d</text><text class="code" x="%d" y="%d" xml:space="preserve">%s</text>`+"\n",
			x+16, head+12+i*programRow, i+1, x+24, head+12+i*programRow, escape(cut(l, 47)))
	}
}

// drawTime draws the time line with a tick a frame, and what happens now.
func (p *picture) drawTime(r Run) {
	x0, x1, y := float64(margin), float64(p.width-margin), float64(p.height-22)
	step := (x1 - x0) / float64(len(p.frames))
	at := func(i int) float64 { return x0 + step*(float64(i)+0.5) }
	fmt.Fprintf(p, `<path class="axis" d="M%.1f %.1fH%.1f"/>`, x0, y, x1)
	for i, f := range p.frames {
		class := "tick"
		if f.failed != "" || r.Failed && i == len(p.frames)-1 {
			class = "tick bad"
		}
		fmt.Fprintf(p, `<circle class="%s" cx="%.1f" cy="%.1f" r="%.1f"><title>%s</title></circle>`, class, at(i), y, min(4, step/2.5), escape(f.caption))
	}
	fmt.Fprintf(p, "\n"+`<circle class="now" cx="%.1f" cy="%.1f" r="7">`, at(len(p.frames)-1), y)
	p.animate("set", "cx", p.each(func(i int, _ *frame) string { return fmt.Sprintf("%.1f", at(i)) }))
	p.WriteString("</circle>\n")
	for i, f := range p.frames {
		text := clock(f.seconds) + "  "
		if f.line > 0 && f.caption != "" {
			text += fmt.Sprintf("line %d: ", f.line)
		}
		text += f.caption
		if f.times > 1 {
			text += fmt.Sprintf("  %d times", f.times)
		}
		class := "now-text"
		if f.failed != "" {
			class = "now-text bad"
		}
		p.shown(class, p.only(i), func() {
			fmt.Fprintf(p, `<text x="%d" y="%d">%s</text>`, margin, p.height-44, escape(cut(text, p.width/9)))
			if i == len(p.frames)-1 && r.Verdict != "" {
				fmt.Fprintf(p, `<text class="%s" x="%d" y="%d" text-anchor="end">%s</text>`, verdictClass(r.Failed), p.width-margin, 28, escape(cut(r.Verdict, 60)))
			}
		})
	}
}

func verdictClass(failed bool) string {
	if failed {
		return "verdict bad"
	}
	return "verdict good"
}

// clock writes seconds as minutes and seconds, with hours where there are some.
func clock(s float64) string {
	n := int(s)
	if n >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
	}
	return fmt.Sprintf("%d:%02d", n/60, n%60)
}

const style = `<style>
svg{--page:#fbfaf8;--box:#fff;--edge:#d6d2ca;--ink:#23211d;--soft:#77726a;--bar:#ffe9a8;--red:#c2262e;--pale:#fde3e3;--robot:#3f6fb5;--a:#2f8f6b;--b:#9b5fb0;--c:#b07a2a;--say:#eaf1fb;--good:#1f7a4d;font-family:system-ui,-apple-system,"Segoe UI","Noto Sans","DejaVu Sans",sans-serif;font-size:13px}
@media(prefers-color-scheme:dark){svg{--page:#1b1c1f;--box:#26282c;--edge:#43464d;--ink:#ececea;--soft:#9c9a94;--bar:#57491c;--red:#ff7b7b;--pale:#4a2225;--robot:#7fa9e6;--a:#63c79f;--b:#cb97de;--c:#dcae68;--say:#2b3a52;--good:#6fd3a1}}
text{fill:var(--ink)}.page{fill:var(--page)}.title{font-size:16px;font-weight:600}.box{fill:var(--box);stroke:var(--edge)}.place{font-weight:600}.small,.number{fill:var(--soft);font-size:11px}
.code,.number{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:12px}.bar{fill:var(--bar)}.bar.end{fill:var(--pale);stroke:var(--red)}
.kind0 circle{fill:var(--a)}.kind1 circle{fill:var(--b)}.kind2 circle{fill:var(--c)}.robot rect,.robot circle{fill:var(--robot)}.robot .eye{fill:var(--page)}.line{stroke:var(--robot);stroke-width:2}
.speech rect{fill:var(--say);stroke:var(--robot)}.refused rect{fill:var(--pale);stroke:var(--red)}.refused text{fill:var(--red)}
.axis{stroke:var(--edge);stroke-width:2}.tick{fill:var(--soft)}.tick.bad{fill:var(--red)}.now{fill:none;stroke:var(--robot);stroke-width:2.5}.now-text text{font-size:13px}.bad text,.verdict.bad{fill:var(--red)}.verdict{font-weight:600}.good{fill:var(--good)}
</style>
`

// clean replaces what XML cannot hold.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff || r == utf8.RuneError {
			return '·'
		}
		return r
	}, s)
}
