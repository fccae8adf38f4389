package generate

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"hone/model"
	"hone/tensor"
	"hone/tensor/cpu"
	"hone/token"
)

// LocalOptions say how a checkpoint is sampled.
type LocalOptions struct {
	// Weights are stored as this; the zero value is float32.
	Weights tensor.DType
	// Slots is how many sequences are drawn at the same time; 0 is 32, or as many as
	// have a cache of 2 GiB together.
	Slots int
	// Context is the longest sequence, prompt and completion; 0 is the model's
	// positions, at most 4096.
	Context int
	// Threads compute; 0 is one a processor.
	Threads int
}

// Local samples a checkpoint of this machine. Requests under way are drawn
// together, token by token, in one batch; a request that comes takes a free place
// in it. What a request gives does not depend on what else is in the batch.
type Local struct {
	identity string
	tok      *token.Tokenizer
	chat     *ChatFormat // nil: chatErr says why messages cannot be used
	chatErr  error
	ends     map[int32]bool // tokens that end a text
	begin    int32          // the token an empty prompt begins with, token.None if none
	context  int
	vocab    int
	weights  tensor.DType
	layout   []model.ParamSpec
	work     chan *group
	replace  chan replacement
	closing  chan struct{}
	once     sync.Once // closes closing
	closed   chan struct{}
	engine   *engine
}

// OpenLocal loads the model and the tokenizer of a folder.
func OpenLocal(dir string, o LocalOptions) (*Local, error) {
	m, err := model.Load(dir, model.LoadOptions{})
	if err != nil {
		return nil, err
	}
	tok, err := token.Load(dir)
	if err != nil {
		return nil, err
	}
	id, err := fingerprint(dir)
	if err != nil {
		return nil, err
	}
	l, err := NewLocal(m, tok, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	l.identity = fmt.Sprintf("local %s %s %v context %d", filepath.Base(filepath.Clean(dir)), id, o.Weights, l.context)
	if err := l.moreEnds(filepath.Join(dir, "generation_config.json")); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	var config struct {
		Template json.RawMessage `json:"chat_template"`
	}
	if raw, err := os.ReadFile(filepath.Join(dir, "tokenizer_config.json")); err == nil {
		if err := json.Unmarshal(raw, &config); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: tokenizer_config.json: %w", dir, err), l.Close())
		}
	}
	var template string
	_ = json.Unmarshal(config.Template, &template) // a list of templates is none that is known
	l.chat, l.chatErr = ParseChatTemplate(template)
	return l, nil
}

// moreEnds adds the tokens that generation_config.json says end a text: models that
// follow instructions have more of them than config.json names.
func (l *Local) moreEnds(path string) error {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var config struct {
		EOS json.RawMessage `json:"eos_token_id"`
	}
	if err := json.Unmarshal(raw, &config); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var one int32
	var many []int32
	switch {
	case len(config.EOS) == 0 || string(config.EOS) == "null":
	case json.Unmarshal(config.EOS, &one) == nil:
		many = []int32{one}
	case json.Unmarshal(config.EOS, &many) != nil:
		return fmt.Errorf("%s: eos_token_id is %s: a number or a list of numbers is needed", path, config.EOS)
	}
	for _, id := range many {
		if id < 0 || int(id) >= l.vocab {
			return fmt.Errorf("%s: eos_token_id %d is outside the vocabulary of %d", path, id, l.vocab)
		}
		l.ends[id] = true
	}
	return nil
}

