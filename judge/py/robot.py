# Runs a program that controls a robot, in one world after the other. The robot is on
# the other side of the channel: a call sends the lines action, line of the program,
# seconds slept, arguments, and gets 0 or 1 (it failed) with the robot's time, and the
# value or message. Nothing of a world, nor of what is checked, is ever here. Time is the robot's: sleeping costs nothing.
import datetime as _datetime, time as _time, _thread
from sys import _getframe
from json.encoder import encode_basestring_ascii as _quote

class RobotError(Exception):
    """The robot cannot do what was asked."""

class _Run:
    """One world. Its stubs stop working when it is over."""
    __slots__ = ('now', 'slept', 'over')
    def __init__(self): self.now = self.slept = 0.0; self.over = False

_run, _torn = _Run(), False
_START = 1704099600.0                    # the robot's clock begins on Monday 2024-01-01, 9:00 UTC
_lock = _thread.allocate_lock()          # threads of a program share one channel
_builtins = dict.copy(builtins.__dict__) # as every world has them
_words = {b'null': None, b'true': True, b'false': False}

def _clock(): return _START + _run.now + _run.slept

def _exchange(fd, run, action, args, line):
    with _lock:
        if run.over: raise RuntimeError('the run is over')
        b = ('>%s\n%d\n%r\n[%s]' % (action, line, run.slept, ','.join(args))).encode('ascii')
        b = len(b).to_bytes(4, 'little') + b
        global _torn
        _torn = True                         # until the answer is read: after an exception in between, no other program may follow
        n = _w(fd, b)
        while n < len(b):
            b = b[n:]
            n = _w(fd, b)
        b = _r(fd, 65536)
        if len(b) < 4 or len(b) < 4 + int.from_bytes(b[:4], 'little'): b = bytes(4) + frame(fd, b)
        _torn = False
        i = b.index(10, 4)
        run.now, run.slept = float(b[5:i]), 0.0
    v = b[i + 1:]
    if v in _words: return _words[v]
    v = _loads(v)
    if b[4] == 49: raise RobotError(v)
    return dec(v)

def _stub(fd, run, name, params, defaults):
    n = len(params)
    def stub(*args, **kwargs):
        if kwargs or len(args) != n: args = _bind(name, params, defaults, args, kwargs)
        f = _getframe(1)
        while f is not None and f.f_code.co_filename != '<program>': f = f.f_back
        return _exchange(fd, run, name, [_quote(a) if type(a) is str and a.isascii() else _dumps(enc(a)) for a in args], f.f_lineno if f is not None else 0)
    stub.__name__ = stub.__qualname__ = name
    return stub

def _bind(name, params, defaults, args, kwargs):
    """Arguments in order, or the TypeError that Python would raise."""
    if len(args) > len(params):
        raise TypeError('%s() takes %d positional argument%s but %d %s given' % (
            name, len(params), '' if len(params) == 1 else 's', len(args), 'was' if len(args) == 1 else 'were'))
    out = dict(zip(params, args))
    for k, v in kwargs.items():
        if k not in params: raise TypeError('%s() got an unexpected keyword argument %r' % (name, k))
        if k in out: raise TypeError('%s() got multiple values for argument %r' % (name, k))
        out[k] = v
    missing = [p for p in params if p not in out and p not in defaults]
    if missing:
        raise TypeError('%s() missing %d required positional argument%s: %s' % (
            name, len(missing), '' if len(missing) == 1 else 's', ' and '.join(map(repr, missing))))
    return [out[p] if p in out else defaults[p] for p in params]

def _sleeper(fd, run, limit):
    def sleep(seconds):
        if run.over: raise RuntimeError('the run is over')
        s = float(seconds)
        if s != s: raise ValueError('Invalid value NaN (not a number)')
        if s < 0: raise ValueError('sleep length must be non-negative')
        run.slept += s
        if run.now + run.slept > limit: _exchange(fd, run, '', [], 0)
    return sleep

_modules = {**_MODULES, 'time': frozenset('monotonic perf_counter sleep time'.split())}
_names = _allow(_modules)

