package flakes

// scopeKind says whose names a scope has; the kinds differ in who sees them.
type scopeKind uint8

const (
	moduleScope scopeKind = iota
	classScope
	functionScope
	generatorScope // a comprehension
	typeScope      // type parameters (Python 3.12)
)

// scope holds the names bound in one part of the program. Scopes form a stack
// by outer, which deferred work keeps alive as it was.
type scope struct {
	kind  scopeKind
	outer *scope
	// names has nil for a builtin that was deleted.
	names       map[string]*binding
	starImports bool // from x import * was seen
	usesLocals  bool // locals() was called, which uses all
}

// get is the binding of a name in this scope alone, or nil. The module's scope
// has the builtins, each from when it is first asked for.
func (s *scope) get(name string) *binding {
	b, ok := s.names[name]
	if !ok && s.kind == moduleScope && builtins[name] {
		b = &binding{kind: builtinBinding, name: name}
		s.set(name, b)
	}
	return b
}

func (s *scope) set(name string, b *binding) {
	if s.names == nil {
		s.names = make(map[string]*binding)
	}
	s.names[name] = b
}

// remove takes a name away and returns its binding, nil if it had none.
func (s *scope) remove(name string) *binding {
	b := s.get(name)
	if b != nil {
		s.set(name, nil)
	}
	return b
}

// module is the outermost scope.
func (s *scope) module() *scope {
	for s.outer != nil {
		s = s.outer
	}
	return s
}

// alwaysUsed are local names that tools look for in frames.
var alwaysUsed = map[string]bool{
	"__tracebackhide__": true, "__traceback_info__": true, "__traceback_supplement__": true,
}

// classNames are defined in the body of every class.
var classNames = map[string]bool{"__module__": true, "__qualname__": true}

// futureFeatures are the names that __future__ has (Python 3.11, all_feature_names).
var futureFeatures = map[string]bool{
	"nested_scopes": true, "generators": true, "division": true, "absolute_import": true,
	"with_statement": true, "print_function": true, "unicode_literals": true,
	"barry_as_FLUFL": true, "generator_stop": true, "annotations": true,
}

// builtins are dir(builtins) of Python 3.11 as site leaves it, the names that
// every module has, and WindowsError.
var builtins = set(
	"ArithmeticError", "AssertionError", "AttributeError", "BaseException", "BaseExceptionGroup",
	"BlockingIOError", "BrokenPipeError", "BufferError", "BytesWarning", "ChildProcessError",
	"ConnectionAbortedError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError",
	"DeprecationWarning", "EOFError", "Ellipsis", "EncodingWarning", "EnvironmentError",
	"Exception", "ExceptionGroup", "False", "FileExistsError", "FileNotFoundError",
	"FloatingPointError", "FutureWarning", "GeneratorExit", "IOError", "ImportError",
	"ImportWarning", "IndentationError", "IndexError", "InterruptedError", "IsADirectoryError",
	"KeyError", "KeyboardInterrupt", "LookupError", "MemoryError", "ModuleNotFoundError",
	"NameError", "None", "NotADirectoryError", "NotImplemented", "NotImplementedError", "OSError",
	"OverflowError", "PendingDeprecationWarning", "PermissionError", "ProcessLookupError",
	"RecursionError", "ReferenceError", "ResourceWarning", "RuntimeError", "RuntimeWarning",
	"StopAsyncIteration", "StopIteration", "SyntaxError", "SyntaxWarning", "SystemError",
	"SystemExit", "TabError", "TimeoutError", "True", "TypeError", "UnboundLocalError",
	"UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError", "UnicodeTranslateError",
	"UnicodeWarning", "UserWarning", "ValueError", "Warning", "WindowsError", "ZeroDivisionError",
	"__annotations__", "__build_class__", "__builtins__", "__debug__", "__doc__", "__file__",
	"__import__", "__loader__", "__name__", "__package__", "__spec__", "abs", "aiter", "all",
	"anext", "any", "ascii", "bin", "bool", "breakpoint", "bytearray", "bytes", "callable", "chr",
	"classmethod", "compile", "complex", "copyright", "credits", "delattr", "dict", "dir",
	"divmod", "enumerate", "eval", "exec", "exit", "filter", "float", "format", "frozenset",
	"getattr", "globals", "hasattr", "hash", "help", "hex", "id", "input", "int", "isinstance",
	"issubclass", "iter", "len", "license", "list", "locals", "map", "max", "memoryview", "min",
	"next", "object", "oct", "open", "ord", "pow", "print", "property", "quit", "range", "repr",
	"reversed", "round", "set", "setattr", "slice", "sorted", "staticmethod", "str", "sum",
	"super", "tuple", "type", "vars", "zip",
)

func set(names ...string) map[string]bool {
	s := make(map[string]bool, len(names))
	for _, n := range names {
		s[n] = true
	}
	return s
}
