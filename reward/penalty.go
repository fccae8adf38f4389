package reward

import (
	"fmt"
	"math"
)

// PenaltyKind is an estimate of the Kullback–Leibler divergence from one token (Schulman
// 2020), with d = log π_ref − log π of the token that was emitted.
//
// Which one belongs where: k1 in the reward has the gradient of the divergence in
// expectation. k2 and k3 have not when they are in the reward, and can point the wrong way;
// k2 belongs into the loss, k3 is good to watch. On texts that the policy did not write
// none of them estimates the divergence: it is a penalty then.
type PenaltyKind string

const (
	K1 PenaltyKind = "k1" // −d
	K2 PenaltyKind = "k2" // d²/2
	// K3 is e^d − 1 − d, as in the rewards of arXiv 2605.21180.
	K3 PenaltyKind = "k3"
)

var penaltyKinds = []PenaltyKind{K1, K2, K3}

// Penalty is −β·k for each token, from its log-probabilities under the policy and under
// the reference, natural logarithms of [len(tokens)]. It is to be added to what [Assign]
// gives; it goes to all tokens, prose and end token included.
func Penalty(kind PenaltyKind, beta float64, logp, ref []float64) ([]float64, error) {
	if len(logp) != len(ref) {
		return nil, fmt.Errorf("penalty: %d log-probabilities of the policy and %d of the reference", len(logp), len(ref))
	}
	out := make([]float64, len(logp))
	for i := range out {
		k, err := divergence(kind, ref[i]-logp[i])
		if err != nil {
			return nil, err
		}
		out[i] = -beta * k
		if !finite(out[i]) {
			return nil, fmt.Errorf("penalty: token %d has log-probability %v, under the reference %v: %s is not finite", i, logp[i], ref[i], kind)
		}
	}
	return out, nil
}

func divergence(kind PenaltyKind, d float64) (float64, error) {
	switch kind {
	case K1:
		return -d, nil
	case K2:
		return d * d / 2, nil
	case K3:
		return math.Expm1(d) - d, nil
	}
	return 0, fmt.Errorf("penalty: there is no kind %q; it is one of %v", kind, penaltyKinds)
}
