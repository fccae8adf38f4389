package graded

// The splits of problems.
const (
	Train      = "train"
	Validation = "validation"
	Test       = "test"
)

// Splits lists them.
var Splits = []string{Train, Validation, Test}

// Of 32 pairs of combinators 3 are kept for tests and 1 for validation, whatever the seed.
const (
	shares     = 32
	testShare  = 3
	validShare = 1
)

// pairSplit says which split a pair of combinators is kept for.
func pairSplit(pair string) string {
	switch n := seedOf([]byte("pair "+pair)) % shares; {
	case n < testShare:
		return Test
	case n < testShare+validShare:
		return Validation
	}
	return Train
}

// split is where a meaning belongs: a test problem has a pair of combinators that no
// training or validation problem has, a validation problem one that no training problem
// has. "" where it has pairs of both, and is left out.
func (m *meaning) split() string {
	out := Train
	for _, p := range m.pairs() {
		switch s := pairSplit(p); {
		case s == Train || s == out:
		case out == Train:
			out = s
		default:
			return ""
		}
	}
	return out
}
