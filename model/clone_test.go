package model

import "testing"

// A reference keeps what training changes, and shares the rest.
func TestReference(t *testing.T) {
	m := load(t, "qwen2")
	if err := m.AddLoRA(LoRA{Rank: 2, Alpha: 4}, testRng()); err != nil {
		t.Fatal(err)
	}
	r := m.Reference()
	shared := 0
	for i, p := range m.Params {
		q := r.Params[i]
		before := q.F32[0]
		p.F32[0]++
		switch {
		case p.Trainable && q.F32[0] != before:
			t.Errorf("%s changes with the model that is trained", p.Name)
		case !p.Trainable && q.F32[0] == before:
			t.Errorf("%s is there twice", p.Name)
		case !p.Trainable:
			shared++
		}
	}
	if shared == 0 || shared == len(m.Params) || r.LoRA == nil {
		t.Errorf("%d of %d parameters are shared", shared, len(m.Params))
	}
}
