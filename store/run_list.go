package store

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// RunInfo is what can be seen of a run from outside.
type RunInfo struct {
	Name   string         `json:"name"` // of its folder
	Dir    string         `json:"dir"`
	Step   int            `json:"step"`                   // of the last row of its metrics, or of its newest checkpoint
	Bytes  int64          `json:"bytes"`                  // of all its files
	Last   map[string]any `json:"last_metrics,omitempty"` // the last value of every key
	Damage string         `json:"damage,omitempty"`       // what of it cannot be read
	RunRecord
}

// ListRuns returns the runs whose folders are in root, the oldest first; none where
// there is no root. A run that says it is running while no process holds its lock is
// [RunInterrupted]; one that cannot be read is in the list, with the reason.
func ListRuns(root string) ([]RunInfo, error) {
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("runs in %s: %w", root, err)
	}
	var runs []RunInfo
	for _, e := range entries {
		info, err := InspectRun(filepath.Join(root, e.Name()))
		if err == nil {
			runs = append(runs, info)
		}
	}
	slices.SortStableFunc(runs, func(a, b RunInfo) int { return a.Created.Compare(b.Created) })
	return runs, nil
}

// InspectRun looks at one run folder, whether or not it is open. A folder without
// run.json is an error that is [fs.ErrNotExist].
func InspectRun(dir string) (RunInfo, error) {
	info := RunInfo{Name: filepath.Base(dir), Dir: dir}
	if d, err := os.Stat(dir); err != nil || !d.IsDir() {
		return info, fmt.Errorf("%s is no run folder: %w", dir, fs.ErrNotExist)
	}
	record, err := readRecord(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return info, fmt.Errorf("%s is no run folder: %w", dir, err)
	}
	damage := func(err error) {
		if err != nil && info.Damage == "" {
			info.Damage = err.Error()
		}
	}
	damage(err)
	info.RunRecord = record
	if info.Status == RunRunning && !runLocked(dir) {
		info.Status = RunInterrupted
	}
	steps, err := checkpointSteps(dir)
	damage(err)
	if len(steps) > 0 {
		info.Step = steps[len(steps)-1]
	}
	for row, err := range MetricsRows(dir) {
		damage(err)
		if row == nil {
			break
		}
		if info.Last == nil {
			info.Last = row
		}
		maps.Copy(info.Last, row)
	}
	if n, ok := info.Last["step"].(float64); ok {
		info.Step = max(info.Step, int(n))
	}
	info.Bytes = treeBytes(dir)
	return info, nil
}

// runLocked reports whether a process has the run open.
func runLocked(dir string) bool {
	f, err := os.Open(filepath.Join(dir, lockFile))
	if err != nil {
		return false
	}
	defer f.Close()
	ok, err := tryLock(f)
	return err == nil && !ok
}

// treeBytes is the size of the files below dir; what vanishes meanwhile counts nothing.
func treeBytes(dir string) int64 {
	var n int64
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			n += info.Size()
		}
		return nil
	})
	return n
}

// RunRecipe is the recipe.yaml of the run in dir.
func RunRecipe(dir string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, recipeFile)) }

// RemoveRun removes the run in dir and everything in its folder. One that is open is
// refused with [ErrLocked], a folder that is no run's with [fs.ErrNotExist].
func RemoveRun(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, runFile)); err != nil {
		return fmt.Errorf("%s is no run folder: %w", dir, err)
	}
	lock, err := lockRun(dir)
	if err != nil {
		return fmt.Errorf("run %s: %w", dir, err)
	}
	defer lock.Close()
	// Its name goes at once, so that half of it is never taken for a run.
	gone := filepath.Join(filepath.Dir(dir), tempName(filepath.Base(dir)))
	if err := os.Rename(dir, gone); err != nil {
		return fmt.Errorf("run %s: %w", dir, err)
	}
	if err := os.RemoveAll(gone); err != nil {
		return fmt.Errorf("run %s: what is left of it is in %s: %w", dir, gone, err)
	}
	return nil
}
