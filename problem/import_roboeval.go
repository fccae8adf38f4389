package problem

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// roboEval is the file roboeval_tasks.json: RoboEval's tasks (Hu et al.), their world
// states and checks as data. It is one object, unlike the rows of other formats.
type roboEval struct {
	Tasks []struct {
		Task    string         `json:"task"`
		Split   string         `json:"split"` // "main" or "open_world_knowledge"
		Prompts []string       `json:"prompts"`
		Tests   []roboEvalTest `json:"tests"`
	} `json:"tasks"`
}

type roboEvalTest struct {
	ExpectTimeout bool          `json:"expect_timeout"`
	State         roboEvalState `json:"state"`
	// Formula goes to the robot's checks as it is.
	Formula json.RawMessage `json:"formula"`
}

type roboEvalState struct {
	Locations []string `json:"locations"`
	Objects   []struct {
		Label    string `json:"label_re"`
		Location string `json:"location"`
	} `json:"objects"`
	Agents []struct {
		Name     string   `json:"name_re"`
		Location string   `json:"location"`
		Answers  []string `json:"answers_re"`
	} `json:"agents"`
	Robot string `json:"robot_location"`
}

// The world of the robot "service", which is RoboEval's.
type (
	serviceWorld struct {
		Locations []string        `json:"locations"`
		Objects   []serviceObject `json:"objects"`
		People    []servicePerson `json:"people"`
		Robot     serviceRobot    `json:"robot"`
	}
	serviceObject struct {
		Pattern string `json:"pattern"`
		At      string `json:"at"`
	}
	servicePerson struct {
		Pattern string   `json:"pattern"`
		At      string   `json:"at"`
		Answers []string `json:"answers"`
	}
	serviceRobot struct {
		At string `json:"at"`
	}
)

func (s *roboEvalState) world() serviceWorld {
	w := serviceWorld{Locations: s.Locations, Objects: []serviceObject{}, People: []servicePerson{}, Robot: serviceRobot{s.Robot}}
	for _, o := range s.Objects {
		w.Objects = append(w.Objects, serviceObject{o.Label, o.Location})
	}
	for _, a := range s.Agents {
		w.People = append(w.People, servicePerson{a.Name, a.Location, append([]string{}, a.Answers...)})
	}
	return w
}

// looksLikeRoboEval tells the file by its beginning.
func looksLikeRoboEval(head []byte) bool {
	head = bytes.TrimSpace(head)
	return bytes.HasPrefix(head, []byte("{")) && bytes.Contains(head, []byte(`"tasks"`)) && bytes.Contains(head, []byte(`"prompts"`))
}

// maxRoboEval is the largest file that is read, in bytes.
const maxRoboEval = MaxRow

// readRoboEval makes a problem of each prompt of each task. Its id is TASK/PROMPT,
// under open_world_knowledge/ for that split, whose tasks have the names of others.
func readRoboEval(r io.Reader, name string) (*Suite, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxRoboEval+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > maxRoboEval {
		return nil, fmt.Errorf("%s: more than %d MB", name, maxRoboEval>>20)
	}
	var file roboEval
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%s: %w (roboeval_tasks.json is one JSON object with \"tasks\")", name, err)
	}
	s := &Suite{Format: FormatRoboEval}
	seen := map[string]bool{}
	for i, t := range file.Tasks {
		where := fmt.Sprintf("%s: tasks[%d]", name, i)
		id := t.Task
		if t.Split != "main" {
			id = t.Split + "/" + t.Task
		}
		tests, bad := roboEvalTests(where, t.Tests)
		switch {
		case t.Task == "" || t.Split == "":
			bad = &Issue{Where: where, Field: "task", Message: "or split is missing or empty"}
		case len(t.Prompts) == 0:
			bad = &Issue{Where: where, Field: "prompts", Message: "is missing or empty"}
		case seen[id]:
			bad = &Issue{Where: where, Field: "task", Message: fmt.Sprintf("%q is there twice; the first one is used", id)}
		}
		if bad != nil {
			s.Issues = append(s.Issues, *bad)
			continue
		}
		seen[id] = true
		for k, prompt := range t.Prompts {
			text := "# " + strings.ReplaceAll(strings.TrimSpace(prompt), "\n", "\n# ") + "\ndef task_program():\n"
			s.Problems = append(s.Problems, &Problem{
				Benchmark: "RoboEval", TaskID: fmt.Sprintf("%s/%d", id, k), Prompt: text, Prefix: text,
				EntryPoint: "task_program", Split: t.Split, Tests: tests,
			})
		}
	}
	if len(s.Problems) == 0 {
		if len(s.Issues) > 0 {
			return nil, s.Issues[0]
		}
		return nil, fmt.Errorf("%s: no tasks (roboeval_tasks.json has a list of them under \"tasks\")", name)
	}
	return s, nil
}

func roboEvalTests(where string, in []roboEvalTest) (out []Test, bad *Issue) {
	if len(in) == 0 {
		return nil, &Issue{Where: where, Field: "tests", Message: "is missing or empty: there is nothing to judge with"}
	}
	for i := range in {
		at := fmt.Sprintf("tests[%d]", i)
		if !isFormula(in[i].Formula) {
			return nil, &Issue{Where: where, Field: at + ".formula", Message: "is missing or no formula"}
		}
		world, err := json.Marshal(in[i].State.world())
		if err != nil {
			return nil, &Issue{Where: where, Field: at + ".state", Message: err.Error()}
		}
		t, err := NewTest(fmt.Sprintf("world[%d]", i), KindRobot, Hidden, RobotSpec{Robot: "service", World: world, Check: in[i].Formula, MayNotEnd: in[i].ExpectTimeout})
		if err != nil {
			return nil, &Issue{Where: where, Field: at, Message: err.Error()}
		}
		out = append(out, t)
	}
	return out, nil
}
