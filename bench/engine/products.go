package main

import (
	"context"
	"fmt"
)

// shape is a product C [m, n] = A·B; kind says what is stored, see the worker.
type shape struct {
	kind    string
	m, n, k int
}

func (s shape) String() string { return fmt.Sprintf("%s %d %d %d", s.kind, s.m, s.n, s.k) }

// The squares of the goal, then what training the models of sizes.json multiplies:
// forward (nt), gradients of inputs (nn) and of weights (tn).
var shapes = append(
	squares(64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048),
	shape{"nt", 2048, 384, 128}, shape{"nn", 2048, 128, 384}, shape{"tn", 384, 128, 2048},
	shape{"nt", 2048, 2048, 512}, shape{"nn", 2048, 512, 2048}, shape{"tn", 2048, 512, 2048},
	shape{"nt", 2048, 4096, 512}, shape{"nn", 2048, 512, 4096}, shape{"tn", 4096, 512, 2048},
)

func squares(sizes ...int) (out []shape) {
	for _, n := range sizes {
		out = append(out, shape{"nn", n, n, n})
	}
	return out
}

// multipliers starts our products and both peers'.
func (b *bench) multipliers(ctx context.Context) (*contest, error) {
	c := &contest{ours: 1, peers: 2}
	ours, err := b.hone(ctx, "hone", "gemm")
	if err != nil {
		return c, err
	}
	c.sides = append(c.sides, ours)
	for _, library := range []string{"openblas", "torch"} {
		s, err := b.peer(ctx, library, "gemm.py", "--library", library)
		if err != nil {
			return c, err
		}
		c.sides = append(c.sides, s)
	}
	return c, nil
}

// products measures matrix products.
func (b *bench) products(ctx context.Context) error {
	say("matrix products")
	c, err := b.multipliers(ctx)
	defer c.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\n## Matrix products\n\nGFLOP/s of f32 products, the fastest call of a turn of a quarter second, median over %d rounds; %s and %s (MKL).\nThe ratios are of the two in the same round: median (min – max).\n", b.rounds, c.sides[1].header.Program, c.sides[2].header.Program)
	for _, threads := range []int{1, 2} {
		fmt.Fprintf(b.out, "\n| %d threads: stored, m n k | hone | OpenBLAS | MKL | hone / OpenBLAS | hone / MKL |\n|---|---|---|---|---|---|\n", threads)
		for _, s := range shapes {
			rates := make([][]float64, len(c.sides))
			for i := range b.rounds {
				for at := range c.sides {
					if i%2 == 1 {
						at = len(c.sides) - 1 - at
					}
					r, err := c.sides[at].ask("gemm %v %d 0.25", s, threads)
					if err != nil {
						return err
					}
					rates[at] = append(rates[at], 2e-9*float64(s.m)*float64(s.n)*float64(s.k)/r.Min)
				}
			}
			blas, mkl := divide(rates[0], rates[1]), divide(rates[0], rates[2])
			lo, hi := bounds(blas)
			fmt.Fprintf(b.out, "| %v | %.1f | %.1f | %.1f | **%.2f** (%.2f – %.2f) | %.2f |\n", s, median(rates[0]), median(rates[1]), median(rates[2]), median(blas), lo, hi, median(mkl))
			if s.kind == "nn" && s.m == s.n && s.n == s.k {
				f := finding{name: fmt.Sprintf("SGEMM n = %d, %d threads / OpenBLAS", s.n, threads), figures: blas}
				if s.n >= 128 {
					f.goal = 0.9
				}
				b.findings = append(b.findings, f)
			}
		}
	}
	return nil
}

func divide(a, b []float64) (out []float64) {
	for i := range a {
		out = append(out, a[i]/b[i])
	}
	return out
}

// decoding measures products of one row with packed weights, which are bound by memory.
func (b *bench) decoding(ctx context.Context) error {
	say("decoding products")
	c, err := b.multipliers(ctx)
	defer c.end()
	if err != nil {
		return err
	}
	const n, k = 16384, 4096
	dtypes := []string{"f32", "bf16", "int8"}
	width := map[string]float64{"f32": 4, "bf16": 2, "int8": 1}
	fmt.Fprintf(b.out, "\n## Decoding: y = x·Wᵀ for one row, W of %d × %d\n\nGB/s of weights that are read, the fastest call of a turn. The bandwidth of memory is the fastest that anything here reads it in the same round:\nany side that sums 512 MiB, OpenBLAS's and MKL's products with the same W in f32, or ours.\n\n| threads, weights | GB/s | bandwidth | share | OpenBLAS GB/s | MKL GB/s |\n|---|---|---|---|---|---|\n", n, k)
	for _, threads := range []int{1, 2} {
		var bandwidth, blas, mkl []float64
		ours := map[string][]float64{}
		for range b.rounds {
			most := 0.0
			for _, s := range c.sides {
				r, err := s.ask("read %d %d 0.5", 512<<20, threads)
				if err != nil {
					return err
				}
				most = max(most, r.BytesPerSecond/1e9)
			}
			for i, to := range []*[]float64{&blas, &mkl} {
				r, err := c.sides[1+i].ask("gemm nt 1 %d %d %d 0.5", n, k, threads)
				if err != nil {
					return err
				}
				*to = append(*to, n*k*4/r.Min/1e9)
				most = max(most, n*k*4/r.Min/1e9)
			}
			for _, d := range dtypes {
				r, err := c.sides[0].ask("decode %s %d %d %d 0.5", d, n, k, threads)
				if err != nil {
					return err
				}
				ours[d] = append(ours[d], n*k*width[d]/r.Min/1e9)
			}
			bandwidth = append(bandwidth, max(most, ours["f32"][len(ours["f32"])-1]))
		}
		for _, d := range dtypes {
			share := divide(ours[d], bandwidth)
			peers := "– | –"
			if d == "f32" {
				peers = fmt.Sprintf("%.1f | %.1f", median(blas), median(mkl))
			}
			lo, hi := bounds(share)
			fmt.Fprintf(b.out, "| %d, %s | %.1f | %.1f | **%.2f** (%.2f – %.2f) | %s |\n", threads, d, median(ours[d]), median(bandwidth), median(share), lo, hi, peers)
			b.findings = append(b.findings, finding{name: fmt.Sprintf("decode m = 1, %s, %d threads / memory bandwidth", d, threads), figures: share, goal: 0.7})
		}
	}
	return nil
}
