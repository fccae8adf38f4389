package train

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"

	"hone/model"
	"hone/task"
	"hone/tensor"
	"hone/token"
)

// example is a row of a task as tokens.
type example struct {
	text, other []int32 // other: the query of search
	label       int
	at          []int32 // of tokens: where spans begin, and their labels
	labels      []int32
}

// examples are those of a split, cut to length tokens.
type examples struct {
	set   *task.Set
	rows  []example
	cut   int // rows that had more tokens
	lost  int // spans beyond the cut
	spans int // the most spans of a row
}

// newExamples tokenizes rows. A pair's texts follow one another, with an end-of-text token
// between them, each cut to half of what is left where both together are too long.
func newExamples(set *task.Set, rows []task.Row, tok *token.Tokenizer, length int) *examples {
	x := &examples{set: set}
	for _, r := range rows {
		e := example{label: set.LabelNumber(r.Label)}
		cut := false
		shorten := func(ids []int32, most int) []int32 {
			if len(ids) > most {
				ids, cut = ids[:most], true
			}
			return ids
		}
		switch set.Kind {
		case task.Pairs:
			a, b := tok.Encode(r.Text), tok.Encode(r.Other)
			if half := max(1, (length-1)/2); len(a)+len(b)+1 > length {
				a = shorten(a, max(half, length-1-len(b)))
				b = shorten(b, length-1-len(a))
			}
			e.text = slices.Concat(a, []int32{tok.Special().EOS}, b)
			e.text = shorten(e.text, length)
		case task.Tokens:
			pieces := tok.Tokens(r.Text)
			for _, p := range pieces {
				e.text = append(e.text, p.ID)
			}
			e.text = shorten(e.text, length)
			for _, s := range r.Spans {
				i, _ := slices.BinarySearchFunc(pieces, s.Start, func(p token.Token, at int) int { return cmp.Compare(p.End, at+1) })
				if i >= len(e.text) {
					x.lost++
					continue
				}
				e.at, e.labels = append(e.at, int32(i)), append(e.labels, int32(set.LabelNumber(s.Label)))
			}
			x.spans = max(x.spans, len(e.at))
		default:
			e.text, e.other = shorten(tok.Encode(r.Text), length), shorten(tok.Encode(r.Other), length)
		}
		if cut {
			x.cut++
		}
		x.rows = append(x.rows, e)
	}
	return x
}

// temperature divides the cosines of vectors before the softmax over a batch's texts.
const temperature = .05

// taskLoss is the loss of a task's kind. Retrieval learns from the other texts of a batch (van den
// Oord et al., "Representation Learning with Contrastive Predictive Coding", 2018, eq. 4): the first
// half of the rows are queries, row i of the second half is the answer to query i, and bias
// [B/2, B/2] hides other answers that would be right as well.
func taskLoss(k task.Kind, spans int) Loss {
	return func(g *tensor.Graph, f *model.Forward, s Shape) *tensor.Value {
		lengths := g.Input("lengths", tensor.I32, s.B)
		hidden := f.Hidden(g.Input("tokens", tensor.I32, s.B, s.T), lengths)
		switch k {
		case task.Classification, task.Pairs:
			return labelLoss(g, f.Classes(hidden, lengths))
		case task.Tokens:
			return labelLoss(g, f.TokenClasses(spanStates(g, hidden, spans)))
		}
		n := s.B / 2
		v := f.Embeddings(hidden, lengths)
		scores := tensor.MatMul(tensor.Slice(v, 0, 0, n), tensor.Slice(v, 0, n, n), false, true)
		scores = tensor.Add(tensor.Scale(scores, 1/temperature), g.Input("bias", tensor.F32, n, n))
		return tensor.SumAll(classLosses(g, scores, g.Input("targets", tensor.I32, n)))
	}
}

// labelLoss is −Σ w(label)·log p(label) over rows of logits [N, labels].
func labelLoss(g *tensor.Graph, logits *tensor.Value) *tensor.Value {
	n := logits.Shape[0]
	return tensor.WeightedSum(classLosses(g, logits, g.Input("targets", tensor.I32, n)), g.Input("weights", tensor.F32, n))
}

