// Package model holds decoder-only Transformers and encoders: how they are configured, computed,
// initialised, loaded and saved. Configurations and checkpoints are Hugging Face's,
// so that a folder that transformers wrote can be read here and the other way round.
package model

import (
	"fmt"
	"math/rand/v2"

	"hone/tensor"
)

// Model is a configuration with parameters.
type Model struct {
	Config
	Params []*Param // in the order of Config.Layout, then those of the adapters
	// LoRA are the adapters, nil where there are none.
	LoRA *LoRA

	byName map[string]*Param
	rotary *tensor.Tensor // the table of angles, made when it is first asked for
	specs  map[string]ParamSpec
}

// Param is one tensor of a model.
type Param struct {
	Name string
	*tensor.Tensor
	Decay     bool // weight decay applies
	Trainable bool
	SSM       bool // the dynamics of a state-space model, see ParamSpec

	shared bool // the numbers are another model's, too: they are not written over
}

// New returns a model with fresh parameters drawn from rng: normal with deviation
// Config.InitStd for matrices (smaller for those that end a residual branch), ones
// for gains, zeros for biases; state-space models as SSM says.
func New(c Config, rng *rand.Rand) (*Model, error) {
	if err := c.Check(); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	m := &Model{Config: c, byName: map[string]*Param{}}
	for _, s := range c.Layout() {
		s.fresh(m.addSpec(&s).F32, rng)
	}
	return m, nil
}

// addSpec adds a parameter of the layout, all zeros.
func (m *Model) addSpec(s *ParamSpec) *Param {
	p := m.add(s.Name, tensor.New(s.Shape...), s.Decay)
	p.SSM = s.SSM
	return p
}

func (m *Model) add(name string, t *tensor.Tensor, decay bool) *Param {
	p := &Param{Name: name, Tensor: t, Decay: decay, Trainable: true}
	m.Params = append(m.Params, p)
	m.byName[name] = p
	return p
}

// Limit makes the model one of fewer positions, which saves the tables for the rest.
func (m *Model) Limit(positions int) {
	if positions < m.Positions && m.PositionEmbedding == PosRotary {
		m.Positions, m.rotary = positions, nil
	}
}

// Param is the parameter of that name, or nil.
func (m *Model) Param(name string) *Param { return m.byName[name] }

// Trainable are the parameters that training changes.
func (m *Model) Trainable() []*Param {
	var out []*Param
	for _, p := range m.Params {
		if p.Trainable {
			out = append(out, p)
		}
	}
	return out
}

// Args adds the model's own inputs of a program traced with [Model.Forward] to args.
func (m *Model) Args(args map[string]*tensor.Tensor) {
	for _, p := range m.Params {
		args[p.Name] = p.Tensor
	}
	if m.PositionEmbedding == PosRotary {
		if m.rotary == nil {
			m.rotary = tensor.RotaryTable(m.Positions, m.HeadDim, m.RopeTheta)
		}
		args[rotaryInput] = m.rotary
	}
}

// Pack lays all matrices out for generation, stored as as: float32 (exact), bfloat16
// or 8-bit integers with a scale a row, for about so many sequences at a time (see [tensor.Pack]).
// Adapters are merged into float32 on the way, a matrix at a time: a large model is not there once
// more. Beside other types they stay, as float32: what training has changed so far is often less than
// such a type can tell from nothing. The model can then neither be trained nor saved.
func (m *Model) Pack(as tensor.DType, sequences int) error {
	pack := func(p *Param, as tensor.DType) error {
		t, err := tensor.Pack(p.Tensor, as, sequences)
		if err != nil {
			return fmt.Errorf("model: %s: %w", p.Name, err)
		}
		p.Tensor = t
		return nil
	}
	for _, s := range m.Layout() {
		if as == tensor.F32 {
			m.merge(&s)
		}
		if len(s.Shape) != 2 || s.Name == "embedding.positions.weight" {
			continue
		}
		if err := pack(m.byName[s.Name], as); err != nil {
			return err
		}
	}
	if as == tensor.F32 {
		m.dropAdapters()
	}
	for _, p := range m.Params {
		if isAdapter(p) {
			if err := pack(p, tensor.F32); err != nil {
				return err
			}
		}
	}
	return nil
}
