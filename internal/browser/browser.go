// Package browser drives a headless Chromium in tests of pages. It speaks the
// DevTools protocol over two pipes, messages being JSON with a NUL after each.
package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
)

// ErrMissing means that there is no Chromium (Debian's package chromium).
var ErrMissing = errors.New("no chromium on PATH (apt-get install chromium)")

// Browser is a running Chromium.
type Browser struct {
	cmd     *exec.Cmd
	profile string
	in      io.WriteCloser

	mu      sync.Mutex
	next    int
	waiting map[int]chan reply
	pages   map[string]*Page // by session
	err     error            // why the connection ended
}

type message struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

type reply struct {
	result json.RawMessage
	err    error
}

// Start starts a Chromium, which ends with [Browser.Close] or ctx. Without one it is [ErrMissing].
func Start(ctx context.Context) (*Browser, error) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		return nil, ErrMissing
	}
	profile, err := os.MkdirTemp("", "hone-browser-*")
	if err != nil {
		return nil, err
	}
	b := &Browser{profile: profile, waiting: map[int]chan reply{}, pages: map[string]*Page{}}
	if err := b.start(ctx, path); err != nil {
		os.RemoveAll(profile)
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return b, nil
}

func (b *Browser) start(ctx context.Context, path string) error {
	theirIn, in, err := os.Pipe()
	if err != nil {
		return err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return errors.Join(err, theirIn.Close(), in.Close())
	}
	args := []string{
		"--headless=new", "--remote-debugging-pipe", "--user-data-dir=" + b.profile, "--no-first-run", "--disable-gpu",
		"--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--force-color-profile=srgb", "--font-render-hinting=none",
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // Chromium refuses its own to the root user
	}
	b.cmd = exec.CommandContext(ctx, path, args...)
	b.cmd.ExtraFiles = []*os.File{theirIn, theirOut} // 3 and 4
	b.in = in
	err = b.cmd.Start()
	theirIn.Close()
	theirOut.Close()
	if err != nil {
		return errors.Join(err, in.Close(), out.Close())
	}
	go b.receive(out)
	return nil
}

// receive hands messages to those who wait for them until the connection ends.
func (b *Browser) receive(out io.ReadCloser) {
	defer out.Close()
	r := bufio.NewReaderSize(out, 1<<20)
	for {
		raw, err := r.ReadBytes(0)
		if err != nil {
			b.end(err)
			return
		}
		var m struct {
			message
			Params json.RawMessage `json:"params"`
		}
		if err := json.Unmarshal(raw[:len(raw)-1], &m); err != nil {
			b.end(err)
			return
		}
		b.mu.Lock()
		page, wait := b.pages[m.Session], b.waiting[m.ID]
		delete(b.waiting, m.ID)
		b.mu.Unlock()
		switch {
		case wait != nil && m.Error != nil:
			wait <- reply{err: errors.New(m.Error.Message)}
		case wait != nil:
			wait <- reply{result: m.Result}
		case page != nil:
			page.event(m.Method, m.Params)
		}
	}
}

func (b *Browser) end(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = fmt.Errorf("the browser is gone: %w", err)
	for id, wait := range b.waiting {
		wait <- reply{err: b.err}
		delete(b.waiting, id)
	}
}

// call sends a command and decodes its result into result, which may be nil.
func (b *Browser) call(session, method string, params, result any) error {
	wait := make(chan reply, 1)
	b.mu.Lock()
	if b.err != nil {
		b.mu.Unlock()
		return b.err
	}
	b.next++
	raw, err := json.Marshal(message{ID: b.next, Session: session, Method: method, Params: params})
	if err == nil {
		b.waiting[b.next] = wait
		_, err = b.in.Write(append(raw, 0))
	}
	b.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	r := <-wait
	if r.err != nil {
		return fmt.Errorf("%s: %w", method, r.err)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(r.result, result)
}

// Close ends the browser.
func (b *Browser) Close() error {
	_ = b.call("", "Browser.close", nil, nil)
	b.in.Close()
	_ = b.cmd.Wait() // how it ends is no matter
	return os.RemoveAll(b.profile)
}
