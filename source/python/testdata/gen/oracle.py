"""What CPython says of programs, for the tests of package python.

Reads paths, one a line, and answers each with one line of JSON:
  version   minor version of this Python
  error     the message with which ast.parse refuses the program, or null
  ast       ast.dump(tree, include_attributes=True)
  tokens    tokenize's tokens as [kind, text, line, column, line, column], or null
            where it fails, or takes for errors what the parser does not: before
            3.12 it knew no combining characters in names and no CR as a line end

Positions inside f-strings are set to the start of the text before Python 3.12,
which gave them relative to something else. With the argument "hash", ast and
tokens are SHA-256 of themselves.
"""
import ast
import hashlib
import io
import json
import sys
import tokenize
import warnings

warnings.simplefilter("ignore")
sys.setrecursionlimit(10000)
hashed = "hash" in sys.argv


def flatten(tree):
    for outer in ast.walk(tree):
        if not isinstance(outer, ast.JoinedStr):
            continue
        for node in ast.walk(outer):
            if node is not outer and hasattr(node, "lineno"):
                node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = 1, 0, 1, 0


def tokens(source):
    result = []
    for t in tokenize.tokenize(io.BytesIO(source).readline):
        if t.type != tokenize.ENCODING:
            name = tokenize.tok_name[t.type]
            result.append([name, t.string, *t.start, *t.end])
            if t.type == tokenize.ERRORTOKEN:
                raise SyntaxError
    return result


def digest(text):
    # Escaped, as repr escapes: which characters print differs between versions of Unicode.
    return hashlib.sha256(text.encode("ascii", "backslashreplace")).hexdigest() if hashed else text


def main():
    for line in sys.stdin:
        with open(line.rstrip("\n"), "rb") as f:
            source = f.read()
        answer = {"version": sys.version_info[1], "error": None}
        try:
            tree = ast.parse(source)
            if sys.version_info < (3, 12):
                flatten(tree)
            answer["ast"] = digest(ast.dump(tree, include_attributes=True))
        except (SyntaxError, ValueError, MemoryError, RecursionError) as e:
            answer["error"] = "%s: %s" % (type(e).__name__, getattr(e, "msg", None) or e)
        try:
            answer["tokens"] = digest(json.dumps(tokens(source), ensure_ascii=False, separators=(",", ":")))
        except (SyntaxError, tokenize.TokenError, UnicodeDecodeError) as e:
            answer["tokens"] = None
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
