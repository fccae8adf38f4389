"""doc"""
"""more"""
from __future__ import division
from __future__ import nothing, annotations as ann, print_function
import os
from __future__ import generators


def f():
    from __future__ import with_statement


os, division
