package judge

import (
	"math"
	"strconv"
	"strings"

	"hone/problem"
)

func itoa(n int) string { return strconv.Itoa(n) }

// matchOutput compares what a script printed with the accepted outputs.
func matchOutput(got string, spec problem.StdioSpec) bool {
	for _, want := range spec.Outputs {
		switch spec.Compare {
		case "exact":
			if got == want {
				return true
			}
		case "lines":
			if normalLines(got) == normalLines(want) {
				return true
			}
		default:
			if sameTokens(got, want, spec.Atol) {
				return true
			}
		}
	}
	return false
}

// normalLines drops white space at line ends and empty lines at the end.
func normalLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \t\r\f\v")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// sameTokens compares text split at white space, numbers within atol.
func sameTokens(got, want string, atol float64) bool {
	g, w := strings.Fields(got), strings.Fields(want)
	if len(g) != len(w) {
		return false
	}
	for i := range g {
		if g[i] == w[i] {
			continue
		}
		if atol <= 0 {
			return false
		}
		x, err1 := strconv.ParseFloat(g[i], 64)
		y, err2 := strconv.ParseFloat(w[i], 64)
		if err1 != nil || err2 != nil || !(math.Abs(x-y) <= atol) {
			return false
		}
	}
	return true
}
