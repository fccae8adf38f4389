def f():
    a = 1
    b = c = 2
    d, e = 1, 2
    (g, h) = 1, 2
    [i, j] = k = func()
    l: int = 1
    m: int
    n += 1
    for o in range(3): pass
    with open("x") as p: pass
    with open("x") as (q, r): pass
    with open("x") as [s]: pass
    if (t := 1): pass
    u = v = w = 1
    _ = 1
    __tracebackhide__ = True
    __traceback_info__ = 1
    x = lambda: y
    try: pass
    except E as z: pass
    try: pass
    except E as used: print(used)
    aa.b = 1
    bb[0] = 1
    return v


def g():
    a = 1
    return locals()


def h():
    a = 1
    def inner():
        return locals()
    locals
    return inner


def i():
    a = 1
    a = 2
    def inner():
        nonlocal a
        a = 3
    x = 1
    def inner2(): return x
    y = 1
    del y
    z = 1
    z += 1
    (w, *v) = 1, 2
    (ww, [vv]) = (1, [2])
    *s, = t


def j(arg, unused, *args, **kw):
    arg = 1


def k(value):
    match value:
        case [a, *rest]: pass
        case {"k": v, **more}: pass
        case C(x=y) as z: pass
        case 1 | 2: pass
        case _: pass
        case [*_]: pass
        case str() as named: return named


try: pass
except Exception as unused_module: pass
e = 1
try: pass
except Exception as e: e = 2
print(e)
try: pass
except Exception as e2:
    del e2
print(e2)
def outer():
    e3 = 1
    try: pass
    except Exception as e3: pass
    return e3
try: pass
except* ValueError as group: pass
