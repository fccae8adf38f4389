# class: leaving
# against: data split
# Sends the exit reply itself and then leaves, for each call.
import os, json, sys
def f(kind, n):
    for q in range(9):
        b = json.dumps({"q": q, "v": True, "a": []}).encode()
        for fd in range(3, 8):
            try: os.write(fd, len(b).to_bytes(4, 'little') + b)
            except OSError: pass
    os._exit(0)
