package generate

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The JSON of OpenAI's API, as Endpoint reads and Server writes it. Completions and
// chat completions, whole and streamed, share one type each: a field that the one
// form has and the other lacks is absent there.

// wireRequest is the body of a request. Pointers tell absent from zero.
type wireRequest struct {
	Model               string          `json:"model"`
	Prompt              json.RawMessage `json:"prompt,omitempty"` // a string; others are refused
	Messages            []wireMessage   `json:"messages,omitempty"`
	N                   *int            `json:"n,omitempty"`
	MaxTokens           *int            `json:"max_tokens,omitempty"`
	MaxCompletionTokens *int            `json:"max_completion_tokens,omitempty"`
	Temperature         *float64        `json:"temperature,omitempty"`
	TopP                *float64        `json:"top_p,omitempty"`
	TopK                *int            `json:"top_k,omitempty"`
	Stop                json.RawMessage `json:"stop,omitempty"` // a string or a list of them
	Seed                *int64          `json:"seed,omitempty"`
	LogProbs            json.RawMessage `json:"logprobs,omitempty"` // a number for completions, a boolean for chat
	Stream              bool            `json:"stream,omitempty"`
	StreamOptions       *streamOptions  `json:"stream_options,omitempty"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

// wireMessage is a message, or in a stream a part of one.
type wireMessage struct {
	Role    string          `json:"role,omitempty"`
	Content json.RawMessage `json:"content,omitempty"` // a string, null or a list of parts
	Refusal *string         `json:"refusal,omitempty"`
}

// text is the message's text; a refusal is one too.
func (m *wireMessage) text() (string, error) {
	if len(m.Content) > 0 && string(m.Content) != "null" {
		var s string
		if json.Unmarshal(m.Content, &s) == nil {
			return s, nil
		}
		var parts []struct{ Type, Text string }
		if err := json.Unmarshal(m.Content, &parts); err != nil {
			return "", fmt.Errorf("content is neither text nor a list of parts")
		}
		for _, p := range parts {
			if p.Type != "text" {
				return "", fmt.Errorf("content has a part of type %q, only text is understood", p.Type)
			}
			s += p.Text
		}
		return s, nil
	}
	if m.Refusal != nil {
		return *m.Refusal, nil
	}
	return "", nil
}

// wireResponse is a whole answer or one event of a stream.
type wireResponse struct {
	ID      string          `json:"id"`
	Object  string          `json:"object"`
	Created int64           `json:"created"`
	Model   string          `json:"model"`
	Choices []wireChoice    `json:"choices"`
	Usage   *wireUsage      `json:"usage,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

type wireChoice struct {
	Index        int           `json:"index"`
	Text         *string       `json:"text,omitempty"`    // completions
	Message      *wireMessage  `json:"message,omitempty"` // chat, whole
	Delta        *wireMessage  `json:"delta,omitempty"`   // chat, streamed
	LogProbs     *wireLogProbs `json:"logprobs"`
	FinishReason *string       `json:"finish_reason"`
}

type wireUsage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

// wireLogProbs is chat's form (Content) or that of completions (the parallel lists).
type wireLogProbs struct {
	Content []wireLogProb `json:"content,omitempty"`

	Tokens        []string             `json:"tokens,omitempty"`
	TokenLogProbs []*float64           `json:"token_logprobs,omitempty"`
	TopLogProbs   []map[string]float64 `json:"top_logprobs,omitempty"`
	TextOffset    []int                `json:"text_offset,omitempty"`
	TokenIDs      []int32              `json:"token_ids,omitempty"` // ours, and vLLM's
}

type wireLogProb struct {
	Token       string        `json:"token"`
	LogProb     float64       `json:"logprob"`
	Bytes       []int         `json:"bytes"`
	TopLogProbs []wireLogProb `json:"top_logprobs,omitempty"`
	ID          *int32        `json:"id,omitempty"` // ours, and llama.cpp's
}

// tokens reads either form.
func (l *wireLogProbs) tokens() ([]Token, error) {
	if l == nil {
		return nil, nil
	}
	var out []Token
	for _, c := range l.Content {
		t := Token{ID: -1, Text: c.Token, LogProb: float32(c.LogProb)}
		if c.ID != nil {
			t.ID = *c.ID
		}
		if c.Bytes != nil {
			b := make([]byte, len(c.Bytes))
			for i, v := range c.Bytes {
				if v < 0 || v > math.MaxUint8 {
					return nil, fmt.Errorf("logprobs: %d is no byte", v)
				}
				b[i] = byte(v)
			}
			t.Text = string(b)
		}
		out = append(out, t)
	}
	if len(l.Tokens) != len(l.TokenLogProbs) {
		return nil, fmt.Errorf("logprobs: %d tokens and %d token_logprobs", len(l.Tokens), len(l.TokenLogProbs))
	}
	for i, text := range l.Tokens {
		p := l.TokenLogProbs[i]
		if p == nil {
			return nil, fmt.Errorf("logprobs: that of token %d is null", i)
		}
		t := Token{ID: -1, Text: unescapeBytes(text), LogProb: float32(*p)}
		if len(l.TokenIDs) == len(l.Tokens) {
			t.ID = l.TokenIDs[i]
		}
		out = append(out, t)
	}
	return out, nil
}

// chatLogProbs writes tokens in chat's form.
func chatLogProbs(tokens []Token) *wireLogProbs {
	l := &wireLogProbs{Content: make([]wireLogProb, len(tokens))}
	for i, t := range tokens {
		c := wireLogProb{Token: string([]rune(t.Text)), LogProb: finite(t.LogProb), Bytes: make([]int, len(t.Text))}
		for j := range len(t.Text) {
			c.Bytes[j] = int(t.Text[j])
		}
		if t.ID >= 0 {
			c.ID = &t.ID
		}
		l.Content[i] = c
	}
	return l
}

// completionLogProbs writes tokens in the form of completions; the first begins at
// offset, in characters.
func completionLogProbs(tokens []Token, offset int) *wireLogProbs {
	l := &wireLogProbs{}
	for _, t := range tokens {
		p := finite(t.LogProb)
		text := escapeBytes(t.Text)
		l.Tokens = append(l.Tokens, text)
		l.TokenLogProbs = append(l.TokenLogProbs, &p)
		l.TopLogProbs = append(l.TopLogProbs, map[string]float64{text: p})
		l.TextOffset = append(l.TextOffset, offset)
		l.TokenIDs = append(l.TokenIDs, t.ID)
		offset += utf8.RuneCountInString(t.Text)
	}
	return l
}

// finite is p as JSON can hold it; OpenAI writes -9999 for a probability of 0.
func finite(p float32) float64 {
	if f := float64(p); !math.IsNaN(f) && !math.IsInf(f, 0) {
		return f
	}
	return -9999
}

// escapeBytes writes a token that is no UTF-8 as OpenAI does: bytes:\xe4\xb8.
func escapeBytes(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.WriteString("bytes:")
	for i := range len(s) {
		fmt.Fprintf(&b, `\x%02x`, s[i])
	}
	return b.String()
}

// unescapeBytes undoes escapeBytes; other text stays as it is.
func unescapeBytes(s string) string {
	hex, ok := strings.CutPrefix(s, "bytes:")
	if !ok || hex == "" || len(hex)%4 != 0 {
		return s
	}
	var b []byte
	for i := 0; i < len(hex); i += 4 {
		v, err := strconv.ParseUint(hex[i+2:i+4], 16, 8)
		if hex[i:i+2] != `\x` || err != nil {
			return s
		}
		b = append(b, byte(v))
	}
	return string(b)
}

// wireError is OpenAI's error object.
type wireError struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    any     `json:"code"` // a string, a number or null
}

// parseError finds the error in an answer: {"error": {…}}, {"error": "…"} (Ollama)
// or a bare {"message": …} or {"detail": …} (vLLM, FastAPI). It reports false where there is none.
func parseError(body []byte) (wireError, bool) {
	var outer struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
		Type    string          `json:"type"`
		Param   *string         `json:"param"`
		Code    any             `json:"code"`
		Detail  json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(body, &outer) != nil {
		return wireError{}, false
	}
	if len(outer.Error) > 0 && string(outer.Error) != "null" {
		return errorObject(outer.Error), true
	}
	if outer.Message != "" {
		return wireError{outer.Message, outer.Type, outer.Param, outer.Code}, true
	}
	if len(outer.Detail) > 0 && string(outer.Detail) != "null" {
		return errorObject(outer.Detail), true
	}
	return wireError{}, false
}

func errorObject(raw json.RawMessage) wireError {
	var e wireError
	if json.Unmarshal(raw, &e) == nil && e.Message != "" {
		return e
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		s = string(raw)
	}
	return wireError{Message: s}
}
