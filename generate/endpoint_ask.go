package generate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// errOneByOne says that the server does not take n.
var errOneByOne = errors.New("the server gives one completion a request")

// maxServerStops is the most stops that OpenAI's own servers take.
const maxServerStops = 4

// body is the request for the completions first to first+n-1 of r.
func (e *Endpoint) body(r *Request, first, n int) wireRequest {
	w := wireRequest{Model: e.cfg.Model, Temperature: &r.Temperature, Stream: r.OnPiece != nil}
	if len(r.Messages) > 0 {
		for _, m := range r.Messages {
			w.Messages = append(w.Messages, wireMessage{Role: m.Role, Content: rawJSON(m.Content)})
		}
	} else {
		w.Prompt = rawJSON(r.Prompt)
	}
	if n > 1 {
		w.N = &n
	}
	if e.refused.maxTokens.Load() {
		w.MaxCompletionTokens = &r.MaxTokens
	} else {
		w.MaxTokens = &r.MaxTokens
	}
	if r.TopP > 0 && r.TopP < 1 {
		w.TopP = &r.TopP
	}
	if r.TopK > 0 {
		w.TopK = &r.TopK
	}
	stops := r.Stop
	if e.refused.manyStops.Load() && len(stops) > maxServerStops {
		stops = stops[:maxServerStops]
	}
	if len(stops) > 0 {
		w.Stop = rawJSON(stops)
	}
	if !e.refused.seed.Load() {
		seed := seedOf(r.Seed, r.First+first)
		w.Seed = &seed
	}
	if r.LogProbs {
		w.LogProbs = json.RawMessage("1")
		if len(r.Messages) > 0 {
			w.LogProbs = json.RawMessage("true")
		}
	}
	if w.Stream && !e.refused.streamOptions.Load() {
		w.StreamOptions = &streamOptions{IncludeUsage: true}
	}
	return w
}

// rawJSON encodes a text or a list of texts.
func rawJSON[T string | []string](v T) json.RawMessage {
	b, _ := json.Marshal(v) // of these types it cannot fail
	return b
}

// ask gets up to n completions of r, those from first on: as many as the server gives, at least one.
func (e *Endpoint) ask(ctx context.Context, r Request, first, n int) ([]Completion, error) {
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	path := "/completions"
	if len(r.Messages) > 0 {
		path = "/chat/completions"
	}
	expected := r.cost(n)
	var out []Completion
	err := e.retrying(ctx, expected, func(ctx context.Context) error {
		w := e.body(&r, first, n)
		resp, err := e.send(ctx, http.MethodPost, path, w)
		if err != nil {
			e.tokens.correct(expected) // it was not served
			return e.adapted(err, &w, len(r.Stop))
		}
		a := &answer{e: e, r: &r, first: first, n: n, path: path}
		if isStream(resp.Header) {
			out, err = a.stream(resp.Body)
		} else {
			out, err = a.whole(resp.Body)
		}
		resp.close()
		if err != nil {
			if a.told { // what was shown cannot be taken back, so this is not tried again
				return &EndpointError{URL: e.where() + path, Message: "the stream broke off: " + e.clean(err.Error()), cause: err}
			}
			return err
		}
		used := Total(out)
		if total := used.Prompt + used.Completion; total > 0 {
			e.tokens.correct(expected - total)
		}
		return nil
	})
	return out, err
}

// cost is about how many tokens n completions of r will be, at most. A token of
// code is about three bytes.
func (r *Request) cost(n int) int {
	size := len(r.Prompt)
	for _, m := range r.Messages {
		size += len(m.Content)
	}
	return size/3 + n*r.MaxTokens
}

// adapted looks whether the server refused something of w that can be left out. Then
// it notes so and returns errAgain; else err.
func (e *Endpoint) adapted(err error, w *wireRequest, stops int) error {
	var ee *EndpointError
	if !errors.As(err, &ee) || ee.Status != http.StatusBadRequest && ee.Status != http.StatusUnprocessableEntity && ee.Status != http.StatusNotImplemented {
		return err
	}
	text := strings.ToLower(ee.Param + " " + ee.Message)
	mentions := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
	leaveOut := func(what string) error {
		e.cfg.Log.Debug("the server does not take "+what+"; it is left out from now on", "error", err)
		return errAgain
	}
	switch {
	case w.StreamOptions != nil && mentions("stream_options", "include_usage"):
		e.refused.streamOptions.Store(true)
		return leaveOut("stream_options")
	case w.MaxTokens != nil && mentions("max_completion_tokens"):
		e.refused.maxTokens.Store(true)
		return leaveOut("the name max_tokens")
	case w.Seed != nil && mentions("seed"):
		e.refused.seed.Store(true)
		return leaveOut("seed")
	case stops > maxServerStops && !e.refused.manyStops.Load() && mentions("stop"):
		e.refused.manyStops.Store(true)
		return leaveOut("so many stops")
	case w.N != nil && (ee.Param == "n" || mentions("'n'", `"n"`, "`n`", "n >", "n>", "n=", "n =", "n must", "n is", "one completion", "multiple completions", "multiple choices", "best_of")):
		e.refused.n.Store(true)
		e.cfg.Log.Debug("the server does not take n; completions are asked for one by one", "error", err)
		return errOneByOne
	}
	return err
}

// Models lists the models that the server has.
func (e *Endpoint) Models(ctx context.Context) ([]string, error) {
	var names []string
	err := e.retrying(ctx, 0, func(ctx context.Context) (err error) {
		names, err = e.list(ctx)
		return err
	})
	return names, err
}

func (e *Endpoint) list(ctx context.Context) ([]string, error) {
	resp, err := e.send(ctx, http.MethodGet, "/models", nil)
	if err != nil {
		return nil, err
	}
	defer resp.close()
	raw, err := readAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, e.garbled("/models", raw, err)
	}
	var names []string
	for _, m := range list.Data {
		if m.ID != "" {
			names = append(names, m.ID)
		}
	}
	return names, nil
}

// Reach finds out in one attempt whether the server is there and lets us in. It
// says nothing about the model: not every server has a list.
func (e *Endpoint) Reach(ctx context.Context) error {
	limited, cancel := context.WithTimeoutCause(ctx, min(e.cfg.Timeout, 30*time.Second), errSlow)
	defer cancel()
	_, err := e.list(limited)
	err = e.explain(ctx, limited, err)
	var ee *EndpointError
	if errors.As(err, &ee) && ee.Status != 0 && ee.Status != http.StatusUnauthorized && ee.Status != http.StatusForbidden {
		return nil
	}
	return err
}

// maxBody bounds a whole answer, in bytes.
const maxBody = 64 << 20

// readAll reads a body to its end, which must come.
func readAll(r io.Reader) ([]byte, error) {
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(r, maxBody+1))
	switch {
	case err != nil:
		return nil, err
	case n > maxBody:
		return nil, fmt.Errorf("the answer is longer than %d MiB", maxBody>>20)
	}
	return b.Bytes(), nil
}
