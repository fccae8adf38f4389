package replay

import (
	"strings"
	"testing"

	"hone/robot"
)

// TestRecordsComeAndGo: the service robot takes what it picks out of the world's list,
// and puts a new record in where it places it.
func TestRecordsComeAndGo(t *testing.T) {
	d, err := robot.Load("service")
	if err != nil {
		t.Fatal(err)
	}
	w, err := d.World([]byte(`{"locations": ["start", "kitchen"], "objects": [{"pattern": "milk", "at": "kitchen"}, {"pattern": "cup", "at": "start"}], "robot": {"at": "start"}}`), "w")
	if err != nil {
		t.Fatal(err)
	}
	run := Run{World: w, Calls: []robot.Call{
		{Action: "go_to", Args: []any{"kitchen"}},
		{Action: "pick", Args: []any{"milk"}},
		{Action: "go_to", Args: []any{"start"}},
		{Action: "place", Args: []any{"milk"}},
	}}
	frames, err := run.frames()
	if err != nil {
		t.Fatal(err)
	}
	var places []int
	for _, f := range frames {
		for _, tk := range f.view.tokens {
			if tk.name == "milk" {
				places = append(places, tk.place)
			}
		}
	}
	if want := []int{1, 1, -1, -1, 0}; len(places) != len(want) || places[0] != 1 || places[2] != -1 || places[4] != 0 {
		t.Errorf("the milk is at %v, want %v", places, want)
	}
	var b strings.Builder
	if err := SVG(&b, run); err != nil || !strings.Contains(b.String(), "milk, held") {
		t.Errorf("%v", err)
	}
}
