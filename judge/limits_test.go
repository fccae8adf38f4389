package judge

import (
	"errors"
	"os"
	"testing"
	"time"

	"hone/sandbox"
)

// TestAwaitLate: an answer that is there counts, however late the judge looks; a
// program that has none is out of time.
func TestAwaitLate(t *testing.T) {
	py, err := sandbox.FindPython(t.Context(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sandbox.Start(t.Context(), sandbox.Config{Python: py, Tier: sandbox.TierNone, Harness: codecSource + `
def main(fd, data, fds):
    if frame(fd, data) == b'"now"': send(fd, "here")
    os.write(fds[0], b'.')
    frame(fd)
`})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct {
		job, want string
		err       error
	}{{`"now"`, `"here"`, nil}, {`"never"`, "", errTimeout}} {
		p, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		answered, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := p.SendFrame(time.Now().Add(time.Minute), []byte(c.job), w); err != nil {
			t.Fatal(err)
		}
		if _, err := answered.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		answered.Close()
		w.Close()
		b, err := await(t.Context(), p, started(p), time.Now().Add(-time.Hour), time.Hour-time.Second)
		if string(b) != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %s, %v", c.job, b, err)
		}
		if _, err := p.End(); err != nil {
			t.Fatal(err)
		}
	}
}
