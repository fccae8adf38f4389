package tensor_test

import (
	"context"
	"fmt"

	"hone/tensor"
	"hone/tensor/cpu"
)

// A linear layer is traced, differentiated and run.
func Example() {
	g, err := tensor.Trace(func(g *tensor.Graph) {
		x := g.Input("x", tensor.F32, 2, 3)
		w := g.Input("w", tensor.F32, 1, 3)
		y := tensor.Linear(x, w, nil, nil) // [2, 1]
		loss := tensor.SumAll(tensor.SquaredError(y, g.Input("target", tensor.F32, 2, 1)))
		g.Output("loss", loss)
		g.Output("dw", tensor.Gradient(loss, w)[0])
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	device := cpu.New(2)
	defer device.Close()
	program, err := device.Compile(g, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	of := func(data []float32, shape ...int) *tensor.Tensor {
		t, err := tensor.Of(data, shape...)
		if err != nil {
			fmt.Println(err)
		}
		return t
	}
	out, err := program.Run(context.Background(), map[string]*tensor.Tensor{
		"x":      of([]float32{1, 2, 3, 4, 5, 6}, 2, 3),
		"w":      of([]float32{1, 0, -1}, 1, 3),
		"target": of([]float32{0, -1}, 2, 1),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(out["loss"].F32, out["dw"].F32)
	// Output: [5] [-12 -18 -24]
}
