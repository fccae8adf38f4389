def f(): return
def f(a, /): 'docstring'; return a,
def f(a, b=1, /, c=2, *, d, e=3, **f) -> g: pass
def f(*args: int, **kw: str): yield
def f(*, a): yield from a
def f(*args: *Ts): return *a, b
def f(a: int = 1, *b, c): nonlocal d; lambda: (yield)
@a
@b.c(d)[e]
@(f := g)
async def h(i):
    async for j in k: await l
    else: pass
    async with m as n, o: pass
    async with (p as q, r): pass
    return [s async for t in u if v if w for x in y]
@a
class C: pass
class D(): x = 1
class E(F, *g, metaclass=H, **i):
    """doc"""

    @property
    def j(self): return self

    class K(L): ...
lambda: 1
lambda a, /, b=2, *c, d, e=3, **f: a
lambda *, a: lambda b: c
lambda *a: (*a, 1)
