import hashlib
from hashlib import md5 as m, new
import hashlib as h
hashlib.md5(x); hashlib.md5(x, usedforsecurity=False); hashlib.md5(x, usedforsecurity=True); hashlib.md5(x, usedforsecurity=y); hashlib.md5(x, usedforsecurity=f())
hashlib.sha1(x); hashlib.sha(x); hashlib.md4(x); hashlib.MD5(x); hashlib.sha256(x)
hashlib.new("md5"); hashlib.new("SHA1"); hashlib.new("sha", usedforsecurity=False); hashlib.new(name="md4"); hashlib.new(name); hashlib.new(MD5); hashlib.new(); hashlib.new(5)
m(x); new("md5"); h.sha1(x); h.new("MD5"); other.md5(x); other.hashlib.md5(x)
Crypto.Hash.MD5.new(x)
input(); os.tempnam(); http.client.HTTPSConnection(x)
