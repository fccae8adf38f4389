package train

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hone/corpus"
	"hone/model"
	"hone/recipe"
	"hone/reward"
	"hone/store"
	"hone/task"
	"hone/tensor/cpu"
	"hone/token"
)

// Version changes when the same recipe and data give another model.
const Version = 2

// OpenOptions say where data is kept and who is told of what.
type OpenOptions struct {
	Cache    string                              // folder for tokens and trained tokenizers
	Log      func(string)                        // may be nil
	Progress func(doing string, done, total int) // of reading data; may be nil
	// Judge starts what runs programs; only grpo and ppo ask. It is the caller's to close.
	Judge OpenJudge

	recipe *Recipe
}

func (o *OpenOptions) log(format string, args ...any) {
	if o.Log != nil {
		o.Log(fmt.Sprintf(format, args...))
	}
}

func (o *OpenOptions) progress(doing string, done, total int) {
	if o.Progress != nil {
		o.Progress(doing, done, total)
	}
}

// Job is a recipe with all it needs.
type Job struct {
	Recipe    Recipe
	Model     *model.Model
	Tokenizer *token.Tokenizer
	Steps     int
	// Fingerprint of everything that the result depends on.
	Fingerprint string

	data      *data
	task      *task.Set    // of finetune
	reference *model.Model // of grpo and ppo: the model before training
	log       func(format string, args ...any)
}

// Open loads or makes what the recipe names: tokenizer, data and model. The job is to
// be closed.
func Open(ctx context.Context, r Recipe, o OpenOptions) (*Job, error) {
	j := &Job{Recipe: r, log: o.log}
	if online := r.Kind == GRPO || r.Kind == PPO; online && r.Reward == nil {
		r.Reward = &reward.Recipe{}
		r.Reward.Default()
		j.Recipe.Reward = r.Reward
	}
	if r.Guards == nil {
		r.Guards = defaultGuards(r.Kind)
		j.Recipe.Guards = r.Guards
	}
	if r.Kind == MLM && r.MLM == nil {
		r.MLM = &MLMRecipe{}
		r.MLM.Default()
		j.Recipe.MLM = r.MLM
	}
	o.recipe = &j.Recipe
	var c *corpus.Corpus
	var err error
	if r.Corpus != nil {
		if c, err = corpus.Open(*r.Corpus); err != nil {
			return nil, err
		}
	}
	if j.Tokenizer, err = o.openTokenizer(ctx, &r, c); err != nil {
		return nil, err
	}
	if r.Task != nil { // whose labels the model has to have
		if j.task, err = task.Open(*r.Task); err != nil {
			return nil, err
		}
	}
	// The model before the data: what does not fit is found before anything long is done.
	if err := j.openModel(); err != nil {
		return nil, err
	}
	if r.Kind == PPO {
		j.Model.AddValueHead()
	}
	if r.Kind == GRPO || r.Kind == PPO {
		j.reference = j.Model.Reference()
	}
	if j.task != nil {
		j.data, err = o.openTask(&r, j.task, j.Tokenizer)
	} else {
		j.data, err = o.openData(ctx, &r, c, j.Model, j.Tokenizer)
	}
	if err != nil {
		return nil, err
	}
	if j.data.tooLong > 0 {
		o.log("%d rows have more than %d tokens and are left out", j.data.tooLong, r.Train.Length)
	}
	j.Steps = r.Train.Steps
	if j.Steps == 0 {
		j.Steps = max(1, int(math.Ceil(r.Train.Epochs*float64(j.data.train.Epoch())/float64(r.Train.Accumulate))))
	}
	err = j.identify()
	if err == nil && j.data.prepare != nil {
		dev := cpu.New(r.Train.Threads)
		err = j.data.prepare(ctx, dev, j.Model)
		dev.Close()
	}
	if err != nil {
		j.Close()
		return nil, err
	}
	return j, nil
}

// Close lets go of the data.
func (j *Job) Close() error {
	var errs []error
	if s := j.data.sampled; s != nil {
		errs = append(errs, s.writer.formula.Close())
	}
	if x := j.data.exam; x != nil {
		errs = append(errs, x.writer.formula.Close())
	}
	if j.data.packed != nil {
		errs = append(errs, j.data.packed.Close())
	}
	return errors.Join(errs...)
}

