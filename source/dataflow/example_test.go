package dataflow_test

import (
	"fmt"

	"hone/source"
	"hone/source/dataflow"
	"hone/source/python"
)

func ExampleOf() {
	program := []byte("def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n")
	module, err := python.Parse(program)
	if err != nil {
		panic(err)
	}
	fmt.Print(dataflow.Of(module).Text(source.NewLines(module.Text)))
	// Output:
	// 3:8 x computedFrom 3:13 xs
	// 3:13 xs comesFrom 1:10 xs
	// 4:8 s computedFrom 2:4 s
	// 4:8 s computedFrom 4:8 s loop
	// 4:8 s computedFrom 4:13 x
	// 4:13 x comesFrom 3:8 x
	// 5:11 s comesFrom 2:4 s
	// 5:11 s comesFrom 4:8 s
}

func ExampleCompatibleSource() {
	// GraphCodeBERT's rules forget what s was before s += x.
	program := []byte("def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n")
	graph, err := dataflow.CompatibleSource(source.Python, program)
	if err != nil {
		panic(err)
	}
	fmt.Print(graph.Text(source.NewLines(program)))
	// Output:
	// 2:4 s computedFrom 2:8 0
	// 3:8 x computedFrom 3:13 xs
	// 3:13 xs comesFrom 1:10 xs
	// 4:8 s computedFrom 4:13 x
	// 4:13 x comesFrom 3:8 x
	// 5:11 s comesFrom 4:8 s
}
