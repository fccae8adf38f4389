# class: forged messages
# against: data split
# Answers all calls before they are made, then ends.
import os, json
for q in range(64):
    b = json.dumps({"q": q, "v": q, "a": [q]}).encode()
    for fd in range(3, 16):
        try: os.write(fd, len(b).to_bytes(4, 'little') + b)
        except OSError: pass
def f(kind, n): os._exit(0)
