"""Golden values of pass@k and Wilson's interval:

    python3 judge/testdata/gen/passk.py > judge/testdata/passk.json

pass@k by counting every choice of k samples (n <= 9) or with exact binomials;
Wilson's bounds as the roots of (p - c/n)^2 n = z^2 p (1 - p), by bisection.
"""
import itertools
import json
import math
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 50
Z2 = Decimal("1.959963984540054235524594430520551527955") ** 2


def counted(n, c, k):
    choices = list(itertools.combinations(range(n), k))
    return Fraction(sum(any(i < c for i in s) for s in choices), len(choices))


def binomial(n, c, k):
    return 1 - Fraction(math.comb(n - c, k), math.comb(n, k))


def root(c, n, lo, hi):
    def f(p):
        return (p - Decimal(c) / n) ** 2 * n - Z2 * p * (1 - p)

    sign = f(lo) > 0
    for _ in range(120):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if (f(mid) > 0) == sign else (lo, mid)
    return float(lo)


passk = []
for n in range(1, 10):
    for c in range(n + 1):
        for k in range(1, n + 1):
            exact = counted(n, c, k)
            assert exact == binomial(n, c, k)
            passk.append([n, c, k, float(exact)])
for n, c, k in [(200, 1, 100), (200, 7, 10), (200, 100, 100), (200, 101, 100), (1000, 3, 100), (1000, 500, 1), (10000, 2, 5000), (10000, 9999, 1), (100000, 50, 1000)]:
    passk.append([n, c, k, float(binomial(n, c, k))])

wilson = []
for n in (1, 2, 10, 164, 500, 100000):
    for c in sorted({0, 1, n // 3, n // 2, n - 1, n}):
        p = Decimal(c) / n
        lo = 0.0 if c == 0 else root(c, n, Decimal(0), p)
        hi = 1.0 if c == n else root(c, n, p, Decimal(1))
        wilson.append([c, n, lo, hi])

print(json.dumps({"passk": passk, "wilson": wilson}))
