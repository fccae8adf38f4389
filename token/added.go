package token

import (
	"unicode"
	"unicode/utf8"
)

// Added is a token outside the model's vocabulary rules: it is recognised in a text as
// it stands, before anything is split. The fields are those of tokenizer.json.
type Added struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"` // only where no word character is next to it
	LStrip     bool   `json:"lstrip"`      // takes the white space before it with it
	RStrip     bool   `json:"rstrip"`      // takes the white space after it with it
	Normalized bool   `json:"normalized"`  // is looked for in the normalized text
	Special    bool   `json:"special"`     // is control, not text: Plain leaves it out
}

// matcher finds added tokens: a trie over bytes, in which the longest token at the
// leftmost place wins. The nil matcher finds none.
type matcher struct {
	first [256]bool // some token begins with this byte
	nodes []trieNode
}

type trieNode struct {
	next  map[byte]int32
	added *Added // that ends here, or nil
}

// newMatcher returns nil where tokens is empty; content gives what to look for.
func newMatcher(tokens []*Added, content func(*Added) string) *matcher {
	m := &matcher{nodes: make([]trieNode, 1)}
	for _, a := range tokens {
		text, at := content(a), int32(0)
		if text == "" {
			continue
		}
		m.first[text[0]] = true
		for i := range len(text) {
			if m.nodes[at].next == nil {
				m.nodes[at].next = map[byte]int32{}
			}
			to, ok := m.nodes[at].next[text[i]]
			if !ok {
				to = int32(len(m.nodes))
				m.nodes = append(m.nodes, trieNode{})
				m.nodes[at].next[text[i]] = to
			}
			at = to
		}
		m.nodes[at].added = a
	}
	if len(m.nodes) == 1 {
		return nil
	}
	return m
}

// longest is the longest token at s[i:] and where it ends.
func (m *matcher) longest(s string, i int) (a *Added, end int) {
	at := int32(0)
	for ; i < len(s); i++ {
		to, ok := m.nodes[at].next[s[i]]
		if !ok {
			break
		}
		at = to
		if m.nodes[at].added != nil {
			a, end = m.nodes[at].added, i+1
		}
	}
	return a, end
}

// split calls each for the parts of s in order: text (nil) or an added token with the
// white space it takes. The parts together are s.
func (m *matcher) split(s string, each func(part string, a *Added)) {
	done := 0 // s[:done] was handed out
	for i := 0; m != nil && i < len(s); {
		if !m.first[s[i]] {
			i++
			continue
		}
		a, stop := m.longest(s, i)
		if a == nil {
			i++
			continue
		}
		start := i
		i = stop
		if a.SingleWord && (endsInWord(s[:start]) || startsWithWord(s[stop:])) {
			continue
		}
		if a.LStrip {
			start = trimRightSpace(s[:start])
		}
		start = max(start, done)
		if a.RStrip {
			stop += len(s[stop:]) - len(trimLeftSpace(s[stop:]))
		}
		if stop <= done { // nothing but space that the token before took
			continue
		}
		if done < start {
			each(s[done:start], nil)
		}
		each(s[start:stop], a)
		done = stop
	}
	if done < len(s) {
		each(s[done:], nil)
	}
}

func trimRightSpace(s string) int {
	for s != "" {
		r, n := utf8.DecodeLastRuneInString(s)
		if !unicode.IsSpace(r) {
			break
		}
		s = s[:len(s)-n]
	}
	return len(s)
}

func trimLeftSpace(s string) string {
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		if !unicode.IsSpace(r) {
			break
		}
		s = s[n:]
	}
	return s
}

func endsInWord(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return s != "" && isWord(r)
}

func startsWithWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && isWord(r)
}

// isWord is \w of Unicode regular expressions (UTS 18, annex C).
func isWord(r rune) bool {
	return r != utf8.RuneError && unicode.In(r, unicode.L, unicode.Nl, unicode.Other_Alphabetic, unicode.M, unicode.Nd, unicode.Pc, unicode.Join_Control)
}
