# Shared by both harnesses: frames and the tagged JSON encoding of problem.Value.
import os, re, json, struct, base64, builtins, collections, decimal, fractions, types, warnings
warnings.simplefilter('ignore')      # a SyntaxWarning in a program must not cost an import
_r, _w = os.read, os.write
# What json.dumps and json.loads come down to. Less of it runs, and so a process that was
# just forked has fewer pages to make its own.
_encoder = json.JSONEncoder()
_chunks = json.encoder.c_make_encoder(None, _encoder.default, json.encoder.encode_basestring_ascii, None, ':', ',', False, False, True)
_value = json.JSONDecoder().raw_decode
def _dumps(o): return ''.join(_chunks(o, 0))
def _loads(b): return _value(b.decode())[0]
_SAFE = (1 << 53) - 1
_inf = float('inf')

def send(fd, o):
    b = _dumps(o).encode('ascii')
    b = len(b).to_bytes(4, 'little') + b
    n = _w(fd, b)
    while n < len(b):
        b = b[n:]
        n = _w(fd, b)

def more(fd, n, b):
    """Read until b has n bytes."""
    if len(b) >= n: return b
    parts, have = [b], len(b)
    while have < n:
        c = _r(fd, min(n - have, 1 << 20))
        if not c: raise EOFError
        parts.append(c); have += len(c)
    return b''.join(parts)

def frame(fd, b=b''):
    """One frame, as bytes. The other side never sends the next before it has an answer."""
    b = more(fd, 4, b)
    n = int.from_bytes(b[:4], 'little')
    return more(fd, 4 + n, b)[4:]

def _b64(b): return base64.b64encode(b).decode()

def _str(o):
    try: o.encode()
    except UnicodeEncodeError: return {"str": _b64(o.encode('utf-8', 'surrogatepass'))}
    return o

def _float(o):
    if o - o == 0.0: return o
    return {"float": "nan" if o != o else "inf" if o > 0 else "-inf"}

def _int(o):
    return o if -_SAFE <= o <= _SAFE else {"int": hex(o)}

def enc(o):
    t = type(o)
    if t is str: return o if o.isascii() else _str(o)
    if t is int: return o if -_SAFE <= o <= _SAFE else {"int": hex(o)}
    if t is bool or o is None: return o
    if t is float: return _float(o)
    if t is list: return [enc(x) for x in o]
    if t is tuple: return {"tuple": [enc(x) for x in o]}
    if t is dict: return {"dict": [[enc(k), enc(v)] for k, v in o.items()]}
    if t is set: return {"set": [enc(x) for x in o]}
    return _enc2(o, t)

def _enc2(o, t):
    # Subclasses count as what they are underneath: their own methods are never asked.
    if t is frozenset: return {"frozenset": [enc(x) for x in o]}
    if isinstance(o, str): return _str(str.__str__(o))
    if isinstance(o, int): return _int(int.__pos__(o))
    if isinstance(o, float): return _float(float.__pos__(o))
    if isinstance(o, tuple): return {"tuple": [enc(x) for x in tuple.__iter__(o)]}
    if isinstance(o, list): return [enc(x) for x in list.__iter__(o)]
    if isinstance(o, dict): return {"dict": [[enc(k), enc(v)] for k, v in dict.items(o)]}
    if isinstance(o, set): return {"set": [enc(x) for x in set.__iter__(o)]}
    if isinstance(o, frozenset): return {"frozenset": [enc(x) for x in frozenset.__iter__(o)]}
    if t is bytes: return {"bytes": _b64(o)}
    if t is bytearray: return {"bytearray": _b64(bytes(o))}
    if t is complex: return {"complex": [_float(o.real), _float(o.imag)]}
    if t is range: return {"range": [_int(o.start), _int(o.stop), _int(o.step)]}
    if t is collections.deque: return {"deque": [enc(x) for x in o]}
    if t is decimal.Decimal: return {"decimal": str(o)}
    if t is fractions.Fraction: return {"fraction": [hex(o.numerator), hex(o.denominator)]}
    if t.__module__ == 'numpy' and hasattr(t, 'item') and not hasattr(t, '__len__'):
        v = o.item()                       # numpy scalars are data, arrays are not
        if type(v) in (int, float, bool, str, complex): return enc(v)
    if t is re.Match: return {"object": "re Match"}
    return {"object": t.__name__.replace(' ', '_')}

class Opaque:
    """Stands for a value that was no data. Equal to nothing."""
    __slots__ = ('name',)
    seen = False
    def __init__(self, name): self.name = name; Opaque.seen = True
    def __eq__(self, other): return False
    def __ne__(self, other): return True
    __hash__ = None
    def __repr__(self): return '<%s object>' % self.name

_f = {"nan": float('nan'), "inf": _inf, "-inf": -_inf}
_dec = {
    'tuple': lambda v: tuple([dec(x) for x in v]),
    'dict': lambda v: {dec(k): dec(x) for k, x in v},
    'set': lambda v: {dec(x) for x in v},
    'frozenset': lambda v: frozenset([dec(x) for x in v]),
    'int': lambda v: int(v, 0),
    'float': _f.__getitem__,
    'str': lambda v: base64.b64decode(v).decode('utf-8', 'surrogatepass'),
    'bytes': lambda v: base64.b64decode(v),
    'bytearray': lambda v: bytearray(base64.b64decode(v)),
    'complex': lambda v: complex(dec(v[0]), dec(v[1])),
    'range': lambda v: range(*[dec(x) for x in v]),
    'deque': lambda v: collections.deque([dec(x) for x in v]),
    'decimal': decimal.Decimal,
    'fraction': lambda v: fractions.Fraction(int(v[0], 0), int(v[1], 0)),
    'object': Opaque,
}
def dec(o):
    t = type(o)
    if t is list: return [dec(x) for x in o]
    if t is not dict: return o
    (k, v), = o.items()
    return _dec[k](v)

def text(e):
    try: return str(e)[:400]
    except BaseException: return '?'

def error(e):
    """[type, message, line in the program or None, builtin base or None, missing module or None]"""
    line, tb = None, getattr(e, '__traceback__', None)
    while tb is not None:
        if tb.tb_frame.f_code.co_filename == '<program>': line = tb.tb_lineno
        tb = tb.tb_next
    if line is None and isinstance(e, SyntaxError) and type(e.lineno) is int: line = e.lineno
    base = next((c.__name__ for c in type(e).__mro__ if getattr(builtins, c.__name__, None) is c), None)
    missing = e.name if isinstance(e, ModuleNotFoundError) and type(e.name) is str else None
    return [type(e).__name__, _str(text(e)) if not text(e).isascii() else text(e), line, base, missing]
