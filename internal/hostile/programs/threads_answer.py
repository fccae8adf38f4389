# class: forged messages
# against: data split stdio
# Daemon threads that go on answering and working after the main thread is done.
import threading, os, json
def run():
    q = 0
    while True:
        b = json.dumps({"q": q % 9, "v": q, "ok": 1}).encode(); q += 1
        for fd in range(3, 8):
            try: os.write(fd, len(b).to_bytes(4, 'little') + b)
            except OSError: pass
for _ in range(3): threading.Thread(target=run, daemon=True).start()
def f(kind, n): return 0
