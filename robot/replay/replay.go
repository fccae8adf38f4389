// Package replay shows a run of a robot: places as boxes, what lies in them and who is
// there, the robot on its way between them, what it says, the program with the line at
// work, and a time line. The picture is one SVG that moves by itself and stands still on
// the last frame, which is also what a viewer without animation shows; the page puts it
// into a file of its own with buttons to step through it.
//
// A run is drawn from the calls it consists of: a simulation is deterministic, so making
// them again in the world the run began in gives every state between. What is drawn of a
// world follows from its form alone: the places are the list that the robot's own record
// refers to, everything else that refers to it is a thing or a person there.
package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hone/robot"
)

// Run is what is shown.
type Run struct {
	Title   string
	World   *robot.World // as it began
	Calls   []robot.Call
	Program string // its source, or ""
	// Verdict is shown at the end: "pass", or what is wrong. Failed colours it, and the
	// last call where that failed.
	Verdict string
	Failed  bool
	Line    int // of the program where it stopped, 0: that of the last call
}

// frame is the state after a call.
type frame struct {
	caption string
	line    int
	seconds float64 // of the robot's time
	failed  string  // what the robot refused
	speech  string
	times   int // equal calls in a row
	view    view
}

// view is a world as it is drawn.
type view struct {
	places []string
	states []string // of each place: "open", "on", "moisture 40"
	at     int      // the robot's place, or -1
	robot  string   // its own numbers: "litres 8"
	tokens []token
	held   map[string]bool // names of what the robot holds
}

// token is a thing or a person.
type token struct {
	name, state string
	kind        int // which list it is from
	place       int // -1: in the hand; -2: nowhere
	fields      map[string]any
}

// frames makes the calls again. The first frame is the world as it began.
func (r *Run) frames() ([]frame, error) {
	s := robot.New(r.World)
	begin, err := look(r.World, nil)
	if err != nil {
		return nil, err
	}
	out := []frame{{caption: "the world at the beginning", view: begin, times: 1}}
	for _, c := range r.Calls {
		f := frame{caption: caption(c), line: c.Line, times: 1, speech: speech(c)}
		if err := perform(s, c); errors.Is(err, robot.ErrOver) {
			f.failed = "the run reached a limit: it does not end"
		} else if failure := new(robot.Failure); errors.As(err, &failure) {
			f.failed = failure.Message
		} else if err != nil {
			return nil, err
		}
		f.seconds = s.Now()
		if f.view, err = look(s.World(), &begin); err != nil {
			return nil, err
		}
		if last := &out[len(out)-1]; last.caption == f.caption && last.line == f.line && f.failed == "" && f.speech == "" {
			f.times = last.times + 1
			*last = f
			continue
		}
		out = append(out, f)
	}
	align(out)
	return shorten(out), nil
}

func perform(s *robot.Simulation, c robot.Call) error {
	if c.Action == "sleep" && len(c.Args) == 1 {
		switch x := c.Args[0].(type) {
		case float64:
			return s.Sleep(x)
		case int64:
			return s.Sleep(float64(x))
		}
	}
	_, err := s.Call(c.Action, c.Args, c.Line)
	return err
}

// maxFrames bounds a picture: of a longer run the beginning and the end are shown.
const maxFrames = 240

func shorten(fs []frame) []frame {
	if len(fs) <= maxFrames {
		return fs
	}
	left := len(fs) - maxFrames
	out := append([]frame{}, fs[:maxFrames/2]...)
	out[len(out)-1].caption = fmt.Sprintf("… %d calls are left out …", left)
	return append(out, fs[len(fs)-maxFrames/2:]...)
}

func caption(c robot.Call) string {
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = show(a)
	}
	return c.Action + "(" + strings.Join(args, ", ") + ")"
}

func show(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	case nil:
		return "None"
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = show(x)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(v)
}

// speech is what a call says aloud.
func speech(c robot.Call) string {
	texts := make([]string, 0, len(c.Args))
	for _, a := range c.Args {
		if s, ok := a.(string); ok {
			texts = append(texts, s)
		}
	}
	switch {
	case c.Action == "say" && len(texts) > 0:
		return texts[0]
	case c.Action == "ask" && len(texts) > 1:
		return texts[0] + ", " + texts[1]
	}
	return ""
}

// look reads what is drawn of a world. began is the view at the beginning, whose states
// are not mentioned again where they are still the same.
func look(w *robot.World, began *view) (view, error) {
	raw, err := w.MarshalJSON()
	if err != nil {
		return view{}, err
	}
	var root map[string]json.RawMessage
	if err := json.Unmarshal(raw, &root); err != nil {
		return view{}, err
	}
	lists := map[string][]map[string]any{}
	var own []map[string]any // records that are no lists: the robot
	for _, key := range keysInOrder(raw) {
		var list []any
		if json.Unmarshal(root[key], &list) == nil {
			lists[key] = records(list)
			continue
		}
		var one map[string]any
		if json.Unmarshal(root[key], &one) == nil {
			own = append(own, one)
		} else {
			var s string
			if json.Unmarshal(root[key], &s) == nil {
				own = append(own, map[string]any{"at": s})
			}
		}
	}
	return arrange(lists, own, keysInOrder(raw), began)
}

