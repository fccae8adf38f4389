package judge

import (
	"testing"

	"hone/robot"
)

// FuzzDecodeCall: whatever a program writes is a call or garbage.
func FuzzDecodeCall(f *testing.F) {
	f.Add([]byte(`["go_to",["kitchen"],12,1.5]`))
	f.Add([]byte(`["ask",["a","b",["x",1,2.5,null,true,{"tuple":[1]},{"int":"0xffffffffffffffffffffff"},{"object":"A"},{"float":"nan"}]],-1,0]`))
	f.Add([]byte(`["",[],0,1e308]`))
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
			if reply, err := c.call(sim, frame); err == nil && (len(reply) < 7 || reply[0] != '[') {
				t.Errorf("%s", reply)
			}
		}
		if sim.Fault() != nil {
			t.Errorf("%s: %v", frame, sim.Fault())
		}
	})
}
