package token

import (
	"hash/maphash"
	"math"
	"math/bits"
)

// bpe is the model: it turns the bytes of one pre-token into ids by applying, while
// there is one, the merge of the lowest rank, leftmost first (Sennrich et al. 2016,
// arXiv:1508.07909, section 3.2).
type bpe struct {
	bytes   [256]int32       // id of each byte; the unknown token where missing
	missing [256]bool        // the vocabulary has no token for this byte
	lossy   bool             // some byte is missing
	fuse    bool             // neighbouring missing bytes become one unknown token
	product []int32          // [merges] id of the token that the merge of each rank makes
	ranks   pairTable        // pair of ids → rank
	whole   map[string]int32 // raw text → id, where a pre-token that is a token needs no merges; else nil
	seed    maphash.Seed     // of the pre-token caches
}

// noMerge is the rank of a pair that is not merged.
const noMerge = math.MaxInt32

// pairTable maps pairs of ids to ranks: open addressing, at most half full.
type pairTable struct {
	keys  []uint64
	ranks []int32
	shift uint // 64 less the binary logarithm of len(keys)
}

// noPair marks a free slot: ids are not negative, so it is no pair.
const noPair = math.MaxUint64

func newPairTable(n int) pairTable {
	logSize := bits.Len(uint(2*n + 1))
	t := pairTable{keys: make([]uint64, 1<<logSize), ranks: make([]int32, 1<<logSize), shift: uint(64 - logSize)}
	for i := range t.keys {
		t.keys[i] = noPair
	}
	return t
}

func pairKey(a, b int32) uint64 { return uint64(a)<<32 | uint64(uint32(b)) }

// slot is where key is, or belongs.
func (t *pairTable) slot(key uint64) int {
	i := int(key * 0x9E3779B97F4A7C15 >> t.shift)
	for t.keys[i] != key && t.keys[i] != noPair {
		i = (i + 1) & (len(t.keys) - 1)
	}
	return i
}

func (t *pairTable) put(a, b, rank int32) {
	key := pairKey(a, b)
	i := t.slot(key)
	t.keys[i], t.ranks[i] = key, rank
}

func (t *pairTable) get(a, b int32) int32 {
	key := pairKey(a, b)
	if i := t.slot(key); t.keys[i] == key {
		return t.ranks[i]
	}
	return noMerge
}

const (
	cacheSlots   = 1 << 13
	cachedLength = 64 // longer pre-tokens are rare and would fill the cache with what does not come again
	scanLength   = 80 // up to here, looking for the lowest rank is faster than keeping a heap
)

// work is what merging needs besides the model: scratch space and a cache of
// pre-tokens already merged, since source code repeats them. Not for concurrent use.
type work struct {
	cache []cached // [cacheSlots] by hash, a newcomer evicts; nil until needed
	ids   []int32  // of the symbols
	ranks []int32  // of each symbol with the next
	prev  []int32
	next  []int32
	heap  []uint64 // rank<<32 | position
}

type cached struct {
	text string
	ids  []int32
}

// append adds the ids of the pre-token s to dst.
func (m *bpe) append(dst []int32, s string, w *work) []int32 {
	if len(s) == 1 {
		return append(dst, m.bytes[s[0]])
	}
	if m.whole != nil {
		if id, ok := m.whole[s]; ok {
			return append(dst, id)
		}
	}
	if len(s) > cachedLength {
		return append(dst, m.merge(s, w)...)
	}
	if w.cache == nil {
		w.cache = make([]cached, cacheSlots)
	}
	slot := &w.cache[maphash.String(m.seed, s)%cacheSlots]
	if slot.text != s {
		ids := m.merge(s, w)
		*slot = cached{string([]byte(s)), append(slot.ids[:0:0], ids...)}
	}
	return append(dst, slot.ids...)
}

// merge returns the ids of s, valid until the next call.
func (m *bpe) merge(s string, w *work) []int32 {
	ids := w.ids[:0]
	for i := range len(s) {
		b := s[i]
		if m.fuse && i > 0 && m.missing[b] && m.missing[s[i-1]] {
			continue
		}
		ids = append(ids, m.bytes[b])
	}
	w.ids = ids
	if len(ids) < 2 {
		return ids
	}
	ranks := w.ranks[:0]
	for i := range len(ids) - 1 {
		ranks = append(ranks, m.ranks.get(ids[i], ids[i+1]))
	}
	w.ranks = append(ranks, noMerge)
	if len(ids) > scanLength {
		return m.mergeHeap(w)
	}
	return m.mergeScan(ids, w.ranks)
}

// mergeScan merges short pre-tokens: ranks[i] is that of ids[i] with ids[i+1], the last is noMerge.
func (m *bpe) mergeScan(ids, ranks []int32) []int32 {
	for {
		best, at := int32(noMerge), 0
		for i, r := range ranks {
			if r < best {
				best, at = r, i
			}
		}
		if best == noMerge {
			return ids
		}
		ids[at] = m.product[best]
		ids = append(ids[:at+1], ids[at+2:]...)
		ranks = append(ranks[:at], ranks[at+1:]...)
		if at+1 < len(ids) {
			ranks[at] = m.ranks.get(ids[at], ids[at+1])
		} else {
			ranks[at] = noMerge
		}
		if at > 0 {
			ranks[at-1] = m.ranks.get(ids[at-1], ids[at])
		}
	}
}

// mergeHeap merges long pre-tokens in O(n log n): symbols stay where their first byte
// was, linked by prev and next, and the heap holds candidates that may be outdated.
func (m *bpe) mergeHeap(w *work) []int32 {
	ids, ranks := w.ids, w.ranks
	n := len(ids)
	w.prev, w.next, w.heap = w.prev[:0], w.next[:0], w.heap[:0]
	for i := range n {
		w.prev, w.next = append(w.prev, int32(i-1)), append(w.next, int32(i+1))
		if ranks[i] != noMerge {
			w.push(ranks[i], i)
		}
	}
	update := func(i int) {
		ranks[i] = noMerge
		if j := int(w.next[i]); j < n {
			if r := m.ranks.get(ids[i], ids[j]); r != noMerge {
				ranks[i] = r
				w.push(r, i)
			}
		}
	}
	for len(w.heap) > 0 {
		rank, i := w.pop()
		if ranks[i] != rank { // merged away, or with another neighbour now
			continue
		}
		j := int(w.next[i])
		ids[i] = m.product[rank]
		ranks[j] = noMerge
		ids[j] = -1
		w.next[i] = w.next[j]
		if k := int(w.next[i]); k < n {
			w.prev[k] = int32(i)
		}
		update(i)
		if p := int(w.prev[i]); p >= 0 {
			update(p)
		}
	}
	out := ids[:0]
	for _, id := range ids {
		if id >= 0 {
			out = append(out, id)
		}
	}
	return out
}

func (w *work) push(rank int32, at int) {
	h := append(w.heap, uint64(rank)<<32|uint64(at))
	i := len(h) - 1
	for i > 0 && h[i] < h[(i-1)/2] {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
		i = (i - 1) / 2
	}
	w.heap = h
}

func (w *work) pop() (rank int32, at int) {
	h := w.heap
	top := h[0]
	n := len(h) - 1
	h[0] = h[n]
	for i := 0; ; {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && h[c+1] < h[c] {
			c++
		}
		if h[i] <= h[c] {
			break
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
	w.heap = h[:n]
	return int32(top >> 32), int(uint32(top))
}
