package train

import "math"

// Schedule is how the learning rate goes from its highest to its lowest.
type Schedule string

// The schedules.
const (
	Cosine   Schedule = "cosine" // half a period (Loshchilov, Hutter 2017, eq. 5, without restarts)
	Linear   Schedule = "linear"
	Constant Schedule = "constant" // stays at its highest
)

// Schedules are all of them.
func Schedules() []Schedule { return []Schedule{Cosine, Linear, Constant} }

// Rate is the learning rate of step, from 1 to steps: it grows in proportion to the
// step until step Warmup has LR, and then falls until the last has MinLR·LR.
func (s *Settings) Rate(step, steps int) float64 {
	if step < s.Warmup {
		return s.LR * float64(step) / float64(s.Warmup)
	}
	if s.Schedule == Constant || steps <= s.Warmup {
		return s.LR
	}
	share := float64(min(step, steps)-s.Warmup) / float64(steps-s.Warmup)
	fall := 1 - share
	if s.Schedule == Cosine {
		fall = (1 + math.Cos(math.Pi*share)) / 2
	}
	return s.LR * (s.MinLR + (1-s.MinLR)*fall)
}
