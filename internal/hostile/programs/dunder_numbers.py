# class: lying values
# against: data split
# Objects that become any number, length, hash, string, format or buffer on request, alone and inside containers.
class N:
    def __index__(s): return 7
    __int__ = __hash__ = __len__ = __round__ = __trunc__ = __floor__ = __ceil__ = __index__
    def __float__(s): return 7.0
    def __complex__(s): return 7j
    def __bool__(s): return True
    def __str__(s): return 'v7'
    __repr__ = __str__
    def __format__(s, spec): return 'v7'
    def __bytes__(s): return b'7'
    def __fspath__(s): return '/etc/passwd'
    def __length_hint__(s): return 1 << 60
    def __getitem__(s, i): return N()
    def __eq__(s, o): return True
    def __sub__(s, o): return 0
    __rsub__ = __add__ = __radd__ = __mod__ = __sub__
    def keys(s): return [N()]
    def __reversed__(s): return iter([])
def f(kind, n): return {'list': [N(), N()], 'tuple': (N(), N()), 'dict': {N(): [N()]}, 'set': {N()}}.get(kind, N())