// openModel loads the recipe's model or draws fresh weights.
func (j *Job) openModel() (err error) {
	r, tok := &j.Recipe, j.Tokenizer
	if r.Kind.reads() {
		return j.openEncoder()
	}
	if r.Model.From == "" {
		c, err := r.Model.config(r.Train.Length)
		if err != nil {
			return err
		}
		s := tok.Special()
		c.Vocab = tok.Size()
		c.BOS, c.EOS, c.PAD = int(s.BOS), nil, int(s.PAD)
		if s.EOS != token.None {
			c.EOS = []int{int(s.EOS)}
		}
		if c.BOS == model.NoToken {
			c.BOS = int(s.EOS) // a document follows the end of another
		}
		c.EmbeddingDropout, c.ResidualDropout = r.Train.Dropout, r.Train.Dropout
		j.Model, err = model.New(c, j.rng("weights"))
		return err
	}
	if j.Model, err = model.Load(r.Model.From, model.LoadOptions{}); err != nil {
		return err
	}
	m := j.Model
	m.DType = model.Float32 // what is trained, and saved
	switch {
	case m.Head != model.HeadLM:
		return fmt.Errorf("%s has a head for %s: %s needs one for language modelling", r.Model.From, m.Head, r.Kind)
	case tok.Size() > m.Vocab:
		return fmt.Errorf("the tokenizer has %d tokens, the model %s embeddings for %d: they do not belong together (use the tokenizer in the model's folder)", tok.Size(), r.Model.From, m.Vocab)
	case r.Train.Length > m.Positions:
		return fmt.Errorf("train.length is %d, but the model %s has %d positions", r.Train.Length, r.Model.From, m.Positions)
	case m.LoRA != nil && r.LoRA != nil:
		return fmt.Errorf("%s has adapters already, to which lora cannot add others: without lora they are merged and the whole model is trained", r.Model.From)
	case r.LoRA != nil:
		return m.AddLoRA(model.LoRA{Rank: r.LoRA.Rank, Alpha: r.LoRA.Alpha, Targets: r.LoRA.Targets}, j.rng("adapters"))
	}
	m.Merge()
	return nil
}

func (j *Job) rng(purpose string) *rand.Rand {
	s := seed(j.Recipe.Train.Seed, purpose)
	return rand.New(rand.NewPCG(s[0], s[1]))
}

// identify computes the fingerprint.
func (j *Job) identify() error {
	print, err := recipe.Fingerprint(&j.Recipe)
	if err != nil {
		return err
	}
	h := sha256.New()
	fmt.Fprintf(h, "train %d %s %s %s\n", Version, print, j.data.digest, j.Tokenizer.Fingerprint())
	if from := j.Recipe.Model.From; from != "" {
		files, err := filepath.Glob(filepath.Join(escapeGlob(from), "*.safetensors"))
		if err != nil {
			return err
		}
		slices.Sort(files)
		files = append(files, filepath.Join(from, "config.json"))
		adapters := filepath.Join(from, "adapter_config.json") // what the adapters are scaled by
		if _, err := os.Stat(adapters); err == nil {
			files = append(files, adapters)
		}
		for _, name := range files {
			f, err := os.Open(name)
			if err != nil {
				return err
			}
			_, err = io.Copy(h, f)
			f.Close()
			if err != nil {
				return err
			}
		}
	}
	j.Fingerprint = hex.EncodeToString(h.Sum(nil)[:16])
	return nil
}

// escapeGlob makes a path a pattern that only it matches.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// Tokens are how many there are to train on.
func (j *Job) Tokens() int64 { return j.data.trainTokens }

// Describe says what data there is, for people.
func (j *Job) Describe(w io.Writer) { j.data.describe(w) }

// Epochs is how often the steps go through the data.
func (j *Job) Epochs() float64 {
	return float64(j.Steps) * float64(j.Recipe.Train.Accumulate) / float64(j.data.train.Epoch())
}

// Outcome is what a run came to.
type Outcome struct {
	Steps        int     `json:"steps"`
	Tokens       int64   `json:"tokens"`
	Parameters   int64   `json:"parameters"`
	BestStep     int     `json:"best_step,omitempty"`
	BestLoss     float64 `json:"best_eval_loss,omitempty"`
	StoppedEarly bool    `json:"stopped_early,omitempty"`
	Skipped      int     `json:"skipped_steps,omitempty"`
	Model        string  `json:"model"` // its folder

	// Scores are those of a task on its test split, Baseline what a bag of tokens reaches, Constant, where
	// labels are predicted, the best that one answer for all rows does; Notes say what a reader of them
	// should know.
	Scores   map[string]task.Score `json:"scores,omitempty"`
	Baseline map[string]task.Score `json:"baseline,omitempty"`
	Constant map[string]task.Score `json:"constant,omitempty"`
	Notes    []string              `json:"notes,omitempty"`

	// PassBefore and BestPass are pass@1 on held-out problems, before training and where it
	// was best, BestStep.
	PassBefore *float64 `json:"pass_at_1_before,omitempty"`
	BestPass   *float64 `json:"best_pass_at_1,omitempty"`
	StoppedBy  string   `json:"stopped_by,omitempty"` // a guard
	Cost       *Cost    `json:"cost,omitempty"`       // of kinds that judge programs
}

