package corpus

import (
	"crypto/sha256"
	"math"
)

// signatureSize is the number of hash functions of a MinHash signature. The estimate
// of a similarity s has a standard deviation of sqrt(s(1-s)/128), 0.04 at 0.7.
const signatureSize = 128

// minWords is how many words a text must have for being like another to mean
// anything (Allamanis, "The Adverse Effects of Code Duplication", 2019, has 20 tokens
// with punctuation).
const minWords = 10

// signature is the MinHash of a text's set of shingles (Broder 1997): entry i is the
// least value of hash function i over the set. Two signatures agree in a share of
// entries that estimates the Jaccard similarity of the sets.
type signature [signatureSize]uint32

// deduper remembers the documents that were kept. It takes about 1.2 KB a document.
type deduper struct {
	config DedupConfig
	exact  map[[16]byte]bool
	hasher *hasher
	rows   int                // entries of a signature in a band
	bands  []map[uint64]int32 // of a band's entries, hashed, to the last document with them
	links  [][]int32          // [bands][documents] the one before in the same place, or -1
	kept   []signature
}

func newDeduper(c DedupConfig) *deduper {
	d := &deduper{config: c, exact: map[[16]byte]bool{}}
	if !c.Near {
		return d
	}
	d.hasher = newHasher()
	d.rows = bandRows(c.Threshold)
	for range signatureSize / d.rows {
		d.bands = append(d.bands, map[uint64]int32{})
		d.links = append(d.links, nil)
	}
	return d
}

// bandRows chooses how many entries make a band: the most with which two documents at
// the threshold share a band with probability 0.999. Those below it that do are
// told apart by their whole signatures.
func bandRows(threshold float64) int {
	for rows := 16; rows > 1; rows-- {
		bands := float64(signatureSize / rows)
		if 1-math.Pow(1-math.Pow(threshold, float64(rows)), bands) >= 0.999 {
			return rows
		}
	}
	return 1
}

// reason says why text is not to be kept, or "" and remembers it.
func (d *deduper) reason(text string) string {
	l, why := d.look(text)
	if d.config.Exact {
		d.exact[l.exact] = true
	}
	if why == "" && l.near {
		d.remember(l)
	}
	return why
}

// looked is a text as it is compared with others.
type looked struct {
	exact [16]byte
	near  bool // there is a signature
	sig   signature
	keys  []uint64 // of the signature's bands
}

// look says which of the texts that were remembered text is like, if any.
func (d *deduper) look(text string) (l looked, why string) {
	if d.config.Exact {
		if l.exact = exactKey(text); d.exact[l.exact] {
			return l, skipExact
		}
	}
	if !d.config.Near {
		return l, ""
	}
	if l.sig, l.near = d.hasher.sign(text, d.config.Shingle); !l.near {
		return l, ""
	}
	l.keys = make([]uint64, len(d.bands))
	need := int(math.Ceil(d.config.Threshold * signatureSize))
	for b := range d.bands {
		l.keys[b] = bandKey(l.sig[b*d.rows : (b+1)*d.rows])
		i, ok := d.bands[b][l.keys[b]]
		if !ok {
			continue
		}
		for ; i >= 0; i = d.links[b][i] {
			if l.sig.agree(&d.kept[i]) >= need {
				return l, skipNear
			}
		}
	}
	return l, ""
}

// remember keeps a text's signature.
func (d *deduper) remember(l looked) {
	n := int32(len(d.kept))
	d.kept = append(d.kept, l.sig)
	for b, key := range l.keys {
		before, ok := d.bands[b][key]
		if !ok {
			before = -1
		}
		d.links[b] = append(d.links[b], before)
		d.bands[b][key] = n
	}
}

// Duplicates returns which of texts, by number, are also among others: the same but for white
// space, or so similar that the Jaccard index of their runs of 5 words is about threshold at
// least, as MinHash estimates it.
func Duplicates(texts, others []string, threshold float64) []int {
	d := newDeduper(DedupConfig{Exact: true, Near: true, Shingle: 5, Threshold: threshold})
	for _, t := range others {
		d.reason(t)
	}
	var found []int
	for i, t := range texts {
		if _, why := d.look(t); why != "" {
			found = append(found, i)
		}
	}
	return found
}

// exactKey is a hash of text without its white space.
func exactKey(text string) [16]byte {
	plain := make([]byte, 0, len(text))
	for i := range len(text) {
		switch c := text[i]; c {
		case ' ', '\n', '\t', '\r', '\f', '\v':
		default:
			plain = append(plain, c)
		}
	}
	sum := sha256.Sum256(plain)
	return [16]byte(sum[:16])
}

func bandKey(entries []uint32) uint64 {
	k := uint64(len(entries))
	for _, e := range entries {
		k = mix(k*0x9e3779b97f4a7c15 + uint64(e) + 1)
	}
	return k
}

// agree counts the equal entries.
func (s *signature) agree(o *signature) int {
	n := 0
	for i := range s {
		if s[i] == o[i] {
			n++
		}
	}
	return n
}

// hasher computes signatures.
type hasher struct {
	a, b  [signatureSize]uint64
	words []uint64 // scratch: the hash of each word of a text
}

// newHasher draws the functions h(x) = (a·x + b) >> 32 with odd a: multiply-shift,
// 2-universal (Dietzfelbinger et al. 1997). They are the same in every run.
func newHasher() *hasher {
	h := &hasher{}
	k := uint64(0)
	for i := range h.a {
		k += 0x9e3779b97f4a7c15
		h.a[i] = mix(k) | 1
		k += 0x9e3779b97f4a7c15
		h.b[i] = mix(k)
	}
	return h
}

// sign returns the signature of the set of runs of n words of text, words being
// letters, digits and underscores; false where there are too few.
func (h *hasher) sign(text string, n int) (signature, bool) {
	h.words = h.words[:0]
	const prime = 1099511628211 // FNV-1a
	word, in := uint64(0), false
	for i := range len(text) {
		c := text[i]
		if c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 {
			if !in {
				word, in = 14695981039346656037, true
			}
			word = (word ^ uint64(c)) * prime
		} else if in {
			h.words = append(h.words, mix(word))
			in = false
		}
	}
	if in {
		h.words = append(h.words, mix(word))
	}
	var s signature
	if len(h.words) < max(n, minWords) {
		return s, false
	}
	for i := range s {
		s[i] = math.MaxUint32
	}
	for i := range len(h.words) - n + 1 {
		x := uint64(0)
		for _, w := range h.words[i : i+n] {
			x = x*0x9e3779b97f4a7c15 + w
		}
		x = mix(x)
		for j := range s {
			s[j] = min(s[j], uint32((h.a[j]*x+h.b[j])>>32))
		}
	}
	return s, true
}
