package flakes

import (
	"strings"

	"hone/source"
)

// bindingKind says what gave a name its value.
type bindingKind uint8

const (
	plainBinding      bindingKind = iota // a loop variable, an element of an unpacked tuple
	builtinBinding                       // Python itself
	argumentBinding                      // a parameter
	assignmentBinding                    // an assignment, which is to be used
	walrusBinding                        // an assignment expression
	annotationBinding                    // an annotation without a value: not defined yet
	functionBinding
	classBinding
	exportBinding     // __all__
	importBinding     // import a, import a.b as c
	submoduleBinding  // import a.b, which binds a
	importFromBinding // from a import b
	starBinding       // from a import *
	futureBinding     // from __future__ import a
)

// binding is a name with a value in a scope.
type binding struct {
	kind bindingKind
	name string
	// source is the statement or name that binds; nil for a builtin.
	source *place
	// span is the name itself, an alias with what it stands for.
	span source.Span
	// usedIn and usedAt say where it was last used; usedIn is nil while it was not.
	usedIn *scope
	usedAt *place
	// fullName, of imports, has all the parts; module and realName are those of from.
	fullName, module, realName string
	// redefinitions, of imports, are what hides them in inner scopes.
	redefinitions []redefinition
	// exports, of __all__, are the names in it.
	exports []export
}

// redefinition is a place that binds the name of an import again.
type redefinition struct {
	at   *place
	span source.Span
}

// export is a name in __all__.
type export struct {
	name string
	span source.Span
}

func (b *binding) isImport() bool { return b.kind >= importBinding }

func (b *binding) isDefinition() bool {
	switch b.kind {
	case builtinBinding, functionBinding, classBinding:
		return true
	}
	return b.isImport()
}

func (b *binding) isAssignment() bool {
	return b.kind == assignmentBinding || b.kind == walrusBinding
}

// redefines reports whether b makes the definition other pointless if that was
// not used in between. Submodules of one package share its name without harm.
func (b *binding) redefines(other *binding) bool {
	switch {
	case b.kind == annotationBinding:
		return false
	case b.kind == submoduleBinding && other.isImport(),
		b.isImport() && other.kind == submoduleBinding:
		return b.fullName == other.fullName
	}
	return other.isDefinition() && b.name == other.name
}

// renamed reports whether an import binds another name than the last part of
// what it imports.
func (b *binding) renamed() bool {
	return b.fullName[strings.LastIndexByte(b.fullName, '.')+1:] != b.name
}

// imported words what an import imports, for a message.
func (b *binding) imported() string {
	switch b.kind {
	case submoduleBinding:
		return b.fullName
	case importFromBinding, futureBinding:
		if b.realName != b.name {
			return b.fullName + " as " + b.name
		}
		return b.fullName
	case starBinding:
		// With a module like .. the name would read as ...*.
		if strings.HasSuffix(b.fullName, ".") {
			return "from " + b.fullName + " import *"
		}
		return b.name
	}
	if b.renamed() {
		return b.fullName + " as " + b.name
	}
	return b.fullName
}
