"""Finds PyTorch's best settings: starts one worker a candidate, lets them take turns, prints a table.

    python tune.py --rounds 5 --turn "step 3" train.py --size gpt2-1m -- "" "--mode default" "--malloc jemalloc"

Each candidate is a string of further options. A worker that waits is stopped
(SIGSTOP). The figure is the best turn of each; the second column is its ratio to
the first candidate's. As root, the worker whose turn it is runs at a high
priority, so that a shared machine still ranks the candidates.
"""

import argparse
import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Worker:
    def __init__(self, words):
        self.name = " ".join(words) or "(as it is)"
        self.process = subprocess.Popen([sys.executable, *words], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.hurry()
        self.header = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.process.stderr.read()[-800:])
        return json.loads(line)

    def hurry(self):
        """Priority for the worker's session (which is what Linux shares processors between)."""
        with contextlib.suppress(OSError):
            Path(f"/proc/{self.process.pid}/autogroup").write_text("-15")

    def ask(self, line):
        self.process.send_signal(signal.SIGCONT)
        print(line, file=self.process.stdin, flush=True)
        reply = self.read()
        self.process.send_signal(signal.SIGSTOP)
        return reply


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--turn", action="append", required=True, help="a line for the workers; given twice, both are measured")
    p.add_argument("command", nargs=argparse.REMAINDER)
    args = p.parse_args()
    cut = args.command.index("--")
    base, candidates = args.command[:cut], args.command[cut + 1 :]
    workers = []
    for c in candidates:
        try:
            w = Worker([*base, *shlex.split(c)])
        except RuntimeError as err:
            print(f"{c}: does not start: {err}", file=sys.stderr)
            continue
        w.name = c or "(as it is)"
        w.best = dict.fromkeys(args.turn, float("inf"))
        for turn in args.turn:  # compiles what this turn needs
            w.ask(turn)
        print(f"{w.name}: ready", file=sys.stderr, flush=True)
        workers.append(w)
    for _ in range(args.rounds):
        for turn in args.turn:
            for w in workers:
                r = w.ask(turn)
                times = r.get("times", [r["seconds"]])
                w.best[turn] = min(w.best[turn], *times)
                w.rate = {**getattr(w, "rate", {}), turn: r["tokens"] / len(times) / w.best[turn]}
                w.memory = r["memory"]["peak"]
                w.loss = r.get("loss")
    print("| settings |", " | ".join(f"`{t}` tokens/s | ratio" for t in args.turn), "| peak MB | loss |")
    print("|---" * (2 * len(args.turn) + 3) + "|")
    for w in workers:
        cells = [f"{w.rate[t]:.0f} | {w.rate[t] / workers[0].rate[t]:.3f}" for t in args.turn]
        print(f"| {w.name} |", " | ".join(cells), f"| {w.memory / 1e6:.0f} | {w.loss} |", flush=True)
    for w in workers:
        w.process.kill()


if __name__ == "__main__":
    main()
