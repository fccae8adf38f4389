# class: resources
# against: data stdio
# Source that is expensive to compile: deep nesting, huge constants.
x = ((((((((((1 << 10 ** 9) >> 1)))))))))
y = -(((((10 ** 8) ** 9) ** 9) ** 9))
def f(kind, n): return eval('(' * 199 + ')' * 199)