// Cost is what a run took, training and evaluation apart.
type Cost struct {
	Executions     int     `json:"executions"` // programs run for the first time, to learn from
	EvalExecutions int     `json:"eval_executions"`
	Seconds        float64 `json:"seconds"` // of all steps
	// RolloutSeconds and VerifySeconds went on while steps were made, but for those of the
	// first iteration.
	RolloutSeconds float64 `json:"rollout_seconds"`
	VerifySeconds  float64 `json:"verify_seconds"`
	EvalSeconds    float64 `json:"eval_seconds"`
}

// cost adds up the rows of a run.
func cost(run *store.Run) (*Cost, error) {
	c := &Cost{}
	for row, err := range store.MetricsRows(run.Dir()) {
		if err != nil {
			return nil, err
		}
		number := func(in, name string) float64 {
			part, _ := row[in].(map[string]any)
			x, _ := part[name].(float64)
			return x
		}
		c.Executions += int(number("rollout", "executions"))
		c.EvalExecutions += int(number("held_out", "executions"))
		c.Seconds += number("time", "seconds")
		c.RolloutSeconds += number("time", "rollout_seconds")
		c.VerifySeconds += number("time", "verify_seconds")
		c.EvalSeconds += number("time", "eval_seconds")
	}
	return c, nil
}

// loss is that of the recipe's kind.
func (j *Job) loss() Loss {
	switch j.Recipe.Kind {
	case Offline:
		return j.Recipe.Offline.loss
	case GRPO, PPO:
		return j.Recipe.Online.loss(j.Recipe.Kind == PPO)
	case MLM:
		return j.Recipe.MLM.loss
	case Finetune:
		return taskLoss(j.task.Kind, j.data.spans)
	}
	return NextToken
}

// stepper returns the stepper of the job's model.
func (j *Job) stepper(dev *cpu.Device) (*Stepper, error) {
	s := &j.Recipe.Train
	return NewStepper(dev, j.Model, j.loss(), Optimizer{
		Betas: [2]float64{s.Betas[0], s.Betas[1]}, Eps: s.Eps, WeightDecay: s.WeightDecay,
		Clip: s.Clip, Dropout: s.Dropout, Seed: s.Seed, SSMRate: s.SSMLR,
	})
}

// Session is a job under way in a run folder.
type Session struct {
	job   *Job
	dev   *cpu.Device
	run   *store.Run
	loop  *Loop
	state State
}

