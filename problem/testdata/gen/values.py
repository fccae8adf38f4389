"""Golden values for package problem, from CPython:

    PYTHONHASHSEED=0 python3 problem/testdata/gen/values.py > problem/testdata/values.jsonl

Each line is a value: "v" its tagged encoding, "r" its repr (absent where long),
"eq" the numbers of the lines up to and including this one it is == to. The
right-hand sides are built a second time, so that identity cannot stand in for ==.
"""
import base64
import collections
import json
import os
import random
import sys
from decimal import Decimal
from fractions import Fraction

assert os.environ.get("PYTHONHASHSEED") == "0", "set PYTHONHASHSEED=0"
sys.setrecursionlimit(100_000)
SAFE = 2**53 - 1


class Thing:
    def __repr__(self):
        return "<Thing object>"


def encode(v):
    t = type(v)
    if v is None or t is bool:
        return v
    if t is int:
        return v if -SAFE <= v <= SAFE else {"int": hex(v)}
    if t is float:
        if v != v or v in (float("inf"), float("-inf")):
            return {"float": str(v)}
        return v
    if t is complex:
        return {"complex": [encode(v.real), encode(v.imag)]}
    if t is str:
        try:
            v.encode()
            return v
        except UnicodeEncodeError:
            return {"str": b64(v.encode("utf-8", "surrogatepass"))}
    if t is list:
        return [encode(x) for x in v]
    if t in (tuple, set, frozenset, collections.deque):
        return {t.__name__: [encode(x) for x in v]}
    if t is dict:
        return {"dict": [[encode(k), encode(x)] for k, x in v.items()]}
    if t in (bytes, bytearray):
        return {t.__name__: b64(v)}
    if t is range:
        return {"range": [encode(v.start), encode(v.stop), encode(v.step)]}
    if t is Decimal:
        return {"decimal": str(v)}
    if t is Fraction:
        return {"fraction": [hex(v.numerator), hex(v.denominator)]}
    return {"object": t.__name__}


def b64(b):
    return base64.b64encode(bytes(b)).decode()


def numbers():
    big = [2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 10**16, 10**22, 10**23, 2**1000, 10**300]
    for n in [0, 1, 2, 3, 10, 255, *big]:
        for x in (n, -n):
            yield from (x, float(x), Decimal(x), complex(x), Fraction(x))
    yield from (True, False, 10**400, Decimal("1e400"), Decimal("1e-400"), Decimal("1e999999"), Decimal("1e-999999"))
    yield from (Decimal("1.5"), Decimal("1.50"), Fraction(3, 2), 1.5, complex(1.5), Decimal("0.1"), 0.1, Fraction(1, 10))
    yield from (Decimal(0.1), Fraction(0.1), complex(0.1), Fraction(1, 3), 1 / 3, Decimal(1) / 3, Fraction(1 / 3))
    yield from (Fraction(1, 5**40), Decimal(1) / Decimal(5) ** 40, Fraction(1, 2**1100), Fraction(7, 10**400), Decimal("7e-400"))
    yield from (Decimal("-0"), Decimal("0e5"), Decimal("0e-5"), Decimal("1e1"), Decimal("123.4500"), Decimal("1E+3"), Decimal("1e-7"))
    yield from (Decimal("Infinity"), Decimal("-Infinity"), Decimal("NaN"), float("inf"), float("-inf"), float("nan"))
    yield from (complex(0, 1), complex(-0.0, 1), complex(0, -1), complex(1, -0.0), complex(float("nan"), 1), complex(1, float("nan")))
    yield from (complex(float("inf"), -2.5), complex(1e16, 1e-5), complex(0, 1e22), complex(-0.0, -0.0), complex(2, 3), 2j)
    yield from (5e-324, 1.7976931348623157e308, 1e16, 9999999999999998.0, 1e-4, 9.999e-5, 123456.789, 1e22, 1e23, -0.0)
    yield from (10**4000, -(10**4000) + 1, 5e-324 * 3, Decimal(5e-324), Fraction(5e-324))


def texts():
    yield from ("", "a", "it's", 'say "hi"', "it's \"both\"", "\\", "\n\r\t\b\f\v\0\x1b\x7f", "é", "\xa0", "\xad", "日本", "😀", "\u200b")
    yield from ("\u2028", "\ue000", "\U0001f9ff", "\U000e0001", "\ud800", "a\udfffb", "\ud83d\ude00", "e\u0301", "<&>", "1", "nan", "\ufeff", "\u0378")
    yield from (b"", b"a", b"it's", b'"', b"'\"", bytes(range(256)), b"1", "\ufffd", "null", "True")
    yield from (bytearray(b""), bytearray(b"a"), bytearray(b"it's\x00\xff"), bytearray(b"1"))


