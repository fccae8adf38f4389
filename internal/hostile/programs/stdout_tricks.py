# class: forged messages
# against: stdio
# Prints every number there is, in every script, with controls, and the input; writes to its own input; replaces its streams.
import os, sys
s = sys.stdin.read()
print(s, '\x1b[2J\x1b[H', '\r\x08\x08', *range(70000), sep='\x0b')
print('\u0661\u0662\uff11\uff12', '\x00' * 100, '\ufeff', 'True', 'nan', 'inf', '1e999', '.*', '%d', sep='\u2028')
for i in range(50): os.write(1, b'%d\n' % i)
os.write(0, b'int 0\n'); os.lseek(0, 0, 0); print(os.read(0, 100)); os.ftruncate(0, 0)
r, w = os.pipe(); os.dup2(w, 1); os.close(r)
