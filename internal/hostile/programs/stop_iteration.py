# class: forged messages
# against: data split
# Raises what ends loops instead of failing them: StopIteration through map, all, zip and sorted of a test, IndexError, GeneratorExit, KeyError.
def f(kind, n):
    raise [StopIteration, StopAsyncIteration, StopIteration, IndexError, KeyError][n % 5 if n > 3 else 0]()
