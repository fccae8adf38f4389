# class: forged messages
# against: data split
# Answers every call several times, so that later answers meet later calls.
import os, json
def f(kind, n):
    for q in range(8):
        b = json.dumps({"q": q, "v": n}).encode()
        for fd in range(3, 16):
            try: os.write(fd, len(b).to_bytes(4, 'little') + b)
            except OSError: pass
    return n
