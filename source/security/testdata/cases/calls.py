import pickle, marshal, hashlib, tempfile, random as rnd
from hashlib import md5, sha1 as weak
import cPickle as cp
import xml.etree.ElementTree as ET
from xml.dom import minidom
from os import tempnam
import os

pickle.loads(x); pickle.load(x); pickle.Unpickler(x); pickle.dumps(x); cp.load(x); dill.loads(x)
marshal.load(x)
hashlib.md5(x); md5(x); weak(x); hashlib.sha256(x)
hashlib.new("md5"); hashlib.new(name="MD4"); hashlib.new("sha1"); hashlib.new(MD5); hashlib.new(x.md5); hashlib.new(); hashlib.new(5); hashlib.new("sha256", name="md5")
Crypto.Hash.MD5.new(); Cryptodome.Hash.SHA.new(); cryptography.hazmat.primitives.hashes.SHA1()
Crypto.Cipher.DES.new(k); cryptography.hazmat.primitives.ciphers.algorithms.ARC4(k)
cryptography.hazmat.primitives.ciphers.modes.ECB()
tempfile.mktemp()
eval(x); obj.eval(x); builtins.eval(x)
from django.utils.safestring import mark_safe
mark_safe("constant")
http.client.HTTPSConnection(); httplib.HTTPSConnection(h)
urllib.request.urlopen(u); urllib2.Request(u); six.moves.urllib.request.FancyURLopener()
rnd.random(); random.random(); rnd.choice(x); rnd.shuffle(x)
telnetlib.Telnet(h); telnetlib.a.b(); telnetlib(); ftplib.FTP(h)
ET.parse(f); ET.fromstring(s); xml.etree.cElementTree.XMLParser(); minidom.parseString(s)
xml.sax.parse(f); xml.sax.expatreader.create_parser(); xml.dom.expatbuilder.parse(f); xml.dom.pulldom.parse(f)
lxml.etree.parse(f); lxml.etree.fromstring(f)
input(); raw_input()
ssl._create_unverified_context()
tempnam(); os.tmpnam()
exec(x); exec("constant"); obj.exec(x)
__import__("pickle"); __import__(x); __import__(); __import__("os"); __import__("telnetlib")
importlib.import_module("subprocess"); importlib.import_module(subprocess); importlib.import_module(a.subprocess); importlib.import_module(); importlib.import_module(5); importlib.__import__("lxml"); importlib.import_module(["x"])
f().loads(x); pickle.loads(x)(y); (lambda: 1)(); x[0].load(y)
@pickle.loads
def decorated(): return eval(x)
class K(eval(x)): pass
async def coro(): eval(await y)
f"{eval(x)} {pickle.loads(y)!r:{eval(z)}}"
[eval(x) for x in eval(y) if eval(z)]
pickle.loads(
    x
)
late.load(x)
import pickle as late
late.load(x)
