package train

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"hone/corpus"
	"hone/judge"
	"hone/model"
	"hone/tensor/cpu"
	"hone/token"
)

// openTokenizer loads the recipe's tokenizer, or trains it on the training part of
// the corpus, which is done once and kept in the cache.
func (o *OpenOptions) openTokenizer(ctx context.Context, r *Recipe, c *corpus.Corpus) (*token.Tokenizer, error) {
	switch t := r.Tokenizer.Train; {
	case r.Tokenizer.From != "":
		return token.Load(r.Tokenizer.From)
	case t == nil:
		return token.Load(r.Model.From)
	default:
		print, err := c.Fingerprint()
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(fmt.Appendf(nil, "tokenizer 1 %s %d %s", print, t.Vocab, t.Pattern))
		dir := filepath.Join(o.Cache, "tokenizers", hex.EncodeToString(sum[:12]))
		if tok, err := token.Load(dir); err == nil {
			return tok, nil
		} else if _, e := os.Stat(dir); !errors.Is(e, fs.ErrNotExist) {
			o.log("the tokenizer kept in %s cannot be used and is trained again: %v", dir, err)
		}
		tok, err := o.trainTokenizer(ctx, t, c)
		if err != nil {
			return nil, err
		}
		return tok, tok.Save(dir)
	}
}

func (o *OpenOptions) trainTokenizer(ctx context.Context, t *TrainTokenizerRecipe, c *corpus.Corpus) (*token.Tokenizer, error) {
	var summary corpus.Summary
	var failed error
	texts := iter.Seq[string](func(yield func(string) bool) {
		for d, err := range c.Documents(ctx, &summary) {
			if err != nil {
				failed = err
				return
			}
			if d.Split == corpus.Train && !yield(d.Text) {
				return
			}
		}
	})
	tok, err := token.Train(ctx, texts, token.TrainOptions{
		VocabSize: t.Vocab, Pattern: t.Pattern,
		Progress: func(doing string, done, total int) { o.progress("tokenizer "+doing, done, total) },
	})
	if failed != nil {
		return nil, failed
	}
	if err != nil && summary.Kept.Documents == 0 {
		var paths []string
		for _, s := range o.recipe.Corpus.Sources {
			paths = append(paths, s.Path)
		}
		return nil, &corpus.EmptyError{Summary: summary, Searched: paths}
	}
	return tok, err
}

// data is what a run reads.
type data struct {
	train, validation Batches
	tokensPerByte     float64 // of the validation text; 0: not meant
	digest            string
	packed            *corpus.Packed // of clm and sft
	tooLong           int            // rows left out of both splits

	trainTokens, evalTokens int64
	describe                func(io.Writer) // what there is
	sampled                 *sampled        // of grpo and ppo: train, too
	spans                   int             // of finetune: the most of a row
	exam                    *exam           // held-out problems; nil: none
	queue                   judge.Queue     // of what runs programs
	// prepare, unless it is nil, is called with the model before it is trained.
	prepare func(context.Context, *cpu.Device, *model.Model) error
}

// openData packs the recipe's corpus or rows, which is done once, and cuts batches.
func (o *OpenOptions) openData(ctx context.Context, r *Recipe, c *corpus.Corpus, m *model.Model, tok *token.Tokenizer) (*data, error) {
	s := &r.Train
	eod := tok.Special().EOS
	if eod == token.None {
		return nil, errors.New("the tokenizer has no end-of-text token, which ends every document (it is named eos_token in tokenizer_config.json)")
	}
	po := o.packing(tok)
	switch r.Kind {
	case Offline:
		return o.openOffline(ctx, r, m, tok)
	case GRPO, PPO:
		return o.openOnline(ctx, r, m, tok)
	}
	order := seed(s.Seed, "data")[0]
	d := &data{}
	var err error
	if r.Kind == SFT {
		if d.packed, err = corpus.PackRows(ctx, *r.Rows, po); err == nil {
			err = d.rows(s, order)
		}
	} else {
		if d.packed, err = corpus.Pack(ctx, c, po); err == nil {
			err = d.windows(s, order)
		}
		if err == nil && r.Kind == MLM {
			d.hide(r, int32(tok.Size()))
		}
	}
	if err != nil {
		if d.packed != nil {
			err = errors.Join(err, d.packed.Close())
		}
		return nil, err
	}
	d.digest = d.packed.Train.Digest + " " + d.packed.Validation.Digest
	d.trainTokens, d.evalTokens = d.packed.Train.Tokens, d.packed.Validation.Tokens
	d.describe = d.packed.Summary.Print
	return d, nil
}

// noValidation explains an empty validation split.
func (d *data) noValidation(s *Settings, split string) error {
	if s.EvalEvery == 0 || d.packed.Validation.Documents > 0 {
		return nil
	}
	return fmt.Errorf("the validation split is empty: raise %s.split.validation, or set train.eval_every to 0", split)
}

func (d *data) windows(s *Settings, order uint64) error {
	if err := d.noValidation(s, "corpus"); err != nil {
		return err
	}
	o := corpus.WindowOptions{Batch: s.Batch, Length: s.Length, Seed: order, Documents: s.Documents}
	w, err := corpus.NewWindows(d.packed.Train, o)
	if err != nil {
		return err
	}
	d.train = NextTokens{w}
	if s.EvalEvery > 0 {
		o.Sequential = true
		if w, err = corpus.NewWindows(d.packed.Validation, o); err != nil {
			return err
		}
		d.validation = NextTokens{w}
		if v := d.packed.Validation; v.Bytes > 0 {
			d.tokensPerByte = float64(v.TokensMeta.Tokens) / float64(v.Bytes)
		}
	}
	return nil
}

func (d *data) rows(s *Settings, order uint64) error {
	if err := d.noValidation(s, "rows"); err != nil {
		return err
	}
	o := corpus.RowOptions{Batch: s.Batch, Length: s.Length, Multiple: s.Multiple, Seed: order}
	r, err := corpus.NewRows(d.packed.Train, o)
	if err != nil {
		return err
	}
	d.train, d.tooLong = NextTokens{r}, r.TooLong()
	if s.EvalEvery > 0 {
		o.Sequential = true
		if r, err = corpus.NewRows(d.packed.Validation, o); err != nil {
			return fmt.Errorf("validation: %w", err)
		}
		d.validation = NextTokens{r}
		d.tooLong += r.TooLong()
	}
	if d.tooLong > 0 && s.TooLong == "error" {
		return fmt.Errorf("%d rows have more than train.length, %d tokens (train.too_long: skip leaves them out)", d.tooLong, s.Length)
	}
	return nil
}
