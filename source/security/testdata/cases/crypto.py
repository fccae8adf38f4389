import ssl, requests, yaml, paramiko
from OpenSSL import SSL
import pyOpenSSL
from cryptography.hazmat.primitives.asymmetric import dsa, rsa, ec
from Crypto.PublicKey import RSA as R, DSA
requests.get(u, verify=False); requests.post(u, verify=True); requests.get(u); requests.session.get(u, verify=False); requests.request("GET", u, verify=False); my.requests_lib.put(u, verify="False")
ssl.wrap_socket(ssl_version=ssl.PROTOCOL_SSLv2); ssl.wrap_socket(ssl_version=ssl.PROTOCOL_TLS); ssl.wrap_socket(); ssl.wrap_socket(s, ssl_version=f()); ssl.wrap_socket(ssl_version=PROTOCOL_TLSv1)
pyOpenSSL.SSL.Context(method=SSL.SSLv3_METHOD); SSL.Context(method=SSL.SSLv23_METHOD); other(ssl_version=ssl.PROTOCOL_SSLv3); other(method="TLSv1_METHOD"); other(method="GET"); other(ssl_version=[ssl.PROTOCOL_SSLv3])
other(
    method="GET",
    ssl_version=ssl.PROTOCOL_SSLv3)
def f(v=ssl.PROTOCOL_SSLv2): pass
def f(a, v=SSL.TLSv1_METHOD, w=PROTOCOL_SSLv2): pass
def f(*, v=ssl.PROTOCOL_SSLv2): pass
def f(a=a.b.SSLv2_METHOD, b=x().SSLv2_METHOD): pass
async def f(v=ssl.PROTOCOL_SSLv2): pass
dsa.generate_private_key(512); dsa.generate_private_key(key_size=1024, backend=b); dsa.generate_private_key(2048); dsa.generate_private_key(size)
rsa.generate_private_key(3, 1024); rsa.generate_private_key(3, 512); rsa.generate_private_key(public_exponent=3, key_size=2047); rsa.generate_private_key(key_size=x); rsa.generate_private_key(); rsa.generate_private_key(3, 1024.5); rsa.generate_private_key(3, None); rsa.generate_private_key(3, [1]); rsa.generate_private_key(3, 0); rsa.generate_private_key(3, -1); rsa.generate_private_key(3, x.y); rsa.generate_private_key(3, True); rsa.generate_private_key(key_size=x.y)
ec.generate_private_key(ec.SECP192R1); ec.generate_private_key(curve=ec.SECT163K1); ec.generate_private_key(SECT163R2); ec.generate_private_key(ec.SECP192R1()); ec.generate_private_key(ec.SECP384R1); ec.generate_private_key(); ec.generate_private_key("SECP192R1"); ec.generate_private_key(x, curve=f()); ec.generate_private_key([1])
R.generate(1024); R.generate(bits=512); DSA.generate(1024); DSA.generate(bits=2048); R.generate(); R.generate(10**3); R.generate(99999999999999999999)
yaml.load(x); yaml.load(x, Loader=yaml.SafeLoader); yaml.load(x, Loader=CSafeLoader); yaml.load(x, SafeLoader); yaml.safe_load(x); my.yaml.load(x); load(x); yaml.load(
    x,
    Loader=yaml.Loader)
client.set_missing_host_key_policy(paramiko.AutoAddPolicy); client.set_missing_host_key_policy(AutoAddPolicy()); client.set_missing_host_key_policy(WarningPolicy); client.set_missing_host_key_policy("AutoAddPolicy"); client.set_missing_host_key_policy(); client.set_missing_host_key_policy(paramiko.RejectPolicy)
client.exec_command(x); exec_command("ls"); client.invoke(x)
os.chmod(f, 0o777); os.chmod("name", 0o770); os.chmod(f, 0o700); os.chmod(f, 511); os.chmod(f, stat.S_IRWXO); os.chmod(f(), 0o002); os.fchmod(5, 0o777); chmod(None, 0o777); os.chmod(f, 0o777, x); os.lchmod(f.g, mode=0o777); os.chmod(f, True); os.chmod(f, 0o10)
