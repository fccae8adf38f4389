package graded

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"math/rand/v2"
	"strings"

	"hone/problem"
)

// role is what an argument is for, which says what inputs are sensible.
type role struct {
	typ   Type
	takes takes // of the step it is an operand of; nothing: it is worked on
}

func (m *meaning) roles() []role {
	out := make([]role, len(m.args))
	for i, t := range m.args {
		out[i] = role{typ: t}
	}
	note := func(s step) {
		if a := s.k.arg; a > 0 {
			out[a-1].takes = max(out[a-1].takes, s.op.takes)
		}
	}
	for _, c := range m.chains() {
		for _, s := range c.steps {
			note(s)
		}
	}
	for _, g := range m.guards {
		note(g.test)
	}
	return out
}

// plain are the first inputs of every role, where mistakes are usual; then chance.
var plain = map[Type][]any{
	Int:     {int64(0), int64(1), int64(-1), int64(7), int64(10), int64(-4)},
	Str:     {"", "a", "rest", "to see a star", "Tests are art", "aa ss"},
	Ints:    {[]int64{}, []int64{5}, []int64{-3}, []int64{4, 4, 1, 1, 2}, []int64{0, -2, 7, 3, 6, 9}, []int64{9, 6, 3, 0, -3}},
	Strs:    {[]string{}, []string{"rest"}, []string{"a", "a", "eat", "sea"}, []string{"star", "", "toast", "Rate"}, []string{"tea", "ear", "rat", "as"}},
	StrDict: {&table{}, &table{[]any{"a"}, []int64{3}}, &table{[]any{"s", "a", "tea"}, []int64{0, 5, -2}}},
}

func (r role) draw(rng *rand.Rand) any {
	switch r.typ {
	case Int:
		switch r.takes {
		case small, number:
			return rng.Int64N(8)
		case limits:
			return 3 + rng.Int64N(20)
		}
		return rng.Int64N(33) - 12
	case Str:
		if r.takes == letter {
			return word(rng, 1, 1)
		}
		ws := make([]string, 1+rng.IntN(4))
		for i := range ws {
			ws[i] = word(rng, 1, 6)
		}
		return strings.Join(ws, " ")
	case Ints:
		out := make([]int64, 1+rng.IntN(8))
		for i := range out {
			out[i] = rng.Int64N(28) - 7
			if i > 0 && rng.IntN(4) == 0 {
				out[i] = out[rng.IntN(i)]
			}
		}
		return out
	case Strs:
		out := make([]string, 1+rng.IntN(6))
		for i := range out {
			out[i] = word(rng, 1, 7)
			if i > 0 && rng.IntN(4) == 0 {
				out[i] = out[rng.IntN(i)]
			}
		}
		return out
	}
	t := &table{}
	for range 1 + rng.IntN(5) {
		t.set(word(rng, 1, 3), rng.Int64N(16)-3)
	}
	return t
}

func word(rng *rand.Rand, least, most int) string {
	b := make([]byte, least+rng.IntN(most-least+1))
	for i := range b {
		b[i] = letters[rng.IntN(len(letters))]
	}
	return string(b)
}

// inputs draws arguments: plain ones first.
func inputs(roles []role, rng *rand.Rand, n int) [][]any {
	out := make([][]any, n)
	for i := range out {
		out[i] = make([]any, len(roles))
		for j, r := range roles {
			if p := plain[r.typ]; r.takes == nothing && i < len(p) {
				out[i][j] = p[i]
				continue
			}
			out[i][j] = r.draw(rng)
		}
	}
	return out
}

const (
	probes  = 40 // inputs that are the same for all meanings with the same roles
	further = 24 // inputs of a meaning's own
)

// show is a value as tests and behaviours have it.
func show(x any) problem.Value {
	switch v := x.(type) {
	case []int64:
		l := make(problem.List, len(v))
		for i, e := range v {
			l[i] = e
		}
		return l
	case []string:
		l := make(problem.List, len(v))
		for i, e := range v {
			l[i] = e
		}
		return l
	case *table:
		d := make(problem.Dict, len(v.keys))
		for i, k := range v.keys {
			d[i] = problem.Pair{Key: k, Value: v.n[i]}
		}
		return d
	}
	return x
}

func encode(x any) json.RawMessage { return problem.EncodeValue(show(x)) }

func encodeAll(args []any) json.RawMessage {
	l := make(problem.List, len(args))
	for i, a := range args {
		l[i] = show(a)
	}
	return problem.EncodeValue(l)
}

