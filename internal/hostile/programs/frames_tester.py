# class: forged messages
# against: data split stdio
# Speaks the tester's part: reports passed tests and the end of the run.
import os, json
def f(kind, n):
    for o in ({"t": "check:3", "o": "pass", "line": 3}, {"end": "check"}, {"done": 1}, {"call": ["f", [], {}]}, {"ready": True}, {"q": 0, "v": 1, "t": "x", "o": "pass", "done": 1}):
        b = json.dumps(o).encode()
        for fd in range(3, 16):
            try: os.write(fd, len(b).to_bytes(4, 'little') + b)
            except OSError: pass
    return 0
f(0, 0)
