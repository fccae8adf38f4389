package python

import "testing"

// TestIdentifiers compares with str.isidentifier for every character that the
// Unicode of the python3 at hand knows.
func TestIdentifiers(t *testing.T) {
	o := newOracle(t, "identifiers.py")
	var ranges [][3]int32
	o.ask(t, "", &ranges)
	wrong := 0
	for _, r := range ranges {
		for c := r[0]; c <= r[1] && r[2] != 4; c++ {
			var kind int32
			if isIDContinue(c) {
				kind = 1
			}
			if isIDStart(c) {
				kind += 2
			}
			if kind != r[2] && wrong < 20 {
				wrong++
				t.Errorf("U+%04X is of class %d, not %d", c, r[2], kind)
			}
		}
	}
}
