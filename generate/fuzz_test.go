package generate

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// FuzzEvents: any bytes are read as events without a crash, and the same ones however
// the bytes come.
func FuzzEvents(f *testing.F) {
	for _, s := range []string{
		"data: a\n\ndata: b\n\n", "data:a\r\n\r\ndata: b\r\rdata:c\n\n", ": comment\n\nevent: x\ndata\ndata: y\nid: 3\n\n",
		"\xEF\xBB\xBFdata: [DONE]\n\n", "data: {\"a\":1}\ndata: more\n\n", "data: torn", "\r\n\n\r", "data: \x00\xff\n\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var whole, bytewise []string
		if err := readEvents(bytes.NewReader(b), func(d []byte) error { whole = append(whole, string(d)); return nil }); err != nil {
			t.Fatal(err)
		}
		if err := readEvents(iotest.OneByteReader(bytes.NewReader(b)), func(d []byte) error { bytewise = append(bytewise, string(d)); return nil }); err != nil {
			t.Fatal(err)
		}
		if strings.Join(whole, "\x00|") != strings.Join(bytewise, "\x00|") || len(whole) != len(bytewise) {
			t.Fatalf("at once %q, byte by byte %q", whole, bytewise)
		}
		for _, d := range whole {
			if strings.Contains(d, "\r") {
				t.Fatalf("event %q holds a line end", d)
			}
		}
	})
}

// FuzzAnswer: whatever a server sends, whole or streamed, gives completions that are
// as asked for, or an error.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		good, `{"choices":[{"index":0,"message":{"content":null,"refusal":"no"},"finish_reason":"length"}]}`,
		`{"choices":[{"index":0,"message":{"content":[{"type":"text","text":"a"}]},"logprobs":{"content":[{"token":"a","logprob":-1,"bytes":[97]}]},"finish_reason":"stop"},{"index":1,"text":"b STOP c"}]}`,
		`{"choices":[{"index":0,"text":"a","logprobs":{"tokens":["a"],"token_logprobs":[null]},"finish_reason":"stop"}]}`,
		"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
		`{"error":"x"}`, `{"error":{"message":"x","code":500}}`, `null`, `[]`, `{"choices":[null]}`, `{"choices":[{"index":-1,"text":""}]}`,
		`{"choices":[{"index":9007199254740993,"text":""}],"usage":{"prompt_tokens":-5}}`, "<html>",
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, logProbs bool) {
		e, err := NewEndpoint(context.Background(), EndpointConfig{URL: "http://h", Model: "m", Retries: -1})
		if err != nil {
			t.Fatal(err)
		}
		told := make([]string, 3)
		r := &Request{Prompt: "p", N: 2, MaxTokens: 4, Stop: []string{"STOP"}, LogProbs: logProbs, OnPiece: func(i int, p Piece) { told[i] += p.Text }}
		for _, stream := range []bool{false, true} {
			a := &answer{e: e, r: r, first: 1, n: 2, path: "/completions"}
			var cs []Completion
			if stream {
				cs, err = a.stream(bytes.NewReader(body))
			} else {
				cs, err = a.whole(bytes.NewReader(body))
			}
			if err != nil {
				var ee *EndpointError
				if errors.As(err, &ee) && (len(ee.Error()) > 2000 || strings.ContainsAny(ee.Error(), "\n\r")) {
					t.Fatalf("an error that is no line: %q", ee.Error())
				}
			} else if len(cs) < 1 || len(cs) > 2 {
				t.Fatalf("%d completions", len(cs))
			}
			for i, c := range cs {
				if c.Finish == "" || strings.Contains(c.Text, "STOP") || !utf8.ValidString(c.Text) || c.Usage.Prompt < 0 || told[i+1] != c.Text {
					t.Fatalf("completion %+v, told %q", c, told)
				}
			}
			clear(told)
		}
	})
}

// FuzzServerRequest: whatever a client sends, the answer is JSON or a stream and the
// status no fault of ours.
func FuzzServerRequest(f *testing.F) {
	for _, s := range []string{
		`{"prompt":"p","max_tokens":3,"n":2,"stop":"a","seed":-1,"logprobs":1}`, `{"messages":[{"role":"user","content":"x"}],"stream":true,"stream_options":{"include_usage":true},"max_tokens":3}`,
		`{"prompt":["p"],"stop":["a",""],"temperature":-1}`, `{"prompt":[1,2]}`, `{"prompt":"p","max_tokens":1e9}`, `{"prompt":"p","n":1.5}`, `{`, `[]`, `null`, `{"prompt":"p","echo":true}`,
		`{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}`, `{"prompt":"p","top_p":0}`, `{"prompt":"p","top_k":-2}`, `{"prompt":"p","logit_bias":{"3":1}}`, `{"messages":null}`,
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	srv := NewServer(ServerConfig{Generator: &fake{}, Model: "fake", MaxTokens: 8})
	f.Fuzz(func(t *testing.T, body string, chat bool) {
		path := "/v1/completions"
		if chat {
			path = "/v1/chat/completions"
		}
		if strings.Count(body, "0") > 4 || strings.ContainsAny(body, "eE") && strings.Contains(body, "max") {
			t.Skip("may ask for a very long text")
		}
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
		switch kind := w.Header().Get("Content-Type"); {
		case w.Code == 200 && kind == "text/event-stream":
			if !strings.HasSuffix(w.Body.String(), "data: [DONE]\n\n") {
				t.Errorf("stream ends %q", w.Body.String())
			}
		case w.Code >= 500 || kind != "application/json" || !strings.HasPrefix(w.Body.String(), "{"):
			t.Errorf("%s: %d %s %s", body, w.Code, kind, w.Body)
		}
	})
}
