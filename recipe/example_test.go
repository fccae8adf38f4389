package recipe_test

import (
	"fmt"

	"hone/recipe"
)

type training struct {
	LearningRate float64 `yaml:"learning_rate"`
	Steps        int     `yaml:"steps"`
}

// Check says which values are right.
func (t *training) Check() error {
	if t.LearningRate <= 0 {
		return recipe.Keyf("learning_rate", "must be above 0, is %v", t.LearningRate)
	}
	return nil
}

func Example() {
	var r struct {
		Train training `yaml:"train"`
	}
	r.Train = training{LearningRate: 1e-3, Steps: 1000} // the defaults

	fmt.Println(recipe.Parse([]byte("train:\n  leraning_rate: 1e-4\n"), "clm.yaml", &r))
	fmt.Println(recipe.Parse([]byte("train:\n  learning_rate: 0\n"), "clm.yaml", &r))
	if err := recipe.Parse([]byte("train:\n  learning_rate: 1e-4\n"), "clm.yaml", &r, "train.steps=3_000"); err != nil {
		fmt.Println(err)
	}
	resolved, _ := recipe.Marshal(r)
	fmt.Printf("%s", resolved)
	// Output:
	// clm.yaml:2:3: unknown key "leraning_rate" under train (did you mean "learning_rate"?)
	// clm.yaml:2:3: train.learning_rate must be above 0, is 0
	// train:
	//   learning_rate: 0.0001
	//   steps: 3000
}
