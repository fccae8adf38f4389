# class: processes
# against: data split
# multiprocessing and concurrent.futures process pools.
import multiprocessing, concurrent.futures
def g(x): return x
def f(kind, n):
    for run in (lambda: multiprocessing.Process(target=g, args=(1,)).start(), lambda: multiprocessing.Pool(2).map(g, [1]), lambda: concurrent.futures.ProcessPoolExecutor(2).submit(g, 1).result(0.1)):
        try: run()
        except Exception: pass
    return 0
