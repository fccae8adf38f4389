# class: lying values
# against: data split stdio
# NaN as one shared object, infinities, -0.0, True for 1, enormous integers and decimals that are
# expensive to compare or print.
import decimal, fractions
nan = float('nan')
def f(kind, n):
    return {'int': decimal.Decimal('1E+999999999'), 'float': nan, 'list': [nan, -0.0], 'tuple': (float('inf'), nan),
            'dict': {nan: nan}, 'set': {nan}, 'str': 1 << 300000}.get(kind, fractions.Fraction(3 ** 5000, 7 ** 5000))
print(nan, -0.0, 1e309)
