package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// peak gives a side a turn and returns the most memory it used, in bytes, looked at
// every tenth of a second. Looking costs time: that turn's is not worth measuring.
func peak(ctx context.Context, s side) (int64, error) {
	done := make(chan error, 1)
	go func() {
		_, err := s.run(ctx)
		done <- err
	}()
	var most int64
	for tick := time.NewTicker(100 * time.Millisecond); ; {
		select {
		case err := <-done:
			tick.Stop()
			return most, err
		case <-tick.C:
			most = max(most, s.memory())
		}
	}
}

// proportional is the memory of a process, and its descendants where asked for; of
// what n processes share a nth counts in each.
func proportional(pid int, descendants bool) (sum int64) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "Pss:"); ok {
			var kib int64
			fmt.Sscan(v, &kib)
			sum = kib << 10
		}
	}
	if !descendants {
		return sum
	}
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, l := range lists {
		b, _ := os.ReadFile(l)
		for _, f := range strings.Fields(string(b)) {
			if child, err := strconv.Atoi(f); err == nil {
				sum += proportional(child, true)
			}
		}
	}
	return sum
}
