// Package line is how the engine's benchmarks talk to the programs they measure: a
// worker prints a [Header], then answers every line of its input with a [Reply], both
// as JSON on one line. bench/peers/worker.py is the same for Python.
package line

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// Header is what a worker is.
type Header struct {
	Worker     string `json:"worker"`  // train, sample or gemm
	Program    string `json:"program"` // with its version
	Parameters int64  `json:"parameters,omitempty"`
	Threads    int    `json:"threads,omitempty"`
	Base       Memory `json:"base"` // with the program loaded, and nothing else
	// WarmLosses are those of the steps that were made before the header.
	WarmLosses []float64 `json:"warm_losses,omitempty"`
	// WarmSeconds is how long those took, compiling included.
	WarmSeconds float64 `json:"warm_seconds,omitempty"`
}

// Reply is what a line of input gave. Which fields are there depends on the line.
type Reply struct {
	Seconds float64   `json:"seconds,omitempty"`
	Times   []float64 `json:"times,omitempty"` // of each step
	Tokens  int       `json:"tokens,omitempty"`
	Losses  []float64 `json:"losses,omitempty"` // of each step
	IDs     [][]int32 `json:"ids,omitempty"`    // greedy tokens, a row a prompt
	Memory  Memory    `json:"memory"`
	// Of repeated calls: the shortest and the median time of one, in seconds.
	Min            float64 `json:"min,omitempty"`
	Median         float64 `json:"median,omitempty"`
	BytesPerSecond float64 `json:"bytes_per_second,omitempty"`
	Error          string  `json:"error,omitempty"`
}

// Memory is a process's resident memory in bytes.
type Memory struct {
	Peak int64 `json:"peak"` // since the start or since ForgetPeak
	RSS  int64 `json:"rss"`
	File int64 `json:"file"` // part of RSS that is mapped files: code and libraries
}

// ReadMemory reads /proc/self/status.
func ReadMemory() (m Memory, err error) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return m, err
	}
	defer f.Close()
	fields := map[string]*int64{"VmHWM:": &m.Peak, "VmRSS:": &m.RSS, "RssFile:": &m.File}
	s := bufio.NewScanner(f)
	for s.Scan() {
		words := strings.Fields(s.Text())
		if len(words) < 2 || fields[words[0]] == nil {
			continue
		}
		kib, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return m, fmt.Errorf("/proc/self/status: %w", err)
		}
		*fields[words[0]] = kib << 10
	}
	return m, s.Err()
}

// ForgetPeak makes the peak count from now on. Where it is not allowed, the peak
// stays the one since the start.
func ForgetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// Serve prints the header and answers lines until the input ends. An error of answer
// is a reply too.
func Serve(r io.Reader, w io.Writer, h Header, answer func(words []string) (Reply, error)) error {
	out := json.NewEncoder(w)
	if err := out.Encode(h); err != nil {
		return err
	}
	s := bufio.NewScanner(r)
	for s.Scan() {
		reply, err := answer(strings.Fields(s.Text()))
		if err != nil {
			reply.Error = err.Error()
		}
		if reply.Memory, err = ReadMemory(); err != nil {
			return err
		}
		if err := out.Encode(reply); err != nil {
			return err
		}
	}
	return s.Err()
}
