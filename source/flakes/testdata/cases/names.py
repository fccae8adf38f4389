print(undefined)
undefined.attr = 1
undefined[0] = 1
undefined += 1
later()
def later(): return after
after = 1
__file__, __name__, __path__, __module__, __qualname__, __builtins__, WindowsError, __debug__


class C:
    __module__, __qualname__
    a = 1
    b = a
    c = [a for _ in range(3)]
    d = [x for x in a]
    e = lambda: a

    def m(self):
        __class__
        return a, __module__

    f = property(m)
    class D:
        g = a


try:
    maybe
except NameError:
    pass
try:
    maybe2
except (ValueError, NameError):
    handler_name
else:
    maybe3
try:
    def protected(): return maybe4
    x = lambda: maybe5
except NameError:
    pass
try:
    maybe6
except:
    pass
try:
    maybe7
except builtins.NameError:
    pass


def uses():
    print(local)
    local = 1


def outer():
    v = 1
    def inner():
        print(v)
        v = 2
    return inner


glob = 1


def shadows():
    print(glob)
    glob = 2
    print(max)
    max = 1
    return glob, max


def no_shadow():
    glob = 3
    return glob


def deleted():
    x = 1
    del x
    print(x)
    del x
    del never
    if x:
        del perhaps
    while x: del perhaps2
    del print
    y = del_me = 1
    del y[0], del_me.x
    del (a, [b])


del len
len
with open("x") as fh: pass
[comp for comp in range(3)]
comp
{k: v for k, v in {}}
(yes for yes in no)
[i for i in range(j) for j in i]
if (walrus := 1): walrus
[(w2 := n) for n in range(3)]
w2, n


def w():
    [(w3 := n) for n in range(3)]
    [w4 := n for n in range(3)]
    return w4


async def coro():
    async for i in aiter():
        await i
    async with x as y:
        pass
    return [z async for z in y]

lambda a, *b, c=undef1, **d: (a, b, c, d, undef2)
def deco(f): return f
@deco
@undef_deco(1)
def decorated(a: undef3 = undef4, *args: undef5, b: int = undef6, **kw: undef7) -> undef8: pass
class K(undef9, metaclass=undef10): pass
@undef11
class K2: pass
print >> sys.stderr, "hello"
print >>undef12
(print) >> 3
print << 3
f"{undef13!r:>{undef14}}"
f'{undef15=}'
