"""Writes ../cases.jsonl: small programs and what pycodestyle 2.10 finds in them.

The programs are ours. Run with Debian 12's python3 and python3-pycodestyle:

    /usr/bin/python3 cases.py > ../cases.jsonl
"""
import io
import json
import sys

import pycodestyle

assert pycodestyle.__version__ == "2.10.0", pycodestyle.__version__


class Report(pycodestyle.BaseReport):
    def init_file(self, filename, lines, expected, line_offset):
        self.found = []
        return super().init_file(filename, lines, expected, line_offset)

    def error(self, line_number, offset, text, check):
        if super().error(line_number, offset, text, check):
            self.found.append([line_number, offset, text[:4], text[5:]])


def findings(text, **options):
    lines = list(io.StringIO(text, newline=None))  # as tokenize.open reads
    options.setdefault("ignore", ["E999"])  # none, not even the default ones
    guide = pycodestyle.StyleGuide(reporter=Report, paths=["x.py"], **options)
    guide.options.ignore = tuple(options["ignore"])
    guide.input_file("x.py", lines=lines)
    return sorted(guide.options.report.found)


CASES = {
    "empty": "",
    "one newline": "\n",
    "blank lines only": "\n\n\n",
    "clean": "import os\n\n\ndef f(a, b=1):\n    return os.path.join(a, b)\n",
    # Indentation.
    "E101": "if a:\n        b = 1\n\tc = 2\n",
    "E101 tab first": "if a:\n\tb = 1\nif c:\n    d = 2\n",
    "E101 inside string": "if a:\n    b = '''\n\tx\n'''\n",
    "E111": "if a:\n  b = 1\n",
    "E112": "if a:\nb = 1\n",
    "E113": "a = 1\n    b = 2\n",
    "E114": "if a:\n    b = 1\n   # note\n    c = 2\n",
    "E115": "if a:\n# note\n    b = 1\n",
    "E116": "a = 1\n    # note\nb = 2\n",
    "E117": "if a:\n            b = 1\n",
    "E117 by one": "if a:\n     b = 1\n",
    "E117 comment": "if a:\n        # b\n    c = 1\n",
    "form feed in indentation": "if a:\n    if b:\n        c = 1\n  \f    d = 2\n",
    "E117 tabs": "if a:\n\t\tb = 1\n",
    "W191": "if a:\n\tb = 1\n\tif c:\n\t    d = 2\n",
    # Continuation lines.
    "E121": "a = (\n  1)\n",
    "E122": "a = (\n1)\n",
    "E123": "a = (\n    1,\n    )\n",
    "E124": "a = f(1,\n      2\n)\n",
    "E125": "if (\n    a\n    and b):\n    c = 1\n",
    "E126": "a = (\n        1)\n",
    "E127": "a = f(1,\n        2)\n",
    "E128": "a = f(1,\n    2)\n",
    "E129": "if (a or\n    b):\n    c = 1\n",
    "E131": "a = (\n    1,\n      2)\n",
    "E131 string": "a = (\n    'x'\n      'y')\n",
    "hanging ok": "a = f(\n    1,\n    2,\n)\n",
    "visual ok": "a = f(1,\n      2,\n      g(3,\n        4))\n",
    "continuation of dict": "a = {\n    'x': [\n        1,\n        2],\n    'y':\n        3,\n    'z': f(4,\n           5),\n}\n",
    "continuation after if": "if (a and\n        b):\n    pass\n",
    "continuation of if without bracket": "if a and \\\n   b:\n    pass\n",
    "continuation of assert": "assert a == b, \\\n       c\n",
    "continuation with strings": "a = f('x'\n      'y', u'z'\n      'w')\n",
    "continuation with comments": "a = [  # one\n    1,  # two\n       # three\n    2,\n    # four\n]\n",
    "continuation with multiline string": "a = f('''x\ny''',\n      b)\n",
    "continuation after multiline string": "a = f(b, '''x\n  y''', c,\n   d)\n",
    "continuation of def": "def f(\n    a,\n    b):\n    pass\n",
    "continuation of def ok": "def f(\n        a,\n        b):\n    pass\n",
    "continuation tabs": "if a:\n\tb = f(\n\t\t1,\n\t\t\t2)\n",
    "continuation nested hanging": "a = f(g(\n    1\n), h(\n    2,\n    3\n), [\n    4])\n",
    "continuation lambda": "a = sorted(b, key=lambda x: (\n    x.c,\n    x.d))\n",
    "continuation slice": "a = b[1:\n      2]\n",
    "continuation closing deep": "a = f(g(h(\n    1,\n)))\n",
    "continuation token alignment": "a = (b == c and\n     d == e or\n     f    == g)\nx = (y if z else\n       w)\n",
    "continuation with noqa": "a = f(1,\n    2)  # noqa\n",
    "continuation unicode": "naïve = f('é',\n          'ü')\nnaïve = f('é',\n         'ü')\n",
    "continuation of return": "def f():\n    return (a and\n            b or\n        c)\n",
    "continuation backslash indent": "a = b + \\\n    c\nd = e + \\\n  f\n",
    "continuation with with": "with a as b, \\\n     c as d:\n    pass\n",
    # Blanks inside and around brackets.
    "E201": "a = f( 1, [ 2], { 3: 4})\n",
    "E202": "a = f(1 , [2 ], {3: 4 })\n",
    "E203": "a = [1 , 2]\nif a :\n    b = a[1 :2]\nc = 1 ; d = 2\n",
    "E203 line start": "a = [1\n     , 2]\n",
    "E201 over lines": "a = f(\n    1, [ 2,\n        3 ])\n",
    "E203 walrus": "if (a := 1):\n    b = a[1 :=2]\n",
    "E211": "a = f (1)\nb = c [1]\nd = (f) (2)\nclass E (F):\n    pass\nmatch (a)\nprint (1)\n",
    "E221": "a  = 1\nb = c  + d\n",
    "E222": "a =  1\nb = c +  d\n",
    "E223": "a\t= 1\n",
    "E224": "a =\t1\n",
    "E225": "a=1\na =1\na= 1\nb = c ==d\nb = c== d\nb = 1and 2\nb = c or-d\nb = c +d\nb = c+ d\nd = c<e\nf = c>e\ndef g(a)->int:\n    pass\n",
    "E225 walrus": "if (a:=1):\n    pass\n",
    "E225 print chevron": "print >>a, b\nprint >> a, b\n",
    "E225 unary": "a = -1\nb = [-1, +2, ~3]\nc = a[-1]\nd = f(*a, **b)\ne = lambda *a, **k: a\nreturn -a\nx = a if -b else -c\nprint -1\n",
    "E225 slash parameters": "def f(a, /, b):\n    pass\n\n\ndef g(a, b, /):\n    pass\n\n\nh = lambda a, /: a\n",
    "E225 star": "a, *b = c\n*b, a = c\nf(*a)\n",
    "E226": "a = b+c\nd = e*f - g/h\ni = j**k\nl2 = m//n@o\n",
    "E227": "a = b|c\nd = e<<f\ng = h^i & j\n",
    "E228": "a = b%c\n",
    "E231": "a = [1,2]\nb = {3:4}\nf(1,2);c = 3\nd = x[1:2,3]\ne = (1,)\ng = [1,]\nh = x[{1:2}]\n",
    "E231 annotation": "a:int = 1\n\n\ndef f(b:int, c: {1:2}) -> None:\n    pass\n",
    "E231 fstring": "a = f'{b:>10}'\nc = f'{d,e}'\n",
    "E241": "a = [1,  2]\nb = {3:  4}\n",
    "E242": "a = [1,\t2]\n",
    "E241 newline": "a = [1,  \n     2]\n",
    "E251": "f(a = 1)\nf(a= 1)\nf(a =1)\nf(a=\n  1)\n\n\ndef g(b = 2):\n    pass\n",
    "E252": "def f(a: int=1, b: int =2, c: int= 3, d=4):\n    pass\n",
    "E252 return": "def f(a: int = 1, *, b: str = g(c=1), d: List[int]=None) -> int:\n    pass\n",
    "E261": "a = 1 # x\nb = 2# y\n",
    "E262": "a = 1  #x\nb = 2  #  y\nc = 3  #:z\nd = 4  #!e\ne = 5  # \u00a0f\n",
    "E265": "#x\n#!y\na = 1\n#:z\n#: w\n",
    "E265 first line": "#!/usr/bin/env python\n#!x\n",
    "E266": "## x\n###\n######## y\n#### z ####\n",
    "E271": "a = b and  c\nimport  d\n",
    "E272": "a = b  and c\n",
    "E273": "a = b and\tc\n",
    "E274": "a = b\tand c\n",
    "E271 in": "a = b not  in c\nfor  d in  e:\n    pass\nx = print  (1)\n",
    "E275": "from a import(b, c)\nif(a):\n    pass\nd = not(e)\nassert(f)\nx = yield(a)\ny = await(b)\nz = [a for(b) in(c)]\ntry:\n    pass\nexcept(A, B):\n    pass\nelse:\n    pass\n",
    "E275 except star": "try:\n    pass\nexcept*A:\n    pass\n",
    # Blank lines.
    "E301": "class A:\n    a = 1\n    def f(self):\n        pass\n    def g(self):\n        pass\n",
    "E302": "a = 1\ndef f():\n    pass\n\nclass B:\n    pass\n",
    "E302 async": "a = 1\n\nasync def f():\n    pass\n\n@b\ndef g():\n    pass\n",
    "E302 comment": "a = 1\n\n# note\n\ndef f():\n    pass\n# other\ndef g():\n    pass\n",
    "E303": "a = 1\n\n\n\nb = 2\n\n\n\n# note\nc = 3\n",
    "E303 inside": "def f():\n    a = 1\n\n\n    b = 2\n\n\n    # note\n    c = 3\n",
    "E304": "@a\n\ndef f():\n    pass\n",
    "E304 comment": "@a\n\n# note\ndef f():\n    pass\n",
    "E305": "def f():\n    pass\na = 1\n\n\nclass B:\n    pass\n\nif a:\n    pass\n",
    "E306": "def f():\n    a = 1\n    def g():\n        pass\n    return g\n",
    "E306 in method": "class A:\n    def f(self):\n        a = 1\n        def g():\n            pass\n        return g\n\n    class B:\n        b = 1\n        def h(self):\n            pass\n",
    "one-liners": "def f(): pass\ndef g(): pass\nclass A: pass\nclass B: pass\na = 1\n\n\nclass C:\n    def f(self): ...\n    def g(self): ...\n    x = 1\n",
    "overloads": "@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: str) -> str: ...\ndef f(a):\n    return a\n",
    "docstring then def": "class A:\n    '''Doc.'''\n    def f(self):\n        pass\n",
    "def over lines without blank": "class A:\n    x = 1\n    def f(self,\n          a):\n        pass\n    def g(\n        self,\n    ):\n        pass\n",
    "form feed": "a = 1\n\f\ndef f():\n    pass\n\f\n\nclass B:\n    pass\n",
    "top comment": "#!x\n\n\n\n# y\nimport a\n",
    # Imports.
    "E401": "import a, b\nimport c; d, e = 1, 2\nfrom f import g, h\n",
    "E402": "'''Doc.'''\n__all__ = ['a']\nfrom __future__ import x\nif a:\n    import b\nimport c\nd = 1\nimport e\nfrom f import g\n",
    "E402 strings": "'x'\n'y'\nimport a\n",
    "E402 dunder annotated": "__a__: int = 1\n__b__: Dict[str, \"x\"] = {}\nimport c\n__d__ : int = 2\nimport e\n",
    "E402 try": "try:\n    import a\nexcept ImportError:\n    a = None\nelse:\n    pass\nfinally:\n    pass\nimport b\nwith c:\n    pass\nimport d\nprint(e)\nimport f  # noqa\nimport g\n",
    "E402 ify": "iffy = 1\nimport a\nbuffer = 'b'\nimport c\n",
    # Lines.
    "E501": "a = '" + "x" * 80 + "'\n" + "b = 1  # " + "y" * 80 + "\n",
    "E501 unicode": "a = '" + "é" * 73 + "'\n" + "b = '" + "é" * 74 + "'\n" + "c = '" + "é" * 75 + "'\n",
    "E501 noqa": "a = '" + "x" * 80 + "'  # noqa\nb = '" + "x" * 80 + "'  # noqa: E501\nc = '" + "x" * 80 + "'  # NOQA\nd = '" + "x" * 80 + "'  # nopep8\ne = '" + "x" * 80 + "'  #noqa\nf = '" + "x" * 80 + "'  # noqab\n",
    "E501 url": "# http://" + "x" * 80 + "\n#  http://" + "y" * 80 + "\n# see http://" + "z" * 80 + "\n'''\nhttp://" + "w" * 80 + "\n    see http://" + "v" * 80 + "\n" + " " * 75 + "xxxxxxx\n'''\n",
    "E501 shebang": "#!" + "x" * 100 + "\n#!" + "x" * 100 + "\n",
    "E501 trailing blanks": "a = '" + "x" * 73 + "'       \n",
    "E501 no newline noqa": "a = '" + "x" * 80 + "'  # noqa",
    "E502": "a = (1, \\\n     2)\nb = 'x' \\\n    'y'\nc = [1,  # z\\\n     2]\nd = f('''a\nb''' \\\n      'c')\n",
    "W291": "a = 1 \nb = 2\t\n# c \nd = '''x  \ny '''\n",
    "W293": "a = 1\n  \nb = 2\n\t\n",
    "W291 backslash": "a = 1 + \\\n    2 \n",
    "W291 form feed": "a = 1 \f\n\f\nb = 2\n",
    "W292": "a = 1",
    "W292 comment": "a = 1\n# b",
    "W292 string": "a = 'x'",
    "W292 inside block": "def f():\n    pass",
    "W391": "a = 1\n\n\n",
    "W391 blanks": "a = 1\n  \n   \n",
    "last line blank without end": "a = 1\n   ",
    # Statements.
    "E701": "if a: b = 1\nelse: c = 2\nfor d in e: f()\nwhile g: h()\ntry: i()\nexcept: j()\nfinally: k()\nwith m: n()\nclass O2: p = 1\n",
    "E701 not": "a = {1: 2}\nb = c[1:2]\nd = lambda: 0\ne: int = 1\nif f: # x\n    pass\nif (a := 1): pass\nmatch x:\n    case 1: pass\n",
    "E702": "a = 1; b = 2; c = 3\n",
    "E703": "a = 1;\nb = 2; # c\n",
    "E704": "def f(a): return a\n\n\nasync def g(): pass\n\n\ndef h(a: int) -> int: return a\n",
    "E711": "if a == None:\n    pass\nif None != b:\n    pass\nif a==None:\n    pass\nx = a == None != b\n",
    "E712": "if a == True:\n    pass\nif False == b:\n    pass\nif a != True or b != False:\n    pass\nif a == Trueish:\n    pass\n",
    "E711 noqa": "if a == None:  # noqa\n    pass\n",
    "E713": "a = not b in c\nif not b.d in c:\n    pass\nif not (b in c):\n    pass\nif not f(x) in c:\n    pass\n",
    "E714": "a = not b is c\nd = e is not f in g\n",
    "E721": "if type(a) == type(b):\n    pass\nif type(a) is type(1):\n    pass\nif type(a) != type(''):\n    pass\nif x is types.ListType:\n    pass\nif type(a) == types.IntType:\n    pass\nif a is not type(b.c):\n    pass\nif type(a) == type(None):\n    pass\n",
    "E722": "try:\n    pass\nexcept:\n    pass\ntry:\n    pass\nexcept  :\n    pass\ntry:\n    pass\nexcept A:\n    pass\ntry:\n    pass\nexcept:  # noqa\n    pass\n",
    "E731": "f = lambda x: 2*x\nf.a = lambda: 0\nf: int = lambda: 0\nf = g = lambda: 0\nf = (lambda: 0)\nf['a'] = lambda: 0\n",
    "E741": "l = 1\nO = 2\nI = 3\nfor l in a:\n    pass\nwith a as l:\n    pass\nglobal I\nx = [l for l in a]\ny = lambda l: 0\nz = lambda a=1, l=2: 0\nif (l := 1):\n    pass\nf(l=1)\nl: int = 1\nx = l = 2\na, l = 1, 2\n",
    "E741 parameters": "def f(l):\n    pass\n\n\ndef g(a, *l, **O):\n    pass\n\n\ndef h(a=1, I=2):\n    pass\n\n\ndef i(l: int):\n    pass\n",
    "E741 after dedents": "if a:\n    if b:\n        pass\nl = 1\nif a:\n    pass\nl = 2\n",
    "E742": "class I:\n    pass\n",
    "E743": "def l():\n    pass\n",
    # Operators at line breaks.
    "W503": "a = (b\n     + c\n     and d\n     - -e)\nf = g(h,\n      -i)\n",
    "W504": "a = (b +\n     c and\n     d)\nf = (g /\n     -h)\ni = j(k,  # l\n      *m)\n",
    "W503 backslash": "a = b \\\n    + c\nd = e + \\\n    f\n",
    # Strings.
    "W605": "a = '\\d'\nb = r'\\d'\nc = '\\n\\x41\\\n\\e'\nd = '''\n\\.\n  \\w'''\ne = b'\\z'\nf = f'\\q{1}'\ng = 'é\\ü'\nh = '\\d'  # noqa\ni = Rb'\\d'\nj = '\\\\d'\n",
    "W606": "async = 1\nawait = 2\ndef async():\n    pass\n",
    "W606 ok": "async def f():\n    await g()\n    await (h)\n    async with i:\n        pass\n    async for j in k:\n        pass\n    return [x async for x in y]\n",
    # Other line ends and odd characters.
    "crlf": "import a, b\r\nif a:\r\n    b = '''x \r\ny'''\r\n    c = [1,2] \r\n",
    "cr": "a = 1 \rb = 2\r",
    "crlf continuation": "a = (1 +\r\n   2)\r\nb = 'x' \\\r\n    'y'\r\n",
    "vertical tab and nbsp in comments": "# a\x0b \n#\u00a0b\n# c\u2028d\n",
    "statement after form feed": "if a:\n    b = 1\n\f\n    c = 2\n",
    "nested brackets": "a = {b: [c for c in (d, e)if c]for f in g}\n",
    "decorators": "class A:\n    @property\n    def a(self):\n        return 1\n    @a.setter\n    def a(self, b):\n        pass\n",
    "semicolons and comments": "a = 1;b = 2 ;c = 3 #d\n",
    "type parameters": "def f[T](a: T = 1) -> T:\n    pass\n",
    "star annotations": "def f(*args: int, **kwargs: str) -> None:\n    pass\n",
    "ellipsis": "a[..., 1]\ndef f(): ...\n",
    "matrix": "a = b @ c\nd = e@f\na @= b\n",
    "strings with prefixes": "a = u'x' b'y' rb'z' f'{w}'\nb = ur = 1\n",
    "multi string then backslash": "a = '''x\n  y''' \\\n    'z'\n",
    "comment between": "def f():\n    pass\n    # a\n# b\n\n\n# c\ndef g():\n    pass\n",
    "class body comment": "class A:\n\n    # x\n    def f(self):\n        pass\n    # y\n\n    def g(self):\n        pass\n",
    "keyword arguments over lines": "f(a=1,\n  b = 2,\n  c=\n  3)\n",
    "dict with lambda": "a = {\n    'b': lambda c: d,\n    'e': lambda: f}\n",
    "if in one line with dict": "if a: b = {1: 2}\n",
    "slice of call": "a[b(c) :d]\na[b : c]\na[b: c]\na[lambda: 1 :2]\n",
    "return annotation": "def f() ->int:\n    pass\n\n\ndef g()-> int:\n    pass\n",
    "yield": "def f():\n    x = yield\n    y = (yield)\n    z = yield(1)\n",
    "unary after keyword": "a = b in -c\nd = not -e\nf = lambda: -g\n",
    "exponent": "a = b ** -c\nd = e**-f\ng = h **i\n",
    "star star": "f(** a)\nf(* a)\nf(a, ** b)\n",
    "comparison chain": "a = b<c<=d\ne = f!= g\n",
    "error in brackets": "a = (1,\n     2\nb = 3\n",
    "error in string": "a = 1\nb = '''c  not  in\n  d:  e \n",
    "error in string, last line blank": "a = '''b\n    ",
    "error of indentation": "if a:\n        b = 1\n    c = 2\nd = 3\n",
}

OPTIONS = {
    "E133": ("a = f(\n    1,\n)\nb = g(\n    2,\n    )\n", {"hang_closing": True}),
    "W505": ("# " + "x " * 40 + "\n'''\n" + "y " * 40 + "\n'''\na = '''\n" + "z " * 40 + "\n'''\n# http://" + "w" * 80 + "\nb = 1  # " + "v " * 40 + "\n", {"max_doc_length": 72}),
    "max line": ("a = 1234567\n# xxxxxxxxxx\n", {"max_line_length": 10}),
}


def main():
    out = [{"name": n, "text": t, "found": findings(t)} for n, t in CASES.items()]
    out += [{"name": n, "text": t, "options": o, "found": findings(t, **o)} for n, (t, o) in OPTIONS.items()]
    for case in out:
        sys.stdout.write(json.dumps(case, ensure_ascii=True) + "\n")


main()
