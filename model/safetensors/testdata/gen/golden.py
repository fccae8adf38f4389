"""Writes the golden files of package safetensors with the reference implementation.

    python golden.py            # types.safetensors, types.json, headers.json
    python golden.py FILE       # reads FILE (written by Hone) and prints what is in it

types.safetensors has a tensor of every type, types.json its values as float64 or
integers. headers.json has small files, most of them wrong, and whether the
reference accepts them.
"""

import base64
import json
import pathlib
import struct
import sys

import safetensors
import torch
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).resolve().parent.parent


def types():
    bits = torch.arange(-32768, 32768, 211, dtype=torch.int32).to(torch.int16)
    # Ties and limits of both 16-bit types are among them.
    odd = [0.0, -0.0, 1.0, -1.5, 3.14159274, 65504.0, 65519.9, 65520.0, -65536.0, 1e-8, 6e-8, 1e-40, 3.4e38, -1e-45,
           1.00390625, 1.01171875, 1.00048828125, 1.00146484375, 2.0**-14, 2.0**-14 - 2.0**-26, 2.0**-25, 3 * 2.0**-25,
           -(2.0**-24), 1023.75 * 2.0**-24, 3.39e38, 0.1]
    f32 = torch.tensor(odd, dtype=torch.float32)
    tensors = {
        "f32": f32.view(2, 13),
        "f64": torch.tensor([0.1, -1e300, 1e-300, 2.0**60], dtype=torch.float64),
        "f16": bits.view(torch.float16),  # subnormals, infinities and NaN among them
        "bf16": bits.clone().view(torch.bfloat16),
        "bf16.rounded": f32.to(torch.bfloat16),
        "f16.rounded": f32.to(torch.float16),
        "i8": torch.tensor([[-128, -1], [0, 127]], dtype=torch.int8),
        "u8": torch.tensor([0, 255], dtype=torch.uint8),
        "i16": torch.tensor([-32768, 32767], dtype=torch.int16),
        "u16": torch.tensor([0, 65535], dtype=torch.uint16),
        "i32": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
        "u32": torch.tensor([0, 2**32 - 1], dtype=torch.uint32),
        "i64": torch.tensor([-(2**63), 2**63 - 1, 2**53 + 1], dtype=torch.int64),
        "u64": torch.tensor([0, 2**63 - 1], dtype=torch.uint64),
        "bool": torch.tensor([True, False, True]),
        "f8": torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fn),
        "scalar": torch.tensor(5, dtype=torch.int64),
        "empty": torch.zeros(0, 4),
        'name é \n "quoted" <&> \\': torch.tensor([7.0]),
    }
    save_file(tensors, HERE / "types.safetensors", metadata={"format": "pt"})
    values = {}
    for name, t in tensors.items():
        flat = t.flatten()
        if flat.dtype in (torch.float32, torch.float64, torch.float16, torch.bfloat16):
            values[name] = [repr(v) for v in flat.double().tolist()]  # texts, for NaN and infinities
        elif name != "f8":
            values[name] = [str(int(v)) for v in flat.tolist()]
    (HERE / "types.json").write_text(json.dumps(values, ensure_ascii=False) + "\n")


def raw(header, data=b"", length=None):
    header = header.encode() if isinstance(header, str) else header
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def one(**change):
    t = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | change
    return json.dumps({"x": {k: v for k, v in t.items() if v is not None}})


def pair(a, b):
    return json.dumps({n: {"dtype": "U8", "shape": [o[1] - o[0]], "data_offsets": o} for n, o in (("a", a), ("b", b))})


