package simd

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestPoolRunsEachIndexOnce(t *testing.T) {
	for _, workers := range []int{0, 1, 2, 3, 8} {
		p := NewPool(workers)
		for _, n := range []int{0, 1, 2, 3, 100, 1000} {
			count := make([]atomic.Int32, n)
			p.For(n, func(i int) { count[i].Add(1) })
			for i := range count {
				if c := count[i].Load(); c != 1 {
					t.Fatalf("%d workers, n=%d: index %d ran %d times", workers, n, i, c)
				}
			}
		}
		p.Close()
	}
	var none *Pool
	sum := 0
	none.For(5, func(i int) { sum += i })
	none.Close()
	if sum != 10 || none.Workers() != 1 {
		t.Errorf("nil pool: sum %d, workers %d", sum, none.Workers())
	}
}

func TestPoolUsesItsHelpers(t *testing.T) {
	p := NewPool(3)
	defer p.Close()
	for range 3 { // the later rounds find the helpers parked
		var together sync.WaitGroup
		together.Add(3)
		p.For(3, func(int) { together.Done(); together.Wait() }) // returns only if three run at once
		time.Sleep(5 * time.Millisecond)
	}
}

func TestPoolNests(t *testing.T) {
	p := NewPool(3)
	defer p.Close()
	var n atomic.Int64
	var nest func(depth int)
	nest = func(depth int) {
		if depth == 0 {
			n.Add(1)
			return
		}
		p.For(5, func(int) { nest(depth - 1) })
	}
	nest(5)
	if n.Load() != 5*5*5*5*5 {
		t.Errorf("%d of 3125 ran", n.Load())
	}
	var callers sync.WaitGroup
	for range 20 { // more loops at once than slots
		callers.Go(func() { nest(3) })
	}
	callers.Wait()
	if n.Load() != 3125+20*125 {
		t.Errorf("%d of %d ran", n.Load(), 3125+20*125)
	}
}

func TestPoolPanics(t *testing.T) {
	p := NewPool(3)
	defer p.Close()
	for round := range 200 {
		func() {
			defer func() {
				if v := recover(); v != round {
					t.Errorf("recovered %v, want %d", v, round)
				}
			}()
			p.For(10, func(int) {
				p.For(10, func(j int) {
					if j == round%10 {
						panic(round)
					}
				})
			})
			t.Error("For returned")
		}()
	}
	ran := false
	p.For(1, func(int) { ran = true })
	if !ran {
		t.Error("the pool is dead after a panic")
	}
}

func TestPoolWaitsForSlowHelper(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	var done atomic.Int32
	var caller atomic.Bool
	p.For(2, func(int) {
		if !caller.Swap(true) {
			time.Sleep(20 * time.Millisecond) // long enough that whoever waits parks
		}
		done.Add(1)
	})
	if done.Load() != 2 {
		t.Error("For returned early")
	}
}

func TestPoolClose(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		p := NewPool(4)
		p.For(10, func(int) {})
		p.Close()
		p.Close()
		n := 0
		p.For(10, func(int) { n++ }) // on this goroutine
		if n != 10 {
			t.Errorf("closed pool ran %d of 10", n)
		}
	}
	// A helper that has said it is done may still be counted for a moment.
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

func TestPoolForWorker(t *testing.T) {
	p := NewPool(3)
	defer p.Close()
	var busy [3]atomic.Bool
	var ran atomic.Int64
	for range 100 {
		p.ForWorker(20, func(worker, _ int) {
			if busy[worker].Swap(true) {
				t.Errorf("worker %d does two things at once", worker)
			}
			ran.Add(1)
			busy[worker].Store(false)
		})
	}
	if ran.Load() != 2000 {
		t.Errorf("%d calls, want 2000", ran.Load())
	}
}
