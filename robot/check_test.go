package robot

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func service(t testing.TB) *Definition {
	t.Helper()
	d, err := Load("service")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// events reads "GoTo kitchen; Ask who? yes,no" as a trace.
func events(text string) []Event {
	var out []Event
	for part := range strings.SplitSeq(text, "; ") {
		name, rest, _ := strings.Cut(part, " ")
		if name == "" {
			continue
		}
		e := Event{Element: name, Values: []any{rest}}
		if name == "Ask" {
			question, options, _ := strings.Cut(rest, "? ")
			var list []any
			for o := range strings.SplitSeq(options, ",") {
				list = append(list, o)
			}
			e.Values = []any{question, list}
		}
		out = append(out, e)
	}
	return out
}

func TestCheck(t *testing.T) {
	d := service(t)
	const (
		kitchen = `{"element":"GoTo","value1_re":"kitchen"}`
		hall    = `{"element":"GoTo","value1_re":"hall"}`
		pick    = `{"element":"Pick","value1_re":"milk"}`
	)
	const visits = "Pick milk; GoTo kitchen; GoTo hall; Pick milk; GoTo kitchen; Pick cup; GoTo the kitchen; Pick Milk; GoTo hall"
	for _, c := range []struct {
		formula, trace string
		want           bool
	}{
		{`{"op":"exists","match":` + kitchen + `}`, "GoTo The Kitchen", true},
		{`{"op":"exists","match":` + kitchen + `}`, "Say kitchen", false},
		{`{"op":"exists","match":` + kitchen + `}`, "", false},
		{`{"op":"not","arg":{"op":"exists","match":` + kitchen + `}}`, "", true},
		{`{"op":"and","args":[{"op":"exists","match":` + kitchen + `},{"op":"exists","match":` + hall + `}]}`, "GoTo kitchen", false},
		{`{"op":"or","args":[{"op":"exists","match":` + hall + `},{"op":"exists","match":` + kitchen + `}]}`, "GoTo kitchen", true},
		{`true`, "", true},
		{`{"op":"or","args":[false,false]}`, "", false},
		// An absent anchor leaves the trace as it is.
		{`{"op":"exists","slices":[{"slice":"AfterFirst","at":` + hall + `}],"match":` + kitchen + `}`, "GoTo kitchen", true},
		{`{"op":"exists","slices":[{"slice":"AfterFirst","at":` + hall + `}],"match":` + kitchen + `}`, "GoTo kitchen; GoTo hall", false},
		{`{"op":"exists","slices":[{"slice":"AfterFirst","at":` + hall + `}],"match":` + hall + `}`, "GoTo hall; GoTo hall", true},
		{`{"op":"exists","slices":[{"slice":"AfterLast","at":` + hall + `}],"match":` + hall + `}`, "GoTo hall; GoTo hall", false},
		{`{"op":"exists","slices":[{"slice":"BeforeFirst","at":` + hall + `}],"match":` + pick + `}`, "GoTo hall; Pick milk; GoTo hall", false},
		{`{"op":"exists","slices":[{"slice":"BeforeLast","at":` + hall + `}],"match":` + pick + `}`, "GoTo hall; Pick milk; GoTo hall", true},
		{`{"op":"exists","slices":[{"slice":"AfterFirst","at":` + hall + `},{"slice":"BeforeFirst","at":` + kitchen + `}],"match":` + pick + `}`, "GoTo hall; GoTo kitchen; Pick milk", false},
		{`{"op":"terminal","match":` + hall + `}`, "GoTo kitchen; GoTo hall", true},
		{`{"op":"terminal","match":` + hall + `}`, "GoTo hall; Say x", false},
		{`{"op":"terminal","match":` + hall + `}`, "", false},
		{`{"op":"precedes","first":` + hall + `,"then":` + kitchen + `}`, "GoTo kitchen; GoTo hall", false},
		{`{"op":"precedes","first":` + hall + `,"then":` + kitchen + `}`, "GoTo hall; GoTo kitchen", true},
		{`{"op":"act_at_first","loc":"hall","match":` + pick + `}`, visits, true},
		{`{"op":"act_at_first","loc":"kitchen","match":` + pick + `}`, visits, false},
		{`{"op":"act_at_any_visit","loc":"kitchen","match":` + pick + `}`, visits, true},
		{`{"op":"act_at_any_visit","loc":"cellar","match":` + pick + `}`, visits, false},
		{`{"op":"act_at_first","loc":"hall","move":"Say","match":` + pick + `}`, "Say hall; Pick milk", true},
		{`{"op":"exists","match":{"element":"Ask","value1_re":"who","value2_re":"^no$"}}`, "Ask who is it? Yes,No", true},
		{`{"op":"exists","match":{"element":"Ask","value1_re":"who","value2_re":"maybe"}}`, "Ask who is it? Yes,No", false},
		{`{"op":"exists","match":{"element":"Ask"}, "note":"whoever"}`, "Ask who? Yes", true},
	} {
		check, err := d.Check(json.RawMessage(c.formula), "f")
		if err != nil {
			t.Fatal(err)
		}
		got, err := check.Evaluate(events(c.trace), nil)
		if err != nil || got.Holds != c.want || got.Holds != (got.Why == "") {
			t.Errorf("%s on %q: %+v, %v", c.formula, c.trace, got, err)
		}
	}
}

func TestWorldCheck(t *testing.T) {
	d := load(t, small)
	w := world(t, d, smallWorld)
	for expr, want := range map[string]string{
		`world.robot.at == \"hall\"`:                 "true",
		`all([t.heavy for t in world.things])`:       "false all([t.heavy for t in world.things])",
		`len(world.things)`:                          "expr: the expression gives a int, not True or False",
		`world.rooms[7]`:                             "expr: line 1: ",
		`matches(\"SAFE\", world.things[1].name)`:    "true",
		"(lambda: [0 for x in range(10*1000*1000)])": "expr",
	} {
		c, err := d.Check(json.RawMessage(`{"op":"world","expr":"`+expr+`"}`), "f")
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		r, err := c.Evaluate(nil, w)
		got := fmt.Sprint(r.Holds)
		if r.Why != "" {
			got += " " + strings.TrimPrefix(r.Why, "it does not hold that ")
		}
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", expr, got, want)
		}
		if _, err := c.Evaluate(nil, nil); !errors.Is(err, ErrNoWorld) {
			t.Errorf("without a world: %v", err)
		}
	}
}

