package simd

import "unsafe"

// Keys are rows of values, with which many others are multiplied to give scores, packed once as [Columns] are: in
// columns or, where there are tiles, in parts for these. Products run on the caller alone, and one at a time, since the memory of
// the keys serves as scratch.
type Keys struct {
	n, k    int
	columns Columns
	parts   []uint16 // in panels for tiles, of keys and after them of one panel of queries; nil: columns
}

// keysInTiles says whether scores are computed in tiles: rows are short, so that there would be more to split
// than to multiply if that were not done once for all.
func keysInTiles(n, k int) bool {
	return active.tiles && 2*n >= tilesFrom && (k == shortDepth || k > 0 && k%tileDepth == 0 && k <= 4*tileDepth)
}

// keysPanel is how many bfloat16 a panel of keys has, queriesPanel one of queries.
func keysPanel(k int) int {
	if k == shortDepth {
		return shortBlock
	}
	return k / tileDepth * tileBlock
}

func queriesPanel(k int) int { return ceilDiv(k, tileDepth) * tileBlock }

// KeysSize is how many floats [PackKeys] needs for n keys of k values.
func KeysSize(n, k int) int {
	if keysInTiles(n, k) {
		return (ceilDiv(n, tilePanel)*keysPanel(k) + queriesPanel(k)) / 2
	}
	return ColumnsSize(n, k)
}

// PackKeys packs n keys of k values, with the distance ld between rows, into mem. mem begins at a multiple of 64 bytes
// where speed matters.
func PackKeys(mem []float32, n, k int, keys []float32, ld int) Keys {
	x := Keys{n: n, k: k}
	if !keysInTiles(n, k) {
		x.columns = PackColumns(mem, true, n, k, keys, ld)
		return x
	}
	checkMatrix(keys, n, k, ld)
	mem = mem[:KeysSize(n, k)]
	x.parts = unsafe.Slice((*uint16)(unsafe.Pointer(&mem[0])), 2*len(mem))
	x.split(keys, ld)
	return x
}

// Scores computes the products of m rows of q with keys j … j+n-1, C = Q·Kᵀ [m,n], with the given distances between rows.
// j is a multiple of [ColumnsUnit]. C must not overlap the others.
func (x Keys) Scores(m int, q []float32, ldq, j, n int, c []float32, ldc int) {
	if x.parts == nil {
		x.columns.Part(0, x.k, j, n).Mul(false, m, q, ldq, false, c, ldc)
		return
	}
	if j%tilePanel != 0 || j+n > x.n || min(j, n) < 0 {
		panic("simd: no part of the keys")
	}
	if m <= 0 || n <= 0 {
		return
	}
	checkMatrix(q, m, x.k, ldq)
	checkMatrix(c, m, n, ldc)
	x.scoresInTiles(m, q, ldq, j, n, c, ldc)
}
