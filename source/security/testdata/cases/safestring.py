from django.utils.safestring import mark_safe, SafeText
from django.utils import safestring
module_level = "safe"
mark_safe("constant"); mark_safe(f"x"); mark_safe(x); mark_safe(module_level); SafeText(x); safestring.SafeBytes(x); mark_safe(); mark_safe(b"x"); mark_safe(*x)
mark_safe("a" + "b"); mark_safe("%s" % "x"); mark_safe("%s" % x); mark_safe("%s %s" % ("a", "b")); mark_safe("%s" % module_level); mark_safe("%(a)s" % {"a": "b"}); mark_safe(x % "a")
mark_safe("{}".format("x")); mark_safe("{}".format(x)); mark_safe("{}".format(a=x)); mark_safe("{}".format(module_level)); mark_safe("{}".format(*["a"])); mark_safe("{}".format(*["a", x])); mark_safe("{}".format("{}".format("y"))); mark_safe(f("x")); mark_safe("".join(x)); mark_safe("{}".format(1))
def param(p):
    mark_safe(p)
    p = "safe"
    mark_safe(p)
def assigned():
    a = "safe"
    mark_safe(a)
    a = x
    mark_safe(a)
def reassigned():
    a = x
    a = "safe"
    mark_safe(a)
def chain():
    a = "safe"
    b = a
    c = "{}".format(b)
    d = "%s" % c
    mark_safe(b); mark_safe(c)
    mark_safe(c)
    mark_safe(d)
def unknown_then_safe():
    a = f()
    a = "safe"
    mark_safe(a)
def var_then_safe():
    a = b
    a = "safe"
    mark_safe(a)
def branches():
    if x:
        a = "1"
    else:
        a = "2"
    mark_safe(a)
    if x:
        b = "1"
    else:
        b = y
    mark_safe(b)
    for i in y:
        c = "s"
        c = "t"
    else:
        c = module_level
    mark_safe(c)
    while x: d = "s"
    mark_safe(d)
    if x: e = f()
    mark_safe(e)
def tries():
    try: a = "1"
    except E: a = "2"
    else: a = "3"
    finally: a = "4"
    mark_safe(a)
    try: b = "1"
    except E: b = x
    mark_safe(b)
def withs():
    with x as y:
        a = "1"
    mark_safe(a)
    mark_safe(y)
def withs2():
    a = "1"
    with x:
        pass
    mark_safe(a)
def withs3():
    with x as (y, z): pass
    mark_safe(a)
def tuples():
    a, b = "1", "2"
    mark_safe(a); mark_safe(b)
    mark_safe(a)
def tuples2():
    a, b = f()
    mark_safe(c)
    mark_safe(b)
def tuples3():
    a, (b, c) = "1", ("2", "3")
    mark_safe(a)
    mark_safe(c)
def tuples4():
    a, x.b = "1", "2"
    mark_safe(c)
def aug():
    a = "1"
    a += "2"
    mark_safe(a)
    a += x
    mark_safe(a)
def inner():
    def g():
        a = "1"
        mark_safe(a)
    mark_safe(a)
    class C:
        b = "1"
        mark_safe(b)
    return lambda c: mark_safe(c)
async def coro():
    a = "1"
    mark_safe(a)
def loops():
    a = a
    mark_safe(a)
    b = c; c = b
    mark_safe(b)
def same_line(): a = "1"; mark_safe(a)
def multi_target():
    a = b = "1"
    mark_safe(a)
    mark_safe(b)
def annotated():
    a: str = "1"
    mark_safe(a)
def empty_blocks():
    a = "1"
    if x: pass
    mark_safe(a)
def multiline():
    a = "1"
    return mark_safe(
        a)
def nested():
    x = f(
        mark_safe(x))
mark_safe(later)
later = "1"
def starred():
    a = "1"
    mark_safe("{} {}".format(*(a, "2")))
    mark_safe("{} {}".format(*a))
def kwonly(*, k, **kw):
    mark_safe(k)
    mark_safe(kw)
