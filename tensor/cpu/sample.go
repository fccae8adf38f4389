package cpu

import (
	"math"
	"slices"

	"hone/tensor/simd"
)

// sample draws a token from every row of logits; see tensor.SampleOp.
func sample(c *call) error {
	logits, settings, tokens, logprobs := c.in[0], c.in[1].F32, c.out[0].I32, c.out[1].F32
	n := logits.Cols()
	c.pool.For(logits.Rows(), func(i int) {
		row, s := logits.F32[i*n:(i+1)*n], settings[4*i:4*i+4]
		tokens[i], logprobs[i] = draw(row, c.scratch[i*n:(i+1)*n], s[0], s[1], int(s[2]), s[3])
	})
	return nil
}

// draw picks a token by the uniform number u from softmax(logits/temperature),
// truncated to the topK most likely (0: all) and then to the fewest of these that
// have a share topP. Equally likely tokens are ordered by their id. p is as long as
// logits, and overwritten.
func draw(logits, p []float32, temperature, topP float32, topK int, u float32) (token int32, logprob float32) {
	copy(p, logits)
	m, sum := simd.Softmax(p, 1)
	lse := m + log32(sum)
	pick := func(i int32) (int32, float32) { return i, logits[i] - lse }
	if temperature <= 0 || topK == 1 || lse != lse { // NaN
		return pick(argmax(logits))
	}
	if temperature != 1 {
		copy(p, logits)
		if _, sum = simd.Softmax(p, 1/temperature); sum != sum {
			return pick(argmax(logits)) // logits/temperature overflowed
		}
	}
	if topK > 0 && topK < len(p) || topP < 1 {
		truncate(p, topP, topK)
	}
	var total float64
	for _, x := range p {
		total += float64(x)
	}
	at, last := float64(u)*total, int32(-1)
	for i, x := range p {
		if x == 0 {
			continue
		}
		last = int32(i)
		if at -= float64(x); at < 0 {
			break
		}
	}
	if last < 0 { // topP rounds to no share at all
		return pick(argmax(logits))
	}
	return pick(last)
}

func argmax(x []float32) int32 {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return int32(best)
}

// truncate zeroes what top-k and top-p leave out. Probabilities are sorted only
// within the bucket where the limit lies: buckets are the leading bits of a
// positive float, which order like the floats themselves.
func truncate(p []float32, topP float32, topK int) {
	const shift = 20
	var count [1 << (31 - shift)]int
	var mass [1 << (31 - shift)]float64
	var total float64
	for _, x := range p {
		b := math.Float32bits(x) >> shift & (1<<(31-shift) - 1)
		count[b]++
		mass[b] += float64(x)
		total += float64(x)
	}
	if topK <= 0 || topK > len(p) {
		topK = len(p)
	}
	// top-p is a share of what top-k leaves, so that top-k comes first.
	limit := math.Inf(1)
	if topP < 1 {
		kept := total
		if topK < len(p) {
			kept = massOfTop(p, topK, count[:], mass[:], shift)
		}
		limit = float64(topP) * kept
	}
	var have float64
	n := 0
	for b := len(count) - 1; b >= 0; b-- {
		if count[b] == 0 {
			continue
		}
		if n+count[b] < topK && have+mass[b] < limit {
			n, have = n+count[b], have+mass[b]
			continue
		}
		// The limit lies in this bucket: keep its largest until it is reached.
		var keys []uint64 // the probability's bits, then the smaller id as the larger number
		for i, x := range p {
			switch o := int(math.Float32bits(x) >> shift); {
			case o == b:
				keys = append(keys, uint64(math.Float32bits(x))<<32|uint64(math.MaxUint32-uint32(i)))
			case o < b:
				p[i] = 0
			}
		}
		slices.Sort(keys)
		for k := len(keys) - 1; k >= 0; k-- {
			i := math.MaxUint32 - uint32(keys[k])
			if n >= topK || have >= limit {
				p[i] = 0
				continue
			}
			n, have = n+1, have+float64(p[i])
		}
		return
	}
}

// massOfTop is the sum of the k largest probabilities.
func massOfTop(p []float32, k int, count []int, mass []float64, shift int) float64 {
	var have float64
	for b := len(count) - 1; b >= 0; b-- {
		if count[b] <= k {
			k, have = k-count[b], have+mass[b]
			continue
		}
		var in []float32
		for _, x := range p {
			if int(math.Float32bits(x)>>shift) == b {
				in = append(in, x)
			}
		}
		slices.Sort(in)
		for _, x := range in[len(in)-k:] {
			have += float64(x)
		}
		break
	}
	return have
}
