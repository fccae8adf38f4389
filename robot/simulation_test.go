package robot

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestCall(t *testing.T) {
	s := New(world(t, load(t, small), smallWorld))
	if v, err := s.Call("where", nil, 1); err != nil || v != "hall" {
		t.Errorf("%v, %v", v, err)
	}
	if _, err := s.Call("go", []any{"cellar"}, 2); err == nil || err.Error() != `go: no room "cellar"` {
		t.Error(err)
	}
	if _, err := s.Call("take", []any{"safe", false}, 3); err == nil || err.Error() != "take: it is too heavy" {
		t.Error(err)
	}
	if err := s.Sleep(2.5); err != nil {
		t.Error(err)
	}
	if _, err := s.Call("take", []any{"pen", true}, 4); err != nil {
		t.Error(err)
	}
	var got []string
	for _, e := range s.Trace() {
		got = append(got, fmt.Sprintf("%g:%d:%s", e.At, e.Line, e))
	}
	// GoTo is recorded before its effect, though it fails; Take only once it succeeds.
	if want := `0:2:GoTo("cellar") 12.5:4:Take("pen", True)`; strings.Join(got, " ") != want {
		t.Errorf("%s, want %s", strings.Join(got, " "), want)
	}
	if s.Actions() != 4 || s.Now() != 12.5 || s.Failure() == nil || s.Failure().Action != "take" {
		t.Errorf("%d actions, %g s, %v", s.Actions(), s.Now(), s.Failure())
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		action string
		args   []any
		want   string
	}{
		{"go", []any{int64(3)}, "go: argument room must be str, not int"},
		{"go", []any{Other("tuple")}, "go: argument room must be str, not tuple"},
		{"go", []any{nil}, "go: argument room must be str, not None"},
		{"go", nil, "go: 0 arguments, it takes 1"},
		{"gone", nil, "gone: the robot has no such action (nearest: go)"},
		{"go", []any{strings.Repeat("x", 51)}, "go: the arguments hold 51 bytes, the robot takes 50"},
		{"wait", []any{int64(1)}, ""}, // a whole number is a float
	} {
		s := New(world(t, load(t, small), smallWorld))
		_, err := s.Call(c.action, c.args, 1)
		if got := fmt.Sprint(err); got != c.want && !(c.want == "" && err == nil) {
			t.Errorf("%s%v: %s, want %s", c.action, c.args, got, c.want)
		}
		if len(s.Trace()) > 0 {
			t.Errorf("%s%v: recorded %v", c.action, c.args, s.Trace())
		}
	}
}

func TestLimits(t *testing.T) {
	d := load(t, small)
	s := New(world(t, d, smallWorld))
	for i := range 5 {
		if _, err := s.Call("where", nil, 1); err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
	}
	if _, err := s.Call("where", nil, 1); !errors.Is(err, ErrOver) {
		t.Errorf("a call too many: %v", err)
	}
	if err := s.Sleep(0); !errors.Is(err, ErrOver) {
		t.Errorf("sleeping afterwards: %v", err)
	}
	s = New(world(t, d, smallWorld))
	if err := s.Sleep(95); err != nil {
		t.Error(err)
	}
	if _, err := s.Call("go", []any{"lab"}, 1); !errors.Is(err, ErrOver) {
		t.Errorf("beyond the time: %v", err)
	}
	s = New(world(t, d, smallWorld))
	var f *Failure
	if err := s.Sleep(-1); !errors.As(err, &f) {
		t.Error(err)
	}
}

// TestFaults: what an author did wrong is no failure of the program.
func TestFaults(t *testing.T) {
	for action, want := range map[string]string{
		"loop":   "small.yaml: action loop: line 40: more than 1000000 steps: does it loop for ever?",
		"lies":   "small.yaml: action lies: it returns str, its definition says int",
		"breaks": "small.yaml: action breaks: line 47: ",
	} {
		s := New(world(t, load(t, small), smallWorld))
		_, err := s.Call(action, nil, 1)
		var f *Failure
		if err == nil || errors.As(err, &f) || !strings.HasPrefix(err.Error(), want) || s.Fault() == nil {
			t.Errorf("%s: %v, want %s", action, err, want)
		}
		if _, err := s.Call("where", nil, 1); !errors.Is(err, ErrOver) {
			t.Errorf("%s: afterwards %v", action, err)
		}
	}
}

