"""Syntax trees by the tree-sitter that Python's packages bring: another build of the
library (native, by its authors) of the same grammars.

    python3 -m venv V && V/bin/pip install tree-sitter==0.25.2 tree-sitter-python==0.25.0 \
        tree-sitter-c==0.24.1 tree-sitter-java==0.23.5
    V/bin/python trees.py > ../trees.json          # the cases below
    V/bin/python trees.py digest < names > digests # of the files named on standard input

A node is [kind, flags, field, start, end, depth], in preorder; flags are named 1, extra 2,
missing 4, has an error 8. A digest is SHA-256 over the same, one line a node, separated by
tabs.
"""

import base64
import hashlib
import json
import random
import re
import sys

import tree_sitter
import tree_sitter_c
import tree_sitter_java
import tree_sitter_python

PARSERS = {
    name: tree_sitter.Parser(tree_sitter.Language(module.language()))
    for name, module in [("python", tree_sitter_python), ("c", tree_sitter_c), ("java", tree_sitter_java)]
}

# An error of one token is written with the character at which the lexer stood.
UNEXPECTED = re.compile(r"UNEXPECTED ('.*?'(?=\))|-?\d+|INVALID)")

PYTHON = b'''#!/usr/bin/env python3
"""A module."""
from __future__ import annotations
import os, sys as system
from . import (a, b as c,)

@decorator(1)
class Point(Base, metaclass=Meta):
    """A point."""
    x: int = 0
    __slots__ = ("x", 'y' "z")

    def move(self, dx, /, dy=1, *args: int, scale: float = .5, **rest) -> "Point":
        r"""Moves."""
        # by a vector
        self.x += dx if dx > 0 else -dx  # and back
        return f"{self.x!r:>{dx}} {dy=}" + b"\\x00".decode()

async def main(n=10):
    async with lock as l, other: pass
    total = 0
    for i, (a, *b) in enumerate(range(n)):
        while not i % 2 and (y := f(i)) is not None:
            total -= sum(x ** 2 for x in b if x) @ m[1:2, ..., ::3]
            break
        else:
            continue
    try:
        await g(*b, key=lambda q, w=1: q | w, **d)
    except (ValueError, TypeError) as e:
        raise RuntimeError("bad") from e
    except* OSError:
        del a[0], b.c
    finally:
        assert total, "none"; global G
    match total:
        case {"k": [1, *_], **rest} if rest: print('a', end="")
        case Point(x=0) | None: pass
        case _: yield from ()
    return {**d, 'a': 1}, {1, 2}, [*a], (), x if y else z, \\
        0xff + 1_000.5e3j, not a in b

def g[T: int](x: T) -> T: return x
type A[K] = dict[K, int]
'''

C = b'''/* A file. */
#include <stdio.h>
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#ifdef DEBUG
extern int level;
#else
static const char *names[] = {"a" "b", L"c", [3] = 'x', '\\n'};
#endif
typedef struct point { int x, y : 3; struct point *next; } point_t;
enum color { RED = 1, GREEN, };
union u { float f; unsigned long long i; };

static inline int sum(const int *a, size_t n, ...) {
  int s = 0;
  for (size_t i = 0; i < n; i++) { s += a[i] << 1; }
  do { s--; } while (s > 100 && !n);
  switch (s) { case 1: case 'b': return ~s; default: goto end; }
  if (s) s = sizeof(int) * (unsigned) s; else if (n) { ; } else p->x = (*q).y;
end:
  return MAX(s, 0x1fUL); // the end
}

int (*handler)(int, char **) = 0;
void old(a, b) int a; char *b; { __asm__("nop"); }
'''

JAVA = b'''/** A file. */
package a.b;
import java.util.*;
import static java.lang.Math.max;

@Deprecated
public abstract class Box<T extends Comparable<T>> extends Base implements I, J {
  private final int[] xs = {1, 2, 0x3L}; // numbers
  static { System.out.println("a" + 'b' + "\\n"); }
  enum Color { RED(1) { int f() { return 1; } }, GREEN; Color(int... n) {} }
  record Pair(int a, String b) { Pair { assert a > 0 : b; } }
  interface Shape permits Circle { default double area() { return 0.5e3f; } }

  Box(T value) throws IOException { super(); this.value = value; }

  <R> R map(Function<? super T, ? extends R> f) {
    for (int i = 0, j = 1; i < 10; i++, --j) { if (i == 2) continue; else break; }
    for (var x : xs) synchronized (this) { sum += x >>> 1; }
    outer: while (true) do { break outer; } while (false);
    try (var r = open()) { throw new E(); } catch (A | B e) { } finally { ; }
    int k = switch (o) { case Integer i when i > 0 -> i; case 1, 2 -> { yield 3; } default -> 0; };
    Runnable g = () -> {}; Supplier<int[]> s = int[]::new;
    String t = """
        text "block"
        """;
    return o instanceof String q && !q.isEmpty() ? (R) q : null;
  }
}
'''

