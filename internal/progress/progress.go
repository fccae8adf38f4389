// Package progress reports on long work: one line that is redrawn on a
// terminal, plain lines every few seconds elsewhere.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// Bar counts work done. Its methods may be called from several goroutines; a nil Bar does nothing.
type Bar struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	width    func() int
	label    string
	total    int // 0: unknown
	done     int
	start    time.Time
	base     int // done at start, not counted in the rate
	last     time.Time
	note     string
	drawn    bool
}

// New returns a bar on f. total 0 means unknown; done is what an earlier run had finished.
func New(f *os.File, label string, total, done int) *Bar {
	b := &Bar{w: f, label: label, total: total, done: done, base: done, start: time.Now()}
	fd := int(f.Fd())
	b.terminal = term.IsTerminal(fd)
	b.width = func() int {
		if w, _, err := term.GetSize(fd); err == nil && w > 0 {
			return w
		}
		return 80
	}
	b.last = b.start
	return b
}

// Add counts n more and redraws when it is time.
func (b *Bar) Add(n int, note string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done += n
	b.note = note
	every := 10 * time.Second
	if b.terminal {
		every = 100 * time.Millisecond
	}
	if now := time.Now(); now.Sub(b.last) >= every {
		b.last = now
		b.draw(now)
	}
}

// Println writes a line above the bar.
func (b *Bar) Println(s string) {
	if b == nil {
		fmt.Fprintln(os.Stderr, s)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.terminal && b.drawn {
		fmt.Fprint(b.w, "\r\x1b[K")
		b.drawn = false
	}
	fmt.Fprintln(b.w, s)
}

// Finish removes the bar from a terminal.
func (b *Bar) Finish() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.terminal && b.drawn {
		fmt.Fprint(b.w, "\r\x1b[K")
		b.drawn = false
	}
}

func (b *Bar) draw(now time.Time) {
	line := Line(b.label, b.done, b.total, b.base, now.Sub(b.start), b.note, b.columns())
	if b.terminal {
		fmt.Fprint(b.w, "\r\x1b[K"+line)
		b.drawn = true
		return
	}
	fmt.Fprintln(b.w, line)
}

func (b *Bar) columns() int {
	if b.terminal {
		return b.width() - 1
	}
	return 200
}

// Line formats one progress line of at most columns characters.
func Line(label string, done, total, base int, elapsed time.Duration, note string, columns int) string {
	rate := 0.0
	if s := elapsed.Seconds(); s > 0 {
		rate = float64(done-base) / s
	}
	parts := []string{fmt.Sprintf("%s %d", label, done)}
	if total > 0 {
		parts[0] = fmt.Sprintf("%s %d/%d %d%%", label, done, total, 100*done/total)
	}
	parts = append(parts, fmt.Sprintf("%.0f/s", rate))
	if total > 0 && rate > 0 {
		left := time.Duration(float64(total-done)/rate) * time.Second
		parts = append(parts, left.Round(time.Second).String()+" left")
	}
	if note != "" {
		parts = append(parts, note)
	}
	line := strings.Join(parts, "  ")
	for len(parts) > 1 && utf8.RuneCountInString(line) > columns { // half a number is worse than none
		parts = parts[:len(parts)-1]
		line = strings.Join(parts, "  ")
	}
	if r := []rune(line); len(r) > columns {
		line = string(r[:max(columns, 0)])
	}
	return line
}
