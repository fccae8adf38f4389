package model

import (
	"maps"
	"slices"

	"hone/tensor"
)

// Reference returns a copy to compare with or to sample from while m is trained: it shares the
// parameters that training does not change, which with adapters are nearly all. Nothing else may change
// them either, as Merge of m would; Merge and Pack of the reference make the copies that they need.
// The model must not be packed.
func (m *Model) Reference() *Model { return m.copy(func(p *Param) bool { return !p.Trainable }) }

// copy copies the parameters that are not shared.
func (m *Model) copy(shared func(*Param) bool) *Model {
	c := &Model{Config: m.Config, byName: map[string]*Param{}, rotary: m.rotary, specs: maps.Clone(m.specs)}
	if m.LoRA != nil {
		l := *m.LoRA
		c.LoRA = &l
	}
	for _, p := range m.Params {
		t, both := p.Tensor, shared(p)
		if !both {
			t = clone(t)
		}
		own := c.add(p.Name, t, p.Decay)
		own.Trainable, own.SSM, own.shared = p.Trainable, p.SSM, both
	}
	return c
}

// clone copies a tensor of float32.
func clone(t *tensor.Tensor) *tensor.Tensor {
	c := tensor.New(t.Shape...)
	copy(c.F32, t.F32)
	return c
}

// Names of the parameters of a value head.
const (
	valueWeight = "value.weight"
	valueBias   = "value.bias"
)

// AddValueHead gives a language model a second head that estimates values from the same
// hidden states (Ziegler et al., "Fine-Tuning Language Models from Human Preferences",
// 2019, §2.1). It starts at 0. [Model.Save] leaves it out: it is of no use once training ends.
func (m *Model) AddValueHead() {
	m.add(valueWeight, tensor.New(1, m.Width), true)
	m.add(valueBias, tensor.New(1), false)
}

// ValueHead are the parameters that [Model.AddValueHead] added.
func (m *Model) ValueHead() []*Param {
	if m.Head == HeadValue {
		return nil // there it is the model's own
	}
	return slices.DeleteFunc([]*Param{m.byName[valueWeight], m.byName[valueBias]}, func(p *Param) bool { return p == nil })
}
