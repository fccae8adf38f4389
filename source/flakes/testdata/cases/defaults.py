import collections
import re


def mutable(a=[], b={}, c={1}, d=[x for x in ()], e={x: 1 for x in ()}, f={x for x in ()}): return a, b, c, d, e, f
def immutable(a=(), b=None, c=1, d="", *, e=..., f=(x for x in ()), g=lambda: []): return a, b, c, d, e, f, g
def calls(a=list(), b=dict(x=1), c=set(), d=collections.deque(), e=defaultdict(list)): return a, b, c, d, e
def nested(a=([],), b=frozenset({1}), c=tuple([1]), d=[f()], e=(g(), [h()])): return a, b, c, d, e
def function(a=now(), *, b=time.time(), c=a().b().c, d=re.compile("x"), e=operator.itemgetter(f())): return a, b, c, d, e
def lambdas(a=lambda x=now(), *, y=later(), z: also_never(), b=(f() for x in g() for y in h())): return a, b
def floats(a=float("inf"), b=float("nan"), c=float("1.5"), d=float(1), e=float(x), f=float("-inf"), g=float("abc")): return a, b, c, d, e, f, g
def floats2(a=float("1_0"), b=float(" 1 "), c=float(-1), d=float(1e999), e=float(), f=float(1, 2), g=float(True), h=float(None)): return a, b, c, d, e, f, g, h
def floats3(a=float("0x10"), b=float("infinity"), c=float(-1e999), d=float(b"1"), e=float(~1), f=float(+"1")): return a, b, c, d, e, f
async def coro(a=[], *, b=f()): return a, b
class C:
    def m(self, a=[], b=C()): return a, b
def outer():
    def inner(a=[]): return a
    return inner
def subscripts(a=x[f()], b=f().attr, c=f"{g()}", d=[*h()], e={**i()}, f=await_(j), g=-k(), h=(w := l())): return a, b, c, d, e, f, g, h
