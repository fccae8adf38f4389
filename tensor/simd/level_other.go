//go:build !amd64

package simd

// supported returns the versions that this machine can run, the best last.
func supported() []*kernels { return []*kernels{portable} }

func inTiles(*operands) { panic("simd: no tiles here") }