def collections_():
    yield from ([], (), set(), frozenset(), {}, collections.deque(), [1], (1,), {1}, frozenset([1]), {1: 1}, collections.deque([1]))
    yield from ([1.0], (True,), {1.0}, frozenset([True]), {True: 1.0}, [None], [[]], [()], ((),), {()}, {frozenset()}, frozenset([frozenset()]))
    yield from ([float("nan")], (float("nan"),), {float("nan")}, {float("nan"): 1}, {1: float("nan")}, [Thing()], {1: Thing()})
    yield from ({1: "a", 2: "b"}, {2: "b", 1: "a"}, {2.0: "b", True: "a"}, {1: "a"}, {"1": "a", 2: "b"}, {(1, 2): [3]}, {(1.0, 2): [3.0]})
    yield from ({1, "1", b"1"}, {"1", 1.0, b"1"}, {(1, (2, 3))}, {(1, 2, 3)}, {((1, 2), 3)}, {(True, (2.0, Decimal(3)))}, {"a", "b"}, {"b", "a"}, {"ab"})
    yield from ({0.5, Fraction(1, 2) + 1, Decimal("0.1")}, {Decimal("0.5"), 1.5, Fraction(1, 10)}, {0.1}, {2**53 + 1}, {float(2**53)}, {2**53})
    yield from ({None}, {None: None}, {(): ()}, {range(3)}, {range(0, 3)}, frozenset([(1, "a"), (2, "b")]), {(2, "b"), (1, "a")})
    yield from (range(0), range(5, 2), range(0, 3), range(0, 3, 2), range(0, 4, 2), range(1, 2, 5), range(1, 9, 100), range(3, 0, -1), range(3, 1, -1))
    yield from (range(10**30), range(10**30, 10**31, 10**29), range(-3, 4), range(0, -5, -2), range(0, -6, -2), range(3, 0, -(10**20)))
    for depth in (2, 30, 900):
        for wrap in (lambda x: [x], lambda x: (x,)):
            for leaf in (1, 1.0, 2):
                v = leaf
                for _ in range(depth if leaf == 1 else min(depth, 30)):
                    v = wrap(v)
                yield v
    d = 1
    f = frozenset()
    for _ in range(200):
        d = {"k": d}
        f = frozenset([f])
    yield from (d, f)


def random_value(r, depth=0, hashable=False):
    k = r.random()
    if depth > 3 or k < 0.45:
        # None hashes by its address: no two runs would write its sets in one order.
        return r.choice(
            ["none" if hashable else None, True, False, 0, 1, 2, 1.0, 2.0, 0.5, r.randrange(-3, 9), r.uniform(-9, 9), r.uniform(-1, 1) * 10 ** r.randrange(-20, 20)]
            + [10 ** r.randrange(30), "a", "b", "ab", b"a", 1j, Decimal("2.0"), Decimal("0.5"), Fraction(1, 2), Fraction(2), range(2)]
            + ["".join(chr(r.choice([39, 34, 10, 92, 97, 233, 955, 0x1F600, 0xD800])) for _ in range(r.randrange(6)))]
        )
    items = [random_value(r, depth + 1, hashable) for _ in range(r.randrange(4))]
    if hashable:
        return r.choice([tuple, frozenset])(items)
    kind = r.choice([list, list, tuple, dict, set, frozenset, collections.deque])
    if kind is dict:
        return {random_value(r, depth + 2, True): x for x in items}
    if kind in (set, frozenset):
        return kind(random_value(r, depth + 1, True) for _ in items)
    return kind(items)


def pool():
    yield from numbers()
    yield from texts()
    yield from collections_()
    r = random.Random(20)
    for _ in range(900):
        yield random_value(r)


def main():
    left, right = list(pool()), list(pool())
    for i, v in enumerate(left):
        row = {"v": encode(v), "eq": [j for j in range(i + 1) if v == right[j]]}
        text = repr(v)
        if len(text) < 2000:
            row["r"] = text
        print(json.dumps(row, ensure_ascii=False, separators=(",", ":")))


main()
