# class: leaving
# against: data split stdio
# sys.exit(0), raise SystemExit and quit in the function and while loading.
import sys
def f(kind, n):
    if n % 2: sys.exit(0)
    raise SystemExit(0)
if __name__ == '__main__': sys.exit(0)