// spanStates are the hidden states at the places i32[B·spans] of a batch.
func spanStates(g *tensor.Graph, hidden *tensor.Value, spans int) *tensor.Value {
	b, t, d := hidden.Shape[0], hidden.Shape[1], hidden.Shape[2]
	return tensor.Gather(tensor.Reshape(hidden, b*t, d), g.Input("at", tensor.I32, b*spans))
}

// batch lays texts out as rows, padded to a multiple. Rows that are missing are a single token.
func layOut(texts [][]int32, b, multiple, length int) *Batch {
	longest := 1
	for _, t := range texts {
		longest = max(longest, len(t))
	}
	s := Shape{b, max(longest, min(length, (longest+multiple-1)/multiple*multiple))}
	tokens, lengths := tensor.NewInts(s.B, s.T), tensor.NewInts(s.B)
	out := &Batch{Shape: s, Inputs: map[string]*tensor.Tensor{"tokens": tokens, "lengths": lengths}}
	for i := range lengths.I32 {
		lengths.I32[i] = 1
	}
	for i, t := range texts {
		copy(tokens.I32[i*s.T:], t)
		lengths.I32[i] = int32(len(t))
		out.Tokens += len(t)
	}
	return out
}

// taskBatches are the batches of a split. What does not fill a batch is padded with rows that
// have no target.
type taskBatches struct {
	*examples
	s       *Settings
	spans   int  // of a row, of both splits
	shuffle bool // in an order of its own in every epoch; otherwise that of the rows
	same    map[int][]int
}

func (x *examples) batches(s *Settings, spans int) *taskBatches {
	t := &taskBatches{examples: x, s: s, spans: spans, shuffle: true, same: map[int][]int{}}
	for i, e := range x.rows {
		t.same[e.label] = append(t.same[e.label], i)
	}
	return t
}

// retrieval reports whether rows are learned from in pairs.
func retrieval(k task.Kind) bool { return k == task.Search || k == task.Clones }

func (t *taskBatches) perBatch() int {
	if retrieval(t.set.Kind) {
		return t.s.Batch / 2
	}
	return t.s.Batch
}

// Epoch implements [Batches].
func (t *taskBatches) Epoch() int64 {
	return int64((len(t.rows) + t.perBatch() - 1) / t.perBatch())
}

// Batch implements [Batches].
func (t *taskBatches) Batch(i int64) (*Batch, error) {
	order := make([]int, len(t.rows))
	for j := range order {
		order[j] = j
	}
	epoch, n := i/t.Epoch(), t.perBatch()
	k := seed(t.s.Seed, "rows", epoch)
	rng := rand.New(rand.NewPCG(k[0], k[1]))
	if t.shuffle {
		rng.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
	}
	from := int(i%t.Epoch()) * n
	at := order[from:min(len(order), from+n)]
	if retrieval(t.set.Kind) {
		return t.pairs(at, i), nil
	}
	var texts [][]int32
	for _, j := range at {
		texts = append(texts, t.rows[j].text)
	}
	b := layOut(texts, n, t.s.Multiple, t.s.Length)
	if t.set.Kind == task.Tokens {
		t.weigh(b, t.targetSpans(b, at))
		return b, nil
	}
	targets := noTargets(n)
	for j, r := range at {
		targets.I32[j] = int32(t.rows[r].label)
	}
	t.weigh(b, targets)
	return b, nil
}

// weigh adds targets, -1 where there are none, with the weights of their labels. Sums are divided by how many there
// are: weights have the mean 1 over all rows, and a batch divided by those that it happens to have would count
// what is seldom for less the more of it there is, so that what is frequent would be said still. A batch
// without any counts one.
func (t *taskBatches) weigh(b *Batch, targets *tensor.Tensor) {
	weights := tensor.New(len(targets.I32))
	for i, label := range targets.I32 {
		if label >= 0 {
			weights.F32[i] = float32(t.set.Weight(int(label)))
			b.Weight++
		}
	}
	b.Weight = max(1, b.Weight)
	b.Inputs["targets"], b.Inputs["weights"] = targets, weights
}

func noTargets(n int) *tensor.Tensor {
	t := tensor.NewInts(n)
	for i := range t.I32 {
		t.I32[i] = -1
	}
	return t
}

