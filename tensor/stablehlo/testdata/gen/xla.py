"""Compiles every module in the folder above with XLA and writes what it computes into
the JSON file beside it. By hand, after `go test -update`: python xla.py (needs jax)."""
import glob, json, os
import numpy as np
import jax
from jax.extend import backend
from jax._src.interpreters import mlir
from jaxlib.mlir import ir
import jaxlib
from jaxlib import _jax

client = backend.get_backend("cpu")
device = client.local_devices()[0]
for path in sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "*.mlir"))):
    text = open(path).read()
    with mlir.make_ir_context():
        ir.Module.parse(text).operation.verify()
    executable = client.compile_and_load(
        text.encode(), executable_devices=_jax.DeviceList((device,)), compile_options=jaxlib.xla_client.CompileOptions())
    name = path[: -len(".mlir")] + ".json"
    s = json.load(open(name))
    args = []
    for n in s["order"]:
        f = s["floats"].get(n)
        x = np.array(f, np.float32) if f is not None else np.array(s["ints"][n], np.int32)
        args.append(jax.device_put(x.reshape(s["shapes"][n]), device))
    out = [shards[0] for shards in executable.execute_sharded(args).disassemble_into_single_device_arrays()]
    s["outputs"] = [np.asarray(o).reshape(-1).astype(float).tolist() for o in out]
    s["outputs"] = [[float(np.float32(v)) for v in o] for o in s["outputs"]]
    s["xla"] = "jaxlib " + jaxlib.__version__
    json.dump(s, open(name, "w"))
    print(os.path.basename(path), [len(o) for o in s["outputs"]])
