// Command worker is Hone's side of the engine's benchmarks: what bench/peers does
// with PyTorch, through the same packages that the hone command uses. See package
// line for how it is spoken to.
//
//	worker train -weights DIR -tokens FILE -batch 16 -length 128
//	worker encode -weights DIR -tokens FILE -batch 32 -length 128
//	worker sample -weights DIR -tokens FILE -dtype f32
//	worker gemm
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime/debug"
	"strconv"

	"hone/bench/engine/line"
	"hone/tensor/simd"
)

// options are the flags of all kinds of worker.
type options struct {
	weights, tokens, dtype string
	batch, length, threads int
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("worker: ")
	debug.SetGCPercent(20) // as the commands of hone do
	base, err := line.ReadMemory()
	if err != nil {
		log.Fatal(err)
	}
	if err := run(context.Background(), os.Args[1:], base); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string, base line.Memory) error {
	if len(args) == 0 {
		return errors.New("train, encode, sample or gemm?")
	}
	var o options
	flags := flag.NewFlagSet(args[0], flag.ExitOnError)
	flags.StringVar(&o.weights, "weights", "", "folder of the checkpoint")
	flags.StringVar(&o.tokens, "tokens", "", "file of little-endian int32 tokens")
	flags.StringVar(&o.dtype, "dtype", "f32", "how weights are stored for sampling: f32, bf16 or int8")
	flags.IntVar(&o.batch, "batch", 0, "rows of a training step")
	flags.IntVar(&o.length, "length", 0, "tokens of a row")
	flags.IntVar(&o.threads, "threads", 2, "threads that compute")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	h := line.Header{Worker: args[0], Program: fmt.Sprintf("hone (%v)", simd.Active()), Threads: o.threads, Base: base}
	switch args[0] {
	case "train":
		return trains(ctx, o, h)
	case "encode":
		return encodes(ctx, o, h)
	case "sample":
		return samples(ctx, o, h)
	case "gemm":
		return multiplies(h)
	}
	return fmt.Errorf("%q is none of train, encode, sample and gemm", args[0])
}

// readTokens reads a file of little-endian int32.
func readTokens(path string) ([]int32, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := make([]int32, len(raw)/4)
	for i := range out {
		out[i] = int32(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return out, nil
}

// numbers parses words as whole numbers.
func numbers(words ...string) ([]int, error) {
	out := make([]int, len(words))
	for i, w := range words {
		n, err := strconv.Atoi(w)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}
