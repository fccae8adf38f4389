# class: resources
# against: data split
# Answers that are small in the program and do not fit into its memory once they are written out.
s = '\ud800' * 1000000
l = [s] * 100000
for _ in range(5): l = [l] * 1000
t = b'\xff' * 100000000
def f(kind, n): return {'list': l, 'str': s * 90, 'tuple': (t, t), 'dict': {i: l for i in range(100)}}.get(kind, [t] * 1000)
