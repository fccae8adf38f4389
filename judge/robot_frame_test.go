package judge

import (
	"testing"

	"hone/robot"
)

// FuzzDecodeCall: whatever a program writes is a call or garbage.
func FuzzDecodeCall(f *testing.F) {
	f.Add([]byte("go_to\n12\n1.5\n[\"kitchen\"]"))
	f.Add([]byte("ask\n-1\n0.0\n[\"a\",\"b\",[\"x\",1,2.5,null,true,{\"tuple\":[1]},{\"int\":\"0xffffffffffffffffffffff\"},{\"object\":\"A\"},{\"float\":\"nan\"}]]"))
	f.Add([]byte("\n0\ninf\n[]"))
	d, err := robot.Load("service")
	if err != nil {
		f.Fatal(err)
	}
	w, err := d.World([]byte(`{"locations": ["kitchen"], "people": [{"pattern": ".*", "at": "kitchen", "answers": ["x"]}], "robot": {"at": "kitchen"}}`), "w")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		c := &conversation{}
		sim := robot.New(w)
		for range 3 {
			if reply, err := c.call(sim, frame); err == nil && (len(reply) < 4 || reply[0] != '0' && reply[0] != '1') {
				t.Errorf("%s", reply)
			}
		}
		if sim.Fault() != nil {
			t.Errorf("%s: %v", frame, sim.Fault())
		}
	})
}
