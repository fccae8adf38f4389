package offline

import (
	"math/rand/v2"
	"slices"
)

// rng is the source of chance of one purpose: an epoch, from 1, or 0 for the set itself.
func (s *Set) rng(epoch, purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(s.o.Seed, epoch<<32^purpose))
}

// groupsOf is how many groups a problem has an epoch: as few as every program needs to be
// in one, and each group takes at least one of either kind.
func (s *Set) groupsOf(p Problem) int {
	ceil := func(a, b int) int { return (a + b - 1) / b }
	c, w := len(p.Correct), len(p.Wrong)
	return max(ceil(c+w, s.o.Group), ceil(max(c, w), s.o.Group-1))
}

// PerEpoch is the number of groups of an epoch.
func (s *Set) PerEpoch() int {
	n := 0
	for _, p := range s.Problems {
		n += s.groupsOf(p)
	}
	return n
}

// Groups are the groups of an epoch, from 0, in random order: numbers of rows, all of one
// problem, different from each other, with at least one correct and one incorrect program;
// Options.Group of them, or as many as the problem has. Each group gets one of either kind
// in turn, so that a rare kind is used again, and is filled up with those that had no turn yet.
func (s *Set) Groups(epoch int) [][]int {
	var out [][]int
	for i, p := range s.Problems {
		out = append(out, s.deal(p, s.rng(uint64(epoch)+1, uint64(i)))...)
	}
	s.rng(uint64(epoch)+1, 1<<31).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func (s *Set) deal(p Problem, rng *rand.Rand) [][]int {
	shuffled := func(from []int) []int {
		out := slices.Clone(from)
		rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		return out
	}
	correct, wrong := shuffled(p.Correct), shuffled(p.Wrong)
	groups := make([][]int, s.groupsOf(p))
	dealt := map[int]bool{}
	for i := range groups {
		groups[i] = []int{correct[i%len(correct)], wrong[i%len(wrong)]}
		dealt[groups[i][0]], dealt[groups[i][1]] = true, true
	}
	queue := shuffled(slices.Concat(p.Correct, p.Wrong))
	slices.SortStableFunc(queue, func(a, b int) int { // those without a turn first
		switch {
		case dealt[a] == dealt[b]:
			return 0
		case dealt[b]:
			return -1
		}
		return 1
	})
	for i := range groups {
		for len(groups[i]) < min(s.o.Group, len(queue)) {
			k := slices.IndexFunc(queue, func(row int) bool { return !slices.Contains(groups[i], row) })
			groups[i] = append(groups[i], queue[k])
			queue = append(slices.Delete(queue, k, k+1), groups[i][len(groups[i])-1])
		}
	}
	return groups
}
