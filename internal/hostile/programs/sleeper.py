# class: resources
# against: data stdio
# Sleeps, and answers too late.
import time
def f(kind, n): time.sleep(30)
if __name__ == '__main__': f(0, 0)
