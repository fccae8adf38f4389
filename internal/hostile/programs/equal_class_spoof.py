# class: lying values
# against: data split
# Objects that claim to be of a builtin class through __class__, a metaclass, or ABC registration.
import collections.abc, numbers
class M(type):
    def __instancecheck__(c, o): return True
    def __subclasscheck__(c, o): return True
    def __eq__(c, o): return True
    def __hash__(c): return hash(int)
class C(metaclass=M):
    @property
    def __class__(self): return int
    def __eq__(s, o): return True
    def __ne__(s, o): return False
    def __index__(s): return 0
    def item(self): return C()
C.__module__ = 'numpy'; C.__name__ = 'int'; C.__qualname__ = 'int'
numbers.Number.register(C)
def f(kind, n): return C()
