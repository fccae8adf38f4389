package judge

import (
	"bytes"
	"os"
	"strconv"
	"sync"
	"time"
)

// stealClock knows for how long a hypervisor has kept processors from this machine. A program
// that had one then looks as if it ran: the time passes, and it did not wait.
type stealClock struct {
	read func() []time.Duration // of each processor; nil where it is not told

	mu   sync.Mutex
	at   time.Time // when seen was read
	seen []time.Duration
}

var hypervisor = stealClock{read: readSteal}

// stealEvery is how old a mark may be. Reading opens a file, which is long on machines with many processors.
const stealEvery = 200 * time.Millisecond

// mark returns what had been stolen by now, or a little before.
func (c *stealClock) mark() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.at) > stealEvery {
		c.seen, c.at = c.read(), time.Now()
	}
	return c.seen
}

// now returns what has been stolen by now.
func (c *stealClock) now() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen, c.at = c.read(), time.Now()
	return c.seen
}

// since returns the most that a processor has lost since a mark: a program has been on one of them at a time.
func (c *stealClock) since(mark []time.Duration) time.Duration {
	var most time.Duration
	now := c.now()
	for i := range min(len(now), len(mark)) {
		most = max(most, now[i]-mark[i])
	}
	return most
}

// readSteal reads the eighth number of the processors' lines in /proc/stat, in hundredths of a
// second (proc_stat(5)).
func readSteal() []time.Duration {
	raw, err := os.ReadFile("/proc/stat")
	if err != nil {
		return nil
	}
	return parseSteal(raw)
}

func parseSteal(raw []byte) (out []time.Duration) {
	for line := range bytes.Lines(raw) {
		f := bytes.Fields(line)
		if len(f) < 9 || !bytes.HasPrefix(f[0], []byte("cpu")) {
			break // what follows is of the whole machine
		}
		if len(f[0]) == len("cpu") {
			continue // the sum
		}
		n, err := strconv.ParseInt(string(f[8]), 10, 64)
		if err != nil {
			return nil
		}
		out = append(out, time.Duration(n)*10*time.Millisecond)
	}
	return out
}
