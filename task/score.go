package task

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Score is a measure with its interval.
type Score struct {
	Value float64 `json:"value"`
	// Low and High bound the middle 95 % of what 1,000 samples of the rows, drawn with
	// replacement, give (Efron, "Bootstrap Methods", 1979).
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	Rows int     `json:"rows"`
}

const resamples = 1000

// bootstrap scores all rows and samples of them; stat is told which rows, some of them repeated.
func bootstrap(n int, stat func(at []int) float64) Score {
	at := make([]int, n)
	for i := range at {
		at[i] = i
	}
	s := Score{Value: stat(at), Rows: n}
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	values := make([]float64, resamples)
	for k := range values {
		for i := range at {
			at[i] = rng.IntN(n)
		}
		values[k] = stat(at)
	}
	slices.Sort(values)
	s.Low, s.High = values[resamples*25/1000], values[resamples*975/1000-1]
	return s
}

// meanOf scores the mean of a value a row.
func meanOf(x []float64) Score {
	return bootstrap(len(x), func(at []int) float64 {
		var sum float64
		for _, i := range at {
			sum += x[i]
		}
		return sum / float64(len(at))
	})
}

// Classes scores predictions: rows have a value for each label, the higher the likelier it is, and
// the first of the highest is predicted. There are accuracy, the mean F1 of the labels, and with two labels
// the F1 of the second and the area under its ROC curve.
func Classes[F float32 | float64](rows [][]F, truth []int, labels int) map[string]Score {
	predicted, right := make([]int, len(truth)), make([]float64, len(truth))
	for i, row := range rows {
		for l := range row {
			if row[l] > row[predicted[i]] {
				predicted[i] = l
			}
		}
		if predicted[i] == truth[i] {
			right[i] = 1
		}
	}
	out := map[string]Score{"accuracy": meanOf(right), "macro_f1": meanF1(predicted, truth, labels, -1)}
	if labels == 2 {
		out["f1"] = meanF1(predicted, truth, 2, 1)
		out["auc"] = areaUnderCurve(margins(rows), truth)
	}
	return out
}

// meanF1 is the mean F1 of labels, or that of one label alone.
func meanF1(predicted, truth []int, labels, only int) Score {
	return bootstrap(len(truth), func(at []int) float64 {
		hit, said, is := make([]float64, labels), make([]float64, labels), make([]float64, labels)
		for _, i := range at {
			said[predicted[i]]++
			is[truth[i]]++
			if predicted[i] == truth[i] {
				hit[truth[i]]++
			}
		}
		var sum, n float64
		for l := range labels {
			if (only < 0 || l == only) && said[l]+is[l] > 0 { // a label that a sample lacks has no F1
				sum += 2 * hit[l] / (said[l] + is[l])
				n++
			}
		}
		if n == 0 {
			return 0
		}
		return sum / n
	})
}

// margins are by how much the second of two labels is ahead.
func margins[F float32 | float64](rows [][]F) []float64 {
	m := make([]float64, len(rows))
	for i, row := range rows {
		m[i] = float64(row[1]) - float64(row[0])
	}
	return m
}

// TunedF1 scores predictions of two labels, as [Classes] does, by the F1 of the second where a row is
// said to have it if that label is ahead by more than a margin: the one with the highest F1 on the
// rows of the validation split. Where those have no row of the second label none is best, and
// the margin is 0.
func TunedF1[F float32 | float64](rows [][]F, truth []int, validation [][]F, validationTruth []int) Score {
	line := bestLine(margins(validation), validationTruth)
	predicted := make([]int, len(rows))
	for i, m := range margins(rows) {
		if m > line {
			predicted[i] = 1
		}
	}
	return meanF1(predicted, truth, 2, 1)
}

// bestLine is the line above which rows are best said to have label 1, halfway between two margins or
// below all of them. Of equals it is the highest.
func bestLine(margin []float64, truth []int) float64 {
	order := make([]int, len(margin))
	positive := 0.
	for i := range order {
		order[i] = i
		positive += float64(truth[i])
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(margin[b], margin[a]) })
	line, best, hits := 0., 0., 0.
	for n, i := range order {
		hits += float64(truth[i])
		next := math.Inf(-1)
		if n+1 < len(order) {
			next = margin[order[n+1]]
		}
		if f1 := 2 * hits / (float64(n+1) + positive); next < margin[i] && f1 > best {
			best, line = f1, (margin[i]+next)/2
			if line >= margin[i] { // they are neighbours
				line = next
			}
		}
	}
	return line
}

// areaUnderCurve is the share of pairs of a row of label 1 and one of label 0 in which the first has the
// higher margin; equal ones count half (Mann and Whitney's U over the number of pairs, which is the
// area under the ROC curve: Hanley and McNeil 1982). Samples without pairs have ½.
func areaUnderCurve(margin []float64, truth []int) Score {
	different := slices.Compact(slices.Sorted(slices.Values(margin)))
	rank := make([]int, len(margin))
	for i, m := range margin {
		rank[i], _ = slices.BinarySearch(different, m)
	}
	return bootstrap(len(truth), func(at []int) float64 {
		rows := make([][2]float64, len(different)) // how many there are of either label, by rank
		for _, i := range at {
			rows[rank[i]][truth[i]]++
		}
		var below, above, area float64
		for _, n := range rows {
			area += n[1] * (below + n[0]/2)
			below, above = below+n[0], above+n[1]
		}
		if below*above == 0 {
			return .5
		}
		return area / (below * above)
	})
}

// ReciprocalRanks scores search: similarity(q, i) of query q, whose answer is text q, and text i. Texts
// that are as similar as the answer count before it, so that a model that cannot tell them
// apart gets nothing. MRR is Voorhees, "The TREC-8 Question Answering Track Report", 1999.
func ReciprocalRanks(n int, similarity func(q, i int) float64) map[string]Score {
	x := make([]float64, n)
	for q := range x {
		own, rank := similarity(q, q), 1
		for i := range n {
			if i != q && similarity(q, i) >= own {
				rank++
			}
		}
		x[q] = 1 / float64(rank)
	}
	return map[string]Score{"mrr": meanOf(x)}
}

// AveragePrecisions scores clones: for each row, the others are ranked by similarity; with R
// others of its label, MAP@R is the mean over rows of Σ_{k≤R} precision(k)·[k is of its label]/R
// (Musgrave et al., "A Metric Learning Reality Check", 2020, eq. 3). Rows without others are left out.
func AveragePrecisions(labels []string, similarity func(a, b int) float64) map[string]Score {
	var x []float64
	for a := range labels {
		type other struct {
			similarity float64
			same       bool
		}
		var others []other
		r := 0
		for b := range labels {
			if b == a {
				continue
			}
			o := other{similarity(a, b), labels[a] == labels[b]}
			if o.same {
				r++
			}
			others = append(others, o)
		}
		if r == 0 {
			continue
		}
		slices.SortStableFunc(others, func(x, y other) int {
			switch {
			case x.similarity > y.similarity:
				return -1
			case x.similarity < y.similarity:
				return 1
			case x.same == y.same:
				return 0
			case y.same: // of equals, the wrong one first
				return -1
			}
			return 1
		})
		var sum, hits float64
		for k, o := range others[:r] {
			if o.same {
				hits++
				sum += hits / float64(k+1)
			}
		}
		x = append(x, sum/float64(r))
	}
	if len(x) == 0 {
		return map[string]Score{}
	}
	return map[string]Score{"map_at_r": meanOf(x)}
}
