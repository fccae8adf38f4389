# The zygote: first process of a sandbox. It warms CPython up, installs the
# system-call filter, and then keeps exactly one locked-down child waiting for a
# job. It never reads a job: only the child does, over its own channel. After
# every job it kills and reaps everything and cleans the scratch directory.
#
# fd 3: control socket to Hone (SEQPACKET): an order comes with the far end of the
# next child's channel, a report goes back. fd 4: configuration (memfd, JSON).
import sys
sys.path[:] = [p for p in sys.path if p]      # never import from the working directory
import os, json
_C = json.loads(open(4, 'rb').read().decode())
import ctypes, gc, marshal, resource, select, signal, struct, time, types, _socket, builtins, errno
import math, re, collections, itertools, functools, typing, heapq, bisect, string, random, operator
import copy, hashlib, datetime, decimal, fractions, statistics, json.encoder, json.decoder, base64

sys.argv = ['']
sys.path += _C['path']
for _n in _C['preload']:
    try: __import__(_n)
    except Exception: pass

_sk = _socket.socket(fileno=3)
_libc = ctypes.CDLL(None, use_errno=True)
_prctl, _syscall = _libc.prctl, _libc.syscall
_AF, _RIGHTS = _socket.SOL_SOCKET, _socket.SCM_RIGHTS

class _Prog(ctypes.Structure):
    _fields_ = [('n', ctypes.c_ushort), ('p', ctypes.c_void_p)]
class _CapHeader(ctypes.Structure):
    _fields_ = [('version', ctypes.c_uint32), ('pid', ctypes.c_int)]

