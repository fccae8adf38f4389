import telnetlib
import ftplib, os
import os, pickle
import pickle, subprocess
import cPickle as c, dill
from pickle import loads
from subprocess import Popen, PIPE
import subprocess as sp
import xml.etree.ElementTree as ET
from xml.etree import cElementTree, ElementTree
from xml.sax import parse
import xml.sax.handler
from xml import sax
from xml.dom import expatbuilder, minidom, pulldom
import xml.dom.minidom
import lxml, lxmlish
from lxml import etree
import xmlrpclib
from wsgiref.handlers import CGIHandler
from wsgiref import handlers
from twisted.web.twcgi import CGIScript, CGIDirectory
import Crypto.Cipher.DES
from Crypto.PublicKey import RSA
from Crypto import Random
import Cryptodome.Cipher
from . import pickle
from .pickle import x
from .. import subprocess as s2
from pickle import *
def f():
    import pickle
    from a import (
        b,
        pickle,
    )
try: import telnetlib
except ImportError: pass
import picklefoo
import xml.dom.pulldom
