package robot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// small is a robot with a bit of everything.
const small = `robot: small
about: A robot for tests.
entry: main
limits: {actions: 5, seconds: 100, text: 50}
world:
  rooms: [name]
  things:
    - name: name
      at: ref rooms
      heavy: bool = false
      weight: float = 1
  robot: {at: ref rooms, holding: str = "", trips: int = 0}
actions:
  go:
    doc: Go to a room.
    params: {room: str}
    seconds: 10
    record: {as: GoTo, values: [room], when: before}
    do: |
      if room not in world.rooms:
          fail("no room %r" % room)
      world.robot.at = room
      world.robot.trips += 1
  take:
    params: {thing: str, careful: bool = true}
    record: {as: Take, values: [thing, careful], when: success}
    do: |
      for t in list(world.things):
          if t.name == thing:
              if t.heavy:
                  fail("it is too heavy")
              world.things.remove(t)
              world.robot.holding = thing
              return
      fail("there is no %s" % thing)
  where:
    returns: str
    do: return world.robot.at
  loop:
    do: |
      while True:
          pass
  lies:
    returns: int
    do: return "x"
  breaks:
    do: return world.robot.att
  wait:
    params: {minutes: float}
    do: return
`

const smallWorld = `{"rooms": ["hall", "lab"], "things": [{"name": "pen", "at": "lab"}, {"name": "safe", "at": "lab", "heavy": true}], "robot": {"at": "hall"}}`

func load(t testing.TB, text string) *Definition {
	t.Helper()
	d, err := Parse([]byte(text), "small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func world(t testing.TB, d *Definition, text string) *World {
	t.Helper()
	w, err := d.World([]byte(text), "world.json")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestParse(t *testing.T) {
	d := load(t, small)
	if d.Name != "small" || d.Entry != "main" || d.Limits != (Limits{5, 100, 50}) || len(d.Actions) != 7 {
		t.Errorf("%+v", d)
	}
	if got := strings.Join(d.Elements(), " "); got != "GoTo Take" {
		t.Errorf("elements %s", got)
	}
	if got := d.Action("take").Signature(); got != "take(thing: str, careful: bool = True) -> None" {
		t.Error(got)
	}
	if got := d.Action("where").Signature(); got != "where() -> str" {
		t.Error(got)
	}
	if !strings.Contains(d.API(), "# Go to a room.\ndef go(room: str) -> None: ...\n") {
		t.Error(d.API())
	}
}

// TestRobots: what comes with Hone loads, by name and as a file of its own.
func TestRobots(t *testing.T) {
	if len(Names()) == 0 {
		t.Fatal("no robots")
	}
	for _, name := range Names() {
		d, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if d.Name != name || d.About == "" {
			t.Errorf("robot %s calls itself %q, about %q", name, d.Name, d.About)
		}
		data, err := robotFiles.ReadFile("robots/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "own.yaml")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if own, err := Load(path); err != nil || own.Hash() != d.Hash() {
			t.Errorf("%s as a file: %v", name, err)
		}
	}
	if _, err := Load("servise"); err == nil || !strings.Contains(err.Error(), `nearest: "service"`) {
		t.Error(err)
	}
}

// TestParseFaults changes one place of a good definition.
func TestParseFaults(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"robot: small", "robt: small", `small.yaml:1:1: unknown key "robt" of a robot (did you mean "robot"?`},
		{"entry: main", "entry: 1x", "small.yaml:3:8: entry is the name of the function"},
		{"actions: 5", "actions: -5", "small.yaml:4:19: actions is a number from 0"},
		{"ref rooms\n      heavy", "ref room\n      heavy", `world.things[].at refers to "room"`},
		{"[name]", "[nam]", `small.yaml:6:11: world.rooms[]: unknown type "nam" (nearest: "name"`},
		{"[name]", "[name, str]", "a list is written [TYPE]"},
		{"bool = false", "bool = 3", "small.yaml:10:14: world.things[].heavy: the default 3 is no bool"},
		{"params: {room: str}", "params: {room: strr}", "parameter room of action go is of a type among"},
		{"params: {room: str}", "params: {for: str}", `"for" cannot be the name of a parameter`},
		{"values: [room]", "values: [rom]", "record of action go: rom is none of its parameters (room)"},
		{"when: before", "when: after", "when is before (its effect) or success"},
		{"as: Take, values: [thing, careful]", "as: GoTo, values: [thing, careful]", "GoTo has 2 values here and 1 at an action before"},
		{"          fail(\"no room %r\" % room)", "          fial(\"no room %r\" % room)", "small.yaml:21: Starlark: undefined: fial"},
		{"      world.robot.at = room\n", "      world.robot.at = = room\n", "small.yaml:22: Starlark: got '='"},
		{"thing: str, careful: bool = true", "careful: bool = true, thing: str", "parameter thing of action take needs a default"},
		{"returns: str\n", "returns: text\n", "returns none or one of"},
		{"    do: return world.robot.at\n", "", "action where returns str and has no do"},
		{"  where:", "  go:", `key "go" is there twice, first in line 14`},
		{"  where:", "  main:", `action "main" has the name of the function that programs define`},
		{"  where:", "  wh ere:", `"wh ere" cannot be the name of a Python function`},
		{"[name]", "&a [name]", "anchors and aliases are not read here"},
		{"robot: small", "- robot", "no YAML"},
		{small, "", "the file is empty"},
		{small, "[]", "a robot is a mapping with the keys robot, about"},
		{small, "robot: x\nentry: main\n", `key "world" is missing`},
		{small, "robot: x\nentry: main\nworld: {a: str}\n", `key "actions" is missing or empty`},
		{small, `{"robot": "x", "entry": "main", "world": {"a": "str"}, "actions": {"f": {}}} 1`, "there is more after the end"},
		{small, `{"robot": "x",`, "no JSON: "},
		{small, "\xff", "not UTF-8"},
		{small, strings.Repeat("[", 100), "nested too deep"},
	} {
		text := strings.Replace(small, c.old, c.new, 1)
		if text == small {
			t.Fatalf("%q is not in the definition", c.old)
		}
		if _, err := Parse([]byte(text), "small.yaml"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v\nwant %s", c.new, err, c.want)
		}
	}
}

// TestParseJSON: a definition can be JSON.
func TestParseJSON(t *testing.T) {
	d := load(t, `{"robot": "x", "entry": "main", "world": {"n": "int = 3"}, "actions": {"f": {"returns": "int", "do": "world.n += 1\nreturn world.n"}}}`)
	s := New(world(t, d, "{}"))
	if v, err := s.Call("f", nil, 1); err != nil || v != int64(4) {
		t.Errorf("%v, %v", v, err)
	}
}
