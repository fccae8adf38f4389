package reward

import (
	"fmt"
	"math"
	"slices"
)

// Normalisation says what is made comparable within a group.
type Normalisation string

const (
	NormaliseNone Normalisation = "none"
	// NormaliseTotal makes the rewards of a group have mean 0 and deviation 1.
	NormaliseTotal Normalisation = "total"
	// NormaliseComponents does it for the values of each component, before they are weighted,
	// so that one that varies little counts as much as its weight says.
	NormaliseComponents Normalisation = "components"
)

var normalisations = []Normalisation{NormaliseNone, NormaliseTotal, NormaliseComponents}

// Normalise returns the rewards of a group, texts for one problem, less their mean and over
// their population standard deviation plus eps; 0 where all are the same. Marks are scaled
// with their part, so that rewards can be assigned as before. The results given stay as
// they are; in those returned, only Reward and the marks' amounts differ.
func Normalise(by Normalisation, eps float64, group []*Result) ([]*Result, error) {
	out := make([]*Result, len(group))
	parts := 0
	for i, r := range group {
		if len(r.Parts) != len(group[0].Parts) {
			return nil, fmt.Errorf("normalise: result %d has %d components, the first has %d: a group has one formula", i, len(r.Parts), len(group[0].Parts))
		}
		parts = len(r.Parts)
		copied := *r
		copied.Parts = slices.Clone(r.Parts)
		out[i] = &copied
	}
	switch by {
	case NormaliseNone:
		return out, nil
	case NormaliseTotal:
		totals := make([]float64, len(out))
		for i, r := range out {
			totals[i] = r.Reward
		}
		mean, scale := standard(totals, eps)
		for _, r := range out {
			for k := range r.Parts { // the mean is no component's: each bears an equal part
				r.Parts[k].rescale(mean/float64(len(r.Parts)), scale)
			}
		}
	case NormaliseComponents:
		values := make([]float64, len(out))
		for k := range parts {
			for i, r := range out {
				values[i] = r.Parts[k].counted()
			}
			mean, scale := standard(values, eps)
			for _, r := range out {
				p := &r.Parts[k]
				p.rescale(mean*p.Weight, scale)
			}
		}
	default:
		return nil, fmt.Errorf("normalise: there is no %q; it is one of %v", by, normalisations)
	}
	for _, r := range out {
		r.sum()
	}
	return out, nil
}

// counted is the value as far as it counts.
func (p *Part) counted() float64 {
	if !p.Counted {
		return 0
	}
	return p.Value
}

// rescale makes the reward (Reward − shift)·scale.
func (p *Part) rescale(shift, scale float64) {
	p.Reward = (p.Reward - shift) * scale
	p.Marks = slices.Clone(p.Marks)
	for i := range p.Marks {
		p.Marks[i].Amount *= scale
	}
}

// standard is the mean and one over the population standard deviation plus eps, 0 where
// all are the same.
func standard(xs []float64, eps float64) (mean, scale float64) {
	if len(xs) == 0 || slices.Min(xs) == slices.Max(xs) {
		return 0, 0
	}
	for _, x := range xs {
		mean += x
	}
	mean /= float64(len(xs))
	var squares float64
	for _, x := range xs {
		squares += (x - mean) * (x - mean)
	}
	return mean, 1 / (math.Sqrt(squares/float64(len(xs))) + eps)
}
