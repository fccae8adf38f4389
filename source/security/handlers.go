package security

import "hone/source/python"

// hidesAll reports whether a handler takes any exception and does one thing only.
func hidesAll(h *python.ExceptHandler) bool {
	if len(h.Body) != 1 {
		return false
	}
	name, _ := h.Type.(*python.Name)
	return h.Type == nil || name != nil && name.ID == "Exception"
}

func exceptPass(h *python.ExceptHandler) *match {
	if !hidesAll(h) {
		return nil
	}
	if _, ok := h.Body[0].(*python.Pass); !ok {
		return nil
	}
	return found
}

func exceptContinue(h *python.ExceptHandler) *match {
	if !hidesAll(h) {
		return nil
	}
	if _, ok := h.Body[0].(*python.Continue); !ok {
		return nil
	}
	return found
}
