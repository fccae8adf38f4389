package generate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
)

// maxRequest bounds the body of a request, in bytes.
const maxRequest = 8 << 20

// askedFor is a request as a client made it.
type askedFor struct {
	Request
	stream, usage bool // usage: at the end of a stream
}

// extras are the fields of OpenAI's API that would change a completion and that
// are not supported: a client must not believe they were honoured.
type extras struct {
	Echo             bool               `json:"echo"`
	BestOf           *int               `json:"best_of"`
	Suffix           *string            `json:"suffix"`
	LogitBias        map[string]float64 `json:"logit_bias"`
	PresencePenalty  float64            `json:"presence_penalty"`
	FrequencyPenalty float64            `json:"frequency_penalty"`
	TopLogProbs      int                `json:"top_logprobs"`
	Tools            []json.RawMessage  `json:"tools"`
	Functions        []json.RawMessage  `json:"functions"`
	ResponseFormat   *struct {
		Type string `json:"type"`
	} `json:"response_format"`
}

func (x *extras) check(n, most int) error {
	no := func(field, why string) error { return refuse(field, "it is not supported here%s", why) }
	switch {
	case n > most:
		return refuse("n", "%d is more than %d completions: ask again for the rest, so that others have their turn", n, most)
	case x.Echo:
		return no("echo", ": the answer holds the continuation only")
	case x.BestOf != nil && *x.BestOf != n:
		return no("best_of", "; n gives several completions")
	case x.Suffix != nil && *x.Suffix != "":
		return no("suffix", "")
	case len(x.LogitBias) > 0:
		return no("logit_bias", "")
	case x.PresencePenalty != 0:
		return no("presence_penalty", "")
	case x.FrequencyPenalty != 0:
		return no("frequency_penalty", "")
	case x.TopLogProbs > 0:
		return no("top_logprobs", ": the log-probability of the token that was drawn is there, not those of others")
	case len(x.Tools) > 0:
		return no("tools", "")
	case len(x.Functions) > 0:
		return no("functions", "")
	case x.ResponseFormat != nil && x.ResponseFormat.Type != "text":
		return no("response_format", "")
	}
	return nil
}

// readRequest reads and checks the body.
func (s *Server) readRequest(w http.ResponseWriter, hr *http.Request, chat bool) (*askedFor, error) {
	bad := func(err error) error { return s.explain(hr.Context(), err) }
	raw, err := io.ReadAll(http.MaxBytesReader(w, hr.Body, maxRequest))
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		return nil, &httpError{status: http.StatusRequestEntityTooLarge, kind: "invalid_request_error", message: fmt.Sprintf("the request is longer than %d MiB", maxRequest>>20)}
	}
	if err != nil {
		return nil, bad(refuse("", "the request broke off: %v", err))
	}
	var body wireRequest
	var more extras
	for _, v := range []any{&body, &more} {
		if err := json.Unmarshal(raw, v); err != nil {
			return nil, bad(bodyError(err))
		}
	}
	if body.Model != "" && body.Model != s.cfg.Model {
		return nil, s.noModel(body.Model)
	}
	a, err := body.request(chat, s.cfg.MaxTokens)
	if err == nil {
		err = a.Check()
	}
	if err == nil {
		err = more.check(a.N, s.cfg.MaxN)
	}
	if err != nil {
		return nil, bad(err)
	}
	return a, nil
}

// bodyError says in the words of the API what is wrong with a body.
func bodyError(err error) error {
	var te *json.UnmarshalTypeError
	if errors.As(err, &te) && te.Field != "" {
		return refuse(te.Field, "it is a JSON %s, which it cannot be", te.Value)
	}
	return refuse("", "the body is not a JSON object of this API: %v", err)
}

// request is what a body asks for, with OpenAI's defaults.
func (b *wireRequest) request(chat bool, maxTokens int) (*askedFor, error) {
	a := &askedFor{stream: b.Stream, usage: b.StreamOptions != nil && b.StreamOptions.IncludeUsage}
	r := &a.Request
	r.N, r.MaxTokens, r.Temperature = 1, 16, 1
	if chat {
		r.MaxTokens = maxTokens
		if len(b.Messages) == 0 {
			return nil, refuse("messages", "there are none")
		}
		for i, m := range b.Messages {
			text, err := m.text()
			if err != nil {
				return nil, refuse("messages", "message %d: %v", i, err)
			}
			if m.Role == "developer" { // what newer clients call it
				m.Role = "system"
			}
			r.Messages = append(r.Messages, Message{m.Role, text})
		}
	} else {
		var err error
		if r.Prompt, err = oneText("prompt", b.Prompt); err != nil {
			return nil, err
		}
	}
	set(&r.N, b.N)
	set(&r.MaxTokens, b.MaxTokens)
	set(&r.MaxTokens, b.MaxCompletionTokens)
	set(&r.Temperature, b.Temperature)
	set(&r.TopP, b.TopP)
	if b.TopK != nil && *b.TopK != -1 { // vLLM's way to say all
		r.TopK = *b.TopK
	}
	if b.TopP != nil && *b.TopP == 0 {
		return nil, refuse("top_p", "0 keeps no token; 1 keeps all")
	}
	r.Seed = rand.Uint64()
	if b.Seed != nil {
		r.Seed = uint64(*b.Seed)
	}
	if len(b.Stop) > 0 && string(b.Stop) != "null" {
		var one string
		if json.Unmarshal(b.Stop, &one) == nil {
			r.Stop = []string{one}
		} else if json.Unmarshal(b.Stop, &r.Stop) != nil {
			return nil, refuse("stop", "it is a text or a list of texts")
		}
	}
	return a, b.wantsLogProbs(r, chat)
}

// wantsLogProbs reads logprobs: a boolean for chat, else how many tokens' are wanted
// besides that of the token drawn, of which none can be had.
func (b *wireRequest) wantsLogProbs(r *Request, chat bool) error {
	if len(b.LogProbs) == 0 || string(b.LogProbs) == "null" {
		return nil
	}
	if chat {
		if json.Unmarshal(b.LogProbs, &r.LogProbs) != nil {
			return refuse("logprobs", "it is true or false")
		}
		return nil
	}
	var n int
	switch {
	case json.Unmarshal(b.LogProbs, &n) != nil || n < 0:
		return refuse("logprobs", "it is a number from 0")
	case n > 1:
		return refuse("logprobs", "%d: the log-probability of the token that was drawn is there, not those of others; 0 and 1 are possible", n)
	}
	r.LogProbs = true
	return nil
}

// oneText reads a text, or a list that holds one.
func oneText(field string, raw json.RawMessage) (string, error) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s, nil
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil && len(list) == 1 {
		return list[0], nil
	}
	return "", refuse(field, "one text is wanted; several texts, and tokens, are not supported")
}

// set takes what a client gave.
func set[T any](to *T, given *T) {
	if given != nil {
		*to = *given
	}
}
