# class: patching
# against: data split stdio
# Meta path finders, path hooks, import functions and codecs that feed the harness.
import sys, builtins, codecs
class Finder:
    def find_spec(self, name, path=None, target=None): raise ImportError('mine')
    find_module = find_spec
sys.meta_path.insert(0, Finder()); sys.path_hooks.insert(0, lambda p: Finder())
builtins.__import__ = lambda *a, **k: builtins
codecs.register(lambda n: codecs.CodecInfo(lambda s, e='': (b'true', 4), lambda b, e='': ('true', 4), name=n))
codecs.register_error('surrogatepass', lambda e: ('', e.end))
codecs.register_error('surrogateescape', lambda e: ('', e.end))
codecs.register_error('strict', lambda e: ('', e.end))
def f(kind, n): return '\udc80'
