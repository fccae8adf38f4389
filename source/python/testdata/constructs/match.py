match a:
    case 1 | -2 | 1.5 | -1j | 1 + 2j | -1 - 2.5j: pass
    case 'a' 'b' | b'c': pass
    case None | True | False: pass
    case _: pass
    case x: pass
    case x.y.z: pass
    case (x): pass
    case (): pass
    case (x,): pass
    case (x, y): pass
    case x, *y: pass
    case x,: pass
    case *_, y: pass
    case [*x]: pass
    case []: pass
    case [x, [y, *_], (z)]: pass
    case {}: pass
    case {'a': x, 1: y, None: z, a.b: w, -1: v, **rest}: pass
    case {'a': 1,}: pass
    case {**rest}: pass
    case C(): pass
    case a.C(x, y.z, k=1, l=_,): pass
    case C(k=(1 | 2) as v): pass
    case x as y if z := w: pass
    case C(x) | [x] as y:
        pass
match a, *b:
    case c: pass
match a,:
    case c: pass
match (a):
    case b: pass
match -a:
    case b: pass
match [a, b]:
    case c: pass
match {}:
    case d if d: pass
match match:
    case case: pass
match not a:
    case _: match = case
match lambda: a:
    case _: pass
