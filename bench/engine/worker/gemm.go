package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"time"

	"hone/bench/engine/line"
	"hone/tensor/simd"
)

// multiplies answers
//
//	gemm KIND M N K THREADS SECONDS    C [M, N]; nn: A [M, K], B [K, N]; nt: B [N, K]; tn: A [K, M]
//	decode DTYPE N K THREADS SECONDS   y [1, N] = x·Wᵀ with W packed as f32, bf16 or int8
//	read BYTES THREADS SECONDS         how fast memory is read
func multiplies(h line.Header) error {
	pools := map[int]*simd.Pool{}
	defer func() {
		for _, p := range pools {
			p.Close()
		}
	}()
	return line.Serve(os.Stdin, os.Stdout, h, func(words []string) (r line.Reply, err error) {
		counts := map[string]int{"gemm": 7, "decode": 6, "read": 4}
		if len(words) == 0 || len(words) != counts[words[0]] {
			return r, fmt.Errorf("%q: gemm, decode and read are understood", words)
		}
		last := len(words) - 1
		seconds, err := strconv.ParseFloat(words[last], 64)
		if err != nil {
			return r, err
		}
		first := 2
		if words[0] == "read" {
			first = 1
		}
		n, err := numbers(words[first:last]...)
		if err != nil {
			return r, err
		}
		threads := n[len(n)-1]
		if pools[threads] == nil {
			pools[threads] = simd.NewPool(threads)
		}
		pool := pools[threads]
		switch words[0] {
		case "gemm":
			return repeat(seconds, product(pool, words[1], n[0], n[1], n[2])), nil
		case "decode":
			call, err := decode(pool, words[1], n[0], n[1])
			if err != nil {
				return r, err
			}
			return repeat(seconds, call), nil
		default:
			r = repeat(seconds, read(pool, n[0], threads))
			r.BytesPerSecond = float64(n[0]) / r.Min
			return r, nil
		}
	})
}

func random(n int) []float32 {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	x := simd.Floats(n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func product(pool *simd.Pool, kind string, m, n, k int) func() {
	a, b, c := random(m*k), random(k*n), simd.Floats(m*n)
	lda, ldb := k, n
	if kind == "tn" {
		lda = m
	}
	if kind == "nt" {
		ldb = k
	}
	return func() { simd.Gemm(pool, kind == "tn", kind == "nt", m, n, k, a, lda, b, ldb, false, c, n) }
}

func decode(pool *simd.Pool, dtype string, n, k int) (func(), error) {
	pack := map[string]func([]float32, int, int) *simd.Packed{"f32": simd.PackF32, "bf16": simd.PackBF16, "int8": simd.PackInt8}[dtype]
	if pack == nil {
		return nil, fmt.Errorf("%q is none of f32, bf16 and int8", dtype)
	}
	w, x, y := pack(random(n*k), n, k), random(k), simd.Floats(n)
	return func() { w.Mul(pool, 1, x, k, false, y, n) }, nil
}

// read sums an array, a part a thread.
func read(pool *simd.Pool, bytes, threads int) func() {
	x := random(bytes / 4)
	sums := make([]float32, threads)
	return func() {
		pool.For(threads, func(i int) {
			sums[i] = simd.Sum(x[len(x)/threads*i : len(x)/threads*(i+1)])
		})
	}
}

// repeat measures calls for some seconds, at least five, after two that are not.
func repeat(seconds float64, call func()) line.Reply {
	call()
	call()
	var times []float64
	for begin := time.Now(); len(times) < 5 || time.Since(begin).Seconds() < seconds; {
		start := time.Now()
		call()
		times = append(times, time.Since(start).Seconds())
	}
	slices.Sort(times)
	return line.Reply{Min: times[0], Median: times[len(times)/2]}
}
