package train

import (
	"fmt"
	"os"
	"strings"
)

// peakMemory is the most memory that this process has held so far, in bytes; 0 where the system does
// not tell. (The ru_maxrss of getrusage can be that of the process that started this one.)
func peakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kB int64
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kB); err == nil {
			return kB << 10
		}
	}
	return 0
}
