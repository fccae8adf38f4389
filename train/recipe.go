package train

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"hone/corpus"
	"hone/model"
	"hone/recipe"
	"hone/reward"
	"hone/task"
)

// Kind is what a recipe trains for.
type Kind string

const (
	// CLM is causal language modelling: every token is predicted from those before it
	// (Radford et al. 2018, eq. 1). It reads Recipe.Corpus.
	CLM Kind = "clm"
	// SFT is supervised fine-tuning: only the tokens of completions are predicted
	// (Ouyang et al. 2022, §3.5). It reads Recipe.Rows.
	SFT Kind = "sft"
	// Offline is reinforcement learning from programs that were judged beforehand
	// (arXiv 2605.28409). It reads Recipe.Offline.
	Offline Kind = "offline"
	// GRPO learns from programs that the model writes while it is trained, by comparing those
	// for one problem (Shao et al., "DeepSeekMath", 2024, §4). It reads Recipe.Online.
	GRPO Kind = "grpo"
	// MLM trains an encoder to say which tokens were hidden (Devlin et al., "BERT", 2019). It
	// reads Recipe.Corpus.
	MLM Kind = "mlm"
	// Finetune trains an encoder for a task with labels. It reads Recipe.Task.
	Finetune Kind = "finetune"
	// PPO does so with rewards of tokens and a value head (Schulman et al. 2017).
	PPO Kind = "ppo"
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{CLM, SFT, Offline, GRPO, PPO, MLM, Finetune} }

// Recipe describes a training run; see package recipe for how it is read.
type Recipe struct {
	Name      string              `yaml:"name,required"` // of the run's folder
	Kind      Kind                `yaml:"kind,required"`
	Model     ModelRecipe         `yaml:"model"`
	Tokenizer TokenizerRecipe     `yaml:"tokenizer"`
	Corpus    *corpus.Config      `yaml:"corpus"` // of clm and mlm
	MLM       *MLMRecipe          `yaml:"mlm"`    // left out: BERT's shares
	Task      *task.Config        `yaml:"task"`   // of finetune
	Rows      *corpus.PairsConfig `yaml:"rows"`   // of sft
	Offline   *OfflineRecipe      `yaml:"offline"`
	Online    *OnlineRecipe       `yaml:"online"` // of grpo and ppo
	Reward    *reward.Recipe      `yaml:"reward"` // of grpo and ppo; left out: the default one
	Guards    map[string]Guard    `yaml:"guards"` // of offline, grpo and ppo; left out: the default ones
	LoRA      *LoRARecipe         `yaml:"lora"`
	Train     Settings            `yaml:"train"`
}

// ModelRecipe is where the model comes from: a folder, or fresh weights. Zeros leave
// a value to [model.Config.Complete] or to the architecture's customary one.
type ModelRecipe struct {
	From         string             `yaml:"from"` // a folder in the Hugging Face layout
	Architecture model.Architecture `yaml:"architecture"`
	Layers       int                `yaml:"layers"`
	Width        int                `yaml:"width"`
	Heads        int                `yaml:"heads"`
	KVHeads      int                `yaml:"kv_heads"`
	FFN          int                `yaml:"ffn"`
	Positions    int                `yaml:"positions"` // 0: as long as train.length
	RopeTheta    float64            `yaml:"rope_theta"`
	Tie          bool               `yaml:"tie"` // the logits' matrix is the embedding's
	InitStd      float64            `yaml:"init_std"`
	Extend       int                `yaml:"extend"`  // positions that an encoder of a folder has at least
	Encoder      *EncoderRecipe     `yaml:"encoder"` // of fresh encoders; left out: the customary choices
}

// TokenizerRecipe is where the tokenizer comes from: a folder or tokenizer.json, or
// the corpus. Without either it is the one in the model's folder.
type TokenizerRecipe struct {
	From  string                `yaml:"from"`
	Train *TrainTokenizerRecipe `yaml:"train"`
}

// TrainTokenizerRecipe trains a byte-level BPE on the training part of the corpus.
type TrainTokenizerRecipe struct {
	Vocab   int    `yaml:"vocab,required"`
	Pattern string `yaml:"pattern"` // gpt2 or qwen2; see [token.TrainOptions]
}