ODD = {
    "empty": b"",
    "blank": b"  \n\n\t\n",
    "comment only": b"# nothing\n",
    "no line end": b"x = 1",
    "tabs": b"if a:\n\tif b:\n\t    c\n\telse:\n\t\td\n        e\n",
    "form feeds": b"import a\n\x0c\nclass A:\n    x = 1\n\x0c\n    def f(self):\n\x0c        pass\n",
    "vertical tab": b"a = 1\x0b\nb = 2\n",
    "crlf": b"def f(a):\r\n    '''d\r\n    d'''\r\n    return a + \\\r\n        1\r\n",
    "cr": b"a = 1\rb = 2\rif c:\r    d\r",
    "python 2": b"print 'a' % b, c\nexec code in d\ntry:\n    raise E, 'x'\nexcept E, e:\n    print >>f, `e`, 0777, ur'x', 10L\nif a <> b: pass\n",
    "latin-1": b"# -*- coding: latin-1 -*-\ns = 'caf\xe9'\nd\xe9j\xe0 = 1\n# \xff\xfe\n",
    "utf-8": "caf\u00e9 = '\u4e2d\u6587' + \"\U0001f600\"  # \u00fc\n\u03c0 = 3\n".encode(),
    "byte order mark": b"\xef\xbb\xbfx = 1\n",
    "nul": b"a = 1\x00b = '\x00'\n\x00\n# \x00\nc\n",
    "only nul": b"\x00\x00\x00",
    "open brackets": b"f(a, [b, {c: (d\n",
    "closed brackets": b")]}\nx = 1\n",
    "open string": b"x = 'abc\ny = 2\n",
    "open triple": b"def f():\n    \"\"\"abc\n    y = 2\n",
    "open f-string": b"x = f'{a + {b} c\ny = f\"{x!\"\n",
    "nested f-string": b"x = f'{f\"{1 + f'''{a:{b}}'''}\"}' f'{{}}' rf'\\{a}'\n",
    "bad dedent": b"if a:\n        b\n    c\n  d\n",
    "missing body": b"def f():\nclass A:\nx = 1\n",
    "missing name": b"import\nfrom import x\ndef (a): pass\nx = \ny.\n",
    "conflict": b"<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n",
    "prompt": b">>> x = 1\n... y\n2\n",
    "prose": b"This is not a program, but text. It's (mostly) \"harmless\"!\n",
    "backslashes": b"a = \\\n\\\n  1\n\\\n",
    "nested": b"(" * 300 + b"x" + b")" * 300 + b"\n",
    "binary": bytes(range(256)),
    "soft keywords": b"match = 1\nmatch.x\ncase = match[0]\ntype = type(x)\nprint = exec\nmatch(x)\n_ = 1\n",
}


def cases():
    yield from ((f"{name} {language}", language, src) for name, src in ODD.items() for language in PARSERS
                if language == "python" or name in ("empty", "blank", "crlf", "latin-1", "nul", "binary", "open brackets", "prose"))
    chance = random.Random(1)
    for language, src in [("python", PYTHON), ("c", C), ("java", JAVA)]:
        yield f"program {language}", language, src
        for n in range(3):
            at = chance.randrange(len(src))
            yield f"cut {n} {language}", language, src[:at]
            broken = bytearray(src)
            for _ in range(4):
                at = chance.randrange(len(broken))
                if chance.random() < 0.5:
                    del broken[at:at + chance.randrange(1, 9)]
                else:
                    broken[at:at] = chance.choice([b"(", b"}", b"'", b'"', b"\n", b":", b";", b"=", b"\\", b" \t "])
            yield f"broken {n} {language}", language, bytes(broken)


def nodes(tree):
    cursor = tree.walk()
    depth = 0
    while True:
        n = cursor.node
        flags = n.is_named | n.is_extra << 1 | n.is_missing << 2 | n.has_error << 3
        yield [n.type, flags, cursor.field_name or "", n.start_byte, n.end_byte, depth]
        if cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            depth -= 1


def digest(path):
    language = {"py": "python", "c": "c", "h": "c", "java": "java"}[path.rsplit(".", 1)[1]]
    with open(path, "rb") as f:
        tree = PARSERS[language].parse(f.read())
    h = hashlib.sha256()
    for n in nodes(tree):
        h.update(("\t".join(map(str, n)) + "\n").encode())
    return h.hexdigest()


if sys.argv[1:] == ["digest"]:
    for line in sys.stdin:
        print(digest(line.rstrip("\n")), flush=True)
else:
    rows = []
    for name, language, src in cases():
        tree = PARSERS[language].parse(src)
        rows.append(json.dumps({
            "name": name, "language": language, "source": base64.b64encode(src).decode(),
            "expression": UNEXPECTED.sub("ERROR", str(tree.root_node)), "nodes": list(nodes(tree)),
        }, separators=(",", ":")))
    print("[\n" + ",\n".join(rows) + "\n]")
