package generate

import (
	"context"
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// served is a fake behind a Server behind an Endpoint.
func served(t *testing.T, f *fake, change func(*ServerConfig)) (*Endpoint, *httptest.Server) {
	t.Helper()
	cfg := ServerConfig{Generator: f, Model: "fake", LocalOnly: true}
	if change != nil {
		change(&cfg)
	}
	srv := httptest.NewServer(NewServer(cfg))
	t.Cleanup(srv.Close)
	e, err := NewEndpoint(context.Background(), EndpointConfig{URL: srv.URL, Key: cfg.Token, Backoff: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return e, srv
}

// TestRoundTrip: what a generator draws comes back from its server as it was, whole
// and streamed, from prompts and from messages.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	f := &fake{}
	e, _ := served(t, f, nil)
	if e.Model() != "fake" {
		t.Fatalf("the model is %q", e.Model())
	}
	rapid.Check(t, func(t *rapid.T) {
		r := Request{
			N: rapid.IntRange(1, 4).Draw(t, "n"), MaxTokens: rapid.IntRange(1, 30).Draw(t, "tokens"),
			Temperature: rapid.Float64Range(0, 2).Draw(t, "temperature"), TopK: rapid.IntRange(0, 5).Draw(t, "k"),
			Seed: rapid.Uint64().Draw(t, "seed"), LogProbs: rapid.Bool().Draw(t, "logprobs"),
			Stop: rapid.SampledFrom([][]string{nil, {"\ndef "}, {"a", "é", "\nx", "y", "z", "b b"}}).Draw(t, "stop"),
		}
		if p := rapid.Float64Range(0.1, 1).Draw(t, "p"); p < 0.9 {
			r.TopP = p
		}
		if rapid.Bool().Draw(t, "chat") {
			r.Messages = []Message{{"system", "Be brief."}, {"user", rapid.String().Draw(t, "question")}}
			if strings.ContainsRune(r.Messages[1].Content, '\uFFFD') {
				t.Skip("may be no UTF-8")
			}
		} else {
			r.Prompt = "def <f>(): # & \u2028" + rapid.StringMatching(`[a-z\n]*`).Draw(t, "prompt")
		}
		direct := r
		direct.Seed, direct.First = uint64(seedOf(r.Seed, r.First)), 0
		want, err := f.Generate(context.Background(), direct)
		if err != nil {
			t.Fatal(err)
		}
		total := Total(want)
		for i := range want { // a server counts for the whole request
			want[i].Usage = Usage{}
		}
		want[0].Usage = total
		got, err := e.Generate(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("whole (-want +got):\n%s", d)
		}
		told := make([]string, r.N)
		tokens := make([][]Token, r.N)
		r.OnPiece = func(i int, p Piece) {
			told[i] += p.Text
			tokens[i] = append(tokens[i], p.Tokens...)
		}
		if got, err = e.Generate(context.Background(), r); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("streamed (-want +got):\n%s", d)
		}
		for i, c := range got {
			if told[i] != c.Text || !cmp.Equal(tokens[i], c.Tokens) {
				t.Fatalf("pieces %q %v, completion %+v", told[i], tokens[i], c)
			}
		}
	})
}

func TestLogProbForms(t *testing.T) {
	t.Parallel()
	tokens := []Token{{3, "def ", -0.5}, {5, "\xe4\xb8", -1}, {-1, "bytes:", -2}, {0, "中", float32(math.Inf(-1))}, {7, `bytes:\xzz`, 0}}
	want := []Token{tokens[0], tokens[1], tokens[2], {0, "中", -9999}, tokens[4]}
	for _, l := range []*wireLogProbs{chatLogProbs(tokens), completionLogProbs(tokens, 7)} {
		got, err := l.tokens()
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%v\n%s", err, d)
		}
	}
	if at := completionLogProbs(tokens, 7).TextOffset; !cmp.Equal(at, []int{7, 11, 13, 19, 20}) {
		t.Errorf("offsets %v", at)
	}
}