// fingerprint is a hash of the files that decide what a model gives.
func fingerprint(dir string) (string, error) {
	h := sha256.New()
	for _, pattern := range []string{"config.json", "*.safetensors", "generation_config.json", "tokenizer_config.json", "tokenizer.json", "vocab.json", "merges.txt", "adapter_config.json"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return "", err
		}
		for _, path := range files {
			f, err := os.Open(path)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(h, "%s\n", filepath.Base(path))
			_, err = io.Copy(h, f)
			f.Close()
			if err != nil {
				return "", fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), nil
}

// NewLocal samples a model that was loaded. It takes the model over: its weights
// are laid out anew. The tokenizer may not know more tokens than the model.
func NewLocal(m *model.Model, tok *token.Tokenizer, o LocalOptions) (*Local, error) {
	if m.Head != model.HeadLM {
		return nil, fmt.Errorf("the model has a head for %s: it does not write text", m.Head)
	}
	if tok.Size() > m.Vocab {
		return nil, fmt.Errorf("the tokenizer has %d tokens, the model's vocabulary %d: they do not belong together", tok.Size(), m.Vocab)
	}
	if o.Context <= 0 {
		o.Context = min(m.Positions, 4096)
	}
	if o.Context > m.Positions {
		return nil, fmt.Errorf("a context of %d tokens is longer than the model's %d positions", o.Context, m.Positions)
	}
	if o.Slots <= 0 {
		const most = 2 << 30
		sequence := 4 * 2 * m.Layers * m.KVHeads * m.HeadDim * o.Context // bytes of its keys and values
		o.Slots = max(1, min(32, most/sequence))
	}
	m.Limit(o.Context)
	if err := m.Pack(o.Weights, o.Slots); err != nil {
		return nil, err
	}
	l := &Local{
		identity: "local model " + tok.Fingerprint(),
		tok:      tok, chatErr: errors.New("this model has no chat template: ask it with a prompt instead of messages"),
		ends: map[int32]bool{}, begin: token.None, context: o.Context, vocab: m.Vocab,
		weights: o.Weights, layout: m.Layout(), work: make(chan *group), replace: make(chan replacement), closing: make(chan struct{}), closed: make(chan struct{}),
	}
	for _, id := range m.EOS {
		l.ends[int32(id)] = true
	}
	if id := tok.Special().EOS; id != token.None {
		l.ends[id] = true
		l.begin = id // GPT-2 and this package's own models begin a text with the end of the one before
	}
	if m.BOS != model.NoToken {
		l.begin = int32(m.BOS)
	}
	l.engine = newEngine(m, cpu.New(o.Threads), o.Slots, o.Context)
	go l.loop()
	return l, nil
}

// replacement is a model whose weights are to be taken over, and where to say that they were.
type replacement struct {
	model *model.Model
	done  chan error
}

// Replace has all later requests drawn from the weights of m, a model of the same shape
// that it takes over. It waits until no request is under way, so that none is drawn from
// two models. Training pushes what it has learned into its sampler this way.
func (l *Local) Replace(ctx context.Context, m *model.Model) error {
	m.Limit(l.context)
	same := func(a, b model.ParamSpec) bool { return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) }
	if !slices.EqualFunc(l.layout, m.Layout(), same) {
		return errors.New("generate: the weights are those of a model of another shape")
	}
	r := replacement{m, make(chan error, 1)}
	select {
	case l.replace <- r: // taken between requests
	case <-ctx.Done():
		return ctx.Err()
	case <-l.closed:
		return errClosed
	}
	return <-r.done
}

// Identity implements [Generator].
func (l *Local) Identity() string { return l.identity }

// Slots is how many sequences are drawn at the same time.
func (l *Local) Slots() int { return l.engine.cache.Slots }

// Close ends the requests under way with an error and frees the threads.
func (l *Local) Close() error {
	l.once.Do(func() { close(l.closing) })
	<-l.closed
	return nil
}

// errClosed is what requests get that were under way when the model was closed.
var errClosed = errors.New("generate: the model was closed")

// Generate implements [Generator].
func (l *Local) Generate(ctx context.Context, r Request) ([]Completion, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	prompt := r.Prompt
	if len(r.Messages) > 0 {
		if l.chat == nil {
			return nil, refuse("messages", "%v", l.chatErr)
		}
		prompt = l.chat.Prompt(r.Messages)
		r.Stop = append(append([]string(nil), r.Stop...), l.chat.Stops()...)
	}
	before, _ := l.tok.Around()
	ids := l.tok.AppendEncode(append([]int32(nil), before...), prompt)
	if len(ids) == 0 {
		if l.begin == token.None {
			return nil, refuse("prompt", "it is empty, and the model has no token that begins a text")
		}
		ids = []int32{l.begin}
	}
	if len(ids) >= l.context {
		return nil, &RequestError{Field: "prompt", TooLong: true, Message: fmt.Sprintf("%d tokens leave no room for a completion in a context of %d", len(ids), l.context)}
	}
	g := newGroup(ctx, l, r, ids)
	select {
	case l.work <- g:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.closed:
		return nil, errClosed
	}
	select {
	case <-g.done:
	case <-ctx.Done():
		<-g.done // the loop drops it before the next token: nothing is told to OnPiece after this
		return nil, ctx.Err()
	}
	return g.completions, g.err
}
