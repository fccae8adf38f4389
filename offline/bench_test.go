package offline

import (
	"fmt"
	"testing"

	"hone/problem"
)

// BenchmarkCheck reads the trees of 1,000 programs, sorts them and deals them out.
func BenchmarkCheck(b *testing.B) {
	var rows []Row
	for i := range 1000 {
		v := problem.Pass
		if i%3 > 0 {
			v = problem.WrongAnswer
		}
		program := fmt.Sprintf("def f(xs):\n    total = %d\n    for x in xs:\n        if x > %d:\n            total += x\n    return total\n", i, i%7)
		rows = append(rows, row(fmt.Sprint("t", i%50), program, v))
	}
	b.ReportAllocs()
	for b.Loop() {
		s, r := Check(rows, Options{Group: 4, MostCorrect: 50})
		if r.Err() != nil || len(s.Groups(0)) == 0 {
			b.Fatal(r.Err())
		}
	}
}
