package train

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"

	"hone/corpus"
	"hone/model"
	"hone/tensor/cpu"
	"hone/token"
)

// MaskedScore is how well an encoder fills in what was hidden.
type MaskedScore struct {
	Length    int     `json:"length"` // tokens of a row
	Loss      float64 `json:"loss"`   // a hidden token
	Accuracy  float64 `json:"accuracy"`
	Tokens    int64   `json:"tokens"` // that were read
	Positions int     `json:"positions"`
	// Drawn is how many embeddings of positions the model lacks; they are random.
	Drawn int `json:"drawn"`
	// Aliased is the share of states that turn by more than half a circle in a step; see [model.Model.Aliased].
	Aliased float64 `json:"aliased"`
}

// maskedTokens are those of a batch of [Masked], whatever the length of its rows: so that the same
// tokens are hidden at each.
const maskedTokens = 4096

// Masked says how well the encoder in a folder fills in what a recipe of kind mlm hides of its validation
// split, in rows of length tokens, which may be more than the model was trained with. At most
// tokens of the split are read. For all lengths that divide 4,096 the text and what is
// hidden are the same.
func Masked(ctx context.Context, dev *cpu.Device, r Recipe, from string, length, tokens int, o OpenOptions) (MaskedScore, error) {
	s := MaskedScore{Length: length}
	switch {
	case r.Kind != MLM:
		return s, fmt.Errorf("a recipe of kind mlm says what is hidden, this one is of kind %s", r.Kind)
	case length < 1 || length > maskedTokens:
		return s, fmt.Errorf("length: %d is not between 1 and %d", length, maskedTokens)
	}
	if r.MLM == nil {
		r.MLM = &MLMRecipe{}
		r.MLM.Default()
	}
	m, err := model.Load(from, model.LoadOptions{})
	if err != nil {
		return s, err
	}
	tok, err := token.Load(from)
	if err != nil {
		return s, err
	}
	if m.Head != model.HeadMLM || tok.Size()+1 != m.Vocab {
		return s, fmt.Errorf("%s does not fill in hidden tokens: it has a head for %s, embeddings for %d tokens and a tokenizer of %d", from, m.Head, m.Vocab, tok.Size())
	}
	k := seed(r.Train.Seed, "positions")
	s.Drawn = m.Extend(length, rand.New(rand.NewPCG(k[0], k[1])))
	s.Positions, s.Aliased = m.Positions, m.Aliased()

	c, err := corpus.Open(*r.Corpus)
	if err != nil {
		return s, err
	}
	packed, err := corpus.Pack(ctx, c, o.packing(tok))
	if err != nil {
		return s, err
	}
	defer packed.Close()
	batch := maskedTokens / length
	windows, err := corpus.NewWindows(packed.Validation, corpus.WindowOptions{Batch: batch, Length: length, Sequential: true})
	if err != nil {
		return s, fmt.Errorf("validation: %w", err)
	}
	stepper, err := NewStepper(dev, m, r.MLM.loss, Optimizer{})
	if err != nil {
		return s, err
	}
	full := int(packed.Validation.Tokens) / (batch * length)
	if full == 0 {
		return s, fmt.Errorf("the validation split has %d tokens, %d are needed", packed.Validation.Tokens, batch*length)
	}
	n := max(1, min(full, tokens/(batch*length)))
	l := &Loop{
		Settings: Settings{EvalBatches: n}, Stepper: stepper,
		Validation: &masked{o: r.MLM, from: windows, seed: r.Train.Seed, split: "validation", mask: int32(tok.Size())},
	}
	e, err := l.evaluate(ctx)
	if err != nil {
		return s, err
	}
	s.Loss, s.Accuracy = e.Loss, e.Measures["accuracy"]
	s.Tokens = int64(n * batch * length)
	return s, nil
}

// packing says how a corpus becomes tokens, which are kept in the cache.
func (o *OpenOptions) packing(tok *token.Tokenizer) corpus.PackOptions {
	return corpus.PackOptions{
		Dir: filepath.Join(o.Cache, "tokens"), Encode: tok.Encode, EOD: tok.Special().EOS, Vocab: tok.Size(), Tokenizer: tok.Fingerprint(),
		Progress: func(documents int, _ int64) { o.progress("documents as tokens", documents, 0) },
	}
}
