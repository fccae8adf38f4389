# class: forged messages
# against: data split
# Never stops sending small valid frames.
import os, json
b = json.dumps({"ok": 1, "q": 0, "v": 1}).encode()
b = (len(b).to_bytes(4, 'little') + b) * 1000
def f(kind, n):
    while True:
        for fd in range(3, 6):
            try: os.write(fd, b)
            except OSError: pass
