package task

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Baseline is what a bag of tokens reaches on the test split, with no order and no model:
// logistic regression over counts for labels, cosines of TF-IDF vectors for search and clones.
func (s *Set) Baseline() map[string]Score {
	switch s.Kind {
	case Classification, Pairs:
		return s.logistic()
	case Tokens:
		return s.frequent()
	}
	// What is frequent is learned from all texts of the test split: it has no labels in it.
	var all []string
	for _, r := range s.Test {
		all = append(all, r.Text, r.Other)
	}
	b := newBags(all)
	var text, other []vector
	for _, r := range s.Test {
		text, other = append(text, b.tfidf(r.Text)), append(other, b.tfidf(r.Other))
	}
	if s.Kind == Search {
		return ReciprocalRanks(len(s.Test), func(q, i int) float64 { return other[q].dot(text[i]) })
	}
	labels := make([]string, len(s.Test))
	for i, r := range s.Test {
		labels[i] = r.Label
	}
	return AveragePrecisions(labels, func(a, b int) float64 { return text[a].dot(text[b]) })
}

// words are what a text is made of: names, numbers and single signs.
func words(text string) (out []string) {
	name := func(c rune) bool {
		return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
	}
	start := -1
	for i, c := range text {
		if name(c) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			out, start = append(out, text[start:i]), -1
		}
		if !strings.ContainsRune(" \t\r\n", c) {
			out = append(out, string(c))
		}
	}
	if start >= 0 {
		out = append(out, text[start:])
	}
	return out
}

// vector is sparse, its places ascending.
type vector []element

type element struct {
	at int
	x  float64
}

func (v vector) dot(o vector) (s float64) {
	for i, j := 0, 0; i < len(v) && j < len(o); {
		switch {
		case v[i].at < o[j].at:
			i++
		case v[i].at > o[j].at:
			j++
		default:
			s += v[i].x * o[j].x
			i, j = i+1, j+1
		}
	}
	return s
}

// bags number the words that at least two texts have.
type bags struct {
	number map[string]int
	idf    []float64
}

func newBags(texts []string) *bags {
	in := map[string]int{}
	for _, t := range texts {
		seen := map[string]bool{}
		for _, w := range words(t) {
			if !seen[w] {
				seen[w] = true
				in[w]++
			}
		}
	}
	b := &bags{number: map[string]int{}}
	var known []string
	for w, n := range in {
		if n > 1 {
			known = append(known, w)
		}
	}
	slices.Sort(known)
	for i, w := range known {
		b.number[w] = i
		b.idf = append(b.idf, math.Log(float64(len(texts)+1)/float64(in[w]+1))+1)
	}
	return b
}

// tfidf is (1 + log count)·idf, of length 1.
func (b *bags) tfidf(text string) vector {
	count := map[int]float64{}
	for _, w := range words(text) {
		if i, ok := b.number[w]; ok {
			count[i]++
		}
	}
	var v vector
	var size float64
	for i, n := range count {
		v = append(v, element{i, (1 + math.Log(n)) * b.idf[i]})
	}
	slices.SortFunc(v, func(x, y element) int { return x.at - y.at })
	for _, e := range v {
		size += e.x * e.x
	}
	for i := range v {
		v[i].x /= math.Sqrt(size)
	}
	return v
}

// LabelNumber is where a label is among the set's.
func (s *Set) LabelNumber(label string) int {
	i, _ := slices.BinarySearch(s.Labels, label)
	return i
}

// Weight is that of a label, given as its number, in a loss.
func (s *Set) Weight(label int) float64 {
	if s.Weights == nil {
		return 1
	}
	return s.Weights[label]
}

// truth are the labels of rows, of tokens those of their spans.
func (s *Set) truth(rows []Row) (out []int) {
	for _, r := range rows {
		for _, l := range r.labels(s.Kind) {
			out = append(out, s.LabelNumber(l))
		}
	}
	return out
}

// Tunes reports whether the line between two labels can be chosen on the validation split, see [TunedF1].
func (s *Set) Tunes() bool {
	return (s.Kind == Classification || s.Kind == Pairs) && len(s.Labels) == 2 && len(s.Validation) > 0
}

