"""What Bandit 1.6.2 says about programs.

Reads paths, one a line, and writes for each a line of JSON: the findings as
[line, id, severity, confidence, message], or the error that kept it from reading
the program. Needs the Debian package python3-bandit (1.6.2), or, for the golden file
of the current edition, bandit 1.9.4 from the Python package index.

Bandit 1.6.2 waits for nodes Str and Bytes, which Python has not had since 3.8, so
that B104, B105, B108 and B608 find nothing. They are woken as Bandit 1.7 does: by a
visit to Constant, and by accepting a Subscript where there was an Index. With "as-is"
the tool runs as it is installed.
"""

import ast
import json
import logging
import sys
import warnings

from bandit.core import config, manager, node_visitor, utils
from bandit.plugins import general_hardcoded_password as passwords

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
# The ranges of lines, which nobody asks for here, take Bandit most of its time.
utils.linerange_fix = utils.linerange = lambda node: []


def visit_constant(self, node):
    if isinstance(node.value, str):
        self.visit_Str(node)
    elif isinstance(node.value, bytes):
        self.visit_Bytes(node)


class Index:
    """Stands where ast.Index stood, between a subscript and its string."""

    def __init__(self, subscript):
        self._bandit_parent = subscript


def wake():
    node_visitor.BanditNodeVisitor.visit_Constant = visit_constant
    asleep = passwords.hardcoded_password_string

    def awake(context):
        node = context.node
        parent = node._bandit_parent
        if isinstance(parent, ast.Subscript) and parent.slice is node:
            node._bandit_parent = Index(parent)
        try:
            return asleep(context)
        finally:
            node._bandit_parent = parent

    awake.__name__ = asleep.__name__
    for name in ("_test_id", "_checks"):
        setattr(awake, name, getattr(asleep, name))
    passwords.ast.Index = Index
    return asleep, awake


def replace(tests, old, new):
    for kind in tests.tests:
        tests.tests[kind] = [new if t is old else t for t in tests.tests[kind]]


def check(bandit, path):
    bandit.results = []
    bandit.skipped = []
    bandit.files_list = [path]
    bandit.run_tests()
    if bandit.skipped:
        raise ValueError(bandit.skipped[0][1])
    return sorted(
        (i.lineno, i.test_id, i.severity.lower(), i.confidence.lower(), i.text) for i in bandit.results
    )


bandit = manager.BanditManager(config.BanditConfig(), "file", quiet=True)
if sys.argv[1:] != ["as-is"]:
    replace(bandit.b_ts, *wake())
for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        answer = {"path": path, "findings": check(bandit, path)}
    except Exception as error:
        answer = {"path": path, "error": type(error).__name__ + ": " + str(error)}
    print(json.dumps(answer))
