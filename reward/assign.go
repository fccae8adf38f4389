package reward

import (
	"errors"
	"fmt"
	"sort"

	"hone/source"
	"hone/token"
)

// Mode says which tokens get a reward.
type Mode string

const (
	// Terminal gives all of it to the last token of the program.
	Terminal Mode = "terminal"
	// Broadcast gives every token of the program an equal part.
	Broadcast Mode = "broadcast"
	// Localised gives each negative part, in equal parts, to the tokens of its place, and
	// everything else to the last token of the program: after an early reward there would be
	// nothing left to go for.
	Localised Mode = "localised"
)

// Modes are all modes.
var Modes = []Mode{Terminal, Broadcast, Localised}

// Share is a part of a reward that a token gets.
type Share struct {
	Token  int     // index
	Part   int     // index of [Result.Parts], -1 for the whole reward
	Mark   int     // index of the part's marks, -1 for what has no place
	Amount float64 // of reward
}

// Assign spreads a reward over the tokens of the text it was given for, as [token.Tokenizer.Tokens]
// has them: those that the model emitted, without padding; an end token, which covers no
// byte, may follow. Only tokens that hold a byte of the program get any, the last token
// where none does (a text without program).
//
// The sum over all tokens is the reward: the last token of the program gets what is left of
// it, so that the exact sum of the numbers returned differs from r.Reward by no more than
// rounding to float64 does, 2⁻⁵² of the sum of their sizes.
func Assign(mode Mode, r *Result, tokens []token.Token) ([]float64, error) {
	shares, err := Spread(mode, r, tokens)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(tokens))
	last := shares[len(shares)-1].Token
	for _, s := range shares {
		if s.Token != last {
			out[s.Token] += s.Amount
		}
	}
	var given sum
	for _, x := range out {
		given.add(x)
	}
	out[last] = given.from(r.Reward)
	return out, nil
}

// Spread is what [Assign] adds up. The last share, that of the last program token, may be
// off by rounding.
func Spread(mode Mode, r *Result, tokens []token.Token) ([]Share, error) {
	program, err := programTokens(r, tokens)
	if err != nil {
		return nil, err
	}
	last := len(tokens) - 1
	if n := len(program); n > 0 {
		last = program[n-1]
	}
	switch mode {
	case Terminal:
		return []Share{{last, -1, -1, r.Reward}}, nil
	case Broadcast:
		if len(program) == 0 {
			program = []int{last}
		}
		shares := make([]Share, len(program))
		for i, t := range program {
			shares[i] = Share{t, -1, -1, r.Reward / float64(len(program))}
		}
		return shares, nil
	case Localised:
		return localised(r, tokens, program, last), nil
	}
	return nil, fmt.Errorf("there is no mode %q of assigning rewards; it is one of %v", mode, Modes)
}

// localised moves the marks to their places.
func localised(r *Result, tokens []token.Token, program []int, last int) []Share {
	var shares, rest []Share
	for i, p := range r.Parts {
		left := p.Reward
		for k, m := range p.Marks {
			at := within(tokens, program, m.Spans)
			for _, t := range at {
				shares = append(shares, Share{t, i, k, m.Amount / float64(len(at))})
			}
			if len(at) > 0 {
				left -= m.Amount
			}
		}
		rest = append(rest, Share{last, i, -1, left})
	}
	return append(shares, append(rest, Share{last, -1, -1, 0})...)
}

// programTokens are the tokens with a byte of the program, in order.
func programTokens(r *Result, tokens []token.Token) ([]int, error) {
	if len(tokens) == 0 {
		return nil, errors.New("a reward needs a token to go to")
	}
	var out []int
	end := 0
	for i, t := range tokens {
		if t.Start < end || t.End < t.Start {
			return nil, fmt.Errorf("token %d, of bytes %d to %d, is not behind the one before", i, t.Start, t.End)
		}
		end = t.End
		if holds(r.Program, t) {
			out = append(out, i)
		}
	}
	if n := len(r.Program); n > 0 && r.Program[n-1].End > end {
		return nil, fmt.Errorf("the tokens end at byte %d of the text, within its program: are they those of another text, or cut off?", end)
	}
	return out, nil
}

// holds reports whether a token has a byte of spans, which are in order and apart. A token
// that covers nothing has none.
func holds(spans []source.Span, t token.Token) bool {
	i := sort.Search(len(spans), func(i int) bool { return spans[i].End > t.Start })
	return t.Start < t.End && i < len(spans) && spans[i].Start < t.End
}

// within are the program's tokens with a byte of one of the spans, each once. A place
// between two bytes counts as the byte behind it, or before it at the end of the program.
func within(tokens []token.Token, program []int, spans []source.Span) []int {
	if len(program) == 0 {
		return nil
	}
	var out []int
	seen := -1 // the highest in out
	ordered := true
	for _, s := range spans {
		from := sort.Search(len(program), func(i int) bool { return tokens[program[i]].End > s.Start })
		to := sort.Search(len(program), func(i int) bool { return tokens[program[i]].Start >= s.End })
		if s.Len() == 0 {
			from = min(from, len(program)-1)
			to = from + 1
		}
		for _, t := range program[from:max(from, to)] {
			ordered = ordered && t >= seen
			if t != seen {
				out = append(out, t)
			}
			seen = max(seen, t)
		}
	}
	if !ordered {
		sort.Ints(out)
		n := 0
		for i, t := range out {
			if i == 0 || t != out[n-1] {
				out[n] = t
				n++
			}
		}
		out = out[:n]
	}
	return out
}

// sum adds numbers without losing what rounding takes (Neumaier 1974).
type sum struct{ high, low float64 }

func (s *sum) add(x float64) {
	t := s.high + x
	if abs(s.high) >= abs(x) {
		s.low += s.high - t + x
	} else {
		s.low += x - t + s.high
	}
	s.high = t
}

// from is total less the sum.
func (s sum) from(total float64) float64 {
	s.high, s.low = -s.high, -s.low
	s.add(total)
	return s.high + s.low
}

func abs(x float64) float64 { return max(x, -x) }
