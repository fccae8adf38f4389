//go:build linux

package main

import (
	"strings"
	"testing"
)

const gridOfProblems = `name: grid
seeds: [1, 2]
axes:
  - name: level
    values:
      - {name: low, args: [--levels, "1"]}
      - {name: high, args: [--levels, "4"]}
steps:
  - name: draw
    axes: [level]
    args: [data, graded, --n, "5", --seed, "{seed}", --json, --out, "{dir}/p.jsonl", --force, "{level}"]
tables:
  - {title: Tests, step: draw, value: tests, rows: level}
`

// A study runs its cells once, tries again what failed, and shows what is there.
func TestStudy(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("grid.yaml", gridOfProblems)
	u.hone("study", "run", "grid.yaml", "--dry-run").exits(0).prints("to run", "4 cells")
	u.hone("study", "show", "grid.yaml").exits(0).prints("0 of 4 cells have a result")
	u.hone("study", "run", "grid.yaml", "--dir", "cells", "--report", "r.html", "--csv", "cells/r.csv").exits(0).prints("Tests", "low", "high", "4 of 4 cells have a result")
	if page := u.read("r.html"); !strings.Contains(page, "Tests") {
		t.Error("the report lacks the table")
	}
	u.hone("study", "run", "grid.yaml", "--dir", "cells", "--dry-run").exits(0).prints("done")
	u.write("bad.yaml", strings.Replace(gridOfProblems, `"4"]`, `"44"]`, 1))
	u.hone("study", "run", "bad.yaml").exits(1).prints("2 of 4 cells have a result").says("levels are 1 to 6", "2 cells failed")
	u.write("worse.yaml", strings.Replace(gridOfProblems, "axes: [level]", "axes: [size]", 1))
	u.hone("study", "run", "worse.yaml").exits(1).says("size")
	u.hone("study", "run").exits(2).says("name one study")
	u.hone("study", "run", "grid.yaml", "--csv", "no/r.csv").exits(1).says("--csv no/r.csv: there is no folder no (make it: mkdir -p no)")
}
