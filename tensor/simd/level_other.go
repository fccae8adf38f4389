//go:build !amd64

package simd

// supported returns the versions that this machine can run, the best last.
func supported() []*kernels { return []*kernels{portable} }

func inTiles(*operands) { panic("simd: no tiles here") }

func (p *Packed) split() { panic("simd: no tiles here") }

func (p *Packed) mulInTiles(*Pool, int, []float32, int, bool, []float32, int) {
	panic("simd: no tiles here")
}

func (x *Keys) split([]float32, int) { panic("simd: no tiles here") }

func (x *Keys) scoresInTiles(int, []float32, int, int, int, []float32, int) {
	panic("simd: no tiles here")
}
