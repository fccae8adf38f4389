# class: files
# against: data split
# Looks for /proc, /sys and other processes by any path; the zygote's task directory once was open.
import os
def f(kind, n):
    z = os.getppid()
    for d in ('/proc/%d/' % z, '/proc/%d/task/%d/' % (z, z), '/proc/self/', '/proc/thread-self/', '/proc/1/', '/proc/@SUPERVISOR@/', '/proc/@VICTIM@/'):
        for name in ('', 'task', 'status', 'environ', 'maps', 'mem', 'fd', 'fdinfo', 'ns', 'net/tcp', 'net/unix', 'mountinfo', 'root', 'root/etc/passwd', 'cwd', 'comm', 'attr/current', 'cgroup', 'oom_score_adj'):
            for flags in (os.O_RDONLY, os.O_WRONLY):
                try: os.open(d + name, flags)
                except OSError: continue
                raise AssertionError('LEAK: opened ' + d + name)
    for p in ('/sys/fs/cgroup', '/dev/pts', '/dev/fd', '/proc/sys/kernel/core_pattern'):
        try: os.open(p, os.O_RDONLY)
        except OSError: continue
        raise AssertionError('LEAK: opened ' + p)
    return 0
