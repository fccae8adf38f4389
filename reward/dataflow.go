package reward

import (
	"context"
	"fmt"
	"sync"

	"hone/source/dataflow"
	"hone/source/python"
)

// dataFlow is the share of the reference's data flow that the program has (CodeBLEU, Ren et
// al. 2020, section 3.3, with the graphs of package dataflow); 0 for what does not parse.
func dataFlow(Term) (Component, error) {
	var known references
	return Component{Name: DataFlow, Low: 0, High: 1, Score: func(_ context.Context, s *Subject) (Score, error) {
		if s.Problem.Reference == "" {
			return Score{Absent: true, Note: "the problem has no reference solution"}, nil
		}
		reference := known.flow(s.Problem.Reference)
		if reference == nil {
			return Score{Absent: true, Note: "the reference solution does not parse"}, nil
		}
		module, err := python.Parse([]byte(s.Program))
		if err != nil {
			return Score{Note: "does not parse"}, nil
		}
		m := dataflow.DataFlowMatch(dataflow.Of(module), *reference)
		share, ok := m.Score()
		if !ok {
			return Score{Absent: true, Note: "the reference solution has no data flow"}, nil
		}
		return Score{Value: share, Note: fmt.Sprintf("%d of the reference's %d edges", m.Matched, m.Total)}, nil
	}}, nil
}

// references keeps the graphs of references, which many programs are compared with.
type references struct {
	mu    sync.Mutex
	flows map[string]*dataflow.Graph // by program; nil where it does not parse
}

// maxReferences bounds the graphs that are kept.
const maxReferences = 1 << 12

func (r *references) flow(program string) *dataflow.Graph {
	r.mu.Lock()
	defer r.mu.Unlock()
	if g, ok := r.flows[program]; ok {
		return g
	}
	if r.flows == nil || len(r.flows) >= maxReferences {
		r.flows = map[string]*dataflow.Graph{}
	}
	var g *dataflow.Graph
	if module, err := python.Parse([]byte(program)); err == nil {
		flow := dataflow.Of(module)
		g = &flow
	}
	r.flows[program] = g
	return g
}
