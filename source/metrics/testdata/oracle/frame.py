# What both oracles share: programs come in one frame, a JSON list of base64, and
# their numbers go back in another. Runs as the harness of a sandbox.
import base64, io, json, os, tokenize

def text(raw):
    """A program decoded and with \\n at all line ends, as Python reads a file."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    return io.TextIOWrapper(io.BytesIO(raw), encoding, newline=None).read()

def answer(program):
    try: return measure(text(base64.b64decode(program)))
    except Exception as e: return {'error': '%s: %s' % (type(e).__name__, e)}

def main(fd, data, fds):
    while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], 'little'):
        data += os.read(fd, 1 << 20)
    out = json.dumps([answer(p) for p in json.loads(data[4:])]).encode()
    out = len(out).to_bytes(4, 'little') + out
    while out: out = out[os.write(fd, out):]
