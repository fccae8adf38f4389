import typing
from typing import overload
import typing as tp


def f(): pass
def f(): pass


class C:
    def m(self): pass
    def m(self): pass
    @property
    def p(self): pass
    @p.setter
    def p(self, v): pass
    def used(self): pass
    use = used
    def used(self): pass
    x = 1
    x = 2
    class x: pass
    def y(self): pass
    y = 1


if f:
    def g(): pass
else:
    def g(): pass
if f:
    def g2(): pass
elif C:
    def g2(): pass
else:
    def g2(): pass
try:
    def g3(): pass
except ImportError:
    def g3(): pass
except ValueError:
    def g3(): pass
else:
    def g3(): pass
finally:
    def g3(): pass
try:
    import t1
except* ImportError:
    import t1
match f:
    case 1:
        def g4(): pass
    case 2:
        def g4(): pass
while f:
    def g5(): pass
else:
    def g5(): pass


@overload
def o(a: int) -> int: ...
@overload
def o(a: str) -> str: ...
def o(a): return a
@typing.overload
def o2(a: int) -> int: ...
@tp.overload
def o2(a: str) -> str: ...
def o2(a): return a


def outer():
    def inner(): pass
    def inner(): pass
    def f(): pass
    class typing: pass
    try:
        from m import n
    except ImportError:
        n = None
    else:
        def n(): pass
    if inner:
        from m import n2
    from m import n2
    return n, n2


def dup(a, b, a, *c, c=1, **b): pass
lambda a, a: a
def _(): pass
def _(): pass
import r1.s
import r1.t
import r1
import r2
import r2.s
from r3 import r1
for f in []: pass
def a_function(): pass
a_function: int
a_function: int = 1
class U: pass
U = 1
def used_once(): pass
used_once()
def used_once(): pass