const house = `{"locations": ["kitchen", "living room", "start"],
 "objects": [{"pattern": "milk|cream", "at": "kitchen"}],
 "people": [{"pattern": "bob", "at": "living room", "answers": ["tea", "no"]}, {"pattern": ".*", "at": "living room", "answers": ["no"]}],
 "robot": {"at": "start"}}`

// TestService goes through what RoboEval's API does.
func TestService(t *testing.T) {
	d, err := Load("service")
	if err != nil {
		t.Fatal(err)
	}
	s := New(world(t, d, house))
	list := func(xs ...any) []any { return xs }
	for i, c := range []struct {
		action string
		args   []any
		want   any // a value, or an error's text
	}{
		{"get_current_location", nil, "start"},
		{"get_all_rooms", nil, list("kitchen", "living room", "start")},
		{"go_to", list("The KITCHEN, please"), nil},
		{"go_to", list("cellar"), errors.New(`go_to: there is no location "cellar"`)},
		{"is_in_room", list("milk"), true},
		{"is_in_room", list("bob"), false},
		{"pick", list("bread"), errors.New(`pick: there is no "bread" at "kitchen"`)},
		{"place", list("milk"), errors.New(`place: the robot does not hold "milk"`)},
		{"pick", list("Cream (cold)"), nil},
		{"is_in_room", list("milk"), false},
		{"pick", list("milk"), errors.New(`pick: the robot already holds "Cream (cold)"`)},
		{"go_to", list("living room"), nil},
		{"ask", list("Bob", "What do you want?", list("Tea", "Coffee")), "Tea"},
		{"ask", list("Bob", "Are you sure?", list("Yes", "No")), "No"},
		{"ask", list("Bob", "Is the answer no?", list("Yes", "Nope")), "Nope"},
		{"ask", list("Bob", "Is the answer nothing?", list("Yes")), "Yes"},
		{"ask", list("Bob", "And?", list()), errors.New("ask: there are no options to answer with")},
		{"ask", list("Bob", "And?", list("blue")), errors.New(`ask: nobody here who is called "Bob" answers with one of ["blue"]`)},
		{"ask", list("Bob", "And?", "yes"), errors.New("ask: argument options must be list, not str")},
		{"ask", list("Bob", "Which?", list(int64(1), "no")), "no"},
		{"go_to", list("start"), nil},
		{"place", list("Cream (cold)"), nil},
		{"is_in_room", list("cream (cold)"), true},
		{"is_in_room", list("cream cold"), false}, // what a program places is no pattern
		{"pick", list("Cream (cold) again"), nil},
		{"say", list("Done."), nil},
	} {
		v, err := s.Call(c.action, c.args, i)
		if want, bad := c.want.(error); bad {
			if err == nil || err.Error() != want.Error() {
				t.Errorf("%d %s%v: %v, want %v", i, c.action, c.args, err, want)
			}
		} else if err != nil || fmt.Sprint(v) != fmt.Sprint(c.want) {
			t.Errorf("%d %s%v: %v, %v, want %v", i, c.action, c.args, v, err, c.want)
		}
	}
	var names []string
	for _, e := range s.Trace() {
		names = append(names, e.Element)
	}
	want := "GoTo GoTo CheckEntity CheckEntity Pick CheckEntity GoTo Ask Ask Ask Ask Ask Ask Ask GoTo Place CheckEntity CheckEntity Pick Say"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func BenchmarkCall(b *testing.B) {
	d, err := Load("service")
	if err != nil {
		b.Fatal(err)
	}
	w := world(b, d, house)
	args := []any{"milk"}
	for i := 0; i < b.N; {
		s := New(w)
		for k := 0; k < 100 && i < b.N; k++ {
			if _, err := s.Call("is_in_room", args, 1); err != nil {
				b.Fatal(err)
			}
			i++
		}
	}
}
