package robot_test

import (
	"fmt"

	"hone/robot"
)

func Example() {
	d, err := robot.Parse([]byte(`
robot: lift
about: A lift.
entry: main
world: {floors: [name], at: ref floors}
actions:
  ride:
    params: {floor: str}
    seconds: 8
    record: {as: Ride, values: [floor], when: success}
    do: |
      if floor not in world.floors:
          fail("there is no floor %s" % floor)
      world.at = floor
`), "lift.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	w, err := d.World([]byte(`{"floors": ["1", "2"], "at": "1"}`), "world.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	s := robot.New(w)
	_, err = s.Call("ride", []any{"3"}, 1)
	fmt.Println(err)
	_, _ = s.Call("ride", []any{"2"}, 2)
	fmt.Println(s.Trace(), s.Now(), "s")

	check, err := d.Check([]byte(`{"op": "and", "args": [
		{"op": "exists", "match": {"element": "Ride", "value1_re": "2"}},
		{"op": "world", "expr": "world.at == '1'"}]}`), "check")
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := check.Evaluate(s.Trace(), s.World())
	fmt.Println(result.Holds, result.Why, err)
	// Output:
	// ride: there is no floor 3
	// [Ride("2")] 16 s
	// false args[1]: it does not hold that world.at == '1' <nil>
}