def headers():
    eight = bytes(8)
    x = '"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'
    cases = {
        "good": raw(one(), eight),
        "nothing": b"",
        "short length": b"\x08\0\0",
        "no tensors": raw("{}"),
        "no header": raw(""),
        "padded": raw(one() + "   ", eight),
        "padded in front": raw(" " + one(), eight),
        "header cut": raw(one(), length=1000),
        "header too long": raw(one(), eight, length=100_000_001),
        "length of 2^63": raw(one(), eight, length=2**63),
        "length of 2^64-1": raw(one(), eight, length=2**64 - 1),
        "no JSON": raw("{x", eight),
        "a list": raw("[]"),
        "not UTF-8": raw(b'{"\xff":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
        "text after": raw(one() + "x", eight),
        "truncated": raw(one(), eight[:5]),
        "bytes too many": raw(one(), eight + b"x"),
        "bytes without tensors": raw("{}", b"x"),
        "same name twice": raw("{" + x + "," + x + "}", eight),
        "unknown type": raw(one(dtype="F33"), eight),
        "type in lower case": raw(one(dtype="f32"), eight),
        "type is a number": raw(one(dtype=32), eight),
        "no type": raw(one(dtype=None), eight),
        "no shape": raw(one(shape=None), eight),
        "no offsets": raw(one(data_offsets=None), eight),
        "keys in capitals": raw(one().replace("dtype", "DType"), eight),
        "one offset": raw(one(data_offsets=[0]), eight),
        "three offsets": raw(one(data_offsets=[0, 8, 8]), eight),
        "offsets backwards": raw(one(data_offsets=[8, 0]), eight),
        "negative offset": raw(one(data_offsets=[-8, 0]), eight),
        "offset is a fraction": raw(one().replace("[0, 8]", "[0, 8.0]"), eight),
        "shape too small": raw(one(shape=[1]), eight),
        "shape too large": raw(one(shape=[3]), eight),
        "negative dimension": raw(one(shape=[-2]), eight),
        "two negative dimensions": raw(one(shape=[-2, -1]), eight),
        "null dimension": raw(one(shape=[None]), eight),
        "dimension is a text": raw(one(shape=["2"]), eight),
        "scalar": raw(one(shape=[], data_offsets=[0, 4]), eight[:4]),
        "empty tensor": raw(one(shape=[0, 9], data_offsets=[0, 0])),
        "overflow to 0": raw(one(shape=[2**32, 2**32], data_offsets=[0, 0])),
        "overflow to 8 bytes": raw(one(shape=[2**62 + 2]), eight),
        "overflow before 0": raw(one(shape=[2**40, 2**40, 0], data_offsets=[0, 0])),
        "0 before overflow": raw(one(shape=[0, 2**40, 2**40], data_offsets=[0, 0])),
        "dimension over 64 bits": raw(one(shape=[2**64]), eight),
        "two tensors": raw(pair([0, 3], [3, 8]), eight),
        "two in another order": raw(pair([3, 8], [0, 3]), eight),
        "hole": raw(pair([0, 3], [4, 8]), eight),
        "hole at the start": raw(pair([1, 3], [3, 8]), eight),
        "overlap": raw(pair([0, 4], [3, 8]), eight),
        "the same bytes": raw(pair([0, 8], [0, 8]), eight),
        "inside another": raw(pair([0, 8], [2, 4]), eight),
        "half a byte": raw(one(dtype="F4", shape=[3], data_offsets=[0, 1]), b"x"),
        "two halves": raw(one(dtype="F4", shape=[4], data_offsets=[0, 2]), b"xx"),
        "metadata": raw('{"__metadata__":{"a":"b"},' + x + "}", eight),
        "metadata is a number": raw('{"__metadata__":{"a":1},' + x + "}", eight),
        "metadata is null": raw('{"__metadata__":{"a":null},' + x + "}", eight),
        "metadata is a tensor": raw('{"__metadata__":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', eight),
        "tensor is null": raw('{"x":null}'),
        "tensor is a text": raw('{"x":"y"}'),
    }
    rows = []
    for name, data in cases.items():
        try:
            # safetensors.deserialize is the reference; torch need not know a type.
            safetensors.deserialize(data)
            accepted, error = True, ""
        except Exception as e:
            accepted, error = False, str(e)
        rows.append(dict(name=name, file=base64.b64encode(data).decode(), accepted=accepted, reference=error))
    (HERE / "headers.json").write_text("[\n" + ",\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n]\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        for name, t in sorted(load_file(sys.argv[1]).items()):
            print(repr(name), t.dtype, list(t.shape), t.flatten()[:8].tolist())
    else:
        types()
        headers()
