package generate

import (
	"bytes"
	"context"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"
)

// writeTimeout is how long a client may take to read one event of a stream.
const writeTimeout = 30 * time.Second

// reply is the answer to one request.
type reply struct {
	s       *Server
	w       http.ResponseWriter
	asked   *askedFor
	chat    bool
	id      string
	created int64

	begun   bool  // the head of the stream is written
	offsets []int // characters of each completion streamed so far
}

func (r *reply) response(object string) *wireResponse {
	return &wireResponse{ID: r.id, Object: object, Created: r.created, Model: r.s.cfg.Model, Choices: []wireChoice{}}
}

// whole is the answer as one object.
func (r *reply) whole(cs []Completion) *wireResponse {
	object := "text_completion"
	if r.chat {
		object = "chat.completion"
	}
	resp := r.response(object)
	for i, c := range cs {
		finish := string(c.Finish)
		choice := wireChoice{Index: i, FinishReason: &finish}
		if r.chat {
			choice.Message = &wireMessage{Role: "assistant", Content: rawText(c.Text)}
		} else {
			choice.Text = &c.Text
		}
		if r.asked.LogProbs {
			choice.LogProbs = r.logProbs(c.Tokens, 0)
		}
		resp.Choices = append(resp.Choices, choice)
	}
	resp.Usage = usageOf(cs)
	return resp
}

func usageOf(cs []Completion) *wireUsage {
	u := Total(cs)
	return &wireUsage{u.Prompt, u.Completion, u.Prompt + u.Completion}
}

func rawText(s string) []byte {
	b, _ := encode(s) // a text is always JSON
	return b
}

func (r *reply) logProbs(tokens []Token, offset int) *wireLogProbs {
	if r.chat {
		return chatLogProbs(tokens)
	}
	return completionLogProbs(tokens, offset)
}

// pieces passes what a generator draws to the goroutine that writes it, so that a
// client that reads slowly does not hold up a batch. It holds no more than the
// request's completions.
type pieces struct {
	mu    sync.Mutex
	queue []indexedPiece
	more  chan struct{} // holds a value while queue may have something
}

type indexedPiece struct {
	i int
	Piece
}

func (p *pieces) put(i int, piece Piece) {
	p.mu.Lock()
	p.queue = append(p.queue, indexedPiece{i, piece})
	p.mu.Unlock()
	select {
	case p.more <- struct{}{}:
	default:
	}
}

func (p *pieces) take() []indexedPiece {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.queue
	p.queue = nil
	return q
}

// stream writes the answer as server-sent events while it is drawn. cancel ends the drawing.
func (r *reply) stream(ctx context.Context, cancel func()) {
	p := &pieces{more: make(chan struct{}, 1)}
	r.asked.OnPiece = p.put
	r.offsets = make([]int, r.asked.N)
	var cs []Completion
	var err error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cs, err = r.s.cfg.Generator.Generate(ctx, r.asked.Request)
	}()
	defer func() { _ = http.NewResponseController(r.w).SetWriteDeadline(time.Time{}) }() // the connection may be used again
	ok := true
	for running := true; running; {
		select {
		case <-p.more:
		case <-ended:
			running = false
		}
		if batch := p.take(); ok && len(batch) > 0 {
			if ok = r.writePieces(batch); !ok {
				cancel() // the client has gone or does not read; what was drawn for it ends
			}
		}
	}
	switch {
	case err != nil && !r.begun:
		r.s.fail(r.w, r.s.explain(ctx, err))
	case err != nil:
		r.s.failed.Add(1)
		if he, is := r.s.explain(ctx, err).(*httpError); is && ok {
			r.event(he.object())
		}
	default:
		r.s.count(cs)
		if ok {
			r.end(cs)
		}
	}
}

// begin writes the head of the stream; of a chat, the roles too.
func (r *reply) begin() bool {
	if r.begun {
		return true
	}
	r.begun = true
	h := r.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Accel-Buffering", "no")
	r.w.WriteHeader(http.StatusOK)
	if !r.chat {
		return true
	}
	for i := range r.asked.N {
		resp := r.response("chat.completion.chunk")
		resp.Choices = append(resp.Choices, wireChoice{Index: i, Delta: &wireMessage{Role: "assistant", Content: rawText("")}})
		if !r.event(resp) {
			return false
		}
	}
	return true
}

func (r *reply) writePieces(batch []indexedPiece) bool {
	if !r.begin() {
		return false
	}
	for _, p := range batch {
		choice := wireChoice{Index: p.i}
		resp := r.response("text_completion")
		if r.chat {
			resp.Object = "chat.completion.chunk"
			choice.Delta = &wireMessage{Content: rawText(p.Text)}
		} else {
			choice.Text = &p.Text
		}
		if r.asked.LogProbs {
			choice.LogProbs = r.logProbs(p.Tokens, r.offsets[p.i])
			for _, t := range p.Tokens {
				r.offsets[p.i] += utf8.RuneCountInString(t.Text)
			}
		}
		resp.Choices = append(resp.Choices, choice)
		if !r.event(resp) {
			return false
		}
	}
	return true
}

// end writes why each completion ended, the usage and the mark of the end.
func (r *reply) end(cs []Completion) {
	if !r.begin() {
		return
	}
	for i, c := range cs {
		finish := string(c.Finish)
		choice := wireChoice{Index: i, FinishReason: &finish}
		resp := r.response("text_completion")
		if r.chat {
			resp.Object = "chat.completion.chunk"
			choice.Delta = &wireMessage{}
		} else {
			choice.Text = new(string)
		}
		resp.Choices = append(resp.Choices, choice)
		if !r.event(resp) {
			return
		}
	}
	if r.asked.usage {
		resp := r.response("text_completion")
		if r.chat {
			resp.Object = "chat.completion.chunk"
		}
		resp.Usage = usageOf(cs)
		if !r.event(resp) {
			return
		}
	}
	r.write([]byte("data: [DONE]\n\n"))
}

// event writes one event; false means that nobody reads any more.
func (r *reply) event(v any) bool {
	b, err := encode(v)
	if err != nil {
		return false
	}
	return r.write(bytes.Join([][]byte{[]byte("data: "), b, []byte("\n\n")}, nil))
}

func (r *reply) write(b []byte) bool {
	rc := http.NewResponseController(r.w)
	_ = rc.SetWriteDeadline(time.Now().Add(writeTimeout)) // test recorders have none
	if _, err := r.w.Write(b); err != nil {
		return false
	}
	return rc.Flush() == nil
}
