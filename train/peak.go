package train

import (
	"runtime"
	"syscall"
)

// peakMemory is the most memory that the process has held so far, in bytes; 0 where the system
// does not tell.
func peakMemory() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(u.Maxrss)
	}
	return int64(u.Maxrss) << 10
}
