package failures

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hone/failures/irt"
)

// TestStudyIRT compares the two-parameter model with the additive one on cells that were held out, and writes studies/failures/irt.md.
func TestStudyIRT(t *testing.T) {
	if os.Getenv("HONE_LONG") == "" {
		t.Skip("NOT RUN: takes minutes (HONE_LONG=1)")
	}
	var b strings.Builder
	b.WriteString(`# Item-response models on held-out cells

Made by ` + "`HONE_LONG=1 go test ./failures -run StudyIRT`" + `. The cells (task, model) are dealt into 5 parts with a fixed seed; each part is
predicted from the others. The loss of a cell is −(r log p + (1 − r) log(1 − p)) with r its pass rate, in nats. Two-parameter: each task has
a difficulty and a discrimination. Additive: the same fit with all discriminations 1. Correlation is that assumed between the programs
of a cell (` + "`irt.Options`" + `), chosen for each model by its loss on the first part alone, which is not counted below. Differences are means
over tasks with the 2.5 and 97.5 % quantiles of 2,000 resamples of the tasks; negative is better than additive.

| data | tasks × models | two-parameter | additive | model's mean | difference | correlation |
|---|---|---|---|---|---|---|
`)
	for _, file := range []string{"livecodebench/codegen_pass1_2025-04-22.csv.gz", "evalplus/evalperf_pass1_matrix.csv"} {
		r := readPublic(t, file)
		cells, models := Cells(r.Tasks)
		s := heldOut(t, cells, len(r.Tasks), len(models))
		fmt.Fprintf(&b, "| %s | %d × %d | %.4f | %.4f | %.4f | %+.4f [%+.4f, %+.4f] | %g, %g |\n", filepath.Base(file), len(r.Tasks), len(models),
			s.loss[0], s.loss[1], s.loss[2], s.difference.Mean, s.difference.Lo, s.difference.Hi, s.correlation[0], s.correlation[1])
	}
	dir := filepath.Join("..", "studies", "failures")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "irt.md"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Log(b.String())
}

type heldOutResult struct {
	loss        [3]float64 // two-parameter, additive, the model's mean
	difference  irt.Estimate
	correlation [2]float64
}

func heldOut(t *testing.T, cells []irt.Cell, items, models int) heldOutResult {
	t.Helper()
	const parts = 5
	rng := rand.New(rand.NewPCG(8, 0))
	part := make([]int, len(cells))
	for i := range part {
		part[i] = rng.IntN(parts)
	}
	fit := func(p int, rasch bool, correlation float64) *irt.Model {
		var train []irt.Cell
		for i, c := range cells {
			if part[i] != p {
				train = append(train, c)
			}
		}
		m, err := irt.Fit(train, items, models, irt.Options{Rasch: rasch, Correlation: correlation, Iterations: 60, Tolerance: 1e-5})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	lossOf := func(c irt.Cell, p float64) float64 {
		r := c.Passed / c.N
		return -r*math.Log(p) - (1-r)*math.Log(1-p)
	}
	var out heldOutResult
	for k, rasch := range []bool{false, true} {
		best := math.Inf(1)
		for _, correlation := range []float64{0.1, 0.25, 0.5, 1} {
			m := fit(0, rasch, correlation)
			sum := 0.0
			for i, c := range cells {
				if part[i] == 0 {
					sum += lossOf(c, m.Predict(c.Item, c.Model))
				}
			}
			if sum < best {
				best, out.correlation[k] = sum, correlation
			}
		}
	}
	byItem := make([][3]float64, items)
	n := make([]float64, items)
	total := 0.0
	for p := 1; p < parts; p++ {
		two, additive := fit(p, false, out.correlation[0]), fit(p, true, out.correlation[1])
		mean := make([]float64, models)
		count := make([]float64, models)
		for i, c := range cells {
			if part[i] != p {
				mean[c.Model] += c.Passed / c.N
				count[c.Model]++
			}
		}
		for i, c := range cells {
			if part[i] != p {
				continue
			}
			n[c.Item]++
			total++
			for k, q := range []float64{two.Predict(c.Item, c.Model), additive.Predict(c.Item, c.Model), mean[c.Model] / count[c.Model]} {
				byItem[c.Item][k] += lossOf(c, q)
				out.loss[k] += lossOf(c, q)
			}
		}
	}
	for k := range out.loss {
		out.loss[k] /= total
	}
	var differences []float64
	for i := range byItem {
		if n[i] > 0 {
			differences = append(differences, (byItem[i][0]-byItem[i][1])/n[i])
		}
	}
	means := make([]float64, 2000)
	for s := range means {
		for range differences {
			means[s] += differences[rng.IntN(len(differences))] / float64(len(differences))
		}
	}
	for _, d := range differences {
		out.difference.Mean += d / float64(len(differences))
	}
	slices.Sort(means)
	out.difference.Lo, out.difference.Hi = means[50], means[1949]
	return out
}
