package generate

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// EndpointError is why an endpoint gave no completions.
type EndpointError struct {
	URL     string // without credentials
	Status  int    // of HTTP; 0 where there was no answer
	Message string // what the server said, or what happened
	Param   string // the field of the request that the server blames, if it does
	Help    string

	passing bool          // worth sending again
	after   time.Duration // not before that
	cause   error
}

// Error says which endpoint failed, with what status and message, and what helps.
func (e *EndpointError) Error() string {
	s := e.URL + ": "
	if e.Status != 0 {
		s += fmt.Sprintf("%d %s: ", e.Status, http.StatusText(e.Status))
	}
	s += e.Message
	if e.Help != "" {
		s += " (" + e.Help + ")"
	}
	return s
}

// Unwrap returns what happened on this side, if anything.
func (e *EndpointError) Unwrap() error { return e.cause }

// errAgain asks for the same request once more, at once, since it is a different one now.
var errAgain = errors.New("ask again")

// errIdle ends a stream that is silent, errSlow a request that takes too long.
var (
	errIdle = errors.New("nothing came for too long")
	errSlow = errors.New("it took too long")
)

// longestWait is the most that a server may ask us to wait.
const longestWait = 5 * time.Minute

// retrying runs try until it succeeds, fails for good or has been repeated often
// enough. An attempt is expected to use so many tokens.
func (e *Endpoint) retrying(ctx context.Context, tokens int, try func(ctx context.Context) error) error {
	wait := e.cfg.Backoff
	for failed := 0; ; {
		if err := e.tokens.take(ctx, tokens); err != nil {
			return err
		}
		if err := e.requests.take(ctx, 1); err != nil {
			return err
		}
		limited, cancel := context.WithTimeoutCause(ctx, e.cfg.Timeout, errSlow)
		err := e.explain(ctx, limited, try(limited))
		cancel()
		if errors.Is(err, errAgain) {
			continue // at most once for each thing that can be left out
		}
		var ee *EndpointError
		if err == nil || !errors.As(err, &ee) || !ee.passing {
			return err
		}
		if failed++; failed > e.cfg.Retries {
			if failed > 1 {
				ee.Help = strings.TrimPrefix(ee.Help+fmt.Sprintf("; given up after %d attempts", failed), "; ")
			}
			return err
		}
		e.retried.Add(1)
		// Between half and all of the wait, so that many clients do not come back as one.
		pause := wait/2 + rand.N(wait/2+1)
		wait = min(2*wait, time.Minute)
		if ee.after > longestWait {
			ee.Help = fmt.Sprintf("the server asks to wait %v; run the same command again then", ee.after.Round(time.Second))
			return err
		}
		if ee.after > 0 {
			e.requests.hold(ee.after) // everybody waits, we too
		}
		e.tellTrouble(err, failed, pause)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// tellTrouble warns of the first failure in half a minute; the others are details.
func (e *Endpoint) tellTrouble(err error, failed int, pause time.Duration) {
	level := slog.LevelDebug
	now := time.Now().UnixNano()
	if last := e.warned.Load(); now-last > int64(30*time.Second) && e.warned.CompareAndSwap(last, now) {
		level = slog.LevelWarn
	}
	e.cfg.Log.Log(context.Background(), level, "the endpoint failed and is tried again", "error", err, "attempt", failed+1, "in", pause.Round(10*time.Millisecond))
}

// explain makes err, of a request under limited within ctx, an EndpointError
// unless ctx itself has ended.
func (e *Endpoint) explain(ctx, limited context.Context, err error) error {
	var ee *EndpointError
	if err == nil || errors.As(err, &ee) || errors.Is(err, errAgain) || errors.Is(err, errOneByOne) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	ee = &EndpointError{URL: e.where(), passing: true, cause: err, Message: err.Error()}
	var (
		ue     *url.Error // its text repeats the URL with its query
		dns    *net.DNSError
		cert   *tls.CertificateVerificationError
		notTLS tls.RecordHeaderError
	)
	if errors.As(err, &ue) {
		ee.Message = ue.Err.Error()
	}
	switch {
	case errors.Is(err, errIdle):
		ee.Message = fmt.Sprintf("the stream was silent for %v", e.cfg.Idle)
	case context.Cause(limited) == errSlow:
		ee.Message = fmt.Sprintf("no whole answer within %v", e.cfg.Timeout)
		ee.Help = "fewer completions a request or fewer tokens take less; the time is set by --request-timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		ee.Help = "is the server running, and is this its port?"
	case errors.As(err, &dns) && dns.IsNotFound, errors.As(err, &cert):
		ee.passing = false
	case errors.As(err, &notTLS), strings.Contains(ee.Message, "server gave HTTP response to HTTPS client"):
		ee.passing, ee.Help = false, "the server speaks plain HTTP: use http://"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		ee.Message = "the connection was lost before the answer was complete: " + ee.Message
	}
	ee.Message = e.clean(ee.Message)
	return ee
}

// response is an answer with status 200.
type response struct {
	*http.Response
	close func()
}

// send makes one attempt. Any answer but 200 is an EndpointError.
func (e *Endpoint) send(ctx context.Context, method, path string, body any) (*response, error) {
	u := *e.base
	u.Path += path
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		payload = bytes.NewReader(b)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	req, err := http.NewRequestWithContext(ctx, method, u.String(), payload)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	req.Header.Set("User-Agent", "hone")
	req.Header.Set("Accept", "application/json, text/event-stream")
	if payload != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if e.cfg.Key != "" {
		req.Header.Set("Authorization", "Bearer "+e.cfg.Key)
	}
	hr, err := e.client.Do(req)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	r := &response{hr, func() { hr.Body.Close(); cancel(nil) }}
	if hr.StatusCode != http.StatusOK {
		defer r.close()
		return nil, e.refusal(path, hr)
	}
	if isStream(hr.Header) {
		hr.Body = &watched{ReadCloser: hr.Body, ctx: ctx, idle: e.cfg.Idle, timer: time.AfterFunc(e.cfg.Idle, func() { cancel(errIdle) })}
		return r, nil
	}
	if strings.Contains(hr.Header.Get("Content-Type"), "html") {
		defer r.close()
		return nil, e.notJSON(path, hr)
	}
	// Not every server names the type of its JSON, so it is the text that decides.
	b := bufio.NewReader(hr.Body)
	hr.Body = readCloser{b, hr.Body}
	if start, err := b.Peek(1); err == nil && !bytes.ContainsAny(start, "{ \t\r\n") {
		defer r.close()
		return nil, e.notJSON(path, hr)
	}
	return r, nil
}

// readCloser reads from one and closes the other.
type readCloser struct {
	io.Reader
	io.Closer
}

func isStream(h http.Header) bool {
	return strings.HasPrefix(strings.TrimSpace(h.Get("Content-Type")), "text/event-stream")
}

// watched is a body that may not be silent for longer than idle.
type watched struct {
	io.ReadCloser
	ctx   context.Context
	idle  time.Duration
	timer *time.Timer
}

func (w *watched) Read(p []byte) (int, error) {
	w.timer.Reset(w.idle) // only the server's silence counts, not our reader's
	n, err := w.ReadCloser.Read(p)
	w.timer.Stop()
	if err != nil && context.Cause(w.ctx) == errIdle {
		err = errIdle
	}
	return n, err
}

func (w *watched) Close() error {
	w.timer.Stop()
	return w.ReadCloser.Close()
}

// refusal is what an answer with another status than 200 says.
func (e *Endpoint) refusal(path string, hr *http.Response) *EndpointError {
	raw, _ := io.ReadAll(io.LimitReader(hr.Body, 64<<10)) // what came of it is enough
	ee := &EndpointError{URL: e.where() + path, Status: hr.StatusCode, after: retryAfter(hr.Header, time.Now())}
	ee.Message = "no explanation"
	if we, ok := parseError(raw); ok {
		ee.Message = we.Message
		if we.Param != nil {
			ee.Param = *we.Param
		}
		ee.passing = isPassing(hr.StatusCode) && we.Code != "insufficient_quota"
	} else {
		ee.passing = isPassing(hr.StatusCode)
		if text := plain(hr.Header, raw); text != "" {
			ee.Message = text
		}
	}
	ee.Message = e.clean(ee.Message)
	switch hr.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		ee.Help = "is the key in HONE_API_KEY the right one? --key-env names another variable"
		if e.cfg.Key == "" {
			ee.Help = "put a key into HONE_API_KEY, or name the variable that has it with --key-env"
		}
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		ee.Help = fmt.Sprintf("is this the API's address, and is there a model %q? Chat models may have no /completions: --chat", e.cfg.Model)
		if path == "/models" {
			ee.Help = "is this the API's address?"
		}
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		ee.Message = "the API is elsewhere"
		if to, err := hr.Location(); err == nil {
			ee.Help = "use " + to.Scheme + "://" + to.Host + strings.TrimSuffix(to.Path, path)
		}
	}
	return ee
}

// isPassing reports whether a status may be another one the next time.
func isPassing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return status >= 500
}