// Default fills t in.
func (t *TrainTokenizerRecipe) Default() { t.Pattern = "qwen2" }

// LoRARecipe trains low-rank adapters instead of the model's own weights.
type LoRARecipe struct {
	Rank    int      `yaml:"rank"`
	Alpha   float64  `yaml:"alpha"`
	Targets []string `yaml:"targets"` // stored names such as q_proj; none: all linear layers
	Merge   bool     `yaml:"merge"`   // the result is a whole model, not adapters
}

// Default fills l in.
func (l *LoRARecipe) Default() { *l = LoRARecipe{Rank: 8, Alpha: 16, Merge: true} }

// Settings are those of the loop itself.
type Settings struct {
	Steps      int     `yaml:"steps"`      // updates of the weights; or
	Epochs     float64 `yaml:"epochs"`     // times through the data
	Batch      int     `yaml:"batch"`      // rows that are computed together
	Length     int     `yaml:"length"`     // the most tokens of a row
	Accumulate int     `yaml:"accumulate"` // batches whose gradients make one step
	// Documents keeps clm's rows within documents, padded, instead of cutting
	// them from one stream.
	Documents bool `yaml:"documents"`
	// Multiple rounds the length of sft's batches up, so that there are few shapes.
	Multiple int `yaml:"multiple"`
	// TooLong says what happens to sft's rows of more than Length tokens: skip or error.
	TooLong string `yaml:"too_long"`

	LR float64 `yaml:"lr"` // at its highest
	// SSMLR is the learning rate of what state-space models do in time (their states and
	// steps), as a share of LR.
	SSMLR       float64   `yaml:"ssm_lr"`
	Schedule    Schedule  `yaml:"schedule"`
	Warmup      int       `yaml:"warmup"`       // steps of linear growth to LR
	MinLR       float64   `yaml:"min_lr"`       // at the last step, as a share of LR
	WeightDecay float64   `yaml:"weight_decay"` // of matrices; gains and biases have none
	Betas       []float64 `yaml:"betas"`
	Eps         float64   `yaml:"eps"`
	Clip        float64   `yaml:"clip"` // the norm of all gradients is at most this; 0: any
	// Dropout drops after the embedding and at the end of residual branches;
	// attention has none.
	Dropout float64 `yaml:"dropout"`
	Seed    uint64  `yaml:"seed"` // of weights, the order of data and dropout

	EvalEvery   int `yaml:"eval_every"`   // steps; 0: never
	EvalBatches int `yaml:"eval_batches"` // the most batches of the validation split; 0: all
	Patience    int `yaml:"patience"`     // evaluations without a better loss before training ends; 0: any
	// SkipNaN is how many steps may be left out because their loss or gradients are
	// not finite; the next one ends the run.
	SkipNaN int `yaml:"skip_nan"`

	CheckpointEvery int `yaml:"checkpoint_every,volatile"` // steps
	Keep            int `yaml:"keep,volatile"`             // newest checkpoints kept, besides the best
	Threads         int `yaml:"threads,volatile"`          // 0: one a processor
}

// DefaultRecipe is what a recipe's file is read over.
func DefaultRecipe() Recipe {
	return Recipe{
		Train: Settings{
			Batch: 16, Length: 256, Accumulate: 1, Multiple: 32, TooLong: "skip",
			LR: 3e-4, SSMLR: .1, Schedule: Cosine, MinLR: 0.1, WeightDecay: 0.1, Betas: []float64{0.9, 0.95}, Eps: 1e-8, Clip: 1,
			EvalEvery: 250, EvalBatches: 50, CheckpointEvery: 500, Keep: 2,
		},
	}
}

