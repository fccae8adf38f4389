"""Worker that times single-precision matrix products with OpenBLAS (through numpy) or MKL (through torch).

`gemm KIND M N K THREADS SECONDS` multiplies to C [M, N] for SECONDS and answers the
shortest and the median time of a call; KIND says what is stored: nn is A [M, K] B [K, N],
nt has B [N, K], tn has A [K, M]. `read BYTES THREADS SECONDS` answers how fast memory
is read, in bytes a second: the best of three ways to sum an array.
"""

import time

import worker


def timed(call, seconds):
    call()
    call()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    times.sort()
    return {"min": times[0], "median": times[len(times) // 2], "calls": len(times)}


def main():
    p = worker.arguments(__doc__)
    p.add_argument("--library", choices=["openblas", "torch"], default="openblas")
    args = p.parse_args()
    worker.restart(args)

    import numpy as np
    from threadpoolctl import threadpool_info, threadpool_limits

    rng = np.random.default_rng(1)
    random = lambda *shape: rng.standard_normal(shape, dtype=np.float32)
    header = {"worker": "gemm", "settings": vars(args)}
    if args.library == "openblas":
        blas = next(i for i in threadpool_info() if i["internal_api"] == "openblas")
        header |= {"program": f"OpenBLAS {blas['version']} ({blas['architecture']})", "library": blas, "numpy": np.__version__}
    else:
        import torch

        torch.set_flush_denormal(True)
        header |= {"program": f"torch {torch.__version__}", "library": torch.__config__.parallel_info(), "cpu": torch.backends.cpu.get_cpu_capability()}

    def product(kind, m, n, k):
        a = random(*((k, m) if kind == "tn" else (m, k)))
        b = random(*((n, k) if kind == "nt" else (k, n)))
        c = np.empty((m, n), np.float32)
        if args.library == "torch":
            a, b, c = map(torch.from_numpy, (a, b, c))
            a, b = (a.t() if kind == "tn" else a), (b.t() if kind == "nt" else b)
            return lambda: torch.mm(a, b, out=c)
        a, b = (a.T if kind == "tn" else a), (b.T if kind == "nt" else b)
        if m == 1:  # numpy sends a row to sgemv only as a vector
            a, c = a[0], c[0]
        return lambda: np.matmul(a, b, out=c)

    def read(size, seconds):
        n = size // 4
        ways = []
        if args.library == "torch":
            x, one = torch.ones(n), torch.ones(4096)
            square = x[: n // 4096 * 4096].view(-1, 4096)
            ways = [x.sum, lambda: torch.mv(square, one), lambda: torch.dot(x, x)]
        else:
            x, one = np.ones(n, np.float32), np.ones(4096, np.float32)
            square = x[: n // 4096 * 4096].reshape(-1, 4096)
            ways = [x.sum, lambda: square @ one, lambda: np.dot(x, x)]
        return {"bytes_per_second": max(size / timed(w, seconds / 3)["min"] for w in ways)}

    def answer(words):
        """gemm KIND M N K THREADS SECONDS, or read BYTES THREADS SECONDS"""
        threads, seconds = int(words[-2]), float(words[-1])
        if args.library == "torch":
            torch.set_num_threads(threads)
        with threadpool_limits(threads, "blas") if args.library == "openblas" else threadpool_limits(None):
            if words[0] == "read":
                return read(int(words[1]), seconds)
            m, n, k = map(int, words[2:5])
            return timed(product(words[1], m, n, k), seconds) | {"flops": 2 * m * n * k}

    worker.serve(header, answer)


if __name__ == "__main__":
    main()
