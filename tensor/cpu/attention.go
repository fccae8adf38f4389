package cpu

import (
	"fmt"

	"hone/tensor"
	"hone/tensor/simd"
)

// Attention is computed by blocks of rows of scores, so that they stay in a cache. Keys, values and what
// else is multiplied with every block is packed once for a head. The masked half of causal attention is
// skipped by blocks.

// attentionMost is the most rows of scores that are computed at a time.
const attentionMost = 28

// attentionRows is how many they are: a multiple of what a product takes at once.
func attentionRows() int { return attentionMost / simd.RowsUnit() * simd.RowsUnit() }

// attentionKeys is how many places the blocks have for which gradients are computed at a time; of values
// as many are summed up at a time.
const attentionKeys = 256

// scoresApart is the distance of rows of scores for t places. Rows a power of two apart would share
// the few lines of a cache that their addresses can be in.
func scoresApart(t int) int { return (t+15)&^15 + 16 }

// span is the visible places of a block of rows r0 … r1-1: for all of them together,
// and of row i alone.
func span(causal bool, r1, length int) int {
	if causal {
		return min(r1, length)
	}
	return length
}

func visible(causal bool, i, length int) int {
	if causal {
		return min(i+1, length)
	}
	return length
}

// carve cuts a worker's scratch into parts.
type carve []float32

func (c *carve) floats(n int) []float32 {
	part := (*c)[:n:n]
	*c = (*c)[(n+15)&^15:]
	return part
}

// columns packs the right operand of products.
func (c *carve) columns(n, k int, b []float32, ldb int) simd.Columns {
	return simd.PackColumns(c.floats(simd.ColumnsSize(n, k)), false, n, k, b, ldb)
}

// keys packs those of a head, or what else is multiplied like them.
func (c *carve) keys(n, k int, x []float32, ld int) simd.Keys {
	return simd.PackKeys(c.floats(simd.KeysSize(n, k)), n, k, x, ld)
}

// attentionScratch is what a worker needs for t places and heads of d values.
func attentionScratch(t, d int) int {
	return (attentionRows()*scoresApart(t) + simd.KeysSize(t, d) + simd.ColumnsSize(d, t) + 4*16) &^ 15
}

// attentionGradScratch is the same for gradients.
func attentionGradScratch(t, d int) int {
	return (2*attentionRows()*scoresApart(min(t, attentionKeys)) + 2*simd.KeysSize(t, d) + 3*simd.ColumnsSize(d, t) + 8*16) &^ 15
}

func attention(op tensor.AttentionOp) kernel {
	return func(c *call) error {
		qkv, out, lse := c.in[0].F32, c.out[0].F32, c.out[1].F32
		batch, t := c.in[0].Shape[0], c.in[0].Shape[1]
		w, d := op.Width(), op.Dim
		ow, scale := op.Query*d, op.Scale()
		block, ld := attentionRows(), scoresApart(t)
		if err := checkLengths(op.Ragged, c.in, 1, t); err != nil {
			return err
		}
		size := attentionScratch(t, d)
		c.pool.ForWorker(batch*op.Query, func(worker, task int) {
			b, h := task/op.Query, task%op.Query
			length := t
			if op.Ragged {
				length = int(c.in[1].I32[b])
			}
			row := qkv[b*t*w:]
			scratch := carve(c.scratch[worker*size : (worker+1)*size])
			scores := scratch.floats(block * ld)
			if length > 0 {
				g := h / (op.Query / op.KV)
				k := scratch.keys(length, d, row[(op.Query+g)*d:], w)
				v := scratch.columns(d, length, row[(op.Query+op.KV+g)*d:], w)
				for r := 0; r < length; r += block {
					n := min(block, length-r)
					e := span(op.Causal, r+n, length)
					y := out[(b*t+r)*ow+h*d:]
					k.Scores(n, row[r*w+h*d:], w, 0, e, scores, ld)
					var shares [attentionMost]float32
					for i := range n {
						s := scores[i*ld : i*ld+e]
						see := visible(op.Causal, r+i, length)
						m, sum := simd.Exponentials(s[:see], scale)
						clear(s[see:])
						lse[(b*op.Query+h)*t+r+i], shares[i] = m+log32(sum), 1/sum
					}
					for at := 0; at < e; at += attentionKeys {
						part := min(attentionKeys, e-at)
						v.Part(at, part, 0, d).Mul(false, n, scores[at:], ld, at > 0, y, ow)
					}
					for i := range n {
						simd.Scale(y[i*ow:i*ow+d], y[i*ow:i*ow+d], shares[i])
					}
				}
			}
			for i := length; i < t; i++ {
				clear(out[(b*t+i)*ow+h*d:][:d])
				lse[(b*op.Query+h)*t+i] = 0
			}
		})
		return nil
	}
}