func TestCheckFaults(t *testing.T) {
	d := service(t)
	for formula, want := range map[string]string{
		`{"op":"exits","match":{"element":"GoTo"}}`:             `f:1:13: op: unknown op "exits" (nearest: "exists"`,
		`{"match":{"element":"GoTo"}}`:                          `key "op" is missing`,
		`{"op":"exists"}`:                                       `op exists needs "match"`,
		`{"op":"exists","match":{"element":"GoTo"},"slice":[]}`: `unknown key "slice" of op exists (did you mean "slices"?)`,
		`{"op":"and","args":[{"op":"not","arg":{"op":"exists","match":{"element":"Go"}}}]}`:               `args[0].arg.match.element: no event is called "Go" (nearest: "GoTo"`,
		`{"op":"exists","match":{"element":"go_to"}}`:                                                     `match.element: no event is called "go_to" (action go_to is recorded as GoTo)`,
		`{"op":"exists","match":{"element":"get_all_rooms"}}`:                                             "(action get_all_rooms records nothing)",
		`{"op":"exists","match":{"element":"GoTo","value2_re":"x"}}`:                                      `unknown key "value2_re": GoTo records 1 values`,
		`{"op":"exists","match":{"element":"GoTo","value1_re":"("}}`:                                      `match.value1_re: "(" is no regular expression`,
		`{"op":"exists","match":{"element":"GoTo","value1_re":["x"]}}`:                                    "match.value1_re: is a regular expression, not a list",
		`{"op":"exists","slices":[{"slice":"After","at":{"element":"GoTo"}}],"match":{"element":"GoTo"}}`: `slices[0].slice: unknown slice "After" (nearest: "AfterLast"`,
		`{"op":"act_at_first","loc":"(","match":{"element":"GoTo"}}`:                                      `loc: "(" is no regular expression`,
		`{"op":"act_at_first","loc":"x","move":"Drive","match":{"element":"GoTo"}}`:                       `no event is called "Drive"`,
		`{"op":"world","expr":"world.x ="}`:                                                               "expr: Starlark: ",
		`{"op":"world","expr":"open('x')"}`:                                                               "undefined: open",
		`{"op":"and","args":[]}`:                                                                          "args: is a list of formulas, not a list",
		`{"op":"and","args":[3]}`:                                                                         `args[0]: a formula is an object with "op", not 3`,
		`3`:                                                                                               "a formula is an object",
		``:                                                                                                "no JSON",
		strings.Repeat(`{"op":"not","arg":`, 60) + "1" + strings.Repeat("}", 60):                          "nested too deep",
	} {
		if _, err := d.Check(json.RawMessage(formula), "f"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", formula, err, want)
		}
	}
}