// Start loads the latest checkpoint of the run, if there is one, and prepares to go
// on from it. The session is to be closed; the run stays the caller's.
func (j *Job) Start(run *store.Run) (*Session, error) {
	s := &Session{job: j, run: run, dev: cpu.New(j.Recipe.Train.Threads)}
	if err := s.start(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Session) start() error {
	j := s.job
	step, dir, err := s.run.LatestCheckpoint()
	if err != nil {
		return err
	}
	online := j.data.sampled
	if online != nil {
		if err := j.beginSampling(s.dev, s.run.Dir()); err != nil {
			return err
		}
	}
	if step > 0 {
		if s.state, err = loadState(dir); err != nil {
			return err
		}
		if err := j.loadWeights(dir); err != nil {
			return err
		}
	}
	stepper, err := j.stepper(s.dev)
	if err != nil {
		return err
	}
	if step > 0 {
		if err := stepper.loadMoments(filepath.Join(dir, optimizerFile)); err != nil {
			return err
		}
	}
	if step > 0 && online != nil {
		if err := online.load(dir); err != nil {
			return err
		}
	}
	s.loop = &Loop{
		Settings: j.Recipe.Train, Stepper: stepper, Train: j.data.train, Validation: j.data.validation, Steps: j.Steps,
		TokensPerByte: j.data.tokensPerByte, Run: s.run, SaveModel: j.saveState, Guards: j.Recipe.Guards,
		Log: func(m string) { j.log("%s", m) },
	}
	if online != nil {
		s.loop.Annotate = online.report
	}
	if x := j.data.exam; x != nil {
		s.loop.HeldOut = x.run
		return x.begin(j.Model, s.run.Dir())
	}
	return nil
}

// Close ends the threads that compute.
func (s *Session) Close() {
	if online := s.job.data.sampled; online != nil {
		online.close()
	}
	s.dev.Close()
}

// Step is the number of steps that are made.
func (s *Session) Step() int { return s.state.Step }

// Train makes the steps that are left and leaves the result in the run's model
// folder: the weights that were best on the validation split, or the last. report,
// unless nil, is told of every step. A closed stop ends it with [ErrStopped] after the
// step under way and a checkpoint; what is not finite with a [*NonFiniteError].
func (s *Session) Train(ctx context.Context, stop <-chan struct{}, report func(Row)) (Outcome, error) {
	s.loop.Report = report
	out, err := s.train(ctx, stop)
	if err != nil && !errors.Is(err, ErrStopped) && ctx.Err() == nil {
		if e := s.run.Fail(err); e != nil {
			s.job.log("%v", e)
		}
	}
	return out, err
}

func (s *Session) train(ctx context.Context, stop <-chan struct{}) (Outcome, error) {
	if online := s.job.data.sampled; online != nil {
		online.within(ctx)
	}
	var err error
	if s.state, err = s.loop.Do(ctx, stop, s.state); err != nil {
		return Outcome{}, err
	}
	if online := s.job.data.sampled; online != nil {
		online.close() // whose reference shares weights that the result changes
	}
	return s.job.finish(ctx, s.dev, s.run, s.state)
}

// loadWeights takes the weights of a checkpoint over into the model.
func (j *Job) loadWeights(dir string) error {
	from, err := j.load(dir)
	if err != nil {
		return err
	}
	head := j.Model.ValueHead()
	for _, p := range j.Model.Params {
		if !slices.Contains(head, p) {
			copy(p.F32, from.Param(p.Name).F32)
		}
	}
	if len(head) > 0 {
		return readParams(filepath.Join(dir, valueHeadFile), head)
	}
	return nil
}

// load reads a checkpoint; adapters belong to the recipe's model.
func (j *Job) load(dir string) (*model.Model, error) {
	if j.Model.LoRA == nil {
		return model.Load(dir, model.LoadOptions{})
	}
	m, err := model.Load(j.Recipe.Model.From, model.LoadOptions{})
	if err != nil {
		return nil, err
	}
	return m, m.LoadAdapters(dir)
}

// beginSampling prepares the writing of programs for a run, or where run is "" for a trial.
func (j *Job) beginSampling(dev *cpu.Device, run string) error {
	total := int64(j.Steps) * int64(j.Recipe.Train.Accumulate)
	if run == "" {
		total = 0
	}
	return j.data.sampled.begin(j.Model, j.reference, dev, total, run)
}

// saveState writes what a checkpoint has of the model and of what it learns from.
func (j *Job) saveState(dir string) error {
	if err := j.save(dir); err != nil {
		return err
	}
	if head := j.Model.ValueHead(); len(head) > 0 {
		if err := writeParams(filepath.Join(dir, valueHeadFile), head); err != nil {
			return err
		}
	}
	if s := j.data.sampled; s != nil {
		return s.save(dir)
	}
	return nil
}

// save writes the model with its tokenizer.
func (j *Job) save(dir string) error {
	if err := j.Model.Save(dir, j.Recipe.Model.From); err != nil {
		return err
	}
	return j.Tokenizer.Save(dir)
}

// finish makes the best weights the result.
func (j *Job) finish(ctx context.Context, dev *cpu.Device, run *store.Run, state State) (Outcome, error) {
	out := Outcome{
		Steps: state.Step, Tokens: state.Tokens, StoppedEarly: state.Stopped, Skipped: state.Skipped, Model: run.ModelDir(),
	}
	for _, p := range j.Model.Params {
		out.Parameters += int64(p.Size())
	}
	if state.Best != nil {
		out.BestStep, out.BestLoss = state.BestStep, *state.Best
	}
	out.PassBefore, out.StoppedBy = state.PassBefore, state.StoppedBy
	if state.BestPass != nil {
		out.BestStep, out.BestPass = state.BestStep, state.BestPass
	}
	if j.data.queue != nil {
		var err error
		if out.Cost, err = cost(run); err != nil {
			return out, err
		}
	}
	if best, dir := run.BestCheckpoint(); best > 0 && best != state.Step {
		if err := j.loadWeights(dir); err != nil {
			return out, err
		}
	}
	if j.task != nil {
		if err := j.score(ctx, dev, &out); err != nil {
			return out, err
		}
	}
	if j.Recipe.LoRA != nil && j.Recipe.LoRA.Merge {
		j.Model.Merge()
	}
	if err := run.SaveModel(j.save); err != nil {
		return out, err
	}
	return out, run.Complete(out)
}
