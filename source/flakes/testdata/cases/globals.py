def f():
    global g, h
    g = 1
    print(g, undefined_then_global)


def k():
    global undefined_then_global
    undefined_then_global = 1
    def inner():
        nonlocal k2
        global print
        return undefined_then_global


print(undefined_then_global, h)
global at_module
class C:
    global in_class
    in_class = 1
def use(): return in_class
import os
def rebind():
    global os
    os = 1
    import os
def never():
    global unused_global
    local = 1
