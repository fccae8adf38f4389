# class: resources
# against: data split
# Ranges stand for a million elements each in thirty bytes: thousands of them, also nested and as keys, for whoever writes them out.
r = range(0, 1 << 20)
def f(kind, n): return {'list': [r] * 3000, 'tuple': (r,) * 3000, 'dict': {i: r for i in range(3000)}, 'set': {range(i, 1 << 20) for i in range(3000)}, 'float': r}.get(kind, [[r] * 1000] * 3)
