"""What the workers of the benchmarks share: how they are started, how they speak.

A worker prints one JSON line that says what it is, then answers each line of its
standard input with one JSON line. It ends at the end of its input. The harness
(bench/engine) stops the process between its turns, so that it costs the other
side nothing.
"""

import argparse
import contextlib
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEBIAN = Path("/usr/lib/x86_64-linux-gnu")
PRELOADS = {
    "jemalloc": DEBIAN / "libjemalloc.so.2",
    "tcmalloc": DEBIAN / "libtcmalloc_minimal.so.4",
    "intel": Path(sys.prefix) / "lib" / "libiomp5.so",
}


def arguments(description):
    """A parser with the options that must be settled before torch is imported."""
    p = argparse.ArgumentParser(description=description)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--openmp", choices=["gnu", "intel"], default="gnu")
    p.add_argument("--malloc", choices=["libc", "jemalloc", "tcmalloc", "hugepages"], default="libc")
    p.add_argument("--bind", action="store_true", help="bind the OpenMP threads to cores")
    p.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="one more environment variable")
    return p


def restart(args):
    """Starts this program again with the environment that args ask for.

    Libraries read these variables when they are loaded, so a running process
    cannot change them. OPENBLAS_CORETYPE and friends are removed: they could
    make the peer slow.
    """
    if os.environ.get("HONE_PEER") == "ready":
        return
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "MKL_", "OMP_", "KMP_", "GOMP_", "LD_PRELOAD", "ATEN_"))}
    n = str(args.threads)
    env |= {"HONE_PEER": "ready", "OMP_NUM_THREADS": n, "MKL_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n, "TOKENIZERS_PARALLELISM": "false"}
    preload = []
    if args.openmp == "intel":
        preload.append(PRELOADS["intel"])
        env |= {"KMP_BLOCKTIME": "200"}
        if args.bind:
            env["KMP_AFFINITY"] = "granularity=fine,compact,1,0"
    elif args.bind:
        env |= {"OMP_PROC_BIND": "true", "GOMP_CPU_AFFINITY": f"0-{args.threads - 1}"}
    if args.malloc == "hugepages":
        env["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=17179869184"
    elif args.malloc != "libc":
        preload.append(PRELOADS[args.malloc])
    if args.malloc == "jemalloc":
        env["MALLOC_CONF"] = "oversize_threshold:1,background_thread:true,metadata_thp:auto,dirty_decay_ms:9000000000,muzzy_decay_ms:9000000000"
    for path in preload:
        if not path.exists():
            sys.exit(f"{sys.argv[0]}: {path} is missing: run bench/peers/setup.sh")
    if preload:
        env["LD_PRELOAD"] = ":".join(map(str, preload))
    env |= dict(s.split("=", 1) for s in args.set)
    os.execve(sys.executable, [sys.executable, *sys.argv], env)


def size(name):
    """The sizes of a model and its batch, by their name in sizes.json."""
    return json.loads((HERE / "sizes.json").read_text())[name]


def memory():
    """This process's memory in bytes: peak and now, and how much of now is mapped files."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    kib = lambda name: int(fields[name].split()[0]) * 1024
    return {"peak": kib("VmHWM"), "rss": kib("VmRSS"), "file": kib("RssFile")}


def forget_peak():
    """Makes memory()'s peak count from now on, so that compiling is not counted."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def serve(header, answer):
    """Speaks the protocol: prints header, then answer(words of a line) for each line."""
    out = sys.stdout
    sys.stdout = sys.stderr  # what libraries print must not mix with the protocol
    print(json.dumps(header), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(line.split())), file=out, flush=True)
