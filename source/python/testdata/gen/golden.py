"""Writes ast.dump of ../constructs/*.py with positions to NAME.3.X.dump.

Made with CPython 3.11.2 and 3.13.0; run it with each. Positions inside
f-strings are taken as oracle.py takes them.
"""
import ast
import glob
import os
import sys
import warnings

from oracle import flatten

warnings.simplefilter("ignore")
minor = sys.version_info[1]
for path in sorted(glob.glob(os.path.join(os.path.dirname(__file__), "..", "constructs", "*.py"))):
    with open(path, "rb") as f:
        source = f.read()
    try:
        tree = ast.parse(source)
    except SyntaxError as e:
        print(path, e)
        continue
    if minor < 12:
        flatten(tree)
    with open("%s.3.%d.dump" % (path[:-3], minor), "w", encoding="utf-8") as f:
        f.write(ast.dump(tree, include_attributes=True))
