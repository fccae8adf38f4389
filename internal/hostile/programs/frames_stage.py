# class: forged messages
# against: data split stdio
# Claims stages (loaded, syntax, infrastructure) out of turn, to end up with no verdict.
import os, json
for o in ({"ok": 0}, {"ok": 1, "stage": "infrastructure", "e": ["", "", None, None, None]}, {"stage": "infrastructure", "e": ["infrastructure", "lost", None, None, None]}, {}):
    b = json.dumps(o).encode()
    for fd in range(3, 16):
        try: os.write(fd, len(b).to_bytes(4, 'little') + b)
        except OSError: pass
def f(kind, n): return 0
