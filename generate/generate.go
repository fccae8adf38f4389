// Package generate draws text from language models: a checkpoint of this machine,
// sampled in batches, or any server that speaks OpenAI's API. Both are a
// [Generator]; [Server] offers any Generator over that same API.
package generate

import (
	"context"
	"fmt"
	"math"
)

// Generator draws completions.
type Generator interface {
	// Generate draws r.N completions of one prompt, in order. It is safe for
	// concurrent use: a local model batches concurrent calls. A request that can
	// never work is refused with a *[RequestError]. When ctx ends, so does Generate,
	// with ctx's error and without completions.
	Generate(ctx context.Context, r Request) ([]Completion, error)
	// Identity names what generates (model, fingerprint of its weights, their
	// precision) on one line, without secrets. Runs with equal identities and equal
	// requests may be resumed from each other.
	Identity() string
}

// Request asks for completions. Its zero value is not valid: see [Request.Check].
type Request struct {
	// Prompt is text to continue. It is used when Messages is empty.
	Prompt string
	// Messages is a conversation whose next message, by the assistant, is wanted.
	Messages []Message
	// N is the number of completions, at least 1.
	N int
	// MaxTokens is the most tokens drawn for one completion, at least 1.
	MaxTokens int
	// Temperature divides the logits. 0 is greedy: the likeliest token, always.
	Temperature float64
	// TopP keeps the smallest set of likeliest tokens whose probabilities reach it
	// (Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020). 0 and 1 keep all.
	TopP float64
	// TopK keeps the TopK likeliest tokens. 0 keeps all.
	TopK int
	// Stop ends a completion where one of these texts appears. The text ends before it.
	Stop []string
	// Seed and First decide chance: completion i depends on (Seed, First+i) and on
	// nothing else that happens, so that a set of completions may be drawn in parts.
	// A server promises less, see [Endpoint].
	Seed  uint64
	First int
	// LogProbs asks for [Completion.Tokens] with their log-probabilities.
	LogProbs bool
	// OnPiece is told the text of completion i (0 … N-1) as it becomes certain, in
	// order for one completion, never two calls at once for one request. The pieces
	// of a completion joined are its Text. A listener that is slow may delay other
	// requests of a local model. nil: nobody listens.
	OnPiece func(i int, p Piece)
}

// Message is one turn of a conversation.
type Message struct {
	Role    string `json:"role"` // system, user or assistant
	Content string `json:"content"`
}

// Piece is a part of a completion's text: whole UTF-8 characters, and none that
// may yet turn out to belong to a stop.
type Piece struct {
	Text string
	// Tokens are the tokens drawn since the piece before, with Request.LogProbs.
	// There may be some without text.
	Tokens []Token
}

// Token is one token that was drawn.
type Token struct {
	// ID is its number in the model's vocabulary, -1 where a server does not say.
	ID int32
	// Text is what it stands for; bytes that alone may be no valid UTF-8.
	Text string
	// LogProb is the natural logarithm of its probability under the model, before
	// temperature, top-k and top-p.
	LogProb float32
}

// Completion is one text that was drawn.
type Completion struct {
	Text string
	// Tokens are all the tokens that were drawn, those of the stop and the end of
	// text too; nil unless Request.LogProbs.
	Tokens []Token
	Finish Finish
	// Usage counts what was drawn for this completion and, in the first of a request,
	// the prompt. A server counts for a whole request: there the first has it all.
	Usage Usage
}

// Finish is why a completion ended.
type Finish string

const (
	FinishStop   Finish = "stop"           // the model's end of text, or a stop of the request
	FinishLength Finish = "length"         // MaxTokens, or the longest text the model can hold
	FinishFilter Finish = "content_filter" // a server withheld the rest
)

// Usage counts tokens.
type Usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
}

// Total is the usage of a request as a whole.
func Total(cs []Completion) Usage {
	var u Usage
	for _, c := range cs {
		u.Add(c.Usage)
	}
	return u
}

// Add adds v to u.
func (u *Usage) Add(v Usage) {
	u.Prompt += v.Prompt
	u.Completion += v.Completion
}

// RequestError is a mistake of the request: asking again gives it again.
type RequestError struct {
	// Field is the request's field in OpenAI's spelling ("max_tokens"), or "".
	Field string
	// Message says what is wrong and what is right.
	Message string
	// TooLong: the prompt alone fills the longest text the model can hold.
	TooLong bool
}

// Error is the message, after the name of the field if there is one.
func (e *RequestError) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return e.Field + ": " + e.Message
}

func refuse(field, format string, args ...any) error {
	return &RequestError{Field: field, Message: fmt.Sprintf(format, args...)}
}

// Bounds of a request that no use of this package reaches, so that a mistake is
// refused before it takes memory.
const (
	maxN         = 4096
	maxMaxTokens = 1 << 20
	maxStops     = 64
)

// Check reports the first mistake in r that is one for every model, as a *[RequestError].
func (r *Request) Check() error {
	switch {
	case r.Prompt != "" && len(r.Messages) > 0:
		return refuse("prompt", "a request has a prompt or messages, not both")
	case r.N < 1 || r.N > maxN:
		return refuse("n", "%d completions: it is a number from 1 to %d", r.N, maxN)
	case r.MaxTokens < 1 || r.MaxTokens > maxMaxTokens:
		return refuse("max_tokens", "%d tokens: it is a number from 1 to %d", r.MaxTokens, maxMaxTokens)
	case !(r.Temperature >= 0 && r.Temperature <= math.MaxFloat32): // NaN is neither
		return refuse("temperature", "%v: it is 0 (greedy) or more", r.Temperature)
	case !(r.TopP >= 0 && r.TopP <= 1):
		return refuse("top_p", "%v: it is a number from 0 to 1", r.TopP)
	case r.TopK < 0:
		return refuse("top_k", "%d: it is 0 (all tokens) or more", r.TopK)
	case r.First < 0:
		return refuse("first", "%d: samples are numbered from 0", r.First)
	case len(r.Stop) > maxStops:
		return refuse("stop", "%d stops: at most %d are kept apart", len(r.Stop), maxStops)
	}
	for _, s := range r.Stop {
		if s == "" {
			return refuse("stop", "an empty text would end every completion at once")
		}
	}
	for i, m := range r.Messages {
		switch m.Role {
		case "system", "user", "assistant":
		default:
			return refuse("messages", "message %d has the role %q: it is system, user or assistant", i, m.Role)
		}
	}
	return nil
}
