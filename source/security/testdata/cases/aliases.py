from os import path as p, system as run
import os.path as osp
import a.b
from a.b import c
from pickle import loads as a_loads, Unpickler
a_loads(x); Unpickler(x)
run("ls")
osp.system("x")
from os import path
path.system("x")
import subprocess as sp
from sp import Popen
Popen(x)
sp.Popen(x)
from builtins import eval as e2, exec as e3
e2(x); e3(x)
from x import eval
eval(x)
import x.exec as exec
exec(x)
from . import eval as relative
relative(x)
from .mod import pickle
pickle.loads(x)
import x as pickle
pickle.loads(x)
from random import *
random()
c.d.e()
