package metrics

import "hone/source/python"

// mccabe is edges − nodes + 2 of the graph of paths through a function, as
// mccabe 0.7 draws it (T. J. McCabe, A Complexity Measure, 1976). The graph has
// no expressions, neither match nor except*, and nothing of a finally block; a
// function inside counts like a branch with its own decisions.
//
// No graph is drawn here, for each statement adds a fixed number of edges more
// than of nodes.
func mccabe(f *python.FunctionDef) int { return 1 + decisions(f.Body) }

// mccabeModule adds the decisions of all graphs that mccabe draws for a module:
// one for each function and for each branching statement outside of functions.
func mccabeModule(m *python.Module) int {
	total := 1
	var outside func([]python.Stmt)
	outside = func(body []python.Stmt) {
		for i, s := range body {
			switch s := s.(type) {
			case *python.FunctionDef:
				total += decisions(s.Body)
			case *python.ClassDef:
				outside(s.Body)
			case *python.With:
				outside(s.Body)
			default:
				total += decisions(body[i : i+1])
			}
		}
	}
	outside(m.Body)
	return total
}

// decisions is by how much the statements raise the complexity of a graph.
func decisions(body []python.Stmt) int {
	n := 0
	for _, s := range body {
		switch s := s.(type) {
		case *python.FunctionDef:
			n += mccabe(s)
		case *python.ClassDef:
			n += decisions(s.Body)
		case *python.With:
			n += decisions(s.Body)
		case *python.If:
			n += 1 + decisions(s.Body) + decisions(s.Orelse)
		case *python.For:
			n += 1 + decisions(s.Body) + decisions(s.Orelse)
		case *python.While:
			n += 1 + decisions(s.Body) + decisions(s.Orelse)
		case *python.Try:
			if s.Star {
				continue
			}
			n += 1 + len(s.Handlers) + decisions(s.Body) + decisions(s.Orelse)
			for _, h := range s.Handlers {
				n += decisions(h.Body)
			}
		}
	}
	return n
}
