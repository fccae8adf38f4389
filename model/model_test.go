package model

import "math/rand/v2"

func testRng() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
