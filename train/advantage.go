package train

import (
	"fmt"
	"math"
)

// Advantage is how the rewards of a group, programs for one problem, become what each
// program counts for.
type Advantage string

const (
	// RLOO is the reward less the mean of the others' (leave one out; Ahmadian et al. 2024, eq. 8).
	RLOO Advantage = "rloo"
	// GroupRelative is the reward less the group's mean, over its deviation (GRPO; Shao et
	// al. 2024, §4.1.2).
	GroupRelative Advantage = "grpo"
	// Exponential is exp(A/T) of the group-relative advantage A, clipped and made to have
	// mean 1 in the group (arXiv 2605.28409). All are positive: it is imitation, weighted by
	// how good programs are, and stable for small models.
	Exponential Advantage = "exp"
	// Filtered is 1 for correct programs and 0 for others: imitation of what passed.
	Filtered Advantage = "filtered"
)

// Advantages are all of them.
func Advantages() []Advantage { return []Advantage{RLOO, GroupRelative, Exponential, Filtered} }

// advantageEps is added to a deviation.
const advantageEps = 1e-6

// ExpSettings are those of [Exponential].
type ExpSettings struct {
	Temperature float64 // T
	Low, High   float64 // what exp(A/T) is clipped to
}

// Of are the advantages of a group with these rewards, of which some programs are correct.
// A group of which all rewards are the same has none: 0, or 1 where they are weights.
func (a Advantage) Of(rewards []float64, correct []bool, e ExpSettings) ([]float64, error) {
	out := make([]float64, len(rewards))
	n := float64(len(rewards))
	mean, deviation := moments(rewards)
	switch a {
	case RLOO:
		if len(rewards) < 2 {
			return nil, fmt.Errorf("rloo: a group of %d has no others to compare with", len(rewards))
		}
		for i, r := range rewards {
			out[i] = (r - mean) * n / (n - 1) // = r − (n·mean − r)/(n−1)
		}
	case GroupRelative:
		for i, r := range rewards {
			out[i] = relative(r, mean, deviation)
		}
	case Exponential:
		sum := 0.0
		for i, r := range rewards {
			out[i] = min(max(math.Exp(relative(r, mean, deviation)/e.Temperature), e.Low), e.High)
			sum += out[i]
		}
		for i := range out {
			out[i] *= n / sum
		}
	case Filtered:
		for i := range out {
			if correct[i] {
				out[i] = 1
			}
		}
	default:
		return nil, fmt.Errorf("there is no advantage %q; it is one of %v", a, Advantages())
	}
	return out, nil
}

// relative is (r − mean)/(deviation + eps), 0 where all are the same.
func relative(r, mean, deviation float64) float64 {
	if deviation == 0 {
		return 0
	}
	return (r - mean) / (deviation + advantageEps)
}

// moments are the mean and the population standard deviation, exactly 0 where all are the same.
func moments(xs []float64) (mean, deviation float64) {
	same := true
	for _, x := range xs {
		mean += x
		same = same && x == xs[0]
	}
	mean /= float64(len(xs))
	if same {
		return xs[0], 0
	}
	squares := 0.0
	for _, x := range xs {
		squares += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(squares / float64(len(xs)))
}

// Returns computes generalised advantage estimates (Schulman et al. 2016, eq. 16) of one
// program from the rewards of its tokens and the values of the states before each, with
// nothing to come after the last, and the returns, advantage plus value.
func Returns(rewards, values []float64, gamma, lambda float64) (advantages, returns []float64) {
	n := len(rewards)
	advantages, returns = make([]float64, n), make([]float64, n)
	next, after := 0.0, 0.0 // the advantage and the value of the token behind
	for t := n - 1; t >= 0; t-- {
		next = rewards[t] + gamma*after - values[t] + gamma*lambda*next
		after = values[t]
		advantages[t], returns[t] = next, next+values[t]
	}
	return advantages, returns
}

// whiten makes the values have mean 0 and deviation 1, in place.
func whiten(parts ...[]float64) {
	var all []float64
	for _, p := range parts {
		all = append(all, p...)
	}
	if len(all) == 0 {
		return
	}
	mean, deviation := moments(all)
	for _, p := range parts {
		for i := range p {
			p[i] = relative(p[i], mean, deviation)
		}
	}
}

// doubles and floats change the precision of numbers.
func doubles(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func floats(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

// meanOf is the mean of all numbers, 0 of none.
func meanOf(parts ...[]float64) float64 {
	sum, n := 0.0, 0
	for _, p := range parts {
		for _, x := range p {
			sum += x
		}
		n += len(p)
	}
	return sum / float64(max(1, n))
}

// share is 1 for what is so.
func share(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
