package train

import (
	"fmt"

	"hone/model"
	"hone/recipe"
	"hone/task"
)

// EncoderRecipe has the choices of fresh encoders; see [model.Config].
type EncoderRecipe struct {
	Position     model.PositionEmbedding `yaml:"position"` // none, learned or rotary
	SSM          model.SSM               `yaml:"ssm"`
	Block        model.Block             `yaml:"block"`
	Taps         int                     `yaml:"taps"`
	InnerDropout bool                    `yaml:"inner_dropout"`
}

// Default fills e in.
func (e *EncoderRecipe) Default() {
	*e = EncoderRecipe{Position: model.PosNone, SSM: model.DefaultSSM(), Block: model.BlockS4D, Taps: 3}
}

// configure sets what an encoder has besides sizes.
func (e *EncoderRecipe) configure(c *model.Config) {
	c.PositionEmbedding, c.InnerDropout = e.Position, e.InnerDropout
	if e.Position == model.PosRotary && c.RopeTheta == 0 {
		c.RopeTheta = 1e4
	}
	if c.Architecture != model.ArchEncoder {
		c.SSM = e.SSM
	}
	if c.Architecture == model.ArchS4D {
		c.Block, c.Taps = e.Block, e.Taps
	}
}

// reads reports whether the kind trains encoders.
func (k Kind) reads() bool { return k == MLM || k == Finetune }

// checkEncoder reports an architecture that does not fit the kind.
func (r *Recipe) checkEncoder() error {
	m := &r.Model
	switch {
	case m.Architecture != "" && m.Architecture.Encoder() != r.Kind.reads():
		return recipe.Keyf("model.architecture", "is %s: %s trains one of %v", m.Architecture, r.Kind, map[bool][]model.Architecture{false: model.Architectures(), true: model.Encoders()}[r.Kind.reads()])
	case m.Architecture == model.ArchBERT || m.Architecture == model.ArchRoBERTa:
		return recipe.Keyf("model.architecture", "is %s, which is fine-tuned, not begun: name its folder with model.from", m.Architecture)
	case m.Encoder != nil && !m.Architecture.Encoder():
		return recipe.Keyf("model.encoder", "is for fresh encoders (architectures %v)", model.Encoders())
	case m.Extend > 0 && m.From == "":
		return recipe.Keyf("model.extend", "gives a model that is there more positions: give model.from, or set positions")
	case r.LoRA != nil && r.Kind.reads():
		return recipe.Keyf("lora", "adapts models that generate, not encoders")
	}
	return nil
}

// head is what a task needs on top.
func head(k task.Kind) model.Head {
	switch k {
	case task.Classification, task.Pairs:
		return model.HeadClasses
	case task.Tokens:
		return model.HeadTokens
	}
	return model.HeadEmbedding
}

// maskToken is the token that stands for a hidden one: the first after the tokenizer's.
func (j *Job) maskToken() int32 { return int32(j.Tokenizer.Size()) }

// openEncoder loads the recipe's model or draws fresh weights, with the head that the kind needs.
func (j *Job) openEncoder() (err error) {
	r := &j.Recipe
	want, labels := model.HeadMLM, []string(nil)
	if j.task != nil {
		if want = head(j.task.Kind); want != model.HeadEmbedding {
			labels = j.task.Labels
		}
	}
	if r.Model.From == "" {
		c, err := r.Model.config(r.Train.Length)
		if err != nil {
			return err
		}
		c.Vocab = j.Tokenizer.Size() + 1 // and the mask
		c.Head, c.Labels = want, labels
		if j.Model, err = model.New(c, j.rng("weights")); err != nil {
			return err
		}
		if share := j.Model.Aliased(); share > 0 {
			j.log("%.0f %% of the state-space models' states begin beyond half a turn a step, which looks like a slower turn the other way", 100*share)
		}
		return nil
	}
	o := model.LoadOptions{Head: want, Labels: labels, Rng: j.rng("head")}
	if j.Model, err = model.Load(r.Model.From, o); err != nil {
		return err
	}
	m := j.Model
	published := m.Architecture == model.ArchBERT || m.Architecture == model.ArchRoBERTa // whose mask is a token of the tokenizer
	switch {
	case !m.Architecture.Encoder():
		return fmt.Errorf("%s is a %s, which generates: %s needs an encoder (bert, roberta, %v)", r.Model.From, m.Architecture, r.Kind, model.Encoders())
	case published && r.Kind == MLM:
		return fmt.Errorf("%s is a %s, which is fine-tuned, not pre-trained", r.Model.From, m.Architecture)
	case published && j.Tokenizer.Size() > m.Vocab:
		return fmt.Errorf("the tokenizer has %d tokens, the model %s embeddings for %d: they do not belong together", j.Tokenizer.Size(), r.Model.From, m.Vocab)
	case !published && j.Tokenizer.Size()+1 != m.Vocab:
		return fmt.Errorf("the tokenizer has %d tokens and the mask, the model %s embeddings for %d: they do not belong together (use the tokenizer in the model's folder)", j.Tokenizer.Size(), r.Model.From, m.Vocab)
	}
	if r.Model.Extend > m.Positions {
		if drawn := m.Extend(r.Model.Extend, j.rng("positions")); drawn > 0 {
			j.log("the embeddings of %d positions that %s lacks are drawn", drawn, r.Model.From)
		}
	}
	if r.Train.Length > m.Positions {
		return fmt.Errorf("train.length is %d, but the model %s has %d positions (model.extend gives it more)", r.Train.Length, r.Model.From, m.Positions)
	}
	return nil
}
