package judge

import (
	"time"

	"hone/sandbox"
)

// reading is what a process's clocks said at a moment.
type reading struct {
	of          *sandbox.Process
	at          time.Time
	cpu, waited time.Duration // since the process began with its job
}

// started is the reading of a process when it begins with a job.
func started(p *sandbox.Process) reading { return reading{of: p, at: p.Started()} }

// charges are what a run is charged for. It is charged for time on the clock as it goes along, which costs nothing;
// now and then, and where it seems to have had its time, its process's clocks are read for how long it could not run.
type charges struct {
	total   time.Duration // to be compared with limits
	settled time.Duration // the part of total that was corrected, up to the last reading
	wall    time.Duration // total on the clock
	last    reading
	mark    []time.Duration // what the hypervisor had stolen by then, see [stealClock.mark]
}

// add charges time on the clock.
func (c *charges) add(d time.Duration) {
	c.total += d
	c.wall += d
}

// watch says that from now on the run is at work in p, which begins with its job.
func (c *charges) watch(p *sandbox.Process) {
	c.settled, c.last, c.mark = c.total, started(p), hypervisor.mark()
}

// from is the last reading of a process.
func (c *charges) from(p *sandbox.Process) reading {
	if c.last.of == p {
		return c.last
	}
	return started(p)
}

// over reports whether the run in p is beyond a limit for all its tests, of which each has a limit, too.
func (c *charges) over(p *sandbox.Process, each, limit time.Duration) bool {
	// A reading opens several files. Without one, a test that seems to be over its time would be excused with all
	// waiting since the last (see await): so there is one whenever half of such a time has passed.
	if c.total-c.settled > each/2 || c.total > limit-each {
		c.settle(p)
	}
	return c.beyond(limit)
}

// beyond reports whether the run was charged for more than a limit, or has been at it for so long that
// nobody waits for it any more.
func (c *charges) beyond(limit time.Duration) bool {
	return c.total > limit || c.wall > wallFactor*limit
}

// settle takes what p could not run since the last reading off the total, but never the processor's time that it has used:
// its other threads may have worked.
func (c *charges) settle(p *sandbox.Process) {
	from := c.from(p)
	cpu, waited, ok := p.Clock()
	if !ok || c.last.of != p {
		return
	}
	wall := c.total - c.settled
	idle := max(0, waited-from.waited) + hypervisor.since(c.mark)
	c.total = c.settled + max(wall-idle, min(wall, cpu-from.cpu))
	c.settled, c.mark = c.total, hypervisor.now()
	c.last = reading{p, time.Now(), cpu, waited}
}
