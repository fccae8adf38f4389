package metrics_test

import (
	"fmt"
	"log"

	"hone/source/metrics"
	"hone/source/python"
)

func ExampleOf() {
	m, err := python.Parse([]byte(`
def factorial(n):
    if n < 2:
        return 1
    return n * factorial(n - 1)
`))
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range metrics.Of(m).Functions {
		fmt.Printf("%s: McCabe %d, cognitive %d, volume %.1f bits, maintainability %.1f\n",
			f.Name, f.McCabe, f.Cognitive, f.Halstead.Volume, f.Maintainability)
		fmt.Printf("FailureBench: %+v\n", f.FailureBench)
	}
	// Output:
	// factorial: McCabe 2, cognitive 2, volume 25.3 bits, maintainability 76.8
	// FailureBench: {FlowConstructs:1 Recursions:1 NestingDepth:7 DataStructures:0 FunctionCalls:1 Length:4 CC:2}
}
