// Package words finds the known word that a misspelt one most likely means.
package words

import "strings"

// Nearest is the candidate with the smallest [Distance] from word, without regard to
// case; the first of several, "" of none.
func Nearest(word string, candidates []string) string {
	best, distance := "", 1<<30
	word = strings.ToLower(word)
	for _, c := range candidates {
		if d := Distance(word, strings.ToLower(c)); d < distance {
			best, distance = c, d
		}
	}
	return best
}

// longest is how many bytes of a word are looked at: more does not help to guess it.
const longest = 64

// Distance is the number of insertions, deletions, replacements and swaps of
// neighbours that make b of a, over bytes (Damerau 1964, as optimal string alignment).
func Distance(a, b string) int {
	x, y := a[:min(len(a), longest)], b[:min(len(b), longest)]
	rows := [3][longest + 1]int{}
	for j := range len(y) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		row, up, two := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(up[j]+1, row[j-1]+1, up[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
	}
	return rows[len(x)%3][len(y)]
}
