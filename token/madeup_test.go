package token

import (
	"strings"
	"testing"
)

func TestMadeUp(t *testing.T) {
	const code = "def f(count):\n    return count + 1 # ä\n"
	for _, end := range []int{256, 300, 20_000} {
		tok, err := MadeUp(end)
		if err != nil {
			t.Fatal(err)
		}
		ids := tok.Encode(code + "<|endoftext|>")
		if tok.Decode(ids) != code+"<|endoftext|>" || int(ids[len(ids)-1]) != end || tok.Size() != end+1 || int(tok.Special().EOS) != end {
			t.Errorf("%d: %q of %d tokens, end %d", end, tok.Decode(ids), tok.Size(), tok.Special().EOS)
		}
		if end > 10_000 && len(ids) > len(code)*2/3 { // a byte each without merges
			t.Errorf("%d tokens for %d bytes", len(ids), len(code))
		}
	}
	for _, end := range []int{255, 1 << 20} {
		if _, err := MadeUp(end); err == nil || !strings.Contains(err.Error(), "must be from 256") {
			t.Errorf("%d: %v", end, err)
		}
	}
}
