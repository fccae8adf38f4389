package metrics

import "math"

// Maintainability is the maintainability index as radon 5.1 scales it, from 0
// to 100: (171 − 5.2 ln V − 0.23 CC − 16.2 ln LLOC + 50 sin √(2.46 c)) / 1.71
// for the Halstead volume V in bits, radon's cyclomatic complexity CC, and c
// comments a line of code in per cent, taken as degrees. Strings of several lines
// that are statements count as comments. A program without operators, or without
// lines, has 100.
func Maintainability(volume float64, cyclomatic int, lines Lines) float64 {
	if volume <= 0 || lines.LLOC <= 0 {
		return 100
	}
	comments := 0.0
	if lines.SLOC != 0 {
		comments = float64(lines.Comments+lines.Multi) / float64(lines.SLOC) * 100
	}
	index := 171 -
		5.2*math.Log(volume) -
		0.23*float64(cyclomatic) -
		16.2*math.Log(float64(lines.LLOC)) +
		50*math.Sin(math.Sqrt(2.46*comments*math.Pi/180))
	return min(max(index*100/171, 0), 100)
}
