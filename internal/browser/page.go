package browser

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// View is how a page is looked at.
type View struct {
	Width, Height int // CSS pixels
	Dark          bool
	Print         bool // as on paper
}

// Page is an open page.
type Page struct {
	b       *Browser
	session string

	mu       sync.Mutex
	problems []string
	requests []string
}

type fields = map[string]any

// Open opens an address and waits until it is loaded.
func (b *Browser) Open(url string, v View) (*Page, error) {
	var target struct {
		ID string `json:"targetId"`
	}
	if err := b.call("", "Target.createTarget", fields{"url": "about:blank"}, &target); err != nil {
		return nil, err
	}
	var session struct {
		ID string `json:"sessionId"`
	}
	if err := b.call("", "Target.attachToTarget", fields{"targetId": target.ID, "flatten": true}, &session); err != nil {
		return nil, err
	}
	p := &Page{b: b, session: session.ID}
	b.mu.Lock()
	b.pages[p.session] = p
	b.mu.Unlock()
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		if err := p.call(domain+".enable", nil, nil); err != nil {
			return nil, err
		}
	}
	if err := p.Look(v); err != nil {
		return nil, err
	}
	var went struct {
		Error string `json:"errorText"`
	}
	if err := p.call("Page.navigate", fields{"url": url}, &went); err != nil {
		return nil, err
	}
	if went.Error != "" {
		return nil, fmt.Errorf("open %s: %s", url, went.Error)
	}
	return p, p.Until(`document.readyState === "complete"`)
}

func (p *Page) call(method string, params, result any) error {
	return p.b.call(p.session, method, params, result)
}

// Look changes how the page is looked at.
func (p *Page) Look(v View) error {
	scheme, media := "light", "screen"
	if v.Dark {
		scheme = "dark"
	}
	if v.Print {
		media = "print"
	}
	features := []fields{{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}}
	if err := p.call("Emulation.setEmulatedMedia", fields{"media": media, "features": features}, nil); err != nil {
		return err
	}
	return p.call("Emulation.setDeviceMetricsOverride", fields{"width": v.Width, "height": v.Height, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// Eval evaluates an expression, waits for it where it is a promise, and decodes its value into result, which may be nil.
func (p *Page) Eval(expression string, result any) error {
	var out struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		Exception *struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	if err := p.call("Runtime.evaluate", fields{"expression": expression, "awaitPromise": true, "returnByValue": true}, &out); err != nil {
		return err
	}
	if e := out.Exception; e != nil {
		return fmt.Errorf("%s: %s %s", expression, e.Text, e.Exception.Description)
	}
	if result == nil || out.Result.Value == nil {
		return nil
	}
	return json.Unmarshal(out.Result.Value, result)
}

// Until waits, for a minute at most, until an expression is true.
func (p *Page) Until(expression string) error {
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		var is bool
		if err := p.Eval("Boolean("+expression+")", &is); err != nil || is {
			return err
		}
		if time.Since(begun) > time.Minute {
			return errors.New("not within a minute: " + expression)
		}
	}
}

// keyCodes are those of keys that are no characters, and the texts they give.
var keyCodes = map[string]struct {
	code int
	text string
}{"Enter": {13, "\r"}, "Escape": {27, ""}, "ArrowDown": {40, ""}, "ArrowUp": {38, ""}, "End": {35, ""}, "Home": {36, ""}, "Tab": {9, ""}}

// Press presses keys one after the other: characters, or names as in KeyboardEvent.key.
func (p *Page) Press(keys ...string) error {
	for _, k := range keys {
		event := fields{"type": "keyDown", "key": k, "text": k}
		if named, ok := keyCodes[k]; ok {
			event["windowsVirtualKeyCode"], event["text"] = named.code, named.text
		}
		if event["text"] == "" {
			event["type"] = "rawKeyDown"
			delete(event, "text")
		}
		if err := p.call("Input.dispatchKeyEvent", event, nil); err != nil {
			return err
		}
		event["type"] = "keyUp"
		delete(event, "text")
		if err := p.call("Input.dispatchKeyEvent", event, nil); err != nil {
			return err
		}
	}
	return nil
}

// Click clicks at a place of the window.
func (p *Page) Click(x, y float64) error {
	for _, kind := range []string{"mouseMoved", "mousePressed", "mouseReleased"} {
		err := p.call("Input.dispatchMouseEvent", fields{"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// Screenshot writes a PNG of the window, or of the whole page.
func (p *Page) Screenshot(path string, whole bool) error {
	var shot struct {
		Data string `json:"data"`
	}
	if err := p.call("Page.captureScreenshot", fields{"format": "png", "captureBeyondViewport": whole}, &shot); err != nil {
		return err
	}
	return writeBase64(path, shot.Data)
}

// PDF writes the page as it is printed.
func (p *Page) PDF(path string) error {
	var pdf struct {
		Data string `json:"data"`
	}
	if err := p.call("Page.printToPDF", fields{"preferCSSPageSize": true}, &pdf); err != nil {
		return err
	}
	return writeBase64(path, pdf.Data)
}

func writeBase64(path, data string) error {
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o644)
}

// Problems are the errors and warnings on the page's console and the exceptions nobody caught, so far.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.problems...)
}

// Requests are the addresses asked for so far, data: left out.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.requests...)
}

func (p *Page) event(method string, params json.RawMessage) {
	var e struct {
		Type  string `json:"type"`
		Entry struct {
			Level string `json:"level"`
			Text  string `json:"text"`
		} `json:"entry"`
		Details struct {
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
		Request struct {
			URL string `json:"url"`
		} `json:"request"`
	}
	if json.Unmarshal(params, &e) != nil {
		return // of a shape that is not looked at
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case method == "Runtime.exceptionThrown":
		p.problems = append(p.problems, "exception: "+e.Details.Exception.Description)
	case method == "Runtime.consoleAPICalled" && (e.Type == "error" || e.Type == "warning" || e.Type == "assert"):
		p.problems = append(p.problems, e.Type+": "+string(params))
	case method == "Log.entryAdded" && (e.Entry.Level == "error" || e.Entry.Level == "warning"):
		p.problems = append(p.problems, e.Entry.Level+": "+e.Entry.Text)
	case method == "Network.requestWillBeSent" && !strings.HasPrefix(e.Request.URL, "data:"):
		p.requests = append(p.requests, e.Request.URL)
	}
}
