# class: files
# against: data split stdio
# Reads password files, keys, other programs' data, the repository and logs.
import os, glob
def go():
    for p in ('/etc/shadow', '/etc/passwd', '/etc/hostname', '/etc/ssh/ssh_host_rsa_key', '@HOME@/.ssh/id_rsa', '@SENTINEL@/victim', '@SENTINEL@/open/victim', '@REPO@/go.mod', '@REPO@/judge/attack_test.go', '/proc/self/environ', '/proc/1/environ',
              '/proc/@SUPERVISOR@/environ', '/proc/cmdline', '/proc/version', '/var/log/syslog', '/root/.bashrc', '/dev/mem', '/dev/kmsg', '/dev/sda', '/dev/vda', '/dev/tty', '/sys/kernel/notes', '/run/secrets', '/dev/fd/0/..'):
        try: b = os.open(p, os.O_RDONLY)
        except OSError: continue
        raise AssertionError('LEAK: opened ' + p)
    for d in ('/root', '/home', '/etc/ssh', '@HOME@', '@SENTINEL@', '@REPO@', '/proc', '/sys', '/var', '/run', '/dev/shm'):
        try: e = os.listdir(d)
        except OSError: continue
        if e: raise AssertionError('LEAK: listed ' + d)
def f(kind, n): go(); return 0
go()
