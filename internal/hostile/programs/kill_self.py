# class: leaving
# against: data
# Kills itself with signal @SIGNAL@ (the suite runs this once for every signal).
import os
def f(kind, n):
    os.kill(os.getpid(), @SIGNAL@)
    return 0
