package main

import (
	"bufio"
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

	"hone/reward"
	"hone/source"
)

// print shows the parts, where reward was lost, and on a terminal with colours the text
// with its tokens painted.
func (r *rewarded) print(f *os.File) error {
	var text strings.Builder
	r.parts(&text)
	r.losses(&text)
	if _, err := fmt.Fprint(wrapped(f), text.String()); err != nil {
		return err
	}
	if !coloured(f) {
		return nil
	}
	w := bufio.NewWriter(f)
	r.paint(w)
	return w.Flush()
}

// coloured reports whether f is a terminal that shows colours.
func coloured(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// parts is a table of what each component gave.
func (r *rewarded) parts(b *strings.Builder) {
	fmt.Fprintf(b, "%s: reward %s, to %s (%s)\n\n", printable(r.TaskID), number(r.Reward), count(len(r.Tokens), "token", "tokens"), r.Mode)
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "component\tvalue\tof\tweight\treward")
	for _, p := range r.Parts {
		value, given := number(p.Value), number(p.Reward)
		if !p.Counted {
			value, given = "–", "–"
		}
		fmt.Fprintf(t, "%s\t%s\t%s…%s\t%s\t%s", printable(p.Component), value, number(p.Low), number(p.High), number(p.Weight), given)
		if p.Note != "" {
			fmt.Fprintf(t, "\t%s", printable(p.Note))
		}
		fmt.Fprintln(t)
	}
	t.Flush()
}

// loss is a negative part of the reward.
type loss struct {
	reward.Mark
	component  string
	part, mark int // indices
}

// lost are the negative parts, the greatest first.
func (r *rewarded) lost() []loss {
	var all []loss
	for i, p := range r.Parts {
		for k, m := range p.Marks {
			if m.Amount < 0 {
				all = append(all, loss{m, p.Component, i, k})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b loss) int { return cmp.Compare(a.Amount, b.Amount) })
	return all
}

// losses lists the negative parts with their places in the text.
func (r *rewarded) losses(b *strings.Builder) {
	all := r.lost()
	if len(all) == 0 {
		return
	}
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nlost\twhere\twhy")
	for _, l := range all {
		fmt.Fprintf(t, "%s\t%s\t%s: %s\n", number(l.Amount), r.places(l.Spans), printable(l.component), printable(l.Why))
	}
	t.Flush()
}

// maxPlaces is how many places of one loss are listed.
const maxPlaces = 3

// places are spans as line:column–line:column, from 1, columns in characters.
func (r *rewarded) places(spans []source.Span) string {
	if len(spans) == 0 {
		return "at the end"
	}
	var out []string
	for i, s := range spans {
		if i == maxPlaces {
			out = append(out, fmt.Sprintf("and %d more", len(spans)-i))
			break
		}
		shown := strings.TrimRight(r.text[s.Start:s.End], "\r\n")
		_, last := utf8.DecodeLastRuneInString(shown)
		from, to := r.lines.Position(s.Start), r.lines.Position(s.Start+len(shown)-last)
		place := fmt.Sprintf("%d:%d", from.Line, from.Rune+1)
		switch {
		case to.Line != from.Line:
			place += fmt.Sprintf("–%d:%d", to.Line, to.Rune+1)
		case to.Rune > from.Rune:
			place += fmt.Sprintf("–%d", to.Rune+1)
		}
		out = append(out, place)
	}
	return strings.Join(out, ", ")
}

// Backgrounds of tokens that lost and that gained, weak to strong, in the 256 colours of
// xterm; the text on them is black.
var (
	lostColours   = []int{224, 217, 210, 203}
	gainedColours = []int{194, 157, 120, 84}
)

// level is how strong a reward is, 1 to 4, against the strongest; 0 for none.
func (r *rewarded) level(x, strongest float64) int {
	if x == 0 || strongest == 0 {
		return 0
	}
	return 1 + min(3, int(4*math.Abs(x)/strongest))
}

// earned is a token's reward for the eye: the last one also takes what rounding left of the sum.
func earned(reward float64) float64 {
	if math.Abs(reward) < 1e-12 {
		return 0
	}
	return reward
}

// strongest are the sizes of the greatest loss and gain of a token.
func (r *rewarded) strongest() (loss, gain float64) {
	for _, t := range r.Tokens {
		loss, gain = max(loss, -earned(t.Reward)), max(gain, earned(t.Reward))
	}
	return loss, gain
}

// paint prints the text with the tokens in the colours of what they got, and what is no
// program pale.
func (r *rewarded) paint(w *bufio.Writer) {
	loss, gain := r.strongest()
	w.WriteByte('\n')
	for _, t := range r.Tokens {
		style := ""
		switch {
		case earned(t.Reward) < 0:
			style = fmt.Sprintf("38;5;16;48;5;%d", lostColours[r.level(earned(t.Reward), loss)-1])
		case earned(t.Reward) > 0:
			style = fmt.Sprintf("38;5;16;48;5;%d", gainedColours[r.level(earned(t.Reward), gain)-1])
		case !t.inside:
			style = "2"
		}
		text := shownText(r.text[t.Start:t.End])
		if r.unseen(t) {
			text = "⏎" + text
		}
		for i, line := range strings.Split(text, "\n") {
			if i > 0 {
				w.WriteByte('\n')
			}
			if line != "" && style != "" {
				line = "\x1b[" + style + "m" + line + "\x1b[0m"
			}
			w.WriteString(line)
		}
	}
	w.WriteString("\n\n")
	if loss > 0 {
		fmt.Fprintf(w, "\x1b[38;5;16;48;5;%dm lost \x1b[0m up to %s a token  ", lostColours[3], number(-loss))
	}
	if gain > 0 {
		fmt.Fprintf(w, "\x1b[38;5;16;48;5;%dm gained \x1b[0m up to %s a token", gainedColours[3], number(gain))
	}
	w.WriteByte('\n')
}

// unseen reports whether a token that got something shows nothing but a line's end.
func (r *rewarded) unseen(t rewardedToken) bool {
	text := r.text[t.Start:t.End]
	return earned(t.Reward) != 0 && strings.TrimSpace(text) == "" && strings.Contains(text, "\n")
}

// shownText is text that a terminal shows and does not act upon, line by line.
func shownText(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || unicode.IsPrint(r) || unicode.Is(unicode.M, r):
			return r
		case r == '\t':
			return ' '
		case r == '\r':
			return -1
		}
		return '\ufffd'
	}, text)
}

