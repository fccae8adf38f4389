package model

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"hone/tensor"
)

// LoRA are low-rank adapters (Hu et al., "LoRA", 2021, eq. 3): a linear layer W gets
// y = W·x + (Alpha/Rank)·B·(A·x), where only A [Rank, in] and B [out, Rank] are trained.
type LoRA struct {
	Rank  int
	Alpha float64
	// Targets are the stored names that are adapted, without layer and ".weight",
	// such as "q_proj" or "c_attn"; empty adapts all linear layers of the blocks.
	Targets []string
}

// scale is Alpha/Rank.
func (l *LoRA) scale() float32 { return float32(l.Alpha / float64(l.Rank)) }

// adapts reports whether the stored tensor is one of the targets.
func (l *LoRA) adapts(s Stored) bool {
	if !strings.HasSuffix(s.Name, ".weight") || !strings.Contains(s.Name, ".h.") && !strings.Contains(s.Name, ".layers.") {
		return false
	}
	return len(l.Targets) == 0 || slices.ContainsFunc(l.Targets, func(t string) bool { return isTarget(s, t) })
}

// isTarget reports whether the stored tensor is called target, with or without its layer.
func isTarget(s Stored, target string) bool {
	module := strings.TrimSuffix(s.Name, ".weight")
	return module == target || strings.HasSuffix(module, "."+target)
}

// adapterNames are the names of a stored tensor's A and B, as PEFT saves them.
func adapterNames(s Stored) (a, b string) {
	module := "base_model.model." + strings.TrimSuffix(s.Name, ".weight")
	return module + ".lora_A.weight", module + ".lora_B.weight"
}

// isAdapter reports whether a parameter is an A or a B.
func isAdapter(p *Param) bool { return strings.HasPrefix(p.Name, "base_model.") }

// isLinear reports whether a parameter is the matrix of a linear layer of a block.
func isLinear(s ParamSpec) bool {
	return strings.HasPrefix(s.Name, "layers.") && strings.HasSuffix(s.Name, ".weight")
}

// AddLoRA adds fresh adapters, which change nothing yet (B is zero; A is uniform as
// in PEFT), and freezes all other parameters.
func (m *Model) AddLoRA(l LoRA, rng *rand.Rand) error {
	if m.LoRA != nil {
		return fmt.Errorf("model: it has adapters already (merge them first)")
	}
	if l.Rank < 1 || l.Rank > m.Width || !(l.Alpha > 0) {
		return fmt.Errorf("model: adapters of rank %d with alpha %v: the rank is between 1 and the model's width %d, alpha positive", l.Rank, l.Alpha, m.Width)
	}
	var specs []ParamSpec
	used := map[string]bool{}
	for _, s := range m.Layout() {
		for _, st := range s.Stored {
			if isLinear(s) && l.adapts(st) {
				specs = append(specs, ParamSpec{Name: st.Name, Shape: []int{st.Rows, s.Shape[1]}, Stored: []Stored{st}})
				for _, t := range l.Targets {
					used[t] = used[t] || isTarget(st, t)
				}
			}
		}
	}
	for _, t := range l.Targets {
		if !used[t] {
			return fmt.Errorf("model: no linear layer of %s is named %q (they are %s)", m.Architecture, t, strings.Join(m.Modules(), ", "))
		}
	}
	for _, p := range m.Params {
		p.Trainable = false
	}
	m.LoRA = &l
	for _, s := range specs {
		a, b := adapterNames(s.Stored[0])
		out, in := s.Shape[0], s.Shape[1]
		pa := m.add(a, tensor.New(l.Rank, in), true)
		m.add(b, tensor.New(out, l.Rank), true)
		bound := kaiming(in)
		for i := range pa.F32 {
			pa.F32[i] = float32((2*rng.Float64() - 1) * bound)
		}
	}
	return nil
}

// Modules are the names that LoRA.Targets can have for this architecture.
func (m *Model) Modules() []string {
	var out []string
	for _, s := range m.Layout() {
		for _, st := range s.Stored {
			if isLinear(s) {
				module := strings.TrimSuffix(st.Name, ".weight")
				if t := module[strings.LastIndex(module, ".")+1:]; !slices.Contains(out, t) {
					out = append(out, t)
				}
			}
		}
	}
	return out
}

// adapter is what the adapters of a layer add for x, nil where there are none.
func (f *Forward) adapter(name string, x *tensor.Value) *tensor.Value {
	if f.m.LoRA == nil {
		return nil
	}
	spec := f.m.spec(name + ".weight")
	var parts []*tensor.Value
	any := false
	for _, st := range spec.Stored {
		a, b := adapterNames(st)
		if f.m.byName[a] == nil {
			shape := slices.Clone(x.Shape)
			shape[len(shape)-1] = st.Rows
			parts = append(parts, tensor.Splat(f.g, 0, shape...))
			continue
		}
		any = true
		parts = append(parts, tensor.Linear(tensor.Linear(x, f.Param(a), nil, nil), f.Param(b), nil, nil))
	}
	if !any {
		return nil
	}
	return tensor.Scale(tensor.Concat(len(x.Shape)-1, parts...), f.m.LoRA.scale())
}

// Merge adds the adapters to the matrices they adapt and drops them, so that the
// model is one without adapters.
func (m *Model) Merge() {
	for _, s := range m.Layout() {
		m.merge(&s)
	}
	m.dropAdapters()
}

// merge adds the adapters of one parameter to it, or to a copy where another model has it, too.
func (m *Model) merge(s *ParamSpec) {
	if m.LoRA == nil {
		return
	}
	w, row := m.byName[s.Name], 0
	for _, st := range s.Stored {
		an, bn := adapterNames(st)
		if a, b := m.byName[an], m.byName[bn]; a != nil && b != nil {
			if w.shared {
				w.Tensor, w.shared = clone(w.Tensor), false
			}
			scale, in, r := m.LoRA.scale(), s.Shape[1], m.LoRA.Rank
			for i := range st.Rows {
				dst := w.F32[(row+i)*in : (row+i+1)*in]
				for k := range r {
					f := scale * b.F32[i*r+k]
					for j, v := range a.F32[k*in : (k+1)*in] {
						dst[j] += f * v
					}
				}
			}
		}
		row += st.Rows
	}
}

// dropAdapters takes adapters away that were merged.
func (m *Model) dropAdapters() {
	if m.LoRA == nil {
		return
	}
	m.Params = slices.DeleteFunc(m.Params, func(p *Param) bool {
		adapter := isAdapter(p)
		if adapter {
			delete(m.byName, p.Name)
		}
		p.Trainable = true
		return adapter
	})
	m.LoRA = nil
}
