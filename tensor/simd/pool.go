package simd

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Pool runs loops on the calling goroutine and workers-1 others. These spin for some
// microseconds after each loop, because the next one usually follows at once, and then park.
// Loops may nest and may be started from several goroutines at once. A nil *Pool runs
// everything on the caller.
type Pool struct {
	workers int
	slots   [8]atomic.Pointer[loop] // loops that may have indices left
	posted  atomic.Uint64           // counts loops; a helper that saw the latest number may park
	parked  []atomic.Bool           // per helper: it waits, or is about to wait, for wake
	wake    []chan struct{}
	closed  atomic.Bool
	running sync.WaitGroup
}

// loop is one parallel loop. Its indices are divided into one range per worker, and a worker that
// has finished its own helps with the others': so the same indices tend to run on the same
// processor, in whose cache their data is. The loop is over when no index is left and nobody is
// at work on one.
type loop struct {
	fn     func(worker, i int)
	ranges []indices
	failed atomic.Pointer[any]           // the first panic
	waiter atomic.Pointer[chan struct{}] // set when the caller stopped spinning
	_      [64]byte                      // what changes lies apart: sharing a line costs some 100 ns
	active atomic.Int64                  // workers that may be running an index
}

// indices is a range that is handed out by an atomic counter.
type indices struct {
	next atomic.Int64
	end  int64
	_    [48]byte
}

// NewPool starts workers-1 helpers. With workers < 2 everything runs on the caller.
func NewPool(workers int) *Pool {
	p := &Pool{workers: max(workers, 1)}
	p.parked = make([]atomic.Bool, p.workers-1)
	p.wake = make([]chan struct{}, p.workers-1)
	for h := range p.wake {
		p.wake[h] = make(chan struct{}, 1)
		p.running.Add(1)
		go p.help(h)
	}
	return p
}

// Workers returns how many goroutines work on a loop, the caller included.
func (p *Pool) Workers() int {
	if p == nil {
		return 1
	}
	return p.workers
}

// Close ends the helpers and waits for them. Loops started later run on their caller.
func (p *Pool) Close() {
	if p == nil || p.closed.Swap(true) {
		return
	}
	p.posted.Add(1)
	for h := range p.wake {
		select {
		case p.wake[h] <- struct{}{}:
		default:
		}
	}
	p.running.Wait()
}

const (
	spins     = 20_000  // of a helper before it parks: some 10 µs
	waitSpins = 200_000 // of a caller before it parks: some 100 µs
)

func (p *Pool) help(h int) {
	defer p.running.Done()
	var seen uint64
	for !p.closed.Load() {
		if now := p.posted.Load(); now != seen {
			seen = now
			for s := range p.slots {
				if l := p.slots[s].Load(); l != nil {
					l.run(h + 1)
				}
			}
			continue
		}
		for i := 0; i < spins && p.posted.Load() == seen; i++ {
		}
		if p.posted.Load() != seen {
			continue
		}
		p.parked[h].Store(true)
		if p.posted.Load() == seen { // For counts before it looks at parked
			<-p.wake[h]
		}
		p.parked[h].Store(false)
	}
}

// For runs fn(0) … fn(n-1), each once, in any order and on any worker, and returns when all
// are done. When one panics, indices that have not started are left out and For panics with
// the same value.
func (p *Pool) For(n int, fn func(i int)) {
	p.ForWorker(n, func(_, i int) { fn(i) })
}

// ForWorker is For for functions that need memory of their own: no two calls with the same number
// of a worker, 0 … Workers()-1, run at the same time.
func (p *Pool) ForWorker(n int, fn func(worker, i int)) {
	if p == nil || p.workers < 2 || n < 2 || p.closed.Load() {
		for i := range n {
			fn(0, i)
		}
		return
	}
	l := &loop{fn: fn, ranges: make([]indices, p.workers)}
	for w := range l.ranges {
		l.ranges[w].next.Store(int64(w * n / p.workers))
		l.ranges[w].end = int64((w + 1) * n / p.workers)
	}
	slot := -1
	for s := range p.slots {
		if p.slots[s].CompareAndSwap(nil, l) {
			slot = s
			break
		}
	}
	if slot >= 0 {
		p.posted.Add(1)
		for h := range p.parked {
			if p.parked[h].Load() {
				select {
				case p.wake[h] <- struct{}{}:
				default:
				}
			}
		}
	} // Else nested beyond what helpers could speed up: the caller works alone.
	l.run(0)
	if slot >= 0 {
		p.slots[slot].Store(nil)
	}
	l.wait()
	if v := l.failed.Load(); v != nil {
		panic(*v)
	}
}

// run works until no index is left to start. Workers count from 0, the caller.
func (l *loop) run(worker int) {
	l.active.Add(1)
	defer l.leave()
	for w := range l.ranges {
		r := &l.ranges[(worker+w)%len(l.ranges)]
		for {
			i := r.next.Add(1) - 1
			if i >= r.end {
				break
			}
			l.fn(worker, int(i))
		}
	}
}

// leave ends a worker's part. After a panic nobody starts another index.
func (l *loop) leave() {
	if v := recover(); v != nil {
		l.failed.CompareAndSwap(nil, &v)
		for w := range l.ranges {
			l.ranges[w].next.Store(l.ranges[w].end)
		}
	}
	if l.active.Add(-1) == 0 {
		if c := l.waiter.Load(); c != nil {
			select {
			case *c <- struct{}{}:
			default: // it has been told
			}
		}
	}
}

// wait returns when nobody is at work any more, after the caller found no index left. (A helper
// that comes later finds none either.) Whoever still runs one makes progress whatever the caller
// does, also when it waits for a loop of its own: nesting cannot deadlock.
func (l *loop) wait() {
	for i := range waitSpins {
		if l.active.Load() == 0 {
			return
		}
		if i&1023 == 1023 {
			runtime.Gosched()
		}
	}
	c := make(chan struct{}, 1)
	l.waiter.Store(&c)
	for l.active.Load() != 0 {
		<-c
	}
}
