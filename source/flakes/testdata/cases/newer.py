match x:
    case {"a": undefined1}: pass
    case undefined2.attr: pass
    case undefined3(): pass
    case [a, b] if undefined4: print(a, b)
with (open(p1) as f1, open(p2) as f2): pass
print(f1, f2)
def pos(a, /, b, *, c): return a, b, c
def pos2(a, /, a): pass
lst[*undefined5]
def va(*args: *undefined6): pass
