package graded_test

import (
	"fmt"
	"log"
	"math/rand/v2"

	"hone/graded"
)

func Example() {
	for p, err := range graded.Generate(graded.Config{Levels: []int{3}, Seed: 1, Split: graded.Train}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(p.Reference)
		fmt.Println(len(p.Tests), "tests,", len(graded.Wrong(p, rand.New(rand.NewPCG(1, 1)))) > 2)
		break
	}
	// Output:
	// # Take the numbers in nums, keep the even ones and drop the first 4.
	// def f(nums):
	//     return [x for x in nums if x % 2 == 0][4:]
	// 10 tests, true
}
