"""A component of a reward: 1 for programs of up to 12 lines, less for longer ones.

Hone starts it once and sends a request a line; every reply is a line with the same id.
"""
import json
import sys

for line in sys.stdin:
    request = json.loads(line)
    lines = [s for s in request["program"].splitlines() if s.strip()]
    value = min(1.0, 12 / max(1, len(lines)))
    print(json.dumps({"id": request["id"], "value": value, "note": f"{len(lines)} lines"}), flush=True)
