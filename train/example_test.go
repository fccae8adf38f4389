package train_test

import (
	"fmt"
	"log"

	"hone/train"
)

// What four programs for one problem count for, by their rewards.
func ExampleAdvantage_Of() {
	rewards := []float64{1, -0.3, -0.3, -0.6}
	correct := []bool{true, false, false, false}
	for _, a := range train.Advantages() {
		out, err := a.Of(rewards, correct, train.ExpSettings{Temperature: 1, Low: 0.05, High: 10})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-8s %5.2f\n", a, out)
	}
	// Output:
	// rloo     [ 1.40 -0.33 -0.33 -0.73]
	// grpo     [ 1.70 -0.40 -0.40 -0.89]
	// exp      [ 3.03  0.37  0.37  0.23]
	// filtered [ 1.00  0.00  0.00  0.00]
}
