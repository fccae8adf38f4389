# class: forged messages
# against: stdio
# Claims success over the channel, as script and as tester, and prints nothing.
import os, json
for o in ({"ok": 1}, {"ok": 1, "stage": "run"}, {"t": "in 1", "o": "pass"}, {"done": 1}):
    b = json.dumps(o).encode(); b = len(b).to_bytes(4, 'little') + b
    for fd in range(3, 16):
        try: os.write(fd, b)
        except OSError: pass
os._exit(0)
