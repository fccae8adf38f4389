"""The least that a program of bench/judge's workload can cost: forked off a warm interpreter,
compiled and run together with its tests, and nothing else. No isolation, no limits, no answers
kept apart, no result but an exit status.

    floor.py fork|run WORKLOAD.json WORKERS

run leaves the fork out as well: what remains is the programs and their tests. Answers each line of
standard input with one JSON line, as bench/peers/judges.py does.
"""

import ctypes
import gc
import json
import os
import resource
import sys
import time

# What Hone's sandboxes have warm.
import base64, bisect, builtins, collections, copy, datetime, decimal, errno, fractions, functools, hashlib, heapq, itertools, marshal, math
import operator, random, re, select, signal, socket, statistics, string, struct, types, typing

fork = ctypes.PyDLL(None).fork  # a third of os.fork's cost


def run(script):
    """Whether a program and its tests end without an exception."""
    try:
        exec(compile(script, "<program>", "exec"), {"__name__": "program", "__builtins__": builtins})
    except BaseException:
        return False
    return True


def forked(script):
    pid = fork()
    if pid == 0:
        os._exit(not run(script))
    return os.waitpid(pid, 0)[1] == 0


def work(scripts, verify, first, step):
    """Verifies every step-th program; returns latencies and how many pass."""
    latencies, passed = [], 0
    for i in range(first, len(scripts), step):
        start = time.perf_counter()
        passed += verify(scripts[i])
        latencies.append(time.perf_counter() - start)
    return latencies, passed


def cpu():
    return sum(r.ru_utime + r.ru_stime for r in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def main():
    verify = {"fork": forked, "run": run}[sys.argv[1]]
    with open(sys.argv[2]) as f:
        scripts = [item["script"] for item in json.load(f)["items"]]
    workers = int(sys.argv[3])
    out = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)  # where programs print
    run("from typing import List\nassert sorted([3, 2]) == [2, 3]\n")
    gc.collect()
    gc.freeze()
    while os.read(0, 100):
        before, start = cpu(), time.perf_counter()
        pipes = []
        for k in range(workers):
            r, w = os.pipe()
            if os.fork() == 0:
                os.close(r)
                with open(w, "w") as f:
                    json.dump(work(scripts, verify, k, workers), f)
                os._exit(0)
            os.close(w)
            pipes.append(r)
        turns = [json.load(open(r)) for r in pipes]
        for _ in pipes:
            os.wait()
        seconds = time.perf_counter() - start
        latencies = [x for t, _ in turns for x in t]
        line = {"seconds": seconds, "cpu": cpu() - before, "latencies": latencies, "passed": sum(n for _, n in turns)}
        os.write(out, json.dumps(line).encode() + b"\n")


main()