func checkLengths(ragged bool, in []*tensor.Tensor, at, t int) error {
	if !ragged {
		return nil
	}
	for b, n := range in[at].I32 {
		if n < 0 || int(n) > t {
			return fmt.Errorf("the length of row %d is %d, the rows have %d places", b, n, t)
		}
	}
	return nil
}

// attentionGrad computes the probabilities again from lse, block by block. One task
// has a key head with all its query heads, so that sums over these have one order.
func attentionGrad(op tensor.AttentionOp) kernel {
	return func(c *call) error {
		dout, out, lse, qkv := c.in[0].F32, c.in[1].F32, c.in[2].F32, c.in[3].F32
		dqkv := c.out[0].F32
		batch, t := c.in[3].Shape[0], c.in[3].Shape[1]
		w, d := op.Width(), op.Dim
		ow, scale, group := op.Query*d, op.Scale(), op.Query/op.KV
		block, ld := attentionRows(), scoresApart(min(t, attentionKeys))
		if err := checkLengths(op.Ragged, c.in, 4, t); err != nil {
			return err
		}
		size := attentionGradScratch(t, d)
		c.pool.ForWorker(batch*op.KV, func(worker, task int) {
			b, g := task/op.KV, task%op.KV
			length := t
			if op.Ragged {
				length = int(c.in[4].I32[b])
			}
			row, drow := qkv[b*t*w:(b+1)*t*w], dqkv[b*t*w:(b+1)*t*w]
			ko, vo := (op.Query+g)*d, (op.Query+op.KV+g)*d
			dk, dv := drow[ko:], drow[vo:]
			for i := range t {
				clear(dk[i*w:][:d])
				clear(dv[i*w:][:d])
			}
			scratch := carve(c.scratch[worker*size : (worker+1)*size])
			p, dp := scratch.floats(block*ld), scratch.floats(block*ld)
			var keys, values simd.Keys
			var k simd.Columns
			if length > 0 {
				keys, values = scratch.keys(length, d, row[ko:], w), scratch.keys(length, d, row[vo:], w)
				k = scratch.columns(d, length, row[ko:], w)
			}
			for h := g * group; h < (g+1)*group; h++ {
				rows := scratch
				dq := drow[h*d:]
				for i := length; i < t; i++ {
					clear(dq[i*w:][:d])
				}
				if length == 0 {
					continue
				}
				q, do := rows.columns(d, length, row[h*d:], w), rows.columns(d, length, dout[b*t*ow+h*d:], ow)
				for r := 0; r < length; r += block {
					n := min(block, length-r)
					e := span(op.Causal, r+n, length)
					dy, y := dout[(b*t+r)*ow+h*d:], out[(b*t+r)*ow+h*d:]
					var dots [attentionMost]float32
					for i := range n {
						dots[i] = simd.Dot(dy[i*ow:i*ow+d], y[i*ow:i*ow+d])
					}
					for j := 0; j < e; j += attentionKeys {
						m := min(attentionKeys, e-j)
						keys.Scores(n, row[r*w+h*d:], w, j, m, p, ld)
						values.Scores(n, dy, ow, j, m, dp, ld)
						for i := range n {
							see := min(max(visible(op.Causal, r+i, length)-j, 0), m)
							pr, dr := p[i*ld:i*ld+m], dp[i*ld:i*ld+m]
							simd.ScoresGrad(dr[:see], pr[:see], scale, lse[(b*op.Query+h)*t+r+i], dots[i])
							clear(pr[see:])
							clear(dr[see:])
						}
						do.Part(r, n, 0, d).Mul(true, m, p, ld, true, dv[j*w:], w)
						k.Part(j, m, 0, d).Mul(false, n, dp, ld, j > 0, dq[r*w:], w)
						q.Part(r, n, 0, d).Mul(true, m, dp, ld, true, dk[j*w:], w)
					}
				}
			}
		})
		return nil
	}
}

// cachedRows is how many rows of t new ones are computed at a time.
func cachedRows(t int) int { return min(t, 64) }

