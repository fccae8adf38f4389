import os
import sys, json
import a.b
import a.c
import a.b.c as abc
import x as y
import numpy as numpy
from p import q
from p import q as r
from p import s as s
from . import t
from .. import u as v
from .w import z
from ..w import (
    one,
    two as zwei,
)
import used
import pack.mod
import pack.mod as alias
import twice
import twice
import os.path

used()
alias.f()


def f():
    import inside
    import used as other
    from p import r
    return other


class C:
    import member
    from p import attribute


try:
    import fast
except ImportError:
    fast = None

try:
    import c_version as impl
except ImportError:
    import py_version as impl
else:
    import extra as impl
finally:
    import last as impl

if f:
    import cond
else:
    import cond

if f:
    import cond2
    import cond2


def shadow():
    import json
    json()


def shadow2(os):
    return os


def loop():
    for os in []:
        print(os)
    for x, sys in []:
        print(sys)


for twice in []:
    pass
[json for json in []]
import redefined
redefined = 1
import function
def function(): pass
import clazz
class clazz: pass
import _
import _
from p import _
