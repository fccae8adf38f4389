package train

import (
	"math"
	"testing"
)

func TestRate(t *testing.T) {
	for _, c := range []struct {
		schedule     Schedule
		warmup, step int
		want         float64 // of a highest rate of 2, a lowest of a tenth, 110 steps
	}{
		{Cosine, 10, 1, 0.2},
		{Cosine, 10, 5, 1},
		{Cosine, 10, 10, 2},
		{Cosine, 10, 60, 1.1}, // half way: the mean of both
		{Cosine, 10, 35, 0.2 + 1.8*(1+math.Sqrt2/2)/2},
		{Cosine, 10, 110, 0.2},
		{Linear, 10, 60, 1.1},
		{Linear, 10, 85, 0.65},
		{Linear, 10, 110, 0.2},
		{Constant, 10, 4, 0.8},
		{Constant, 10, 110, 2},
		{Cosine, 0, 110, 0.2},
		{Cosine, 500, 110, 0.44}, // never gets there
	} {
		s := Settings{LR: 2, MinLR: 0.1, Warmup: c.warmup, Schedule: c.schedule}
		if got := s.Rate(c.step, 110); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s with a warm-up of %d, step %d: %v, not %v", c.schedule, c.warmup, c.step, got, c.want)
		}
	}
}
