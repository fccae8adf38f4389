"""Golden comparisons for package problem, from numpy (2.4.6 when written):

    python3 problem/testdata/gen/matches.py > problem/testdata/matches.jsonl

The rules are EvalPlus 0.3.1's: == first; else, with a tolerance (1e-6 where none is
given and floats are expected), the same type, the same length for lists and tuples,
and numpy.allclose with a relative tolerance of 1e-7.
"""
import json
import random

import numpy as np


def encode(v):
    if isinstance(v, tuple):
        return {"tuple": [encode(x) for x in v]}
    if isinstance(v, list):
        return [encode(x) for x in v]
    if isinstance(v, complex):
        return {"complex": [v.real, v.imag]}
    if isinstance(v, float) and v - v != 0:
        return {"float": str(v)}
    if isinstance(v, int) and abs(v) >= 2**53:
        return {"int": hex(v)}
    return v


def floats(v):
    return isinstance(v, float) or isinstance(v, (list, tuple)) and len(v) > 0 and all(isinstance(x, float) for x in v)


def verdict(got, want, atol):
    if got == want:
        return True
    tolerance = atol or (1e-6 if floats(want) else 0)
    if tolerance == 0 or type(got) is not type(want):
        return False
    try:
        if isinstance(want, (list, tuple)) and len(got) != len(want):
            return False
        if np.shape(got) != np.shape(want):  # stricter than numpy, which broadcasts
            return False
        return bool(np.allclose(got, want, rtol=1e-07, atol=tolerance))
    except Exception:
        return False


def leaf(r):
    x = r.choice([0.0, 1.0, -2.5, 1e6, 1e-6, 1e10, 123456.789, 3])
    return r.choice([x, x, x, 1, 0, 2, True, "a", None, float("inf"), float("-inf"), float("nan"), 2 + 1j, 2**60, 2**63, 2**70])


def nudge(r, v):
    """Something near v, or not at all."""
    if isinstance(v, (list, tuple)):
        out = [nudge(r, x) for x in v]
        if r.random() < 0.05:
            out.append(1.0)
        kind = type(v) if r.random() < 0.9 else r.choice([list, tuple])
        return kind(out)
    if r.random() < 0.04:
        return leaf(r)
    if type(v) is float or type(v) is complex:
        return v * (1 + r.choice([0, 0, 0.5e-7, 2e-7, 1e-5])) + r.choice([0, 0.5e-6, 2e-6, 1e-4, 0.01])
    if type(v) is int and r.random() < 0.2:
        return r.choice([float(v), v + 1, v + 0.25])
    return v


def shape(r, depth=0):
    if depth == 3 or r.random() < 0.3:
        if r.random() < 0.6:
            return r.uniform(-10, 10)
        return leaf(r)
    kind = r.choice([list, list, tuple])
    n = r.randrange(4)
    if r.random() < 0.5:
        return kind([shape(r, 3) for _ in range(n)])
    return kind([shape(r, depth + 1) for _ in range(n)])


def main():
    r = random.Random(4)
    for _ in range(1500):
        want = shape(r)
        got = nudge(r, want)
        atol = r.choice([0, 0, 1e-6, 1e-4, 0.1])
        row = {"got": encode(got), "want": encode(want), "ok": verdict(got, want, atol)}
        if atol:
            row["atol"] = atol
        print(json.dumps(row, separators=(",", ":")))


np.seterr(all="ignore")
main()
