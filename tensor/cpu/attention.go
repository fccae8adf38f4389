package cpu

import (
	"fmt"

	"hone/tensor"
	"hone/tensor/simd"
)

// attentionRows is how many rows of scores are computed at a time, so that they
// stay in the cache and the masked half of causal attention is skipped by blocks.
const attentionRows = 64

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
		block := min(t, attentionRows)
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
			scores := c.scratch[worker*block*t : (worker+1)*block*t]
			for r := 0; r < length; r += block {
				n := min(block, length-r)
				e := span(op.Causal, r+n, length)
				simd.Gemm(nil, false, true, n, e, d, q[r*w:], w, k, w, false, scores, t)
				for i := range n {
					s := scores[i*t : i*t+e]
					see := visible(op.Causal, r+i, length)
					m, sum := simd.Softmax(s[:see], scale)
					clear(s[see:])
					lse[(b*op.Query+h)*t+r+i] = m + log32(sum)
				}
				simd.Gemm(nil, false, false, n, d, e, scores, t, v, w, false, out[(b*t+r)*ow+h*d:], ow)
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
		block := min(t, attentionRows)
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
			scratch := c.scratch[worker*2*block*t : (worker+1)*2*block*t]
			p, dp := scratch[:block*t], scratch[block*t:]
			for h := g * group; h < (g+1)*group; h++ {
				q, dq := row[h*d:], drow[h*d:]
				for r := 0; r < length; r += block {
					n := min(block, length-r)
					e := span(op.Causal, r+n, length)
					do, o := dout[(b*t+r)*ow+h*d:], out[(b*t+r)*ow+h*d:]
					simd.Gemm(nil, false, true, n, e, d, q[r*w:], w, k, w, false, p, t)
					simd.Gemm(nil, false, true, n, e, d, do, ow, v, w, false, dp, t)
					for i := range n {
						see := visible(op.Causal, r+i, length)
						pr, dr := p[i*t:i*t+e], dp[i*t:i*t+e]
						simd.ExpShifted(pr[:see], pr[:see], scale, lse[(b*op.Query+h)*t+r+i])
						simd.SoftmaxGrad(dr[:see], pr[:see], scale, simd.Dot(do[i*ow:i*ow+d], o[i*ow:i*ow+d]))
						clear(pr[see:])
						clear(dr[see:])
					}
					simd.Gemm(nil, true, false, e, d, n, p, t, do, ow, true, dv, w)
					simd.Gemm(nil, false, false, n, d, e, dp, t, k, w, false, dq[r*w:], w)
					simd.Gemm(nil, true, false, e, d, n, dp, t, q[r*w:], w, true, dk, w)
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
		of := keys.Size() / (keys.Shape[0] * op.KV) // a head's keys
		ld := keys.Shape[2] * tensor.KeyBlock
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
			k, v := keys.F32[at*of:(at+1)*of], values.F32[at*d*room:(at+1)*d*room]
			for i := range t {
				block, place := (pos+i)/tensor.KeyBlock, (pos+i)%tensor.KeyBlock
				for j, x := range row[i*w+(op.Query+g)*d:][:d] {
					k[(block*d+j)*tensor.KeyBlock+place] = x
				}
				copy(v[(pos+i)*d:(pos+i+1)*d], row[i*w+(op.Query+op.KV+g)*d:])
			}
			scratch := c.scratch[worker*group*block*ld : (worker+1)*group*block*ld]
			if t == 1 { // the heads of a group are the rows of one product
				e := pos + 1
				scores(group, e, d, row[g*group*d:], d, k, scratch, ld)
				for h := range group {
					simd.Softmax(scratch[h*ld:h*ld+e], scale)
				}
				simd.Gemm(nil, false, false, group, d, e, scratch, ld, v, d, false, out[b*ow+g*group*d:], d)
				return
			}
			for h := g * group; h < (g+1)*group; h++ {
				for r := 0; r < t; r += block {
					n := min(block, t-r)
					e := pos + r + n
					scores(n, e, d, row[r*w+h*d:], w, k, scratch, ld)
					for i := range n {
						s := scratch[i*ld : i*ld+e]
						see := pos + r + i + 1
						simd.Softmax(s[:see], scale)
						clear(s[see:])
					}
					simd.Gemm(nil, false, false, n, d, e, scratch, ld, v, d, false, out[(b*t+r)*ow+h*d:], ow)
				}
			}
		})
		return nil
	}
}

// scores are the products of rows of queries with the first e cached keys of a head, block by block.
// The last block is computed whole: what is beyond e means nothing.
func scores(rows, e, d int, q []float32, ldq int, keys, to []float32, ld int) {
	for at := 0; at < e; at += tensor.KeyBlock {
		simd.Gemm(nil, false, false, rows, tensor.KeyBlock, d, q, ldq, keys[at*d:], tensor.KeyBlock, false, to[at:], ld)
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
				for j := range op.Count {
					simd.Rotate(to[j*d:(j+1)*d], from[j*d:(j+1)*d], cos, sin)
				}
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
