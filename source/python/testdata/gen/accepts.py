"""Whether CPython parses programs: JSON strings in, null or its message out."""
import ast
import json
import sys
import warnings

warnings.simplefilter("ignore")
for line in sys.stdin:
    answer = None
    try:
        compile(json.loads(line), "program", "exec", ast.PyCF_ONLY_AST)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as e:
        answer = "%s: %s" % (type(e).__name__, getattr(e, "msg", None) or e)
    print(json.dumps(answer), flush=True)
