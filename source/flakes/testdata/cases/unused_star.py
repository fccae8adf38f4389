from a import *
from .. import *


def f():
    return 1
