package generate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// answer turns what a server sends for the completions first to first+n-1 of r
// into completions.
type answer struct {
	e        *Endpoint
	r        *Request
	first, n int
	path     string
	told     bool // whether OnPiece was told anything
}

// drawing is one completion of a stream that is not complete yet.
type drawing struct {
	cut    *Cutter
	text   strings.Builder
	tokens []Token
	finish Finish
}

// whole reads an answer that is one JSON object.
func (a *answer) whole(body io.Reader) ([]Completion, error) {
	raw, err := readAll(body)
	if err != nil {
		return nil, err
	}
	resp, err := a.parse(raw)
	if err != nil {
		return nil, err
	}
	out, err := a.completions(resp)
	if err != nil {
		return nil, a.e.garbled(a.path, raw, err)
	}
	for i, c := range out { // where there is a listener, of a server that cannot stream
		a.tell(i, Piece{c.Text, c.Tokens})
	}
	return out, nil
}

// parse reads one object; an error in it is returned as one.
func (a *answer) parse(raw []byte) (*wireResponse, error) {
	resp := &wireResponse{}
	if err := json.Unmarshal(raw, resp); err != nil {
		return nil, a.e.garbled(a.path, raw, err)
	}
	if we, ok := parseError(raw); ok && len(resp.Choices) == 0 {
		return nil, &EndpointError{URL: a.e.where() + a.path, Message: a.e.clean("the server answers with an error: " + we.Message), passing: passingError(we)}
	}
	return resp, nil
}

// passingError tells errors that come with status 200 or in a stream apart.
func passingError(we wireError) bool {
	if f, ok := we.Code.(float64); ok && isPassing(int(f)) {
		return true
	}
	switch we.Type {
	case "server_error", "overloaded_error", "rate_limit_error", "rate_limit_exceeded", "internal_error", "InternalServerError", "api_error":
		return true
	}
	return false
}

// completions reads a whole response.
func (a *answer) completions(resp *wireResponse) ([]Completion, error) {
	if len(resp.Choices) == 0 {
		return nil, errors.New("it has no choices")
	}
	choices := slices.Clone(resp.Choices)
	slices.SortStableFunc(choices, func(x, y wireChoice) int { return x.Index - y.Index })
	choices = choices[:min(len(choices), a.n)] // some send more than they were asked for
	out := make([]Completion, len(choices))
	for i, c := range choices {
		if c.Index != i {
			return nil, fmt.Errorf("choice %d is missing", i)
		}
		text, err := c.text()
		if err != nil {
			return nil, fmt.Errorf("choice %d: %w", i, err)
		}
		tokens, err := a.tokens(&c)
		if err != nil {
			return nil, fmt.Errorf("choice %d: %w", i, err)
		}
		if a.r.LogProbs && tokens == nil && text != "" {
			return nil, fmt.Errorf("choice %d has no log-probabilities though they were asked for", i)
		}
		var stopped bool
		if out[i].Text, stopped = Cut(text, a.r.Stop); stopped {
			out[i].Finish = FinishStop
		} else if out[i].Finish, err = finishOf(c.FinishReason); err != nil {
			return nil, fmt.Errorf("choice %d: %w", i, err)
		}
		out[i].Tokens = tokens
	}
	if resp.Usage != nil {
		out[0].Usage = resp.Usage.usage()
	}
	return out, nil
}

func (u *wireUsage) usage() Usage { return Usage{max(0, u.PromptTokens), max(0, u.CompletionTokens)} }

// text is a choice's text, wherever it is.
func (c *wireChoice) text() (string, error) {
	switch {
	case c.Text != nil:
		return *c.Text, nil
	case c.Message != nil:
		return c.Message.text()
	case c.Delta != nil:
		return c.Delta.text()
	}
	return "", errors.New("it has neither text nor a message")
}

func (a *answer) tokens(c *wireChoice) ([]Token, error) {
	if !a.r.LogProbs {
		return nil, nil
	}
	return c.LogProbs.tokens()
}

// finishOf reads the names that servers have for two or three reasons.
func finishOf(reason *string) (Finish, error) {
	if reason == nil {
		return FinishStop, nil // Some leave it out when the text is complete.
	}
	switch *reason {
	case "stop", "", "eos", "eos_token", "end_turn", "stop_sequence", "stop_token", "tool_calls", "function_call":
		return FinishStop, nil
	case "length", "max_tokens", "limit", "max_length":
		return FinishLength, nil
	case "content_filter", "refusal", "safety":
		return FinishFilter, nil
	}
	return "", fmt.Errorf("it ended because of %q", *reason)
}

// stream reads an answer event by event.
func (a *answer) stream(body io.Reader) ([]Completion, error) {
	draws := make([]*drawing, a.n)
	for i := range draws {
		draws[i] = &drawing{cut: NewCutter(a.r.Stop)}
	}
	var usage Usage
	done := false
	errDone := errors.New("done")
	err := readEvents(body, func(data []byte) error {
		if string(data) == "[DONE]" {
			done = true
			return errDone
		}
		resp, err := a.parse(data)
		if err != nil {
			return err
		}
		if resp.Usage != nil {
			usage = resp.Usage.usage()
		}
		for i := range resp.Choices {
			if err := a.event(draws, &resp.Choices[i]); err != nil {
				return a.e.garbled(a.path, data, err)
			}
		}
		return nil
	})
	if err != nil && err != errDone {
		return nil, err
	}
	for len(draws) > 1 && draws[len(draws)-1].finish == "" && draws[len(draws)-1].text.Len() == 0 {
		draws = draws[:len(draws)-1] // a server without n
	}
	out := make([]Completion, len(draws))
	for i, d := range draws {
		if d.finish == "" && !done {
			return nil, fmt.Errorf("the stream ended early: %w", io.ErrUnexpectedEOF)
		}
		if d.finish == "" {
			d.finish = FinishStop
		}
		a.add(i, d, d.cut.End(), nil)
		out[i] = Completion{Text: d.text.String(), Tokens: d.tokens, Finish: d.finish}
	}
	out[0].Usage = usage
	return out, nil
}

// event takes one choice of one event.
func (a *answer) event(draws []*drawing, c *wireChoice) error {
	if c.Index < 0 || c.Index >= len(draws) {
		return fmt.Errorf("choice %d of %d", c.Index, len(draws))
	}
	d := draws[c.Index]
	if c.Text != nil || c.Delta != nil || c.Message != nil {
		text, err := c.text()
		if err != nil {
			return err
		}
		tokens, err := a.tokens(c)
		if err != nil {
			return err
		}
		certain, stopped := d.cut.Add(text)
		a.add(c.Index, d, certain, tokens)
		if stopped {
			d.finish = FinishStop
		}
	}
	if c.FinishReason != nil && d.finish == "" {
		var err error
		if d.finish, err = finishOf(c.FinishReason); err != nil {
			return err
		}
	}
	return nil
}

// add appends what is certain to completion i and tells the listener.
func (a *answer) add(i int, d *drawing, text string, tokens []Token) {
	d.text.WriteString(text)
	d.tokens = append(d.tokens, tokens...)
	if text != "" || len(tokens) > 0 {
		a.tell(i, Piece{text, tokens})
	}
}

func (a *answer) tell(i int, p Piece) {
	if a.r.OnPiece != nil {
		a.told = true
		a.r.OnPiece(a.first+i, p)
	}
}
