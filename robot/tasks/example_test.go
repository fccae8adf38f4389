package tasks_test

import (
	"fmt"
	"log"

	"hone/robot/tasks"
)

func ExampleGenerate() {
	for t, err := range tasks.Generate(tasks.Config{Robot: "kitchen", Levels: []int{1}, Seed: 4, Short: true}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(t.Problem.Prompt)
		fmt.Println(len(t.Problem.Tests) >= 2, t.Killed > 0)
		break
	}
	// Output:
	// # Ask Tom what it shall be (with ice or without ice) and repeat the answer aloud.
	// def task_program():
	// true true
}
