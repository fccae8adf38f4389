package replay

import "slices"

// identity is what makes a token the same one in another frame: its list, its name and
// which one of that name it is.
type identity struct {
	kind int
	name string
	nth  int
}

// align gives all frames the same tokens in the same order, though a robot may take
// records out of a world and put new ones in. What is not in a world is in the hand, if
// it is called like what is held there, or nowhere.
func align(frames []frame) {
	var order []identity
	first := map[identity]token{}
	for i := range frames {
		for id, t := range tokensOf(&frames[i].view) {
			if _, known := first[id]; !known {
				first[id] = t
				order = append(order, id)
			}
		}
	}
	slices.SortStableFunc(order, func(a, b identity) int { return a.kind - b.kind })
	for i := range frames {
		v := &frames[i].view
		have := map[identity]token{}
		for id, t := range tokensOf(v) {
			have[id] = t
		}
		v.tokens = make([]token, len(order))
		for k, id := range order {
			t, ok := have[id]
			if !ok {
				t = token{name: id.name, kind: id.kind, place: -2, fields: first[id].fields}
				if v.held[id.name] {
					t.place = -1
				}
			}
			v.tokens[k] = t
		}
	}
}

// tokensOf yields a view's tokens with their identities.
func tokensOf(v *view) func(yield func(identity, token) bool) {
	return func(yield func(identity, token) bool) {
		count := map[identity]int{}
		for _, t := range v.tokens {
			id := identity{kind: t.kind, name: t.name}
			id.nth = count[id]
			count[identity{kind: t.kind, name: t.name}]++
			if !yield(id, t) {
				return
			}
		}
	}
}
