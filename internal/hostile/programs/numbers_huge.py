# class: resources
# against: data split
# Integers of sixteen million bits as results, which are dear to compare and to print.
x = 1 << 16000000
def f(kind, n): return {'list': [x, x], 'set': {x}, 'tuple': (x, x), 'dict': {x: x}}.get(kind, x)
