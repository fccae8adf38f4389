package robot

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWorld(t *testing.T) {
	d := load(t, small)
	const full = `{"rooms":["hall","lab"],"things":[{"name":"pen","at":"lab","heavy":false,"weight":1.0},{"name":"safe","at":"lab","heavy":true,"weight":1.0}],"robot":{"at":"hall","holding":"","trips":0}}`
	for name, text := range map[string]string{
		"JSON": smallWorld,
		"YAML": "rooms: [hall, lab]\nthings:\n  - {name: pen, at: lab}\n  - name: safe\n    at: lab\n    heavy: true\nrobot: {at: hall}\n",
		"full": full,
	} {
		w := world(t, d, text)
		got, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if json.Unmarshal(got, &a) != nil || json.Unmarshal([]byte(full), &b) != nil {
			t.Fatalf("%s: %s", name, got)
		}
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		if string(x) != string(y) {
			t.Errorf("%s: %s, want %s", name, x, y)
		}
	}
}

func TestWorldFaults(t *testing.T) {
	d := load(t, small)
	for _, c := range []struct{ old, new, want string }{
		{`"at": "lab"}`, `"at": "leb"}`, `world.json:1:65: world.things[0].at is "leb", which is not in rooms (nearest: "lab")`},
		{`{"at": "hall"}`, `{"at": "hell"}`, `world.robot.at is "hell", which is not in rooms (nearest: "hall")`},
		{`"heavy": true`, `"heavi": true`, `unknown field "heavi" of world.things[1] (did you mean "heavy"?`},
		{`"heavy": true`, `"heavy": "yes"`, `world.things[1].heavy is true or false, not the text "yes"`},
		{`"heavy": true`, `"weight": "1"`, `world.things[1].weight is a number, not the text "1"`},
		{`"safe"`, `"pen"`, `world.things[1]: the name "pen" is there twice, first in line 1`},
		{`["hall", "lab"]`, `["hall", "lab", "hall"]`, `world.rooms[2]: the name "hall" is there twice`},
		{`["hall", "lab"]`, `"hall"`, `world.rooms is a list, not the text "hall"`},
		{`"robot": {"at": "hall"}`, `"robot": {}`, `field "at" of world.robot is missing`},
		{`"robot": {"at": "hall"}`, `"robot": {"at": "hall", "trips": 1.5}`, "world.robot.trips is a whole number, not 1.5"},
		{`"robot": {"at": "hall"}`, `"robot": {"at": "hall", "at": "lab"}`, `key "at" is there twice`},
		{smallWorld, `[]`, "world is a mapping, not a list"},
		{smallWorld, `{"rooms": ["a"],`, "no JSON"},
	} {
		text := strings.Replace(smallWorld, c.old, c.new, 1)
		if text == smallWorld {
			t.Fatalf("%q is not in the world", c.old)
		}
		if _, err := d.World([]byte(text), "world.json"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v\nwant %s", c.new, err, c.want)
		}
	}
}

// TestWorldPattern: regular expressions of a world are checked where they stand.
func TestWorldPattern(t *testing.T) {
	d, err := Load("service")
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.World([]byte("{\"locations\": [\"hall\"],\n \"objects\": [{\"pattern\": \"(\", \"at\": \"hall\"}], \"robot\": {\"at\": \"hall\"}}"), "w.json")
	if err == nil || !strings.Contains(err.Error(), `w.json:2:`) || !strings.Contains(err.Error(), `world.objects[0].pattern: "(" is no regular expression`) {
		t.Error(err)
	}
}

// TestCopy: a run leaves its world as it was.
func TestCopy(t *testing.T) {
	d := load(t, small)
	w := world(t, d, smallWorld)
	before, _ := json.Marshal(w)
	s := New(w)
	for _, room := range []string{"lab", "hall"} {
		if _, err := s.Call("go", []any{room}, 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Call("take", []any{"pen", true}, 2); err != nil {
		t.Fatal(err)
	}
	if after, _ := json.Marshal(w); string(after) != string(before) {
		t.Errorf("%s was %s", after, before)
	}
	got, _ := json.Marshal(s.World())
	if want := `"robot":{"at":"hall","holding":"pen","trips":2}`; !strings.Contains(string(got), want) || strings.Contains(string(got), `"name":"pen"`) {
		t.Errorf("%s lacks %s", got, want)
	}
}