// cachedAttention writes the new keys and values and attends to all up to each row.
func cachedAttention(op tensor.CachedAttentionOp) kernel {
	return func(c *call) error {
		qkv, out, keys, values := c.in[0].F32, c.out[0].F32, c.out[1], c.out[2]
		for i := 1; i <= 2; i++ {
			if from := c.in[i].F32; &from[0] != &c.out[i].F32[0] {
				copy(c.out[i].F32, from)
			}
		}
		slots, positions := c.in[3].I32, c.in[4].I32
		batch, t := c.in[0].Shape[0], c.in[0].Shape[1]
		w, d, room := op.Width(), op.Dim, values.Shape[2]
		ow, scale, group := op.Query*d, op.Scale(), op.Query/op.KV
		taken := make([]bool, keys.Shape[0])
		for b := range batch {
			if s := int(slots[b]); s >= 0 && s < len(taken) {
				if taken[s] {
					return fmt.Errorf("row %d: sequence %d is in the batch already", b, s)
				}
				taken[s] = true
			}
			if s, p := int(slots[b]), int(positions[b]); s >= 0 && (s >= keys.Shape[0] || p < 0 || p+t > room) {
				return fmt.Errorf("row %d: positions %d … %d of sequence %d: the cache holds %d sequences of %d positions", b, p, p+t-1, s, keys.Shape[0], room)
			}
		}
		block := cachedRows(t)
		c.pool.ForWorker(batch*op.KV, func(worker, task int) {
			b, g := task/op.KV, task%op.KV
			if slots[b] < 0 {
				for i := range t {
					clear(out[(b*t+i)*ow+g*group*d:][:group*d])
				}
				return
			}
			pos := int(positions[b])
			row := qkv[b*t*w : (b+1)*t*w]
			at := int(slots[b])*op.KV + g
			k, v := keys.F32[at*d*room:(at+1)*d*room], values.F32[at*d*room:(at+1)*d*room]
			for i := range t {
				copy(k[(pos+i)*d:(pos+i+1)*d], row[i*w+(op.Query+g)*d:])
				copy(v[(pos+i)*d:(pos+i+1)*d], row[i*w+(op.Query+op.KV+g)*d:])
			}
			scores := c.scratch[worker*group*block*room : (worker+1)*group*block*room]
			if t == 1 {
				attendOne(d, pos+1, scale, row[g*group*d:(g+1)*group*d], k, v, scores, out[b*ow+g*group*d:b*ow+(g+1)*group*d])
				return
			}
			for h := g * group; h < (g+1)*group; h++ {
				for r := 0; r < t; r += block {
					n := min(block, t-r)
					e := pos + r + n
					simd.Gemm(nil, false, true, n, e, d, row[r*w+h*d:], w, k, d, false, scores, room)
					for i := range n {
						s := scores[i*room : i*room+e]
						see := pos + r + i + 1
						simd.Softmax(s[:see], scale)
						clear(s[see:])
					}
					simd.Gemm(nil, false, false, n, d, e, scores, room, v, d, false, out[(b*t+r)*ow+h*d:], ow)
				}
			}
		})
		return nil
	}
}

// attendOne is attention of one query of each head of a group, q [heads, d], to the first e keys and
// values that they share. These are read in blocks, so that the heads after the first find them in
// the cache.
func attendOne(d, e int, scale float32, q, keys, values, scores, out []float32) {
	const block = 64
	for at := 0; at < e; at += block {
		n := min(block, e-at)
		for h := range len(q) / d {
			simd.DotRows(scores[h*e+at:h*e+at+n], q[h*d:(h+1)*d], keys[at*d:], d)
		}
	}
	for h := range len(q) / d {
		simd.Softmax(scores[h*e:(h+1)*e], scale)
	}
	clear(out)
	for at := 0; at < e; at += block {
		n := min(block, e-at)
		for h := range len(q) / d {
			simd.SumRows(out[h*d:(h+1)*d], scores[h*e+at:h*e+at+n], values[at*d:], d)
		}
	}
}

// rotary turns heads by the table's row for their position.
func rotary(op tensor.RotaryOp) kernel {
	return func(c *call) error {
		x, positions, table, y := c.in[0].F32, c.in[1].I32, c.in[2], c.out[0].F32
		w, d, h := c.in[0].Cols(), op.Dim, op.Dim/2
		first, end := c.span(c.in[0].Rows())
		if err := inTable(positions, first, end, table.Shape[0], "position"); err != nil {
			return err
		}
		c.rows(c.in[0].Rows(), func(lo, hi int) {
			minus := make([]float32, h)
			for i := lo; i < hi; i++ {
				angle := table.F32[int(positions[i])*d:]
				cos, sin := angle[:h], angle[h:d]
				if op.Inverse {
					simd.Scale(minus, sin, -1)
					sin = minus
				}
				from, to := x[i*w:(i+1)*w], y[i*w:(i+1)*w]
				simd.Rotate(to[:op.Count*d], from[:op.Count*d], cos, sin)
				if &from[0] != &to[0] {
					copy(to[op.Count*d:], from[op.Count*d:])
				}
			}
		})
		return nil
	}
}

// inTable checks row numbers lo … hi-1.
func inTable(ids []int32, lo, hi, rows int, what string) error {
	for i := lo; i < hi; i++ {
		if id := ids[i]; id < 0 || int(id) >= rows {
			return fmt.Errorf("%s %d (number %d) is outside the table of %d rows", what, id, i, rows)
		}
	}
	return nil
}
