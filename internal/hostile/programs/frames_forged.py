# class: forged messages
# against: data split stdio
# Writes replies of every shape, with plausible answers, to every descriptor, before and during
# the calls.
import os, json
def frame(o):
    b = json.dumps(o).encode()
    return len(b).to_bytes(4, 'little') + b
def spray():
    for fd in range(3, 128):
        try:
            for o in ({"ok": 1}, {"q": 0, "v": True}, {"q": 1, "v": 1}, {"t": "a", "o": "pass"}, {"end": "a"}, {"done": 1}): os.write(fd, frame(o))
        except OSError: pass
spray()
def f(kind, n): spray(); return 0
