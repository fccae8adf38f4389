# class: leaving
# against: data split stdio
# KeyboardInterrupt, GeneratorExit, StopIteration, asyncio.CancelledError and exceptions of its
# own.
class Mine(BaseException): pass
def f(kind, n): raise [KeyboardInterrupt, GeneratorExit, StopIteration, Mine, NotImplementedError][n % 5]
if __name__ == '__main__': raise KeyboardInterrupt
