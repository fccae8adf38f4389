import a, b.c as d
from . import e
from ...f.g import (h as i, j,)
from k import *
x = y = 1, *z
x: int
x.y: 'str' = 2
x[0]: float = yield
(x): int = 3
x += 1; x -= 1; x *= 2; x /= 2; x //= 2; x %= 2; x **= 2
x @= m; x <<= 1; x >>= 1; x &= 1; x |= 1; x ^= 1; x += yield 1
a, (b, [c, *d]) = *e, f
*g, = h
del a, b.c, d[0], (e, [f])
del (g), h,
assert a, 'message'
assert (b)
raise
raise A
raise B from None
pass;
if a: pass
elif b := c:
    pass
elif d: pass
else:
    pass
while a: break
else: pass
for i, *j in 1, *k: continue
else:
    pass
for x[0], y.z in w: pass
with a: pass
with a as b, c as (d, e), f as [g, *h]: pass
with (a): pass
with (a, b): pass
with (a as b, c): pass
with (a, b) as c: pass
with (yield): pass
with (a for a in b): pass
with (a).b as c, (d): pass
with (a := b): pass
with (
    open(c) as d,
    e,
):
    pass
try: pass
except: pass
try: pass
except A: pass
except (B, C) as d: pass
else: pass
finally: pass
try:
    pass
finally:
    pass
try: pass
except* A as b: pass
except* (C, D): pass
global a1, b1
print
match = case = type = _ = 1
match(x)
match[x] = case.y
type(x)
print(match, case)
match * a
match -a
match, case
