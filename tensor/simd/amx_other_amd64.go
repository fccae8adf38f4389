//go:build amd64 && !linux

package simd

func haveTiles() bool { return false }
