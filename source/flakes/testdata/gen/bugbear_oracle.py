"""What flake8-bugbear 26.10.27 says about defaults of parameters.

As pyflakes_oracle.py, for B006 and B008 alone. Needs flake8-bugbear from the Python
package index.
"""

import ast
import json
import sys

from bugbear import FunctionDefDefaultsVisitor, error_codes


def check(path):
    with open(path, "rb") as f:
        tree = ast.parse(f.read())
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            visitor = FunctionDefDefaultsVisitor(error_codes["B006"], error_codes["B008"])
            for default in node.args.defaults + node.args.kw_defaults:
                if default is not None:
                    visitor.visit(default)
            found += [(e.lineno, e.col, *e.message.split(" ", 1)) for e in visitor.errors]
    return sorted(set(found))


for line in sys.stdin:
    path = line.rstrip("\n")
    print(json.dumps({"path": path, "findings": check(path)}))
