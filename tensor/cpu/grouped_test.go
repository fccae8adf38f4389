package cpu

import (
	"slices"
	"testing"

	"hone/tensor"
)

// TestGrouped: what goes by rows is one group, with what only waited behind it; with fewer rows there is none.
func TestGrouped(t *testing.T) {
	for rows, want := range map[int][]int{4096: {0, 0, 0, 7, 7, 7, 7, 0, 0}, 4095: make([]int, 9)} {
		g, err := tensor.Trace(func(g *tensor.Graph) {
			x, w, b := g.Input("x", tensor.F32, rows, 8), g.Input("w", tensor.F32, 8, 8), g.Input("b", tensor.F32, 8)
			y := tensor.LayerNorm(x, b, b, 1e-5)
			z := tensor.Linear(y, w, b, nil)
			total := tensor.SumAll(tensor.Transpose(z, 1, 0)) // reads all rows, and waits
			g.Output("sum", total)
			g.Output("gradient", tensor.MatMul(y, tensor.Gelu(z), true, false))
		})
		if err != nil {
			t.Fatal(err)
		}
		nodes, ends := grouped(needed(g))
		var names []string
		for _, n := range nodes {
			names = append(names, n.Op.Name())
		}
		t.Log(names, ends)
		if !slices.Equal(ends, want) {
			t.Errorf("%d rows: the groups of %v end at %v, want %v", rows, names, ends, want)
		}
	}
}