// notJSON is an answer that comes from no API at all.
func (e *Endpoint) notJSON(path string, hr *http.Response) *EndpointError {
	raw, _ := io.ReadAll(io.LimitReader(hr.Body, 64<<10)) // only to show what it is
	kind, _, _ := strings.Cut(hr.Header.Get("Content-Type"), ";")
	if kind == "" {
		kind = "no content type"
	}
	return &EndpointError{
		URL: e.where() + path, Message: e.clean(fmt.Sprintf("the answer is %s, not a JSON object: %s", kind, plain(hr.Header, raw))),
		Help: "is this the address of an OpenAI-compatible API? It often ends in /v1",
	}
}

// garbled is an answer that should be what it is not; such things pass.
func (e *Endpoint) garbled(path string, raw []byte, err error) *EndpointError {
	var se *json.SyntaxError
	what := "the answer is not what it should be: "
	if errors.As(err, &se) {
		what = "the answer is no JSON: "
	}
	return &EndpointError{
		URL: e.where() + path, Message: e.clean(what + err.Error() + " in " + strconv.Quote(shorten(string(raw), 120))),
		passing: true, cause: err,
	}
}

var (
	htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	htmlTag   = regexp.MustCompile(`(?s)<[^>]*>`)
)

// plain is a body's text on one line; of a page, its title.
func plain(h http.Header, raw []byte) string {
	s := string(raw)
	if strings.Contains(h.Get("Content-Type"), "html") || strings.HasPrefix(strings.TrimSpace(s), "<") {
		if m := htmlTitle.FindStringSubmatch(s); m != nil {
			s = m[1]
		}
		s = htmlTag.ReplaceAllString(s, " ")
	}
	return shorten(strings.Join(strings.Fields(s), " "), 300)
}

// clean is s without our key, on one line and not too long: servers repeat what they were sent.
func (e *Endpoint) clean(s string) string {
	if e.cfg.Key != "" {
		s = strings.ReplaceAll(s, e.cfg.Key, "[the key]")
	}
	if p, ok := e.base.User.Password(); ok && p != "" {
		s = strings.ReplaceAll(s, p, "[the password]")
	}
	printable := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return shorten(strings.Join(strings.Fields(printable), " "), 500)
}

// shorten cuts s to at most n bytes, at a character.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// retryAfter reads how long the server asks to wait: in seconds or until a date
// (RFC 9110, 10.2.3), or in OpenAI's milliseconds. 0: it does not say.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < 1e9 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		if s > 0 && s < 1e6 {
			return time.Duration(s * float64(time.Second))
		}
		return 0
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
