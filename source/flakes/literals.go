package flakes

import (
	"math/big"
	"strconv"
	"strings"

	"hone/source/python"
)

// isLiteral reports comparisons by identity with values that may or may not be
// the same object.
func (c *checker) isLiteral(n *python.Compare, p *place) {
	left := n.Left
	for i, right := range n.Comparators {
		op := n.Ops[i]
		if (op == python.Is || op == python.IsNot) && (valueOnly(left) || valueOnly(right)) {
			span := p.span
			if c.quote == nil {
				span.Start, span.End = left.Pos().Start, right.Pos().End
			}
			c.report(&isLiteral, p, span)
		}
		left = right
	}
}

// valueOnly reports whether e is a literal whose identity means nothing: no None,
// True, False or Ellipsis.
func valueOnly(e python.Expr) bool {
	if k, ok := e.(*python.Constant); ok {
		return k.Kind >= python.IntConstant
	}
	t, ok := e.(*python.Tuple)
	return ok && allConstant(t.Elts)
}

func allConstant(list []python.Expr) bool {
	for _, e := range list {
		switch e := e.(type) {
		case *python.Constant:
		case *python.Tuple:
			if !allConstant(e.Elts) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// starred reports targets that cannot be unpacked to.
func (c *checker) starred(elts []python.Expr, ctx python.Context, p *place) {
	if ctx != python.Store {
		return
	}
	star := -1
	for i, e := range elts {
		if _, ok := e.(*python.Starred); !ok {
			continue
		}
		if star >= 0 {
			c.report(&twoStars, p, c.place(e, p).span)
			break
		}
		star = i
	}
	// The limits of CPython's instruction UNPACK_EX.
	if star >= 1<<8 || len(elts)-star-1 >= 1<<24 {
		c.report(&starTooLate, p, p.span)
	}
}

// joinedStr reports an f-string with nothing in it; formats in an f-string are
// such strings too and need nothing.
func (c *checker) joinedStr(n *python.JoinedStr, p *place) {
	if !c.inFString && !hasField(n.Values) {
		c.report(&noPlaceholders, p, p.span)
	}
	before := c.inFString
	c.inFString = true
	c.children(p)
	c.inFString = before
}

func hasField(values []python.Expr) bool {
	for _, v := range values {
		if _, ok := v.(*python.FormattedValue); ok {
			return true
		}
	}
	return false
}

// repeatedKeys reports keys that stand several times with different values: only
// the last counts.
func (c *checker) repeatedKeys(n *python.Dict, p *place) {
	if len(n.Keys) < 2 {
		return
	}
	byKey := make(map[string][]int, len(n.Keys))
	for i, k := range n.Keys {
		if id, ok := identity(k); ok {
			byKey[id] = append(byKey[id], i)
		}
	}
	for _, indices := range byKey {
		if len(indices) < 2 || !hasUnique(n.Values, indices) {
			continue
		}
		for _, i := range indices {
			at := c.place(n.Keys[i], p)
			if name, ok := n.Keys[i].(*python.Name); ok {
				c.report(&repeatedVariable, at, at.span, name.ID)
				continue
			}
			// Of equal keys that are written differently, pyflakes names the first.
			c.report(&repeatedKey, at, at.span, written(n.Keys[indices[0]]))
		}
	}
}

// hasUnique reports whether one of the values differs from all others. What has
// no value that can be known differs from everything.
func hasUnique(values []python.Expr, indices []int) bool {
	count := make(map[string]int, len(indices))
	for _, i := range indices {
		id, ok := identity(values[i])
		if !ok {
			return true
		}
		count[id]++
	}
	for _, n := range count {
		if n == 1 {
			return true
		}
	}
	return false
}

// identity is a text that two literals or variables share exactly if Python finds
// them equal; ok is false for anything else, which equals nothing.
func identity(e python.Expr) (id string, ok bool) {
	switch e := e.(type) {
	case *python.Name:
		return "name " + e.ID, true
	case *python.Tuple:
		parts := make([]string, len(e.Elts))
		for i, elt := range e.Elts {
			if parts[i], ok = identity(elt); !ok {
				return "", false
			}
		}
		return enclosed(parts), true
	case *python.Constant:
		switch e.Kind {
		case python.StrConstant:
			return "str " + strconv.Quote(e.Value), true
		case python.BytesConstant:
			return "bytes " + strconv.Quote(e.Value), true
		case python.NoneConstant:
			return "None", true
		case python.TrueConstant:
			return "number 1", true
		case python.FalseConstant:
			return "number 0", true
		case python.IntConstant, python.FloatConstant, python.ComplexConstant:
			return "number " + exactly(e), true
		}
	}
	return "", false
}

// enclosed writes the identities of a tuple's elements so that no other tuple is
// written alike: each with its length.
func enclosed(parts []string) string {
	var b strings.Builder
	b.WriteString("tuple")
	for _, p := range parts {
		b.WriteString(" " + strconv.Itoa(len(p)) + ":" + p)
	}
	return b.String()
}

// exactly writes a number so that equal numbers of all types are equal texts.
func exactly(k *python.Constant) string {
	text := strings.TrimSuffix(k.Value, "j")
	imaginary := text != k.Value
	n, ok := new(big.Rat).SetString(text)
	if !ok || k.Kind != python.IntConstant && len(text) > 24 {
		return k.Value // inf and nan
	}
	if k.Kind != python.IntConstant {
		// What repr prints stands for the nearest double.
		f, _ := strconv.ParseFloat(text, 64)
		n.SetFloat64(f)
	}
	if imaginary && n.Sign() != 0 {
		return n.RatString() + "j"
	}
	return n.RatString()
}

// written is how pyflakes writes a literal key: Python's repr.
func written(e python.Expr) string {
	switch e := e.(type) {
	case *python.Name:
		return e.ID
	case *python.Tuple:
		parts := make([]string, len(e.Elts))
		for i, elt := range e.Elts {
			parts[i] = written(elt)
		}
		if len(parts) == 1 {
			return "(" + parts[0] + ",)"
		}
		return "(" + strings.Join(parts, ", ") + ")"
	case *python.Constant:
		switch e.Kind {
		case python.StrConstant:
			return repr(e.Value)
		case python.BytesConstant:
			return reprBytes(e.Value)
		case python.NoneConstant:
			return "None"
		case python.TrueConstant:
			return "True"
		case python.FalseConstant:
			return "False"
		}
		return e.Value
	}
	return ""
}