def _program(hexed):
    raw = bytes.fromhex(hexed)
    buf = ctypes.create_string_buffer(raw, len(raw))
    return buf, _Prog(len(raw) // 8, ctypes.addressof(buf))

_childbuf = _childprog = None
if _C['child_filter']:
    _childbuf, _childprog = _program(_C['child_filter'])
_caphdr, _capdata = _CapHeader(0x20080522, 0), (ctypes.c_uint32 * 6)()
_hdrp, _datap = ctypes.byref(_caphdr), ctypes.byref(_capdata)
_childp = ctypes.byref(_childprog) if _childprog is not None else None
_pidslots = _C['pid_slots']
_filter_once = _C['filter_once']     # the zygote has the children's filter, too, and they inherit it

def _fail(what):
    raise OSError(ctypes.get_errno(), what)

def _lock_child(parent):
    """Give up every capability and have the per-child filter. Runs before any job arrives."""
    if not _pid1:
        if _prctl(1, 9, 0, 0, 0): _fail('PDEATHSIG')      # die with the zygote, as all do with a namespace's pid 1
        if os.getppid() != parent: os._exit(1)
    if _syscall(_capset, _hdrp, _datap): _fail('capset')
    if _nproc: resource.setrlimit(resource.RLIMIT_NPROC, _nproc)      # not of the zygote, whose forks must not fail
    if _childp is not None and not _filter_once:
        pid = os.getpid()
        for off in _pidslots: struct.pack_into('<I', _childbuf, off, pid)
        if _prctl(22, 2, _childp, 0, 0): _fail('seccomp')

def _own_streams():
    """Standard streams for the next child, which no other job shares: flags and locks on them end with it."""
    null = os.open('/dev/null', os.O_RDWR)
    for fd in (0, 1, 2): os.dup2(null, fd)
    os.close(null)

def _bounded(kind, value):
    """A limit as low as value, or as it is already."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY: value = min(value, hard)
    return value, value

_pid1, _capset = _C['pidns'], _C['sys_capset']
_nproc = _C['nproc'] and _bounded(resource.RLIMIT_NPROC, _C['nproc'])

def _install_filter():
    if _prctl(38, 1, 0, 0, 0): _fail('NO_NEW_PRIVS')
    if not _C['filter']: return
    buf, prog = _program(_C['filter'])
    if _C['notify']:
        fd = _syscall(_C['sys_seccomp'], 1, 8, ctypes.byref(prog))   # SET_MODE_FILTER, NEW_LISTENER
        if fd < 0: _fail('seccomp listener')
        _sk.sendmsg([b'{"listener":true}'], [(_AF, _RIGHTS, struct.pack('i', fd))])
        os.close(fd)
    elif _prctl(22, 2, ctypes.byref(prog), 0, 0): _fail('seccomp')
    if _filter_once and _prctl(22, 2, _childp, 0, 0): _fail('seccomp')

def _first(s):
    """The first message of a job and the descriptors that came with it."""
    data, anc, _, _ = s.recvmsg(8192, 64)
    fds = []
    for level, kind, raw in anc:
        if kind == _RIGHTS: fds += struct.unpack('%di' % (len(raw) // 4), raw)
    return s.detach(), data, fds

def _boot():
    signal.signal(signal.SIGINT, signal.SIG_DFL)     # pid 1 ignores what has no handler; a child must not reach it
    for kind, value in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, _C['files']), (resource.RLIMIT_FSIZE, _C['fsize']),
                        (resource.RLIMIT_STACK, _C['stack']), (resource.RLIMIT_MEMLOCK, 65536), (resource.RLIMIT_MSGQUEUE, 0),
                        (resource.RLIMIT_AS, _C['memory']), (resource.RLIMIT_SIGPENDING, 256), (resource.RLIMIT_CPU, _C['cpu'])):
        resource.setrlimit(kind, _bounded(kind, value))
    if _prctl(4, 0, 0, 0, 0): _fail('DUMPABLE')     # a crash must not start the host's crash handler, which RLIMIT_CORE allows
    _own_streams()
    os.environ.clear(); os.environ.update(_C['env'])
    h = types.ModuleType('harness')
    exec(compile(_C['harness'], '<harness>', 'exec'), h.__dict__)
    random.seed(0)
    return h.main

def _state(path):
    """All that a job can change of a directory of tmpfs: its size grows with each entry, but the clock of its times is coarse."""
    st = os.stat(path)
    return st.st_mode, st.st_uid, st.st_gid, st.st_size, st.st_nlink, st.st_atime_ns, st.st_mtime_ns, st.st_ctime_ns

def _order():
    """What Hone wants, nothing when it is gone, and the far end of the next child's channel."""
    data, anc, _, _ = _sk.recvmsg(16, 32)
    return data, struct.unpack('i', anc[0][2])[0] if anc else -1

def _zygote():
    main = _boot()
    # libc's fork through PyDLL: a third of os.fork's cost, and no handlers are wanted
    fork = ctypes.PyDLL(None, use_errno=True).fork; fork.restype = ctypes.c_int; fork.argtypes = []
    me = os.getpid()
    if _pid1 and me != 1: raise OSError('not pid 1 of a pid namespace')   # kill(-1) below must never run anywhere else
    scratch = _C['scratch']
    clean = scratch and _state(scratch)
    kill, wait4, close, socket = _libc.kill, os.wait4, os.close, _socket.socket
    _install_filter()
    _, af = _order()
    gc.collect(); gc.freeze()
    done = b'{"ready":true}'
    while True:
        # What can be done before the fork is: here its code and data are warm.
        _own_streams()
        s = socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, af)
        pid = fork()
        if pid == 0:
            code = 70
            try:
                close(3)
                _lock_child(me)
                fd, data, fds = _first(s)
                if data: main(fd, data, fds)
                code = 0
            except BaseException as e:
                if _C["debug"]:
                    import traceback
                    open('/dev/stderr', 'w').write(traceback.format_exc())
            os._exit(code)
        s.close()
        if pid < 0: raise OSError(ctypes.get_errno(), 'fork')
        _sk.send(done)
        stop, af = _order()
        gone = 0
        if stop == b'gone':                         # its channel was closed: if it is dying, let it die of what it dies of
            for _ in range(50):
                if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT): gone = 1; break
                time.sleep(.001)
        kill(pid, 9)
        _, status, ru = wait4(pid, 0)
        if not stop: os._exit(0)                    # Hone is gone: so are we, and with pid 1 everything else
        extra = 0
        if _pid1 and kill(-1, 9) == 0:              # it fails where nobody is left
            try:
                while True: wait4(-1, 0); extra += 1
            except ChildProcessError: pass
        dirty = 0
        if scratch and _state(scratch) != clean:
            dirty = 1
            s = scratch.encode()
            os.chdir('/')
            if _libc.umount2(s, 2) or _libc.mount(b't', s, b'tmpfs', 1030, _C['scratch_options'].encode()): _fail('scratch')   # NOSUID NODEV NOATIME
            os.chdir(scratch)
            clean = _state(scratch)
        done = b'{"status":%d,"cpu":%.6f,"rss":%d,"faults":%d,"extra":%d,"dirty":%d,"gone":%d}' % (
            status, ru.ru_utime + ru.ru_stime, ru.ru_maxrss, ru.ru_minflt, extra, dirty, gone)

try: _zygote()
except BaseException as e:
    try: _sk.send(json.dumps({"error": type(e).__name__ + ': ' + str(e)}).encode()[:4096])
    except OSError: pass
    os._exit(71)
