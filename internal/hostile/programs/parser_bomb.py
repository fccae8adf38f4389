# class: resources
# against: data split
# Source handed to the compiler at run time: nested a hundred thousand deep, with huge tables, with names that fold together.
import ast
def f(kind, n):
    for s in ('-' * 100000 + '1', '(' * 100000 + ')' * 100000, 'x' + '.x' * 100000, 'x' + '[0]' * 100000, '1' + '+1' * 100000, 'lambda:' * 90000 + '0', '{0:' * 90 + '0' + '}' * 90, 'not ' * 100000 + '1', "f'{" * 200 + '1' + "}'" * 200):
        for g in (lambda: compile(s, '', 'eval'), lambda: ast.parse(s), lambda: ast.literal_eval(s)):
            try: g()
            except (SyntaxError, MemoryError, RecursionError, ValueError): pass
    return 0
