// Package cpu runs traced graphs (package tensor) on the processor.
//
// [Device.Compile] plans a graph once: what is not needed is dropped, every value
// gets a place in one block of memory that it shares with values it never meets,
// and every operation gets its kernel. [Program.Run] then only runs kernels, one
// after the other, each on all workers. Results do not depend on their number: work
// is divided between elements of results, or in fixed parts that are added in order.
package cpu

import (
	"runtime"
	"sync"
	"weak"

	"hone/tensor/simd"
)

// Device is a pool of workers and the memory for intermediate values, which its
// programs share: they run one at a time.
type Device struct {
	pool *simd.Pool

	mu    sync.Mutex // held while a program runs
	arena []float32
	bound []weak.Pointer[Program] // whose cells point into the arena
}

// dropArena gives the arena up.
func (d *Device) dropArena() {
	for _, w := range d.bound {
		if p := w.Value(); p != nil {
			p.unbind()
		}
	}
	d.bound, d.arena = nil, nil
}

// New returns a device with the given number of workers; 0 is one a processor.
func New(workers int) *Device {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return &Device{pool: simd.NewPool(workers)}
}

// Workers is how many threads compute.
func (d *Device) Workers() int { return d.pool.Workers() }

// Close ends the workers.
func (d *Device) Close() { d.pool.Close() }