// number is a reward for people.
func number(x float64) string {
	s := strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.4f", x), "0"), ".")
	if s == "-0" || s == "0" {
		if x != 0 {
			return fmt.Sprintf("%.1e", x)
		}
		return "0"
	}
	return strings.Replace(s, "-", "−", 1)
}

//go:embed reward.html
var rewardPage string

// pageToken is a token on the page.
type pageToken struct {
	Text  string
	Class string
	Level int
	Title string
	// LineEnd: without a sign for it nothing would be seen.
	LineEnd bool
	Losses  string // numbers of the losses that it has a part of
}

// pageLoss is a loss on the page.
type pageLoss struct{ Amount, Where, Component, Why string }

// writePage writes a page that needs nothing else.
func (r *rewarded) writePage(path string) error {
	page, err := template.New("reward").Parse(rewardPage)
	if err != nil {
		return err
	}
	loss, gain := r.strongest()
	var tokens []pageToken
	for i, t := range r.Tokens {
		p := pageToken{Text: r.text[t.Start:t.End]}
		switch {
		case earned(t.Reward) < 0:
			p.Class, p.Level = "lost", r.level(earned(t.Reward), loss)
		case earned(t.Reward) > 0:
			p.Class, p.Level = "gained", r.level(earned(t.Reward), gain)
		case !t.inside:
			p.Class = "outside"
		}
		p.Title, p.LineEnd = r.title(i), r.unseen(t)
		tokens = append(tokens, p)
	}
	var rows []pageLoss
	for n, l := range r.lost() {
		rows = append(rows, pageLoss{number(l.Amount), r.places(l.Spans), l.component, l.Why})
		for i, t := range r.Tokens {
			if slices.ContainsFunc(t.Shares, func(s tokenPart) bool { return s.part == l.part && s.mark == l.mark }) {
				tokens[i].Losses += fmt.Sprintf(" l%d", n)
			}
		}
	}
	type part struct{ Component, Value, Range, Weight, Reward, Note string }
	var parts []part
	for _, p := range r.Parts {
		row := part{p.Component, number(p.Value), number(p.Low) + "…" + number(p.High), number(p.Weight), number(p.Reward), p.Note}
		if !p.Counted {
			row.Value, row.Reward = "–", "–"
		}
		parts = append(parts, row)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, map[string]any{
		"Task": r.TaskID, "Benchmark": r.Benchmark, "Reward": number(r.Reward), "Mode": r.Mode, "Tokens": tokens, "Losses": rows, "Parts": parts,
		"Tokenizer": r.Tokenizer, "Verdict": strings.ReplaceAll(string(r.Verdict.Verdict), "_", " "), "Passed": r.Verdict.PassedTests(), "Total": len(r.Verdict.Tests),
	}); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// title says of a token what it got and why.
func (r *rewarded) title(i int) string {
	t := r.Tokens[i]
	lines := []string{fmt.Sprintf("token %d, bytes %d–%d: %s", i, t.Start, t.End, number(earned(t.Reward)))}
	if !t.inside {
		lines[0] += ", outside the program"
	}
	for _, s := range t.Shares {
		switch {
		case s.Why != "":
			lines = append(lines, fmt.Sprintf("%s  %s: %s", number(s.Amount), s.Component, s.Why))
		case s.Component != "":
			lines = append(lines, fmt.Sprintf("%s  %s: what is left, at the end of the program", number(s.Amount), s.Component))
		}
	}
	return strings.Join(lines, "\n")
}
