package cpu

import (
	"fmt"

	"hone/tensor"
	"hone/tensor/simd"
)

// attentionRows is how many rows of scores are computed at a time, so that they
// stay in the cache and the masked half of causal attention is skipped by blocks.
const attentionRows = 64

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

func attention(op tensor.AttentionOp) kernel {
	return func(c *call) error {
		qkv, out, lse := c.in[0].F32, c.out[0].F32, c.out[1].F32
		batch, t := c.in[0].Shape[0], c.in[0].Shape[1]
		w, d := op.Width(), op.Dim
		ow, scale := op.Query*d, op.Scale()
		block, ld := min(t, attentionRows), scoresApart(t)
		if err := checkLengths(op.Ragged, c.in, 1, t); err != nil {
			return err
		}
		c.pool.ForWorker(batch*op.Query, func(worker, task int) {
			b, h := task/op.Query, task%op.Query
			length := t
			if op.Ragged {
				length = int(c.in[1].I32[b])
			}
			row := qkv[b*t*w:]
			q, k, v := row[h*d:], row[(op.Query+h/(op.Query/op.KV))*d:], row[(op.Query+op.KV+h/(op.Query/op.KV))*d:]
			scores := c.scratch[worker*block*ld : (worker+1)*block*ld]
			for r := 0; r < length; r += block {
				n := min(block, length-r)
				e := span(op.Causal, r+n, length)
				simd.Gemm(nil, false, true, n, e, d, q[r*w:], w, k, w, false, scores, ld)
				for i := range n {
					s := scores[i*ld : i*ld+e]
					see := visible(op.Causal, r+i, length)
					m, sum := simd.Softmax(s[:see], scale)
					clear(s[see:])
					lse[(b*op.Query+h)*t+r+i] = m + log32(sum)
				}
				simd.Gemm(nil, false, false, n, d, e, scores, ld, v, w, false, out[(b*t+r)*ow+h*d:], ow)
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
		block, ld := min(t, attentionRows), scoresApart(t)
		if err := checkLengths(op.Ragged, c.in, 4, t); err != nil {
			return err
		}
		c.pool.ForWorker(batch*op.KV, func(worker, task int) {
			b, g := task/op.KV, task%op.KV
			length := t
			if op.Ragged {
				length = int(c.in[4].I32[b])
			}
			row, drow := qkv[b*t*w:(b+1)*t*w], dqkv[b*t*w:(b+1)*t*w]
			ko, vo := (op.Query+g)*d, (op.Query+op.KV+g)*d
			k, v, dk, dv := row[ko:], row[vo:], drow[ko:], drow[vo:]
			for i := range t {
				clear(dk[i*w:][:d])
				clear(dv[i*w:][:d])
			}
			scratch := c.scratch[worker*2*block*ld : (worker+1)*2*block*ld]
			p, dp := scratch[:block*ld], scratch[block*ld:]
			for h := g * group; h < (g+1)*group; h++ {
				q, dq := row[h*d:], drow[h*d:]
				for r := 0; r < length; r += block {
					n := min(block, length-r)
					e := span(op.Causal, r+n, length)
					do, o := dout[(b*t+r)*ow+h*d:], out[(b*t+r)*ow+h*d:]
					simd.Gemm(nil, false, true, n, e, d, q[r*w:], w, k, w, false, p, ld)
					simd.Gemm(nil, false, true, n, e, d, do, ow, v, w, false, dp, ld)
					for i := range n {
						see := visible(op.Causal, r+i, length)
						pr, dr := p[i*ld:i*ld+e], dp[i*ld:i*ld+e]
						simd.ExpShifted(pr[:see], pr[:see], scale, lse[(b*op.Query+h)*t+r+i])
						simd.SoftmaxGrad(dr[:see], pr[:see], scale, simd.Dot(do[i*ow:i*ow+d], o[i*ow:i*ow+d]))
						clear(pr[see:])
						clear(dr[see:])
					}
					simd.Gemm(nil, true, false, e, d, n, p, ld, do, ow, true, dv, w)
					simd.Gemm(nil, false, false, n, d, e, dp, ld, k, w, false, dq[r*w:], w)
					simd.Gemm(nil, true, false, e, d, n, dp, ld, q[r*w:], w, true, dk, w)
				}
				for i := length; i < t; i++ {
					clear(dq[i*w:][:d])
				}
			}
		})
		return nil
	}
}

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
		block := min(t, attentionRows)
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
		if err := inTable(positions, table.Shape[0], "position"); err != nil {
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

// inTable checks row numbers.
func inTable(ids []int32, rows int, what string) error {
	for i, id := range ids {
		if id < 0 || int(id) >= rows {
			return fmt.Errorf("%s %d (number %d) is outside the table of %d rows", what, id, i, rows)
		}
	}
	return nil
}
