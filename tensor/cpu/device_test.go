package cpu

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"hone/tensor"
)

// square is a program that computes 2·x·x of n ones, one x of which it sees through a view, and its input.
func square(t *testing.T, d *Device, n int) (*Program, map[string]*tensor.Tensor) {
	g, err := tensor.Trace(func(g *tensor.Graph) {
		x := g.Input("x", tensor.F32, n)
		g.Output("y", tensor.SumAll(tensor.Mul(tensor.Add(x, x), tensor.Reshape(tensor.Reshape(x, n, 1), n))))
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Compile(g, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.New(n)
	for i := range x.F32 {
		x.F32[i] = 1
	}
	return p, map[string]*tensor.Tensor{"x": x}
}

// TestArgumentsAreLetGo: a program keeps nothing of what it was given, such as weights that others took the
// place of.
func TestArgumentsAreLetGo(t *testing.T) {
	d := New(1)
	defer d.Close()
	p, args := square(t, d, 1000)
	given := weak.Make(&args["x"].F32[0])
	if _, err := p.Run(context.Background(), args); err != nil {
		t.Fatal(err)
	}
	clear(args)
	runtime.GC()
	if given.Value() != nil {
		t.Error("what the program was given is still there")
	}
	runtime.KeepAlive(p)
}

// TestArenaIsGivenUp: a larger program takes the place of the memory of a smaller one, which nothing keeps,
// and the smaller one still computes what it did.
func TestArenaIsGivenUp(t *testing.T) {
	d := New(1)
	defer d.Close()
	run := func(p *Program, args map[string]*tensor.Tensor, want float32) {
		out, err := p.Run(context.Background(), args)
		if err != nil || out["y"].F32[0] != want {
			t.Fatalf("%v %v", out, err)
		}
	}
	small, few := square(t, d, 1000)
	large, many := square(t, d, 100_000)
	run(small, few, 2000)
	before := weak.Make(&d.arena[0])
	run(large, many, 200_000)
	runtime.GC()
	if before.Value() != nil {
		t.Error("the smaller arena is still there")
	}
	run(small, few, 2000)
	run(large, many, 200_000)
}