// outputs are what a meaning gives for inputs; nil where it gives nothing.
func (m *meaning) outputs(ins [][]any) [][]byte {
	out := make([][]byte, len(ins))
	for i, in := range ins {
		if v, ok := m.eval(in); ok {
			out[i] = encode(v)
		}
	}
	return out
}

// probeCache keeps the probes of roles.
type probeCache map[string][][]any

func (c probeCache) of(roles []role) [][]any {
	var key []byte
	for _, r := range roles {
		key = append(key, byte(r.typ), byte(r.takes))
	}
	if c[string(key)] == nil {
		c[string(key)] = inputs(roles, rand.New(rand.NewPCG(7, seedOf(key))), probes)
	}
	return c[string(key)]
}

func seedOf(b []byte) uint64 {
	h := sha256.Sum256(b)
	return uint64(h[0]) | uint64(h[1])<<8 | uint64(h[2])<<16 | uint64(h[3])<<24 | uint64(h[4])<<32 | uint64(h[5])<<40
}

// behaviour identifies what a meaning gives for its probes.
func (m *meaning) behaviour(outs [][]byte) [32]byte {
	h := sha256.New()
	for _, t := range m.args {
		h.Write([]byte{byte(t)})
	}
	for _, o := range outs[:probes] {
		h.Write(append(o, 0))
	}
	return [32]byte(h.Sum(nil))
}

// trial is a meaning on its inputs.
type trial struct {
	ins  [][]any
	outs [][]byte
}

func (m *meaning) try(cache probeCache) trial {
	roles := m.roles()
	rng := rand.New(rand.NewPCG(seedOf([]byte(m.key())), 1))
	t := trial{ins: append(append([][]any{}, cache.of(roles)...), inputs(roles, rng, further)...)}
	t.outs = m.outputs(t.ins)
	return t
}

// telling reports whether the outputs differ enough to be worth a problem.
func (t *trial) telling() bool {
	valid, different := 0, map[string]bool{}
	for _, o := range t.outs {
		if o != nil {
			valid++
			different[string(o)] = true
		}
	}
	truth := len(different) == 2 && (different["true"] || different["false"])
	return valid >= len(t.outs)*5/8 && (len(different) >= 5 || truth && t.balanced())
}

// balanced reports whether both truths are the answer at least an eighth of the time.
func (t *trial) balanced() bool {
	yes, no := 0, 0
	for _, o := range t.outs {
		switch string(o) {
		case "true":
			yes++
		case "false":
			no++
		}
	}
	return min(yes, no) >= len(t.outs)/8
}

const (
	publicTests = 3
	minHidden   = 5
	maxHidden   = 10
)

// choose takes inputs for tests: public ones that are not empty, and hidden ones on which
// every mutant that differs anywhere differs. Killed is how many mutants those are.
func (t *trial) choose(mutants []mutant) (public, hidden []int, killed int) {
	differs := make([][]int, len(mutants)) // inputs on which mutant i differs
	for i, mu := range mutants {
		for j, o := range mu.m.outputs(t.ins) {
			if t.outs[j] != nil && !bytes.Equal(o, t.outs[j]) {
				differs[i] = append(differs[i], j)
			}
		}
		if differs[i] != nil {
			killed++
		}
	}
	taken := make([]bool, len(t.ins))
	for j := probes; j < len(t.ins) && len(public) < publicTests; j++ {
		if t.outs[j] != nil && len(encodeAll(t.ins[j])) < 40 {
			public = append(public, j)
			taken[j] = true
		}
	}
	alive := make([]bool, len(mutants))
	for i := range alive {
		alive[i] = differs[i] != nil
	}
	for {
		gain := make([]int, len(t.ins))
		for i, js := range differs {
			if alive[i] {
				for _, j := range js {
					gain[j]++
				}
			}
		}
		best := -1
		for j, n := range gain {
			if n > 0 && !taken[j] && (best < 0 || n > gain[best]) {
				best = j
			}
		}
		if best < 0 {
			break
		}
		taken[best] = true
		hidden = append(hidden, best)
		for i, js := range differs {
			for _, j := range js {
				if j == best {
					alive[i] = false
				}
			}
		}
	}
	// Edge cases, which are the first inputs, and more of the others.
	for j := 0; j < len(t.ins) && len(hidden) < maxHidden; j++ {
		if t.outs[j] != nil && !taken[j] && (j < 6 || len(hidden) < minHidden+2) {
			hidden, taken[j] = append(hidden, j), true
		}
	}
	return public, hidden, killed
}
