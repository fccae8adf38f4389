package simd

import (
	"testing"
	"time"
)

// fastest runs f for the time of the benchmark and returns its best time in nanoseconds, over
// groups of runs that are long enough for the clock: on a machine that others use as well, the
// mean says more about them.
func fastest(b *testing.B, f func()) float64 {
	group := 1
	for {
		start := time.Now()
		for range group {
			f()
		}
		if time.Since(start) > 200*time.Microsecond {
			break
		}
		group *= 2
	}
	best := time.Duration(1 << 62)
	for b.Loop() {
		start := time.Now()
		for range group {
			f()
		}
		best = min(best, time.Since(start))
	}
	b.ReportMetric(0, "ns/op") // of a group: nothing to compare
	return float64(best.Nanoseconds()) / float64(group)
}
