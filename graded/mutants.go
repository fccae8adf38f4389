package graded

// mutant is a near meaning: what a reader who is not careful, or a program with one mistake,
// makes of it.
type mutant struct {
	m   *meaning
	how string
	// missing: what was left out has no effect if the mutant does the same.
	missing bool
}

// mutants are the meanings with one change.
func (m *meaning) mutants() []mutant {
	var out []mutant
	add := func(how string, missing bool, change func(n *meaning) bool) {
		n := m.clone()
		if change(n) {
			out = append(out, mutant{n, how, missing})
		}
	}
	for c, ch := range m.chains() {
		for i := range ch.steps {
			s := &ch.steps[i]
			for _, v := range nearOperands(*s) {
				add("off by one", false, func(n *meaning) bool { n.chains()[c].steps[i].k.value = v; return true })
			}
			for _, near := range s.op.near {
				add("wrong operator", false, func(n *meaning) bool { return n.chains()[c].steps[i].become(near) })
			}
			if s.op.from == s.op.to {
				add("missing step", true, func(n *meaning) bool {
					x := n.chains()[c]
					x.steps = append(x.steps[:i], x.steps[i+1:]...)
					return true
				})
			}
			if i > 0 && ch.steps[i-1].op.from == s.op.from && s.op.to == ch.steps[i-1].op.from && ch.steps[i-1].op.to == s.op.from {
				add("wrong order", false, func(n *meaning) bool {
					x := n.chains()[c].steps
					x[i-1], x[i] = x[i], x[i-1]
					return true
				})
			}
		}
		if len(ch.steps) > 0 && ch.steps[0].k.arg > 0 && ch.from.arg > 0 && m.args[ch.from.arg-1] == m.args[ch.steps[0].k.arg-1] {
			add("swapped arguments", false, func(n *meaning) bool {
				x := n.chains()[c]
				x.from, x.steps[0].k = x.steps[0].k, x.from
				return true
			})
		}
	}
	for i := range m.guards {
		add("missing case", true, func(n *meaning) bool {
			n.guards = append(n.guards[:i:i], n.guards[i+1:]...)
			return true
		})
		for _, v := range nearOperands(m.guards[i].test) {
			add("off by one", false, func(n *meaning) bool { n.guards[i].test.k.value = v; return true })
		}
		for _, near := range m.guards[i].test.op.near {
			add("wrong operator", false, func(n *meaning) bool { return n.guards[i].test.become(near) })
		}
		if v, ok := m.guards[i].then.from.value.(int64); ok {
			add("off by one", false, func(n *meaning) bool { n.guards[i].then.from.value = v + 1; return true })
		}
	}
	return out
}

// idle reports whether some operand has no effect on what the meaning gives for inputs.
func (m *meaning) idle(t *trial) bool {
	for c, ch := range m.chains() {
		for i, s := range ch.steps {
			others := nearOperands(s)
			if s.k.arg > 0 {
				others = []any{int64(2), int64(3)}
				if s.op.takes == letter {
					others = []any{"a", "e"}
				}
			}
			effect := len(others) == 0
			for _, v := range others {
				n := m.clone()
				n.chains()[c].steps[i].k = operand{value: v}
				effect = effect || n.differs(t)
			}
			if !effect {
				return true
			}
		}
	}
	return false
}

// differs reports whether the meaning gives another value where the trial has one.
func (m *meaning) differs(t *trial) bool {
	for i, o := range m.outputs(t.ins) {
		if t.outs[i] != nil && string(o) != string(t.outs[i]) {
			return true
		}
	}
	return false
}

// become makes the step the combinator name, if that goes in its place.
func (s *step) become(name string) bool {
	o := ops[name]
	if o == nil || o == s.op || o.from != s.op.from || o.to != s.op.to || (o.takes == nothing) != (s.op.takes == nothing) || (o.takes == letter) != (s.op.takes == letter) {
		return false
	}
	s.op = o
	return true
}

// nearOperands are constants that are one off, or another letter.
func nearOperands(s step) []any {
	switch v := s.k.value.(type) {
	case int64:
		if v <= 1 {
			return []any{v + 1}
		}
		return []any{v - 1, v + 1}
	case string:
		if v == "a" {
			return []any{"e"}
		}
		return []any{"a"}
	}
	return nil
}
