# class: lying values
# against: data split
# Subclasses of everything the codec knows, with lying methods: enumerations, named tuples, counters, bytes, complex, decimals, fractions, ranges' kin.
import enum, collections, decimal, fractions, types
def lies(base, **more):
    body = {'__eq__': lambda s, o: True, '__ne__': lambda s, o: False, '__lt__': lambda s, o: True, '__hash__': lambda s: 0, '__iter__': lambda s: iter([s]), '__len__': lambda s: 2,
            '__str__': lambda s: '7', '__repr__': lambda s: '7', '__bool__': lambda s: True, '__abs__': lambda s: 0, '__sub__': lambda s, o: 0, '__rsub__': lambda s, o: 0, 'real': 7.0, 'imag': 0.0,
            'numerator': 7, 'denominator': 1, 'items': lambda s: [(7, [7])], 'item': lambda s: 7, '__contains__': lambda s, o: True, '__getitem__': lambda s, i: 7}
    return types.new_class('L', (base,), {}, lambda ns: ns.update({k: v for k, v in body.items() if hasattr(base, k) or k.startswith('__')}))
E = enum.IntEnum('E', 'A B C')
E.A._value_ = 65536
T = collections.namedtuple('T', 'a b')
T.__iter__ = lambda s: iter((1, 2)); T.__eq__ = lambda s, o: True
class C(collections.Counter):
    def __eq__(s, o): return True
    def __missing__(s, k): return 7
def f(kind, n):
    d = {'int': E.A, 'float': lies(complex)(1), 'str': lies(bytes)(b'v7'), 'tuple': T(3, 4), 'dict': C({1: 2}), 'set': lies(frozenset)([1]), 'list': lies(collections.deque)([1])}
    if n % 3 == 0: d = {'int': lies(fractions.Fraction)(1, 3), 'float': lies(decimal.Decimal)('0.1'), 'str': lies(bytearray)(b'x'), 'list': collections.OrderedDict(a=1)}
    return d.get(kind, collections.defaultdict(lambda: 7))