// naive evaluates a formula as the definitions read, on slices of the trace.
func naive(d *Definition, f map[string]any, trace []Event) bool {
	match := func(m any, e Event) bool {
		mm := m.(map[string]any)
		return mm["element"] == e.Element && strings.Contains(strings.ToLower(e.Values[0].(string)), strings.ToLower(mm["value1_re"].(string)))
	}
	exists := func(m any, tr []Event) bool {
		return slices.ContainsFunc(tr, func(e Event) bool { return match(m, e) })
	}
	slice := func(kind string, m any, tr []Event) []Event {
		var at []int
		for i, e := range tr {
			if match(m, e) {
				at = append(at, i)
			}
		}
		if len(at) == 0 {
			return tr
		}
		switch kind {
		case "AfterFirst":
			return tr[at[0]+1:]
		case "AfterLast":
			return tr[at[len(at)-1]+1:]
		case "BeforeFirst":
			return tr[:at[0]]
		}
		return tr[:at[len(at)-1]]
	}
	args, _ := f["args"].([]any)
	switch f["op"] {
	case "and":
		return !slices.ContainsFunc(args, func(a any) bool { return !naive(d, a.(map[string]any), trace) })
	case "or":
		return slices.ContainsFunc(args, func(a any) bool { return naive(d, a.(map[string]any), trace) })
	case "not":
		return !naive(d, f["arg"].(map[string]any), trace)
	}
	ss, _ := f["slices"].([]any)
	for _, s := range ss {
		trace = slice(s.(map[string]any)["slice"].(string), s.(map[string]any)["at"], trace)
	}
	switch f["op"] {
	case "exists":
		return exists(f["match"], trace)
	case "terminal":
		return len(trace) > 0 && match(f["match"], trace[len(trace)-1])
	}
	return exists(f["then"], slice("AfterFirst", f["first"], trace))
}

func TestCheckProperty(t *testing.T) {
	d := service(t)
	element := rapid.SampledFrom([]string{"GoTo", "Say", "Pick"})
	word := rapid.SampledFrom([]string{"a", "B", "ab", "c"})
	match := rapid.Custom(func(t *rapid.T) any {
		return map[string]any{"element": element.Draw(t, "element"), "value1_re": word.Draw(t, "word")}
	})
	slice := rapid.Custom(func(t *rapid.T) any {
		return map[string]any{"slice": rapid.SampledFrom([]string{"AfterFirst", "AfterLast", "BeforeFirst", "BeforeLast"}).Draw(t, "slice"), "at": match.Draw(t, "at")}
	})
	var formula func(depth int) *rapid.Generator[any]
	formula = func(depth int) *rapid.Generator[any] {
		return rapid.Custom(func(t *rapid.T) any {
			ops := []string{"exists", "terminal", "precedes"}
			if depth > 0 {
				ops = append(ops, "and", "or", "not")
			}
			f := map[string]any{"op": rapid.SampledFrom(ops).Draw(t, "op")}
			switch f["op"] {
			case "not":
				f["arg"] = formula(depth-1).Draw(t, "arg")
				return f
			case "and", "or":
				f["args"] = rapid.SliceOfN(formula(depth-1), 1, 3).Draw(t, "args")
				return f
			case "precedes":
				f["first"], f["then"] = match.Draw(t, "first"), match.Draw(t, "then")
			default:
				f["match"] = match.Draw(t, "match")
			}
			f["slices"] = rapid.SliceOfN(slice, 0, 3).Draw(t, "slices")
			return f
		})
	}
	event := rapid.Custom(func(t *rapid.T) Event {
		return Event{Element: element.Draw(t, "element"), Values: []any{rapid.SampledFrom([]string{"a", "b", "abc", "x", ""}).Draw(t, "value")}}
	})
	rapid.Check(t, func(t *rapid.T) {
		f := formula(3).Draw(t, "formula").(map[string]any)
		trace := rapid.SliceOfN(event, 0, 8).Draw(t, "trace")
		raw, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		c, err := d.Check(raw, "f")
		if err != nil {
			t.Fatal(err)
		}
		// The formula as it went through JSON, where []any is what it is in a file.
		var parsed map[string]any
		if err := json.Unmarshal(raw, &parsed); err != nil {
			t.Fatal(err)
		}
		got, err := c.Evaluate(trace, nil)
		if want := naive(d, parsed, trace); err != nil || got.Holds != want {
			t.Fatalf("%s on %v: %+v, %v, want %v", raw, trace, got, err, want)
		}
	})
}
