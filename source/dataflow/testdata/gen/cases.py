"""Reads files of golden programs: "=== name", the program, then sections "--- kind text"."""

import re


def read(path):
    """The cases of a file: (name, program, expressions to call)."""
    with open(path, encoding="utf-8", newline="") as f:
        parts = re.split(r"^=== ", f.read(), flags=re.M)[1:]
    cases = []
    for part in parts:
        name, rest = part.split("\n", 1)
        program, *sections = re.split(r"^--- ", rest, flags=re.M)
        calls = [s.split("\n")[0][5:] for s in sections if s.startswith("call ")]
        cases.append((name, program, calls))
    return cases


def write(rows):
    """Prints {name: row}, a row a line."""
    import json
    print("{\n" + ",\n".join(
        json.dumps(n) + ": " + json.dumps(r, ensure_ascii=False) for n, r in rows) + "\n}")
