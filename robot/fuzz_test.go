package robot

import (
	"encoding/json"
	"strings"
	"testing"
)

func FuzzParse(f *testing.F) {
	f.Add(small)
	f.Add("robot: x\nentry: f\nworld: {a: [name], b: [{n: name, r: ref a}]}\nactions:\n  f1:\n    params: {x: list = []}\n    do: |\n      return\n")
	f.Add(`{"robot": "x", "entry": "main", "world": {"n": "int = 3"}, "actions": {"f": {"do": "pass"}}}`)
	for _, name := range Names() {
		data, err := robotFiles.ReadFile("robots/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse([]byte(text), "f.yaml")
		if err != nil {
			return
		}
		if d.Name == "" || d.Entry == "" || len(d.Actions) == 0 || d.API() == "" {
			t.Errorf("%+v", d)
		}
		// A world of defaults, if there can be one, and each action once.
		w, err := d.World([]byte("{}"), "w")
		if err != nil {
			return
		}
		for _, a := range d.Actions {
			args := make([]any, len(a.Params))
			for i, p := range a.Params {
				args[i] = map[string]any{"str": "x", "bool": true, "int": int64(1), "float": 1.5, "list": []any{"x"}}[p.Type]
			}
			_, _ = New(w).Call(a.Name, args, 1)
		}
	})
}

func FuzzWorld(f *testing.F) {
	f.Add(smallWorld)
	f.Add("rooms: [a]\nthings: []\nrobot: {at: a}\n")
	f.Add("{\"rooms\": [\"a\\u0000\"], \"robot\": {\"at\": \"a\\u0000\", \"trips\": 9007199254740993}}")
	d := load(f, small)
	f.Fuzz(func(t *testing.T, text string) {
		w, err := d.World([]byte(text), "w")
		if err != nil {
			return
		}
		out, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		again, err := d.World(out, "again")
		if err != nil {
			t.Fatalf("%s is not read again: %v", out, err)
		}
		if b, _ := json.Marshal(again); string(b) != string(out) {
			t.Errorf("%s, then %s", out, b)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add(`{"op":"and","args":[{"op":"exists","slices":[{"slice":"AfterFirst","at":{"element":"GoTo","value1_re":"a"}}],"match":{"element":"Ask","value1_re":"^(?=.*x).*$","value2_re":".*"}}]}`, "GoTo a; Ask x? y,z")
	f.Add(`{"op":"act_at_any_visit","loc":"a","match":{"element":"Say"}}`, "GoTo a; GoTo b; GoTo a; Say x")
	f.Add(`{"op":"or","args":[{"op":"world","expr":"len(world.people) > 0"},{"op":"terminal","match":{"element":"Say"}},{"op":"precedes","first":{"element":"Say"},"then":{"element":"Pick"}}]}`, "Say x")
	d := service(f)
	w := world(f, d, house)
	f.Fuzz(func(t *testing.T, formula, trace string) {
		c, err := d.Check(json.RawMessage(formula), "f")
		if err != nil {
			return
		}
		r, err := c.Evaluate(events(trace), w)
		if err == nil && r.Holds != (r.Why == "") {
			t.Errorf("%+v", r)
		}
	})
}

func FuzzReadRecorded(f *testing.F) {
	f.Add(recordedRow)
	f.Add(strings.Replace(recordedRow, "1]", `'\\x41\\u00e9', (1.5, None, True)]`, 1))
	f.Fuzz(func(t *testing.T, text string) {
		for row, err := range ReadRecorded(strings.NewReader(text), "r") {
			if err != nil {
				continue
			}
			trace, err := row.Trace()
			if err == nil && len(trace) != len(row.Lines) {
				t.Errorf("%d events of %d lines", len(trace), len(row.Lines))
			}
		}
	})
}
