# class: forged messages
# against: data split
# Answers with wrong, negative, huge and missing call numbers.
import os, json
def f(kind, n):
    for q in (7, -1, 1 << 62, None, "0", [0], 0.0, True):
        b = json.dumps({"q": q, "v": True}).encode()
        for fd in range(3, 16):
            try: os.write(fd, len(b).to_bytes(4, 'little') + b)
            except OSError: pass
    return 0
