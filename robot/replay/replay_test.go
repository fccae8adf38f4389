package replay

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hone/robot"
)

const kitchenWorld = `{"places":[{"name":"table"},{"name":"cutting board","kind":"board"},{"name":"stove","kind":"stove"},{"name":"fridge","door":"closed"}],
"items":[{"name":"leek","at":"table"},{"name":"soup","at":"stove"},{"name":"<milk & more>","at":"fridge"}],
"people":[{"name":"Ines","at":"table","answers":["yes"]}],"robot":{"at":"table"}}`

const program = `def task_program():
    pick("leek")
    go_to("cutting board")
    put("leek")
    cut("leek")
    say("The leek is cut, and now I want the milk.")
    go_to("fridge")
    pick("<milk & more>")
`

func kitchen(t failer) *robot.World {
	d, err := robot.Load("kitchen")
	if err != nil {
		t.Fatal(err)
	}
	w, err := d.World([]byte(kitchenWorld), "world.json")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

type failer interface{ Fatal(args ...any) }

func run(t failer) Run {
	return Run{
		Title: "kitchen: a leek & more", World: kitchen(t), Program: program, Verdict: "robot_error", Failed: true,
		Calls: []robot.Call{
			{Action: "pick", Args: []any{"leek"}, Line: 2},
			{Action: "go_to", Args: []any{"cutting board"}, Line: 3},
			{Action: "put", Args: []any{"leek"}, Line: 4},
			{Action: "cut", Args: []any{"leek"}, Line: 5},
			{Action: "say", Args: []any{"The leek is cut, and now I want the milk."}, Line: 6},
			{Action: "go_to", Args: []any{"fridge"}, Line: 7},
			{Action: "pick", Args: []any{"<milk & more>"}, Line: 8},
		},
	}
}

// wellFormed parses XML and returns the text of elements by class.
func wellFormed(t interface{ Fatalf(string, ...any) }, text string) {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("no XML: %v in\n%.2000s", err, text)
		}
	}
}

func TestPicture(t *testing.T) {
	var b bytes.Buffer
	if err := SVG(&b, run(t)); err != nil {
		t.Fatal(err)
	}
	s := b.String()
	wellFormed(t, s)
	for _, want := range []string{
		`data-frames="8"`,
		">leek, cut<", // what changed of it
		">closed<",
		"The leek is cut, and now", // a bubble, broken in lines
		"cannot take the &lt;milk &amp; more&gt;:",
		`class="tick bad"`, `class="bar end"`, ">robot_error<",
		`prefers-color-scheme:dark`,
		">0:14  line 3: go_to(&#34;cutting board&#34;)<",
	} {
		if !strings.Contains(s, want) {
			t.Errorf("%q is missing in\n%s", want, s)
		}
	}
	if strings.Contains(s, "<milk") || strings.Contains(s, "<script") {
		t.Error("text is not escaped, or there is a script")
	}
}

// TestFrames: the states between the calls are the simulation's.
func TestFrames(t *testing.T) {
	r := run(t)
	fs, err := r.frames()
	if err != nil {
		t.Fatal(err)
	}
	leek := func(f frame) token { return f.view.tokens[0] }
	for i, c := range []struct{ at, leek int }{{0, 0}, {0, -1}, {1, -1}, {1, 1}, {1, 1}, {1, 1}, {3, 1}, {3, 1}} {
		if fs[i].view.at != c.at || leek(fs[i]).place != c.leek {
			t.Errorf("frame %d: robot at %d, leek at %d; want %+v", i, fs[i].view.at, leek(fs[i]).place, c)
		}
	}
	if fs[7].failed == "" || fs[6].failed != "" {
		t.Errorf("failures: %q, %q", fs[6].failed, fs[7].failed)
	}
	if fs[4].seconds != 38 || leek(fs[4]).state != "cut" {
		t.Errorf("after cutting: %v s, %q", fs[4].seconds, leek(fs[4]).state)
	}
}

// TestLong: equal calls are one frame, and very long runs are shortened.
func TestLong(t *testing.T) {
	r := Run{World: kitchen(t)}
	for range 30 {
		r.Calls = append(r.Calls, robot.Call{Action: "wait_minute", Line: 2})
	}
	fs, err := r.frames()
	if err != nil {
		t.Fatal(err)
	}
	if len(fs) != 2 || fs[1].times != 30 {
		t.Errorf("%d frames, the last %d times", len(fs), fs[1].times)
	}
	for i := range 900 {
		r.Calls = append(r.Calls, robot.Call{Action: "go_to", Args: []any{[]string{"table", "fridge"}[i%2]}, Line: 3})
	}
	if fs, err = r.frames(); err != nil || len(fs) != maxFrames {
		t.Errorf("%d frames, %v", len(fs), err)
	}
	var b bytes.Buffer
	if err := SVG(&b, r); err != nil || b.Len() > 600_000 {
		t.Errorf("%d bytes, %v", b.Len(), err)
	}
}

// TestAny: whatever a program calls gives a whole picture.
func TestAny(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := run(t)
		name := rapid.SampledFrom([]string{"table", "stove", "fridge", "leek", "soup", "Ines", "", "<&\"'>", "\x01\ufffe", "ä 厨房"})
		r.Title, r.Verdict, r.Program = name.Draw(t, "title"), name.Draw(t, "verdict"), rapid.String().Draw(t, "program")
		r.Calls = nil
		for range rapid.IntRange(0, 12).Draw(t, "calls") {
			action := rapid.SampledFrom([]string{"go_to", "pick", "put", "say", "cut", "look", "open_door", "switch_on", "wait_minute", "nonsense", "sleep"}).Draw(t, "action")
			args := []any{name.Draw(t, "argument")}
			if action == "look" || action == "wait_minute" {
				args = nil
			}
			r.Calls = append(r.Calls, robot.Call{Action: action, Args: args, Line: rapid.IntRange(-1, 12).Draw(t, "line")})
		}
		var b bytes.Buffer
		if err := SVG(&b, r); err != nil {
			t.Fatal(err)
		}
		wellFormed(t, b.String())
	})
}

func TestPage(t *testing.T) {
	var b bytes.Buffer
	if err := Page(&b, run(t)); err != nil {
		t.Fatal(err)
	}
	s := b.String()
	for _, want := range []string{"<title>kitchen: a leek &amp; more</title>", "<svg", "<script>"} {
		if !strings.Contains(s, want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, other := range []string{"http://", "https://"} {
		if n := strings.Count(strings.ReplaceAll(s, `xmlns="http://www.w3.org/2000/svg"`, ""), other); n > 0 {
			t.Errorf("the page fetches something: %s", other)
		}
	}
	if path := os.Getenv("HONE_SHOW"); path != "" {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func ExampleSVG() {
	d, err := robot.Load("kitchen")
	if err != nil {
		fmt.Println(err)
		return
	}
	w, err := d.World([]byte(kitchenWorld), "world.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	var b strings.Builder
	err = SVG(&b, Run{Title: "a short way", World: w, Calls: []robot.Call{{Action: "go_to", Args: []any{"stove"}, Line: 2}}})
	fmt.Println(strings.HasPrefix(b.String(), "<svg"), err)
	// Output: true <nil>
}

func BenchmarkSVG(b *testing.B) {
	r := run(b)
	for b.Loop() {
		if err := SVG(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