// targetSpans adds the places of rows' spans and returns their labels.
func (t *taskBatches) targetSpans(b *Batch, rows []int) (targets *tensor.Tensor) {
	places, targets := tensor.NewInts(b.B*t.spans), noTargets(b.B*t.spans)
	for i, r := range rows {
		e := &t.rows[r]
		for k := range e.at {
			places.I32[i*t.spans+k], targets.I32[i*t.spans+k] = int32(i*b.T)+e.at[k], e.labels[k]
		}
	}
	b.Inputs["at"] = places
	return targets
}

// hidden is added to the scores of texts that are not to be chosen.
const hiddenBias = -1e9

// pairs puts each row's query beside it, for clones another row of its label.
func (t *taskBatches) pairs(at []int, i int64) *Batch {
	n := t.perBatch()
	k := seed(t.s.Seed, "pairs", i)
	rng := rand.New(rand.NewPCG(k[0], k[1]))
	queries, answers := make([][]int32, n), make([][]int32, n)
	for j, r := range at {
		e := &t.rows[r]
		queries[j], answers[j] = e.other, e.text
		if t.set.Kind == task.Clones {
			same := t.same[e.label]
			o := same[rng.IntN(len(same))]
			if o == r && len(same) > 1 {
				o = same[(slices.Index(same, r)+1)%len(same)]
			}
			queries[j] = t.rows[o].text
		}
	}
	for j := len(at); j < n; j++ {
		queries[j], answers[j] = []int32{0}, []int32{0}
	}
	b := layOut(append(queries, answers...), 2*n, t.s.Multiple, t.s.Length)
	targets, bias := noTargets(n), tensor.New(n, n)
	for j := range n {
		for l := range n {
			if l >= len(at) || j < len(at) && l != j && t.alike(at[j], at[l]) {
				bias.F32[j*n+l] = hiddenBias
			}
		}
		if j < len(at) {
			targets.I32[j] = int32(j)
		}
	}
	b.Inputs["targets"], b.Inputs["bias"], b.Weight = targets, bias, float64(len(at))
	return b
}

// alike reports whether two rows answer the same query.
func (t *taskBatches) alike(a, b int) bool {
	if t.set.Kind == task.Clones {
		return t.rows[a].label == t.rows[b].label
	}
	return slices.Equal(t.rows[a].text, t.rows[b].text) || slices.Equal(t.rows[a].other, t.rows[b].other)
}

// openTask makes a task's rows batches.
func (o *OpenOptions) openTask(r *Recipe, set *task.Set, tok *token.Tokenizer) (*data, error) {
	s := &r.Train
	d := &data{digest: set.Digest}
	x := newExamples(set, set.Train, tok, s.Length)
	v := newExamples(set, set.Validation, tok, s.Length)
	spans := max(1, x.spans, v.spans)
	if n := x.cut + v.cut; n > 0 {
		if s.TooLong == "error" {
			return nil, fmt.Errorf("%d of %d rows have more than train.length, %d tokens (train.too_long: skip cuts them)", n, len(x.rows)+len(v.rows), s.Length)
		}
		o.log("%d of %d rows have more than %d tokens and are cut%s", n, len(x.rows)+len(v.rows), s.Length, map[bool]string{true: fmt.Sprintf("; %d spans lie beyond", x.lost+v.lost)}[x.lost+v.lost > 0])
	}
	for _, n := range set.Notes {
		o.log("%s", n)
	}
	for _, e := range x.rows {
		d.trainTokens += int64(len(e.text) + len(e.other))
	}
	for _, e := range v.rows {
		d.evalTokens += int64(len(e.text) + len(e.other))
	}
	d.train = x.batches(s, spans)
	if s.EvalEvery > 0 {
		if len(v.rows) == 0 {
			return nil, fmt.Errorf("the validation split is empty: raise task.validation, or set train.eval_every to 0")
		}
		d.validation = v.batches(s, spans)
		d.digest += " validation shuffled" // once it was in the order of its file, whose first rows are of few projects or one label
	}
	d.spans = spans
	d.describe = func(w io.Writer) {
		fmt.Fprintf(w, "%d rows to train on, %d to validate and %d to test on", len(set.Train), len(set.Validation), len(set.Test))
		if len(set.Labels) > 0 {
			fmt.Fprintf(w, ", %d labels", len(set.Labels))
		}
		fmt.Fprintln(w)
		for _, n := range set.Notes {
			fmt.Fprintln(w, n)
		}
	}
	return d, nil
}