// records makes records of a list of names too.
func records(list []any) []map[string]any {
	var out []map[string]any
	for _, v := range list {
		switch v := v.(type) {
		case map[string]any:
			out = append(out, v)
		case string:
			out = append(out, map[string]any{"name": v})
		}
	}
	return out
}

// keysInOrder are the keys of a JSON object as they stand there.
func keysInOrder(raw []byte) []string {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	var out []string
	depth := 0
	key := false
	for {
		t, err := dec.Token()
		if err != nil {
			return out
		}
		switch t := t.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				depth++
			} else {
				depth--
			}
			key = depth == 1
		case string:
			if depth == 1 && key {
				out = append(out, t)
				key = false
				continue
			}
			key = depth == 1
		default:
			key = depth == 1
		}
	}
}

// nameOf is a record's name: the field of that name, or the first that is like one.
func nameOf(r map[string]any) string {
	for _, k := range []string{"name", "pattern", "name_re"} {
		if s, ok := r[k].(string); ok {
			return s
		}
	}
	return ""
}

// arrange finds the places, the robot among them, and what is where.
func arrange(lists map[string][]map[string]any, own []map[string]any, order []string, began *view) (view, error) {
	v := view{at: -1}
	placesKey := ""
	for _, key := range order {
		for i, p := range lists[key] {
			for _, o := range own {
				for _, x := range o {
					if s, ok := x.(string); ok && s == nameOf(p) && s != "" && placesKey == "" {
						placesKey, v.at = key, i
					}
				}
			}
		}
	}
	if placesKey == "" {
		return v, errors.New("replay: the world has no list of places with the robot in one of them")
	}
	for _, p := range lists[placesKey] {
		v.places = append(v.places, nameOf(p))
		v.states = append(v.states, states(p))
	}
	v.robot = ownNumbers(own)
	held := map[string]bool{}
	v.held = held
	for _, o := range own {
		for _, x := range o {
			if s, ok := x.(string); ok && s != "" && !slices.Contains(v.places, s) {
				held[s] = true
			}
		}
	}
	kind := 0
	for _, key := range order {
		if key == placesKey || len(lists[key]) == 0 {
			continue
		}
		for _, r := range lists[key] {
			v.tokens = append(v.tokens, tokenOf(r, kind, v.places, held))
		}
		kind++
	}
	if began != nil && len(began.tokens) == len(v.tokens) {
		for i := range v.tokens {
			v.tokens[i].state = changes(began.tokens[i].fields, v.tokens[i].fields)
		}
	}
	return v, nil
}

func tokenOf(r map[string]any, kind int, places []string, held map[string]bool) token {
	t := token{name: nameOf(r), kind: kind, place: -2, fields: r}
	for _, x := range r {
		if s, ok := x.(string); ok && s != t.name {
			if i := slices.Index(places, s); i >= 0 {
				t.place = i
			}
		}
	}
	if held[t.name] {
		t.place = -1
	}
	return t
}

// changes says in a word how a record differs from what it was.
func changes(was, is map[string]any) string {
	var out []string
	for k, x := range is {
		if x == nil || fmt.Sprint(was[k]) == fmt.Sprint(x) {
			continue
		}
		switch x := x.(type) {
		case bool:
			if !x {
				k = "not " + k
			}
			out = append(out, k)
		case float64:
			out = append(out, k+" "+strconv.FormatFloat(x, 'g', -1, 64))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// states are what a record says of itself: texts, what is true, and numbers.
func states(r map[string]any) string {
	var texts, numbers []string
	for k, x := range r {
		switch x := x.(type) {
		case bool:
			if x {
				texts = append(texts, k)
			}
		case float64:
			numbers = append(numbers, k+" "+strconv.FormatFloat(x, 'g', -1, 64))
		case string:
			if k != "kind" && x != "" && x != nameOf(r) {
				texts = append(texts, x)
			}
		}
	}
	slices.Sort(texts)
	slices.Sort(numbers)
	return strings.Join(append(texts, numbers...), ", ")
}

// ownNumbers are those of the robot's records.
func ownNumbers(own []map[string]any) string {
	var out []string
	for _, o := range own {
		numbers := map[string]any{}
		for k, x := range o {
			if _, ok := x.(float64); ok {
				numbers[k] = x
			}
		}
		if s := states(numbers); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}
