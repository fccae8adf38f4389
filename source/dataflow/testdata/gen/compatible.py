"""Writes what GraphCodeBERT's own extractor says of golden programs.

    PYTHONPATH=FOLDER python compatible.py PACKAGE LANGUAGE FILE > compatible_LANGUAGE.json

PACKAGE holds modules DFG and utils: `parser` of GraphCodeBERT for python, with FOLDER its
directory GraphCodeBERT/codesearch; `codebleu.parser` of the PyPI package codebleu 0.7.0 for
java and c, which treats string literals as leaves of today's grammars. tree_sitter and the
grammars tree_sitter_python, tree_sitter_java and tree_sitter_c must be installed in the
versions that ../../../grammar/versions.json names. A program is prepared as
codesearch/run.py does. The golden files were made with Python 3.11.7, tree_sitter 0.26.1,
tree_sitter_python 0.25.0, tree_sitter_java 0.23.5 and tree_sitter_c 0.24.2.

Names of parents are written as sorted sets: their order in GraphCodeBERT is that of a
Python set and changes from run to run.
"""

import importlib
import sys

from tree_sitter import Language, Parser

import cases

extractor = importlib.import_module(sys.argv[1] + ".DFG")
helpers = importlib.import_module(sys.argv[1] + ".utils")

LANGUAGES = {
    "python": ("tree_sitter_python", extractor.DFG_python),
    "java": ("tree_sitter_java", extractor.DFG_java),
    "c": ("tree_sitter_c", extractor.DFG_csharp),
}


def flow(language, program):
    module, rules = LANGUAGES[language]
    try:
        program = helpers.remove_comments_and_docstrings(program, language)
    except Exception:
        pass
    root = Parser(Language(importlib.import_module(module).language())).parse(program.encode()).root_node
    places = helpers.tree_to_token_index(root)
    lines = program.split("\n")
    texts = {p: (i, helpers.index_to_code_token(p, lines)) for i, p in enumerate(places)}
    try:
        items, _ = rules(root, texts, {})
    except Exception:
        items = []
    items = sorted(items, key=lambda item: item[1])
    related = {item[1] for item in items if item[4]} | {p for item in items for p in item[4]}
    return {
        "stripped": program,
        "entries": [[n, leaf, relation, sorted(set(names)), parents]
                    for n, leaf, relation, names, parents in items if leaf in related],
    }


if __name__ == "__main__":
    cases.write([(n, flow(sys.argv[2], program)) for n, program, _ in cases.read(sys.argv[3])])
