package token

import "golang.org/x/text/unicode/norm"

// A backMap leads from positions in a normalized text to the original: positions[i] in
// the first belongs to original[i], with equal steps in between until the next entry.
// A position inside a stretch that changed belongs to the end of the original stretch,
// so that the first token that touches the stretch covers all of it. nil is the identity.
type backMap []stretch

type stretch struct {
	normalized, original int  // where it begins
	changed              bool // else byte for byte the same
}

// at maps a position; positions come in ascending order, from is the stretch of the last
// one, and the new one is returned.
func (m backMap) at(pos, from int) (original, stretchIndex int) {
	if m == nil {
		return pos, 0
	}
	for from+1 < len(m) && m[from+1].normalized <= pos {
		from++
	}
	s := m[from]
	switch {
	case pos == s.normalized:
		return s.original, from
	case s.changed:
		return m[from+1].original, from // the last stretch is an empty, unchanged one
	}
	return s.original + pos - s.normalized, from
}

// nfc composes s (Unicode normalization form C).
func nfc(s string) (string, backMap) {
	n := norm.NFC.QuickSpanString(s)
	if n == len(s) {
		return s, nil
	}
	out := append(make([]byte, 0, len(s)), s[:n]...)
	m := backMap{{}}
	var it norm.Iter
	it.InitString(norm.NFC, s[n:])
	for !it.Done() {
		from := it.Pos()
		seg := it.Next()
		changed := string(seg) != s[n+from:n+it.Pos()]
		if changed || m[len(m)-1].changed {
			m = append(m, stretch{len(out), n + from, changed})
		}
		out = append(out, seg...)
	}
	return string(out), append(m, stretch{len(out), len(s), false})
}
