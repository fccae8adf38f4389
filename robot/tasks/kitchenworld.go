package tasks

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// kitchenState is a world of kitchen.yaml.
type kitchenState struct {
	Places []struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
		Door string `json:"door"`
		On   bool   `json:"on"`
	} `json:"places"`
	Items []struct {
		Name        string `json:"name"`
		At          string `json:"at"`
		Cut         bool   `json:"cut"`
		Clean       bool   `json:"clean"`
		Temperature int    `json:"temperature"`
		Grams       int    `json:"grams"`
	} `json:"items"`
	People []struct {
		Name    string   `json:"name"`
		At      string   `json:"at"`
		Late    int      `json:"late"`
		Answers []string `json:"answers"`
	} `json:"people"`
	Robot struct {
		At      string `json:"at"`
		Holding string `json:"holding"`
	} `json:"robot"`
}

// encode writes what differs from the defaults.
func (k *kitchen) encode(s *scene) any {
	places, items, people := []any{}, []any{}, []any{}
	for _, p := range s.places {
		m := map[string]any{"name": p.name, "kind": p.kind}
		if p.door != "" {
			m["door"] = p.door
		}
		places = append(places, m)
	}
	for _, t := range s.things {
		if t.at == "" {
			continue
		}
		m := map[string]any{"name": t.name, "at": t.at}
		if !t.clean {
			m["clean"] = false
		}
		if t.temperature != 20 {
			m["temperature"] = t.temperature
		}
		if t.grams != 100 {
			m["grams"] = t.grams
		}
		items = append(items, m)
	}
	for _, p := range s.people {
		if p.at == "" {
			continue
		}
		m := map[string]any{"name": p.name, "at": p.at, "answers": p.answers}
		if p.answers == nil {
			m["answers"] = []string{}
		}
		if p.late > 0 {
			m["late"] = p.late
		}
		people = append(people, m)
	}
	return map[string]any{"places": places, "items": items, "people": people, "robot": map[string]any{"at": s.start}}
}

// warming is how many degrees too many are still right: a minute on the stove.
const warming = 10

// final compares items, stoves and the hand, and where the robot is if it was told where to end.
func (k *kitchen) final(o *outcome) (string, error) {
	var begin, end kitchenState
	raw, err := o.final.MarshalJSON()
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(raw, &end); err != nil {
		return "", err
	}
	if err := json.Unmarshal(o.world, &begin); err != nil {
		return "", err
	}
	var where, cut, dirty, on []string
	expr := ""
	for _, i := range end.Items {
		if i.Name != end.Robot.Holding {
			where = append(where, fmt.Sprintf("%q: %q", i.Name, i.At))
		}
		if i.Cut {
			cut = append(cut, i.Name)
		}
		if !i.Clean {
			dirty = append(dirty, i.Name)
		}
		for _, b := range begin.Items {
			if b.Name == i.Name && cmp.Or(b.Temperature, 20) != i.Temperature {
				expr += fmt.Sprintf(" and all([%d <= i.temperature and i.temperature <= %d for i in world.items if i.name == %q])", i.Temperature, i.Temperature+warming, i.Name)
			}
		}
	}
	for _, p := range end.Places {
		if p.On {
			on = append(on, p.Name)
		}
	}
	expr = fmt.Sprintf("{i.name: i.at for i in world.items if i.name != world.robot.holding} == {%s}", strings.Join(where, ", ")) +
		" and [i.name for i in world.items if i.cut] == " + quotedList(cut) +
		" and [i.name for i in world.items if not i.clean] == " + quotedList(dirty) +
		" and [p.name for p in world.places if p.on] == " + quotedList(on) +
		fmt.Sprintf(" and world.robot.holding == %q", end.Robot.Holding) + expr
	if k.clauses[len(k.clauses)-1].stays {
		expr += fmt.Sprintf(" and world.robot.at == %q", end.Robot.At)
	}
	return expr, nil
}

func quotedList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%q", n)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// kinds are the names of the scene by what they are.
func (k *kitchen) kinds() [][]string {
	var things, people []string
	for _, t := range k.scene.things {
		things = append(things, t.name)
	}
	for _, p := range k.scene.people {
		people = append(people, p.name)
	}
	return [][]string{k.scene.placeNames(), things, people, slices.Clone(kitchenSentences), {"yes", "no"}}
}

// asked matches a question by who is asked; its wording is free.
func (k *kitchen) asked(values []any) map[string]any {
	return map[string]any{"value1_re": "^" + regexp.QuoteMeta(fmt.Sprint(values[0])) + "$"}
}
