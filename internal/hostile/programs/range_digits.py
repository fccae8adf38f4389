# class: resources
# against: data split
# Ranges whose ends have millions of digits: their length takes a division.
a, b = (1 << 14000000) + 1, 3 ** 4000000
def f(kind, n): return [range(0, a, b)] * 2 if kind == 'list' else range(-a, a, b)
