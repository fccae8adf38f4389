"""Ranges of characters that begin and that continue identifiers.

Answers every line with [[lo, hi, class]], class 1 for those that continue and 3
for those that also begin one; unassigned characters are class 4.
"""
import json
import sys
import unicodedata

for line in sys.stdin:
    ranges = []
    for c in range(0x110000):
        r = chr(c)
        kind = 4 if unicodedata.category(r) == "Cn" else ("a" + r).isidentifier() + 2 * r.isidentifier()
        if ranges and ranges[-1][2] == kind:
            ranges[-1][1] = c
        else:
            ranges.append([c, c, kind])
    print(json.dumps(ranges), flush=True)