// Constant is the best that one answer for all rows of the test split reaches, in each measure by itself, for
// kinds that predict labels: the most frequent label for accuracy and the mean F1, the second of two for its F1,
// and ½ for the area under the ROC curve.
func (s *Set) Constant() map[string]Score {
	if s.Kind == Search || s.Kind == Clones {
		return nil
	}
	truth, k := s.truth(s.Test), len(s.Labels)
	n := make([]float64, k)
	for _, l := range truth {
		n[l]++
	}
	out := Classes(slices.Repeat([][]float64{n}, len(truth)), truth, k)
	if k == 2 {
		out["f1"] = Classes(slices.Repeat([][]float64{{0, 1}}, len(truth)), truth, k)["f1"]
		if s.Tunes() {
			out["f1_tuned"] = out["f1"]
		}
	}
	return out
}

// logistic trains multinomial logistic regression by Adagrad (Duchi et al. 2011) and scores it.
func (s *Set) logistic() map[string]Score {
	b := newBags(texts(s.Train))
	n, k := len(b.idf)+1, len(s.Labels)
	bag := func(r Row) vector {
		return append(b.tfidf(r.whole()), element{n - 1, 1})
	}
	w, g := make([]float64, n*k), make([]float64, n*k)
	p := make([]float64, k)
	classify := func(v vector) {
		m, sum := math.Inf(-1), 0.
		for l := range p {
			p[l] = 0
			for _, e := range v {
				p[l] += e.x * w[e.at*k+l]
			}
			m = max(m, p[l])
		}
		for l := range p {
			p[l] = math.Exp(p[l] - m)
			sum += p[l]
		}
		for l := range p {
			p[l] /= sum
		}
	}
	bagsOf := make([]vector, len(s.Train))
	for i, r := range s.Train {
		bagsOf[i] = bag(r)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	order := rng.Perm(len(s.Train))
	const epochs, rate, decay = 20, .5, 1e-5
	for range epochs {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			classify(bagsOf[i])
			label := s.LabelNumber(s.Train[i].Label)
			weight := s.Weight(label)
			p[label]--
			for _, e := range bagsOf[i] {
				for l, d := range p {
					at := e.at*k + l
					d = weight*d*e.x + decay*w[at]
					g[at] += d * d
					w[at] -= rate * d / (1e-8 + math.Sqrt(g[at]))
				}
			}
		}
	}
	predict := func(rows []Row) (out [][]float64) {
		for _, r := range rows {
			classify(bag(r))
			out = append(out, slices.Clone(p))
		}
		return out
	}
	rows, truth := predict(s.Test), s.truth(s.Test)
	scores := Classes(rows, truth, k)
	if s.Tunes() {
		scores["f1_tuned"] = TunedF1(rows, truth, predict(s.Validation), s.truth(s.Validation))
	}
	return scores
}

// frequent gives each span the label that its text has most often in the training split, each time
// counted with the label's weight, or the most frequent of all where it is not there.
func (s *Set) frequent() map[string]Score {
	of, all := map[string][]float64{}, make([]float64, len(s.Labels))
	for _, r := range s.Train {
		for _, p := range r.Spans {
			text, l := r.Text[p.Start:p.End], s.LabelNumber(p.Label)
			if of[text] == nil {
				of[text] = make([]float64, len(s.Labels))
			}
			of[text][l] += s.Weight(l)
			all[l]++ // weighted, all that are balanced would have the same
		}
	}
	var rows [][]float64
	for _, r := range s.Test {
		for _, p := range r.Spans {
			n := of[r.Text[p.Start:p.End]]
			if n == nil {
				n = all
			}
			rows = append(rows, shares(n))
		}
	}
	return Classes(rows, s.truth(s.Test), len(s.Labels))
}

// shares are n over its sum.
func shares(n []float64) []float64 {
	var sum float64
	for _, x := range n {
		sum += x
	}
	out := make([]float64, len(n))
	for i, x := range n {
		out[i] = x / sum
	}
	return out
}
