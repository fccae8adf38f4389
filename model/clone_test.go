package model

import (
	"reflect"
	"slices"
	"testing"

	"hone/tensor"
)

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

// whole is a copy that shares nothing.
func whole(m *Model) *Model { return m.copy(func(*Param) bool { return false }) }

// What shares parameters with a model can be merged and packed, which leaves the model as it is.
func TestReferenceMerges(t *testing.T) {
	m := load(t, "qwen2")
	if err := m.AddLoRA(LoRA{Rank: 2, Alpha: 4, Targets: []string{"q_proj", "down_proj"}}, testRng()); err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Trainable() {
		for i := range p.F32 {
			p.F32[i] += 0.5
		}
	}
	before := whole(m)
	want := whole(m)
	want.Merge()
	merged := m.Reference()
	merged.Merge()
	changed := 0
	for _, w := range want.Params {
		if got := merged.Param(w.Name); got == nil || !got.Trainable || !slices.Equal(got.F32, w.F32) {
			t.Errorf("%s: a reference merges to something else than a clone", w.Name)
		}
		if !slices.Equal(w.F32, m.Param(w.Name).F32) {
			changed++
		}
	}
	if changed != 2*m.Layers || len(merged.Params) != len(want.Params) {
		t.Errorf("%d parameters of %d layers were merged, %d are left", changed, m.Layers, len(merged.Params))
	}
	if err := want.Pack(tensor.F32, 4); err != nil {
		t.Fatal(err)
	}
	packed := m.Reference()
	if err := packed.Pack(tensor.F32, 4); err != nil {
		t.Fatal(err)
	}
	for _, w := range want.Params {
		if got := packed.Param(w.Name); got == nil || !slices.Equal(got.F32, w.F32) || !reflect.DeepEqual(got.Packed, w.Packed) {
			t.Errorf("%s: a reference is packed to something else than a merged clone", w.Name)
		}
	}
	for _, b := range before.Params {
		if p := m.Param(b.Name); p == nil || !slices.Equal(p.F32, b.F32) {
			t.Errorf("%s of the model itself was changed", b.Name)
		}
	}
	if m.LoRA == nil || packed.LoRA != nil {
		t.Error("the model lost its adapters, or what was packed kept them")
	}
}
