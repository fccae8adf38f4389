# class: resources
# against: data
# One endless operation on huge integers.
def f(kind, n): return (7 ** (10 ** 8)) % (3 ** (10 ** 7))
