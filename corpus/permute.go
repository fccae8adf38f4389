package corpus

import "math/bits"

// permutation is a bijection of [0, n) that is computed entry by entry, without a
// table: a Feistel network over the next even power of two, walked until it lands
// in range (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002).
type permutation struct {
	n    uint64
	half uint
	keys [feistelRounds]uint64
}

const (
	feistelRounds = 8
	// The domain is at least 2^8, because networks over a few bits are far from
	// random; with n = 1 the walk then takes 256 steps on average, which is nothing.
	minHalf = 4
)

// newPermutation returns the permutation of [0, n), n > 0, that seed and epoch choose.
func newPermutation(n, seed, epoch uint64) permutation {
	p := permutation{n: n, half: max(minHalf, uint(bits.Len64(n-1)+1)/2)}
	k := mix(seed) ^ mix(epoch+0x632be59bd9b4e019)
	for i := range p.keys {
		k += 0x9e3779b97f4a7c15
		p.keys[i] = mix(k)
	}
	return p
}

// at is where i < n goes.
func (p *permutation) at(i uint64) uint64 {
	mask := uint64(1)<<p.half - 1
	for {
		l, r := i>>p.half, i&mask
		for _, k := range p.keys {
			l, r = r, l^mix(r^k)>>(64-p.half)
		}
		if i = l<<p.half | r; i < p.n {
			return i
		}
	}
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood 2014): a bijection of 64
// bits in which every bit of the input changes half of the output.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
