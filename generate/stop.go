package generate

import (
	"strings"
	"unicode/utf8"
)

// Cutter turns the text of one completion, as it is drawn, into what may be shown:
// it ends the text before a stop, and holds back an end that may still become a stop
// or that is an unfinished UTF-8 character. Of several stops the one that is complete
// first counts, and the longest of those; so the result does not depend on how the
// text was divided.
type Cutter struct {
	stops   []string
	longest int    // bytes of the longest stop
	held    string // given to Add and not yet returned
	stopped bool
}

// NewCutter returns a Cutter for the stops, none of which is empty.
func NewCutter(stops []string) *Cutter {
	c := &Cutter{stops: stops}
	for _, s := range stops {
		c.longest = max(c.longest, len(s))
	}
	return c
}

// Add takes more text and returns what is certain now. Once stopped is true the
// completion has ended, and Add returns nothing more.
func (c *Cutter) Add(text string) (certain string, stopped bool) {
	if c.stopped {
		return "", true
	}
	c.held += text
	if at := c.find(); at >= 0 {
		certain, c.held, c.stopped = c.held[:at], "", true
		return string([]rune(certain)), true
	}
	keep := max(c.partialStop(), partialRune(c.held))
	certain, c.held = c.held[:len(c.held)-keep], c.held[len(c.held)-keep:]
	return string([]rune(certain)), false
}

// End returns what was held back, when the completion ended for another reason.
// Here as in Add, a byte that is no UTF-8 becomes the replacement character.
func (c *Cutter) End() string {
	rest := c.held
	c.held, c.stopped = "", true
	return string([]rune(rest))
}

// find returns where the stop that counts begins, or -1. Every call sees all bytes
// that could belong to a stop, since those were held.
func (c *Cutter) find() int {
	begin, end := -1, len(c.held)+1
	for _, s := range c.stops {
		at := strings.Index(c.held, s)
		if e := at + len(s); at >= 0 && (e < end || e == end && at < begin) {
			begin, end = at, e
		}
	}
	return begin
}

// partialStop is the length of the longest end of held that begins a stop.
func (c *Cutter) partialStop() int {
	for n := min(len(c.held), c.longest-1); n > 0; n-- {
		end := c.held[len(c.held)-n:]
		for _, s := range c.stops {
			if strings.HasPrefix(s, end) {
				return n
			}
		}
	}
	return 0
}

// partialRune is the length of an unfinished UTF-8 character at the end of s, or 0.
func partialRune(s string) int {
	for n := 1; n <= min(len(s), utf8.UTFMax-1); n++ {
		if b := s[len(s)-n]; utf8.RuneStart(b) {
			if b >= utf8.RuneSelf && !utf8.FullRuneInString(s[len(s)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// Cut ends a whole text before the stop that counts.
func Cut(text string, stops []string) (cut string, stopped bool) {
	c := NewCutter(stops)
	cut, stopped = c.Add(text)
	return cut + c.End(), stopped
}
