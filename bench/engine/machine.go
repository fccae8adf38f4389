package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"hone/tensor/simd"
)

var processors = float64(runtime.NumCPU())

// size is a model and its training batch, as in sizes.json.
type size struct {
	Arch      string
	Seq       int
	Batch     int
	Vocab     int
	Positions int
}

func readSizes(path string, names []string) (map[string]size, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	all := map[string]size{}
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, n := range names {
		if _, ok := all[n]; !ok {
			return nil, fmt.Errorf("-sizes: %q is not in %s", n, path)
		}
	}
	return all, nil
}

// describeMachine is what the figures depend on, and whether the machine was free.
func describeMachine() string {
	cpu := "unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		seen := map[string]string{}
		for l := range strings.Lines(string(info)) {
			if k, v, ok := strings.Cut(l, ":"); ok {
				seen[strings.TrimSpace(k)] = cmp.Or(seen[strings.TrimSpace(k)], strings.TrimSpace(v))
			}
		}
		cpu = fmt.Sprintf("%s (family %s, model %s), %s cache", seen["model name"], seen["cpu family"], seen["model"], seen["cache size"])
	}
	governor := "no frequency governor"
	if g, err := os.ReadFile("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"); err == nil {
		governor = "governor " + strings.TrimSpace(string(g))
	}
	s := fmt.Sprintf("%s, %s/%s, %s, %d cores, %s, %s; Hone's kernels: %v.", time.Now().UTC().Format("2006-01-02 15:04"), runtime.GOOS, runtime.GOARCH, cpu, runtime.NumCPU(), governor, runtime.Version(), simd.Active())
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		var one float64
		fmt.Sscan(string(load), &one)
		s += fmt.Sprintf(" Load average at the start: %.2f.", one)
		if one > 0.5 {
			s += " **The machine was not free: these figures are disturbed.**"
			say("the load average is %.2f: other processes will disturb the figures", one)
		}
	}
	return s
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(x))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

func bounds(x []float64) (lo, hi float64) {
	if len(x) == 0 {
		return math.NaN(), math.NaN()
	}
	return slices.Min(x), slices.Max(x)
}