// Check reports what does not fit together.
func (r *Recipe) Check() error {
	var errs []error
	wrong := func(key, format string, args ...any) { errs = append(errs, recipe.Keyf(key, format, args...)) }
	errs = append(errs, r.checkKind())
	m := &r.Model
	if (m.From == "") == (m.Architecture == "") {
		wrong("model", "needs either from, a folder, or an architecture for fresh weights")
	}
	if m.From != "" && (m.Layers|m.Width|m.Heads|m.KVHeads|m.FFN|m.Positions != 0 || m.RopeTheta != 0 || m.InitStd != 0 || m.Tie) {
		wrong("model.from", "brings its own sizes: leave the others out")
	}
	if m.Architecture != "" {
		c, err := m.config(r.Train.Length)
		if err == nil {
			c.Vocab = 256 // what it will be is not known yet
			c.BOS, c.EOS = model.NoToken, nil
			err = c.Check()
		}
		if err != nil {
			wrong("model", "does not work: %v", err)
		}
		if m.Positions > 0 && r.Train.Length > m.Positions {
			wrong("train.length", "is %d, more than the model's %d positions", r.Train.Length, m.Positions)
		}
		if r.Tokenizer.From == "" && r.Tokenizer.Train == nil {
			wrong("tokenizer", "is needed for a fresh model: from, a folder or tokenizer.json, or train")
		}
		if r.LoRA != nil {
			wrong("lora", "adapts a model that is there: give model.from")
		}
	}
	if r.Tokenizer.From != "" && r.Tokenizer.Train != nil {
		wrong("tokenizer", "has both from and train: one of them is enough")
	}
	return errors.Join(errs...)
}

// checkKind reports sections that the kind lacks, and those of other kinds.
func (r *Recipe) checkKind() error {
	var errs []error
	wrong := func(key, format string, args ...any) { errs = append(errs, recipe.Keyf(key, format, args...)) }
	if !slices.Contains(Kinds(), r.Kind) {
		return recipe.Keyf("kind", "must be one of %v, is %q", Kinds(), r.Kind)
	}
	for _, s := range []struct {
		key, need string
		of        []Kind
		given     bool
	}{
		{"corpus", "which reads documents: add corpus with its sources", []Kind{CLM, MLM}, r.Corpus != nil},
		{"task", "which reads rows with labels: add task with its kind, format and path", []Kind{Finetune}, r.Task != nil},
		{"rows", "which reads rows of prompt and completion: add rows with their path", []Kind{SFT}, r.Rows != nil},
		{"offline", "which reads judged programs: add offline with their path", []Kind{Offline}, r.Offline != nil},
		{"online", "which writes programs for problems: add online with their file", []Kind{GRPO, PPO}, r.Online != nil},
	} {
		switch of := slices.Contains(s.of, r.Kind); {
		case of && !s.given:
			wrong("kind", "is %s, %s", r.Kind, s.need)
		case !of && s.given:
			wrong(s.key, "is of kind %v, not of %s", s.of[0], r.Kind)
		}
	}
	if r.Kind != CLM && r.Kind != MLM && r.Tokenizer.Train != nil {
		wrong("tokenizer.train", "needs a corpus, which only clm and mlm have")
	}
	if r.MLM != nil && r.Kind != MLM {
		wrong("mlm", "is of kind mlm, not of %s", r.Kind)
	}
	if r.Task != nil && retrieval(r.Task.Kind) && r.Train.Batch%2 != 0 {
		wrong("train.batch", "is %d: %s takes rows in pairs, an even number is needed", r.Train.Batch, r.Task.Kind)
	}
	errs = append(errs, r.checkEncoder())
	if r.Reward != nil && r.Kind != GRPO && r.Kind != PPO {
		wrong("reward", "is of kind grpo and ppo, not of %s", r.Kind)
	}
	errs = append(errs, r.checkGuards())
	if r.Online != nil {
		errs = append(errs, r.Online.fits(&r.Train))
	}
	if o := r.Offline; o != nil && o.Group > 0 && r.Train.Batch%o.Group != 0 {
		wrong("train.batch", "is %d: it has to be a multiple of offline.group, %d, so that groups stay together", r.Train.Batch, o.Group)
	}
	return errors.Join(errs...)
}

// checkAdvantage reports an advantage that is none of known.
func checkAdvantage(key string, a Advantage, known ...Advantage) error {
	if slices.Contains(known, a) {
		return nil
	}
	return recipe.Keyf(key, "must be one of %v, is %q", known, a)
}

