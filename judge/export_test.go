package judge

import "time"

// SetSteal has processors be stolen as read says, until what it returns is called.
func SetSteal(read func() []time.Duration) (reset func()) {
	hypervisor.mu.Lock()
	defer hypervisor.mu.Unlock()
	hypervisor.read, hypervisor.at = read, time.Time{}
	return func() {
		hypervisor.mu.Lock()
		defer hypervisor.mu.Unlock()
		hypervisor.read, hypervisor.at = readSteal, time.Time{}
	}
}

// ParseSteal reads what /proc/stat has.
func ParseSteal(raw string) []time.Duration { return parseSteal([]byte(raw)) }
