# class: resources
# against: data split stdio
# Names, messages and representations of megabytes: of classes, exceptions, attributes, keys; some with surrogates and NULs.
big = 'x\ud800' * 3000000
class C:
    def __repr__(s): return big * 10
    __str__ = __repr__
C.__name__ = C.__qualname__ = big.replace('\ud800', '\n')
class E(Exception):
    def __str__(s): return big * 10
E.__name__ = E.__qualname__ = 'E' * 12000000
E.__module__ = big
def f(kind, n):
    if n % 3 == 0: raise E(C())
    if n % 3 == 1: return [C(), {'k' * 8000000: 1}]
    raise ModuleNotFoundError('m' * 9000000, name='n' * 9000000)
if __name__ == '__main__': raise E(big)
