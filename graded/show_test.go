package graded

import (
	"fmt"
	"testing"
	"time"
)

func TestShow(t *testing.T) {
	for l := 1; l <= Levels; l++ {
		n, mut, kil := 0, 0, 0
		start := time.Now()
		for p, err := range Generate(Config{Levels: []int{l}, Seed: 3, Split: Train}) {
			if err != nil {
				t.Log(err)
				break
			}
			n++
			mut += p.Mutants
			kil += p.Killed
			if n <= 14 {
				fmt.Print(p.Reference, "  ## ", p.Meaning, "\n")
			}
			if n == 4000 {
				break
			}
		}
		fmt.Println(l, n, mut, kil, time.Since(start))
	}
}
