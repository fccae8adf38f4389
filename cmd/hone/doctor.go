package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/cpu"

	"hone/sandbox"
	"hone/tensor/simd"
)

// condition is one line of hone doctor.
type condition struct {
	Name   string `json:"name"`
	Status string `json:"status"` // "ok", "missing" (optional) or "broken"
	Found  string `json:"found"`
	// For says what it is needed for, Help how to get it.
	For  string `json:"for,omitempty"`
	Help string `json:"help,omitempty"`
}

func newDoctor() *cobra.Command {
	var asJSON bool
	var python string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "What this machine offers, what is missing and how to get it",
		Example: `  hone doctor
  hone doctor --python ./venv --json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			checks := examine(c.Context(), python)
			w := c.OutOrStdout()
			if asJSON {
				enc := json.NewEncoder(os.Stdout)
				enc.SetIndent("", "  ")
				if err := enc.Encode(checks); err != nil {
					return err
				}
			} else {
				printChecks(w, checks)
			}
			for _, ch := range checks {
				if ch.Status == "broken" {
					return fmt.Errorf("programs cannot be judged here: %s is %s, see above", ch.Name, ch.Status)
				}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().StringVar(&python, "python", "", "interpreter or virtual environment to examine")
	return c
}

func examine(ctx context.Context, python string) []condition {
	checks := []condition{
		{Name: "hone", Status: "ok", Found: version() + ", " + runtime.Version()},
		{Name: "cores", Status: "ok", Found: fmt.Sprintf("%d, %s", runtime.NumCPU(), cpuFeatures())},
		{Name: "memory", Status: "ok", Found: memory()},
		{Name: "engine", Status: "ok", Found: engine(), For: "training and sampling models"},
	}
	py, err := sandbox.FindPython(ctx, python, python != "")
	if err != nil {
		return append(checks, condition{Name: "python", Status: "broken", Found: strings.TrimPrefix(err.Error(), "python: "), For: "running programs"})
	}
	found := py.Short() + " at " + py.Path
	if len(py.Packages) > 0 {
		found += fmt.Sprintf(", %d packages visible to programs", len(py.Packages))
	}
	checks = append(checks, condition{Name: "python", Status: "ok", Found: found, For: "running programs"})
	works := false
	for _, t := range []sandbox.Tier{sandbox.TierFull, sandbox.TierLandlock} {
		ch := condition{Name: "tier " + string(t), Status: "ok", For: tierNotes[t]}
		if err := sandbox.Probe(ctx, py, t); err != nil {
			ch.Status, ch.Found, ch.Help = "missing", err.Error(), "docs/isolation.md says what this host has to allow"
		} else {
			ch.Found = "works"
			if !works {
				ch.Found = "works, used by default"
			}
			works = true
		}
		checks = append(checks, ch)
	}
	if !works {
		checks = append(checks, condition{Name: "isolation", Status: "broken", Found: "none works: Hone refuses to run programs", For: "running untrusted programs", Help: "see the two tiers above; --unsafe-no-isolation is for disposable machines"})
	}
	checks = append(checks, program(ctx, "z3", "symbolic tests (hone symbolic)", "apt-get install z3", "--version"))
	return append(checks, gpu(ctx))
}

// tierNotes say what a tier gives.
var tierNotes = map[sandbox.Tier]string{
	sandbox.TierFull:     "own namespaces, no network, read-only system, private scratch folder",
	sandbox.TierLandlock: "no namespaces; files, network and processes restricted, no writable folder",
}

// program looks for an optional program on PATH.
func program(ctx context.Context, name, use, help string, args ...string) condition {
	ch := condition{Name: name, Status: "missing", Found: "not on PATH", For: use, Help: help}
	path, err := exec.LookPath(name)
	if err != nil {
		return ch
	}
	out, err := exec.CommandContext(ctx, path, args...).Output()
	if err != nil {
		ch.Found = fmt.Sprintf("%s: %v", path, err)
		return ch
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	ch.Status, ch.Found, ch.Help = "ok", first, ""
	return ch
}

// gpu looks for a PJRT plug-in and an NVIDIA driver.
func gpu(ctx context.Context) condition {
	ch := condition{Name: "gpu", Status: "missing", Found: "no NVIDIA driver", For: "larger models through XLA (optional; the CPU does everything)", Help: "a machine with an NVIDIA GPU, and PJRT_PLUGIN_LIBRARY_PATH naming the folder of a PJRT plug-in"}
	drv := program(ctx, "nvidia-smi", "", "", "--query-gpu=name,memory.total", "--format=csv,noheader")
	if drv.Status != "ok" {
		return ch
	}
	ch.Found = drv.Found + ", no PJRT plug-in"
	for _, dir := range filepath.SplitList(os.Getenv("PJRT_PLUGIN_LIBRARY_PATH")) {
		if m, err := filepath.Glob(filepath.Join(dir, "pjrt_c_api_*plugin*.so")); err == nil && len(m) > 0 {
			ch.Status, ch.Found, ch.Help = "ok", drv.Found+", "+m[0], ""
		}
	}
	return ch
}

// engine says which kernels compute.
func engine() string {
	found := map[simd.Level]string{simd.Portable: "portable kernels: slow, no AVX2 here", simd.AVX2: "AVX2 kernels", simd.AVX512: "AVX-512 kernels", simd.AMX: "AVX-512 and AMX kernels"}[simd.Active()]
	if v := os.Getenv("HONE_SIMD"); v != "" {
		found += " (HONE_SIMD=" + v + ")"
	}
	return found
}

func cpuFeatures() string {
	var f []string
	for _, x := range []struct {
		name string
		has  bool
	}{{"AVX2", cpu.X86.HasAVX2}, {"FMA", cpu.X86.HasFMA}, {"AVX-512", cpu.X86.HasAVX512F}, {"AMX", cpu.X86.HasAMXBF16}, {"NEON", cpu.ARM64.HasASIMD}} {
		if x.has {
			f = append(f, x.name)
		}
	}
	if len(f) == 0 {
		return runtime.GOARCH + " without vector extensions"
	}
	return runtime.GOARCH + " with " + strings.Join(f, ", ")
}

// memory reads total and available memory where the system tells.
func memory() string {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return "unknown"
	}
	var total, avail int64
	for line := range strings.Lines(string(b)) {
		fmt.Sscanf(line, "MemTotal: %d kB", &total)
		fmt.Sscanf(line, "MemAvailable: %d kB", &avail)
	}
	return fmt.Sprintf("%.1f GiB, %.1f available", float64(total)/(1<<20), float64(avail)/(1<<20))
}

func printChecks(w io.Writer, checks []condition) {
	mark := map[string]string{"ok": "✓", "missing": "–", "broken": "✗"}
	width := 0
	for _, c := range checks {
		width = max(width, len(c.Name))
	}
	for _, c := range checks {
		fmt.Fprintf(w, "%s %-*s  %s\n", mark[c.Status], width, c.Name, c.Found)
		if c.For != "" {
			fmt.Fprintf(w, "  %-*s  for: %s\n", width, "", c.For)
		}
		if c.Help != "" && c.Status != "ok" {
			fmt.Fprintf(w, "  %-*s  get it: %s\n", width, "", c.Help)
		}
	}
}