// config is that of a fresh model, but for its tokens.
func (m *ModelRecipe) config(length int) (model.Config, error) {
	c, err := model.Defaults(m.Architecture)
	if err != nil {
		return c, err
	}
	c.Layers, c.Width, c.Heads, c.KVHeads, c.FFN, c.HeadDim = m.Layers, m.Width, m.Heads, m.KVHeads, m.FFN, 0
	c.Positions = m.Positions
	if c.Positions == 0 {
		c.Positions = length
	}
	c.TieEmbeddings = m.Tie || c.TieEmbeddings
	if m.RopeTheta != 0 {
		c.RopeTheta = m.RopeTheta
	}
	if m.InitStd != 0 {
		c.InitStd = m.InitStd
	}
	c.EmbeddingDropout, c.AttentionDropout, c.ResidualDropout = 0, 0, 0
	if m.Encoder != nil {
		m.Encoder.configure(&c)
	}
	c.Complete()
	return c, nil
}

// Check reports values that cannot be.
func (s *Settings) Check() error {
	var errs []error
	wrong := func(key, format string, args ...any) { errs = append(errs, recipe.Keyf(key, format, args...)) }
	if (s.Steps > 0) == (s.Epochs > 0) || s.Steps < 0 || s.Epochs < 0 {
		wrong("steps", "or epochs must be above 0, and only one of them: they are %d and %v", s.Steps, s.Epochs)
	}
	for _, v := range []struct {
		key   string
		value int
		least int
	}{
		{"batch", s.Batch, 1},
		{"length", s.Length, 1},
		{"accumulate", s.Accumulate, 1},
		{"multiple", s.Multiple, 1},
		{"checkpoint_every", s.CheckpointEvery, 1},
		{"keep", s.Keep, 1},
		{"warmup", s.Warmup, 0},
		{"eval_every", s.EvalEvery, 0},
		{"eval_batches", s.EvalBatches, 0},
		{"patience", s.Patience, 0},
		{"skip_nan", s.SkipNaN, 0},
		{"threads", s.Threads, 0},
	} {
		if v.value < v.least {
			wrong(v.key, "must be at least %d, is %d", v.least, v.value)
		}
	}
	for _, v := range []struct {
		key           string
		value, lo, hi float64
	}{
		{"lr", s.LR, 0, 1e3},
		{"min_lr", s.MinLR, 0, 1},
		{"ssm_lr", s.SSMLR, 0, 1e3},
		{"weight_decay", s.WeightDecay, 0, 1e3},
		{"eps", s.Eps, 0, 1},
		{"clip", s.Clip, 0, math.MaxFloat32},
	} {
		if !(v.value >= v.lo && v.value <= v.hi) {
			wrong(v.key, "must be from %v to %v, is %v", v.lo, v.hi, v.value)
		}
	}
	if !(s.Dropout >= 0 && s.Dropout < 1) {
		wrong("dropout", "must be at least 0 and below 1, is %v", s.Dropout)
	}
	if len(s.Betas) != 2 || !(s.Betas[0] >= 0 && s.Betas[0] < 1 && s.Betas[1] >= 0 && s.Betas[1] < 1) {
		wrong("betas", "must be two numbers, each at least 0 and below 1")
	}
	if !slices.Contains(Schedules(), s.Schedule) {
		wrong("schedule", "must be one of %v, is %q", Schedules(), s.Schedule)
	}
	if s.Patience > 0 && s.EvalEvery == 0 {
		wrong("patience", "counts evaluations: set eval_every")
	}
	if s.TooLong != "skip" && s.TooLong != "error" {
		wrong("too_long", "must be skip or error, is %q", s.TooLong)
	}
	return errors.Join(errs...)
}

// Describe names the model in a line, such as "llama, 6 layers of width 128".
func (m *ModelRecipe) Describe() string {
	if m.From != "" {
		return m.From
	}
	return fmt.Sprintf("%s, %d layers of width %d", m.Architecture, m.Layers, m.Width)
}
