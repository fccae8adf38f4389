# class: state between programs
# against: data split stdio
# Limits, signal dispositions and masks, umask, directory, environment, thread name, timers,
# allocator, hash seed.
import os, resource, signal, sys, time, random, gc
os.environ['ATTACK'] = '1'; os.umask(0o777)
for r in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE):
    try: resource.setrlimit(r, (0, 0))
    except (OSError, ValueError): pass
for r in (resource.RLIMIT_NOFILE, resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU):
    try: resource.setrlimit(r, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (OSError, ValueError): continue
    raise AssertionError('LEAK: raised a limit')
for s in range(1, 65):
    try: signal.signal(s, signal.SIG_IGN)
    except (OSError, ValueError): pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
sys.setrecursionlimit(10**9); gc.disable(); random.seed(1); os.chdir('/')
def f(kind, n): return 0
