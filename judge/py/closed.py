# A program is closed when it can reach nothing that outlives it: it is written in the part of Python that
# _PARTS names, stores into variables and containers alone, and knows of builtins only _FEW and of attributes
# only _METHODS and what _MODULES lists, whose owners are values of its own or cannot be changed without storing into them. There are no
# classes, no names with two underscores in front, and no str.format, which reads any attribute. Whether a
# program is closed is said before it runs; the next closed one may then have the same process.
import ast as _ast, gc, importlib as _importlib, typing as _typing

_PARTS = {getattr(_ast, n) for n in (
    'Module FunctionDef arguments arg Return Assign AugAssign AnnAssign For While If Break Continue Pass Expr Call keyword Name Constant '
    'BinOp UnaryOp BoolOp Compare IfExp List Tuple Dict Set Subscript Slice JoinedStr FormattedValue Attribute ListComp SetComp '
    'DictComp GeneratorExp comprehension Starred Lambda Try ExceptHandler Raise Assert Global Nonlocal Delete NamedExpr Yield YieldFrom '
    'Load Store Del Add Sub Mult Div FloorDiv Mod Pow LShift RShift BitOr BitXor BitAnd And Or Not Invert UAdd USub '
    'Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn').split()}
_FEW = frozenset((
    'abs all any ascii bin bool bytearray bytes callable chr complex dict divmod enumerate filter float format frozenset hash hex int '
    'isinstance iter len list map max min next oct ord pow print range repr reversed round set slice sorted str sum tuple zip '
    'True False None ArithmeticError AssertionError AttributeError Exception IndexError KeyError LookupError NotImplementedError OverflowError '
    'RuntimeError StopIteration TypeError ValueError ZeroDivisionError').split())
_METHODS = frozenset((
    'capitalize casefold center count encode decode endswith expandtabs find index isalnum isalpha isascii isdecimal isdigit isidentifier islower '
    'isnumeric isprintable isspace istitle isupper join ljust lower lstrip maketrans partition removeprefix removesuffix replace rfind rindex '
    'rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title translate upper zfill append clear copy extend '
    'insert pop remove reverse sort fromkeys get items keys popitem setdefault update values add difference difference_update discard '
    'intersection intersection_update isdisjoint issubset issuperset symmetric_difference symmetric_difference_update union '
    'bit_length bit_count conjugate denominator from_bytes imag is_integer as_integer_ratio numerator real to_bytes '
    'elements most_common subtract total appendleft extendleft popleft rotate move_to_end '
    'end group groupdict groups span start').split())
_MODULES = {
    'bisect': 'bisect bisect_left bisect_right insort insort_left insort_right',
    'collections': 'Counter OrderedDict defaultdict deque',
    'functools': 'cache cmp_to_key lru_cache reduce',
    'heapq': 'heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest',
    'itertools': 'accumulate chain combinations combinations_with_replacement compress count cycle dropwhile filterfalse groupby islice pairwise '
                 'permutations product repeat starmap takewhile tee zip_longest from_iterable',
    'math': 'acos acosh asin asinh atan atan2 atanh ceil comb copysign cos cosh degrees dist e erf erfc exp expm1 fabs factorial floor fmod frexp '
            'fsum gamma gcd hypot inf isclose isfinite isinf isnan isqrt lcm ldexp lgamma log log10 log1p log2 modf nan perm pi pow prod '
            'radians remainder sin sinh sqrt tan tanh tau trunc',
    'operator': 'add and_ eq floordiv ge gt index itemgetter le lt mod mul ne neg or_ pos pow sub truediv xor',
    're': 'A ASCII DOTALL I IGNORECASE M MULTILINE S VERBOSE X compile escape findall finditer fullmatch match search split sub subn',
    'string': 'ascii_letters ascii_lowercase ascii_uppercase digits hexdigits octdigits punctuation whitespace',
    'sys': 'maxsize',
    'typing': 'Any Callable Counter Deque DefaultDict Dict FrozenSet Generator Generic Iterable Iterator List Mapping NoReturn Optional OrderedDict Sequence Set Tuple Type Union defaultdict',
}
_MODULES = {m: frozenset(names.split()) for m, names in _MODULES.items()}

def _allow(modules):
    """Attributes that programs may name. A module which has another of that name than those it is listed with is not to be imported."""
    names = _METHODS.union(*modules.values())
    for m in list(modules):
        if names.intersection(dir(_importlib.import_module(m))) - modules[m]: del modules[m]
    return names

_OTHERS = frozenset(dir(builtins)) - _FEW

_RARE = {_ast.Try: 'try', _ast.Yield: 'yield', _ast.YieldFrom: 'yield'}

def _asks_type(n):
    return (type(n) is _ast.Call and type(n.func) is _ast.Name and n.func.id == 'type' and len(n.args) == 1 and not n.keywords
            and type(n.args[0]) is not _ast.Starred)

def tidy(g):
    """Frees what a closed program leaves, on its own time."""
    g.clear()
    for clean in _typing._cleanups: clean()
    gc.collect()

def closed(source, modules, names):
    try: todo = [compile(source, '<program>', 'exec', _ast.PyCF_ONLY_AST, dont_inherit=True)]
    except _COMPILE: return False            # too deep for a tree of objects
    has = set()                              # what must not come together
    while todo:
        n = todo.pop()
        t = type(n)
        if t is str:                         # an identifier
            if n == 'Counter': has.add(n)
            if (n[:2] == '__' or n in _OTHERS) and n != '__name__': return False
        elif t is _ast.Constant: pass
        elif t is _ast.Import:
            for a in n.names:
                if a.name not in modules: return False
                if a.asname is not None: todo.append(a.asname)
        elif t is _ast.ImportFrom:
            if n.level or n.module not in modules: return False
            for a in n.names:
                if a.name not in modules[n.module]: return False
                todo.append(a.name)
                if a.asname is not None: todo.append(a.asname)
        elif t not in _PARTS: return False
        elif t is _ast.Attribute:
            if n.attr not in names or type(n.ctx) is not _ast.Load: return False
            if n.attr in ('Counter', 'copy'): has.add(n.attr)
            todo.append(n.value)
        elif t is _ast.Compare:              # a class is asked for to be compared, and for nothing else: it makes others, and functions
            for x in (n.left, *n.comparators): todo.append(x.args[0] if _asks_type(x) else x)
        elif t is _ast.comprehension and n.is_async: return False
        else:
            if t in _RARE: has.add(_RARE[t])
            for f in t._fields:
                v = getattr(n, f)
                if type(v) is list: todo += [x for x in v if x is not None]
                elif v is not None and type(v) is not int: todo.append(v)    # numbers say how a field is meant
    # Counter.copy calls the class of what it is given; and a generator that is freed runs what its try has after a yield.
    return not has >= {'Counter', 'copy'} and not has >= {'try', 'yield'}
