//go:build linux

package main

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hone/judge"
)

// TestInOrder: whatever ends first, results come in order and all; no more work is
// under way than allowed; an error, a stop and an end of the context come after what
// was done before them.
func TestInOrder(t *testing.T) {
	t.Parallel()
	bad := errors.New("bad")
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 30).Draw(t, "n")
		atOnce := rapid.IntRange(1, 5).Draw(t, "at once")
		window := rapid.IntRange(0, 8).Draw(t, "window")
		delays := rapid.SliceOfN(rapid.IntRange(0, 300), n, n).Draw(t, "delays")
		end := rapid.SampledFrom([]string{"", "error", "stop", "cancel", "emit"}).Draw(t, "end")
		at := -1
		if n > 0 {
			at = rapid.IntRange(0, n-1).Draw(t, "at")
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		stop := make(chan struct{})
		var now, most, begun atomic.Int64
		var got []int
		err := inOrder(ctx, stop, atOnce, window, n, func(ctx context.Context, i int) (int, error) {
			begun.Add(1)
			if k := now.Add(1); k > most.Load() {
				most.Store(k)
			}
			defer now.Add(-1)
			time.Sleep(time.Duration(delays[i]) * time.Microsecond)
			if i == at {
				switch end {
				case "error":
					return 0, bad
				case "stop":
					close(stop)
				case "cancel":
					cancel()
				}
			}
			return i * i, ctx.Err()
		}, func(i, v int) error {
			if v != i*i {
				t.Fatalf("result %d is %d", i, v)
			}
			if end == "emit" && i == at {
				return bad
			}
			got = append(got, i)
			return nil
		})
		want := make([]int, len(got))
		for i := range want {
			want[i] = i
		}
		if !slices.Equal(got, want) || int(most.Load()) > atOnce {
			t.Fatalf("emitted %v with %d at once", got, most.Load())
		}
		switch {
		case end == "" || n == 0:
			if err != nil || len(got) != n {
				t.Fatalf("%d of %d: %v", len(got), n, err)
			}
		case end == "error" || end == "emit":
			if !errors.Is(err, bad) || len(got) != at {
				t.Fatalf("%d emitted before %d: %v", len(got), at, err)
			}
		case end == "stop":
			if int(begun.Load()) != len(got) || !(errors.Is(err, judge.ErrStopped) || err == nil && len(got) == n) {
				t.Fatalf("begun %d, emitted %d of %d: %v", begun.Load(), len(got), n, err)
			}
		case end == "cancel":
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("%v", err)
			}
		}
	})
}
