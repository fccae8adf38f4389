# class: resources
# against: data stdio
# Prints without end, to every stream and with huge lines.
import os, sys
def go():
    while True:
        sys.stdout.write('x' * 1000000); sys.stderr.write('y' * 1000000)
def f(kind, n): go()
if __name__ == '__main__': go()
