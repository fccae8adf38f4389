def outer():
    x = 1
    class C:
        y = x
        z = [y for _ in x]
        w = [y2 for y2 in y]
        v = [[y for _ in y] for _ in y]
        def m(self):
            return x, y
        lam = lambda: z
    return C


class A:
    def f(self): return A, B
    items = (i for i in range(3))
    pairs = {k: v for k in items for v in k}
    nested = [[a for a in b] for b in items]


class B(A):
    attr: int
    attr2: int = 1
    use = attr2
    bad = attr


def deco_scope():
    @later_local
    def g(): pass
    later_local = 1
    return g


def default_scope(a=[z for z in range(3)], b=lambda q: q + unknown): pass


x = [lambda: i for i in range(3)]
def recursive(): return recursive
def param(a):
    a.b = 1
    def a(): pass
    import a
def loops():
    for i in range(3):
        for i in range(4): pass
    import shadow
    for shadow in []: pass
    import shadow2
    shadow2
    for shadow2 in []: pass
    import shadow3
    [shadow3 for shadow3 in []]
    import arg_in_loop
    for _ in []:
        def g(arg_in_loop): pass
        class arg_in_loop: pass
def exceptions():
    import err
    try: pass
    except E as err: pass
    err
def tryimports():
    try: import a1
    except: a1 = None
    try: import a2
    except: pass
    a2 = 1
    try: pass
    except A: import a3
    except B: import a3
    if 1:
        import a4
    elif 2:
        import a4
    if 1: import a5
    else:
        if 2: import a5
        import a5
    with x: import a6
    with x: import a6
def conditional():
    try:
        import json
        def f():
            import json
            return json
    except ImportError: pass
