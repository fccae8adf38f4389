"""Writes similarity.json: what the package codebleu scores for pairs of golden programs.

    python similarity.py functions.txt broken.txt ... > similarity.json

Each program is scored as the candidate for the next one of its file, and for itself with its
first "x" renamed. codebleu lists the names of what a value is computed from in the order of
a Python set, so that scores may differ from run to run: each pair is scored under six
orders, and those that differ are written as null. Made with codebleu 0.7.0, Python 3.11.7,
tree_sitter 0.26.1 and the grammars of ../../../grammar/versions.json.
"""

import json
import os
import subprocess
import sys

import cases

SCORE = """
import json, logging, sys
logging.disable(logging.CRITICAL)
from codebleu.syntax_match import corpus_syntax_match
from codebleu.dataflow_match import corpus_dataflow_match
from codebleu.utils import get_tree_sitter_language
rows = []
for language, candidate, reference in json.load(sys.stdin):
    grammar = get_tree_sitter_language(language)
    texts = [[reference.strip()]], [candidate.strip()]
    rows.append([corpus_syntax_match(*texts, language, tree_sitter_language=grammar),
                 corpus_dataflow_match(*texts, language, tree_sitter_language=grammar)])
json.dump(rows, sys.stdout)
"""


def pairs(path):
    language = {"java.txt": "java", "c.txt": "c"}.get(os.path.basename(path), "python")
    programs = cases.read(path)
    for (name, program, _), (_, following, _) in zip(programs, programs[1:] + programs[:1]):
        yield [language, program, following]
        yield [language, program.replace("x", "renamed", 1), program]


rows = [row for path in sys.argv[1:] for row in pairs(path)]
runs = []
for seed in range(6):
    environment = dict(os.environ, PYTHONHASHSEED=str(seed))
    result = subprocess.run([sys.executable, "-c", SCORE], input=json.dumps(rows), text=True,
                            capture_output=True, env=environment, check=True)
    runs.append(json.loads(result.stdout))
print("[")
for i, (language, candidate, reference) in enumerate(rows):
    syntax, flow = ({run[i][k] for run in runs} for k in (0, 1))
    print(json.dumps({"language": language, "candidate": candidate, "reference": reference,
                      "syntax": syntax.pop() if len(syntax) == 1 else None,
                      "data_flow": flow.pop() if len(flow) == 1 else None}, ensure_ascii=False)
          + ("," if i + 1 < len(rows) else ""))
print("]")
