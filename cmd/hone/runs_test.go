//go:build linux

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hone/store"
)

// makeRun leaves a run of a few steps; it is open when open is true.
func makeRun(t *testing.T, dir string, complete bool) *store.Run {
	t.Helper()
	r, err := store.OpenRun(dir, store.RunOptions{
		Recipe: []byte("train:\n  steps: 20\n"), Fingerprint: "f", Kind: "train clm", Command: []string{"hone", "train", "tiny.yaml"}, Version: "v1", Machine: "2 cores",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	log, err := r.Metrics(0)
	if err != nil {
		t.Fatal(err)
	}
	for step := 1; step <= 20; step++ {
		if err := log.Append(map[string]float64{"step": float64(step), "loss": 5 / float64(step)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Append(map[string]float64{"step": 20, "val_loss": 0.5}); err != nil {
		t.Fatal(err)
	}
	if complete {
		if err := r.Complete(map[string]float64{"loss": 0.25}); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	return r
}

func TestRuns(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.hone("runs", "list").exits(0).prints("no runs in runs (hone train makes them")
	u.hone("runs", "list", "--json").exits(0).prints("[]")
	u.hone("runs", "show", "tiny").exits(1).says(`there is no run "tiny" in runs (there are none; --root names another folder)`)

	root := u.path("elsewhere")
	there := u.with("HONE_RUNS=" + root)
	makeRun(t, filepath.Join(root, "tiny"), true)
	open := makeRun(t, filepath.Join(root, "open"), false)
	if err := os.Mkdir(filepath.Join(root, "broken"), 0o755); err != nil {
		t.Fatal(err)
	}
	u.write("elsewhere/broken/run.json", "{")
	u.write("elsewhere/notes.txt", "")

	there.hone("runs", "list").exits(0).prints("NAME", "tiny", "train clm", "complete", "20", "val_loss 0.5", "open", "running", "broken", "damaged")
	var list []store.RunInfo
	if err := json.Unmarshal([]byte(u.hone("runs", "list", "--json", "--root", root).exits(0).out), &list); err != nil || len(list) != 3 {
		t.Errorf("%v %+v", err, list)
	}
	there.hone("runs", "show", "tiny").exits(0).prints(
		"complete, step 20", "hone train tiny.yaml", "loss      █", "5 → 0.25", "last metrics", "recipe\n  train:\n    steps: 20", "val_loss             0.5")
	u.hone("runs", "show", "elsewhere/tiny").exits(0).prints("complete, step 20")
	var one store.RunInfo
	if err := json.Unmarshal([]byte(there.hone("runs", "show", "tiny", "--json").exits(0).out), &one); err != nil || one.Last["val_loss"] != 0.5 || string(one.Summary) == "" {
		t.Errorf("%v %+v", err, one)
	}
	there.hone("runs", "show", "broken").exits(0).prints("damage    run.json is damaged")
	there.hone("runs", "show", "tinny").exits(1).says(`there is no run "tinny" in ` + root + " (there are: broken, ")
	there.hone("__complete", "runs", "show", "").exits(0).prints("tiny\n", "open\n")

	for args, says := range map[string]string{
		"runs lst":           `"lst" is no command or flag of hone runs, list is`,
		"runs show":          "name one run",
		"runs show a b":      "name one run",
		"runs rm":            "name the runs to remove",
		"runs rm tiny":       "say --yes to remove 1 run (",
		"runs list x":        `"x" is no command or flag of hone runs list`,
		"runs show --nope x": "unknown flag: --nope",
	} {
		there.hone(strings.Fields(args)...).exits(2).says(says)
	}
	there.hone("runs", "rm", "--yes", "tiny", "open").exits(1).says("run open is running: stop it first (nothing was removed)")
	there.hone("runs", "rm", "--yes", "tiny", "none").exits(1).says(`there is no run "none"`)
	there.hone("runs", "rm", "--yes", "..").exits(1).says(`there is no run ".."`)
	if !there.exists("elsewhere/tiny/run.json") {
		t.Fatal("it was removed")
	}
	if err := open.Close(); err != nil {
		t.Fatal(err)
	}
	there.hone("runs", "list").exits(0).prints("interrupted")
	there.hone("runs", "rm", "--yes", "tiny", "open").exits(0).prints("removed "+filepath.Join(root, "tiny"), "removed "+filepath.Join(root, "open"))
	entries, err := os.ReadDir(root)
	if err != nil || len(entries) != 2 {
		t.Error(entries, err)
	}
}

func TestSparkline(t *testing.T) {
	t.Parallel()
	for want, xs := range map[string][]float64{
		"":         nil,
		"▁":        {3},
		"▁▁▁":      {2, 2, 2},
		"▁█":       {-1, 1},
		"▁▂▃▄▅▆▇█": {0, 1, 2, 3, 4, 5, 6, 7},
	} {
		if got := sparkline(xs, 8); got != want {
			t.Errorf("%v: %s, want %s", xs, got, want)
		}
	}
	long := make([]float64, 1000)
	for i := range long {
		long[i] = float64(1000 - i)
	}
	if got := sparkline(long, 8); got != "█▇▆▅▄▃▂▁" {
		t.Error(got)
	}
	for want, n := range map[string]int64{"0 B": 0, "999 B": 999, "1 KB": 1000, "12.3 MB": 12_345_678, "2.5 TB": 2_500_000_000_000} {
		if got := size(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