def robot(fd, job):
    while not _torn:
        robot_program(fd, job)
        job = _loads(frame(fd))              # that comes after a closed program alone

def robot_program(fd, job):
    global _run
    try: code = compile(job['code'], '<program>', 'exec', dont_inherit=True)
    except _COMPILE as e: return send(fd, {"stage": "syntax", "e": error(e)})
    shared = bool(job.get('shared')) and closed(job['code'], _modules, _names)
    if not admitted(fd, shared): return
    entry, api = job['entry'], [(n, p, {k: dec(v) for k, v in d.items()}) for n, p, d in job['api']]
    clock = sys.modules['time']
    for world in range(job['worlds']):
        run = _run = _Run()
        clock.sleep = _sleeper(fd, run, job['seconds'])
        if world: builtins.__dict__.update(_builtins)
        m = types.ModuleType("solution"); sys.modules["solution"] = m
        g = m.__dict__
        g['__builtins__'] = builtins
        g['time'] = clock
        for n, p, d in api: g[n] = _stub(fd, run, n, p, d)
        end = {"w": world}
        try:
            exec(code, g)
            if entry not in g: raise NameError('name %r is not defined' % entry)
            g[entry]()
            _join()
        except SystemExit as e:
            if e.code not in (None, 0, False): end["e"] = error(e)
        except BaseException as e:
            end["e"] = error(e)
            if isinstance(e, RobotError): end["robot"] = 1
        with _lock:
            run.over = True
            if shared:
                m = None
                tidy(g)
            send(fd, end)

def _join():
    """A program ends when its threads do."""
    threading = sys.modules.get('threading')
    if threading is not None:
        for t in threading.enumerate():
            if t is not threading.main_thread() and not t.daemon: t.join()

def _virtual():
    """Modules time and datetime by the robot's clock, for programs alone."""
    t = types.ModuleType('time'); t.__dict__.update(_time.__dict__)
    real = _time
    t.time = t.monotonic = t.perf_counter = t.process_time = t.thread_time = _clock
    t.time_ns = t.monotonic_ns = t.perf_counter_ns = t.process_time_ns = t.thread_time_ns = lambda: int(_clock() * 1e9)
    t.gmtime = lambda s=None: real.gmtime(_clock() if s is None else s)
    t.localtime = lambda s=None: real.localtime(_clock() if s is None else s)
    t.ctime = lambda s=None: real.ctime(_clock() if s is None else s)
    t.asctime = lambda *a: real.asctime(*a) if a else real.asctime(t.localtime())
    t.strftime = lambda f, *a: real.strftime(f, *a) if a else real.strftime(f, t.localtime())
    d = types.ModuleType('datetime'); d.__dict__.update(_datetime.__dict__)
    class date(_datetime.date):
        @classmethod
        def today(cls): return cls.fromtimestamp(_clock())
    class datetime(_datetime.datetime):
        @classmethod
        def now(cls, tz=None): return cls.fromtimestamp(_clock(), tz)
        @classmethod
        def today(cls): return cls.fromtimestamp(_clock())
        @classmethod
        def utcnow(cls): return cls.utcfromtimestamp(_clock())
    d.date, d.datetime = date, datetime
    sys.modules['time'], sys.modules['datetime'] = t, d
_virtual()

def _warm_robot():
    """Runs a program against nobody, so that children find the code at its fastest, and unchanged pages."""
    global _r, _w, _used
    real = _r, _w
    said = b'01.5\n"yes"'
    said = len(said).to_bytes(4, 'little') + said
    _r, _w = (lambda fd, n: said), (lambda fd, b: len(b))
    code = 'def main():\n  for i in range(9):\n    time.sleep(1)\n    if go("a", ["b"]) != "yes": break\n  f()\n'
    try: robot_program(-1, {"code": code, "entry": "main", "seconds": 99.0, "worlds": 9, "api": [["go", ["place", "options"], {}], ["f", [], {}]]})
    finally:
        _r, _w = real
        _used = False
        sys.modules.pop('solution', None)
_warm_robot()
