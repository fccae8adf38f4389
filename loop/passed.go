package loop

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strings"

	"hone/offline"
	"hone/problem"
)

// Round is what a model wrote for the problems to learn from, before it was trained on what passed of it.
type Round struct {
	Programs int     `json:"programs"` // that were scored
	Passed   float64 `json:"passed"`   // share of those
	Solved   int     `json:"solved"`   // problems for which one passed
	Kept     int     `json:"kept"`     // programs that were learned from
	// OnlyRan are those of Kept that ran to their end without passing, see [Stage.Ran].
	OnlyRan int `json:"only_ran,omitempty"`
}

// pair is a row to learn from by supervision.
type pair struct {
	Prompt     string `json:"prompt"`
	Completion string `json:"completion"`
}

// learnable reports whether a program can be learned from at all. One of nothing but blanks cannot, as a row of package offline.
func (p *Program) learnable() bool {
	return p.Scored && !p.Truncated && strings.TrimSpace(p.Text) != ""
}

// passed are the programs that filtered fine-tuning and expert iteration learn from: those that pass,
// once each by their syntax trees. Of a problem of whose programs the share p passes they are at most
// ⌈most·(1 − p)⌉, but at least one: what is solved anyway does not outweigh what is rarely solved. Those
// of the highest reward come first. With ran, of a problem of which no program passes the one of the
// highest reward that runs to its end is kept. There are samples programs for each problem, one problem
// after another.
func passed(problems []*problem.Problem, programs []Program, samples, most int, ran bool) (pairs []pair, r Round) {
	passes := 0
	for i, p := range problems {
		scored, n := 0, 0
		var different []*Program
		var best *Program // that ran
		seen := map[[sha256.Size]byte]bool{}
		for k := range programs[i*samples : (i+1)*samples] {
			g := &programs[i*samples+k]
			if !g.Scored {
				continue
			}
			scored++
			if !g.Passed() {
				if g.Ran() && g.learnable() && (best == nil || g.Reward > best.Reward) {
					best = g
				}
				continue
			}
			n++
			if h := offline.Hash(p.Prompt, g.Text); g.learnable() && !seen[h] {
				seen[h] = true
				different = append(different, g)
			}
		}
		r.Programs += scored
		passes += n
		if n > 0 {
			r.Solved++
		}
		if len(different) == 0 {
			if ran && n == 0 && best != nil {
				pairs = append(pairs, pair{p.Prompt, best.Text})
				r.OnlyRan++
			}
			continue
		}
		slices.SortStableFunc(different, func(a, b *Program) int { return cmp.Compare(b.Reward, a.Reward) })
		keep := max(1, (most*(scored-n)+scored-1)/scored) // ⌈most·(1 − n/scored)⌉
		for _, g := range different[:min(keep, len(different))] {
			pairs = append(pairs, pair{p.Prompt, g.Text})
		}
	}
	r.Passed, r.Kept = float64(passes)/float64(max(1, r.Programs)), len(pairs)
	return pairs, r
}
