# class: resources
# against: data split
# Decimals and fractions at the edge: exponents of eighteen digits, millions of digits, payloads, signs, in containers that have a tolerance.
from decimal import Decimal
from fractions import Fraction
d = [Decimal('1E+999999999999999999'), Decimal('-1E-999999999999999999'), Decimal('sNaN12'), Decimal('9' * 3000000), Decimal('0.' + '3' * 3000000), Decimal('-Infinity'), Decimal('1' + '0' * 10000), Fraction(10 ** 9000, 3), Decimal('-0E+99')]
def f(kind, n):
    x = d[n % len(d)]
    return {'list': [x, d[0]], 'tuple': (d[3], x), 'dict': {d[0]: [d[1]], x: [x]} if n % len(d) != 2 else {}, 'set': set(d[3:6])}.get(kind, x)
