"""Writes ../encoders/NAME/: small random encoders (config.json, model.safetensors) and what plain
PyTorch computes with them in float64 (golden.safetensors). Rows are computed one by one, without
padding, and really flipped: what Hone computes of padded batches has to be the same.

    python encoders.py

The equations are those of Wang et al., "Pretraining Without Attention" (2022), §3.2, with the
kernels of Gu et al., "On the Parameterization and Initialization of Diagonal State Space Models"
(2022), eq. 6; the Transformer is "Attention Is All You Need" with norms before the blocks."""

import json
import math
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(0)
HERE = pathlib.Path(__file__).resolve().parent.parent / "encoders"
D, LAYERS, VOCAB, TIME = 12, 2, 37, 19
LENGTHS = [19, 7]

BASE = {
    "model_type": "", "hone_head": "mlm", "num_hidden_layers": LAYERS, "hidden_size": D, "vocab_size": VOCAB,
    "max_position_embeddings": 24, "position_embedding_type": "none", "layer_norm_eps": 1e-12, "initializer_range": 0.02,
    "inner_dropout": False, "bos_token_id": -1, "eos_token_id": [], "pad_token_id": 0, "dtype": "float32",
}
SSM = {"kernels": 1, "states": 6, "pairs": False, "init": "lin", "discretization": "zoh", "one_way": False, "mixing": "ssm", "high_frequency": 0}

MODELS = {
    "bigs": {"model_type": "hone-bigs", "intermediate_size": 36, "ssm": SSM},
    "bigs-variant": {"model_type": "hone-bigs", "intermediate_size": 20, "position_embedding_type": "learned",
                     "ssm": SSM | {"kernels": 3, "pairs": True, "discretization": "bilinear", "high_frequency": 3}},
    "bigs-one-way": {"model_type": "hone-bigs", "intermediate_size": 20, "ssm": SSM | {"kernels": 12, "one_way": True}},
    "bigs-fourier": {"model_type": "hone-bigs", "intermediate_size": 20, "ssm": SSM | {"mixing": "fourier"}},
    "encoder-rotary": {"model_type": "hone-encoder", "num_attention_heads": 3, "intermediate_size": 20, "position_embedding_type": "rotary", "rope_theta": 1e4},
    "encoder-learned": {"model_type": "hone-encoder", "num_attention_heads": 3, "intermediate_size": 20, "position_embedding_type": "learned"},
    "conv1d": {"model_type": "hone-s4d", "block": "conv1d", "taps": 3, "ssm": SSM | {"kernels": 12, "pairs": True, "one_way": True}},
    "dsc": {"model_type": "hone-s4d", "block": "dsc", "taps": 5, "ssm": SSM | {"kernels": 12, "pairs": True, "one_way": True}},
    "dsc+s4d": {"model_type": "hone-s4d", "block": "dsc+s4d", "taps": 3, "ssm": SSM | {"kernels": 12, "pairs": True, "one_way": True}},
}


class Encoder:
    def __init__(self, c):
        self.c, self.p = c, {}

    def param(self, name, *shape, mean=0.0, std=0.2):
        """The parameter of that name, random when it is first asked for."""
        if name not in self.p:
            x = mean + std * torch.randn(*shape)
            self.p[name] = x.float().double().requires_grad_()
        return self.p[name]

    def linear(self, name, x, out):
        return F.linear(x, self.param(name + ".weight", out, x.shape[-1]), self.param(name + ".bias", out))

    def norm(self, name, x):
        return F.layer_norm(x, (D,), self.param(name + ".gain", D, mean=1.0), self.param(name + ".bias", D), 1e-12)

    def depthwise(self, name, x, taps):
        w = self.param(name, D, taps)
        # Value l is that of the token taps//2 − l places on.
        return F.conv1d(x.T[None], w.flip(1)[:, None], padding=taps // 2, groups=D)[0].T

    def ssm(self, name, u):
        """u [T, d], forward in time."""
        s = self.c["ssm"]
        g, n, length = s["kernels"], s["states"] // 2 if s["pairs"] else s["states"], u.shape[0]
        re, im = self.param(name + ".re", g, n), self.param(name + ".im", g, n, std=2.0)
        c, log_step = self.param(name + ".c", g, n, 2, std=0.7), self.param(name + ".step", g, mean=-1.5)
        skip = self.param(name + ".skip", g, mean=1.0)
        real = -torch.exp(re) if s["pairs"] else torch.clamp(re, max=-1e-4)
        a, step = torch.complex(real, im), torch.exp(log_step)[:, None]
        if s["discretization"] == "bilinear":
            a_bar, b_bar = (1 + step * a / 2) / (1 - step * a / 2), step / (1 - step * a / 2)
        else:
            a_bar, b_bar = torch.exp(step * a), (torch.exp(step * a) - 1) / a
        powers = a_bar[:, :, None] ** torch.arange(length)
        k = torch.einsum("gn,gnl->gl", torch.view_as_complex(c) * b_bar, powers).real * (2 if s["pairs"] else 1)
        k, skip = k.repeat_interleave(D // g, 0), skip.repeat_interleave(D // g)
        size = 2 * length
        y = torch.fft.irfft(torch.fft.rfft(u.T, size) * torch.fft.rfft(k, size), size)[:, :length].T
        return y + skip * u

    def mix(self, name, u):
        y = self.ssm(name, u)
        taps = self.c["ssm"]["high_frequency"]
        return y, (self.depthwise(name + ".high", u, taps) if taps else 0)

    def bigs(self, layer, h):
        s, inner = self.c["ssm"], self.c["intermediate_size"]
        gelu = lambda x: F.gelu(x, approximate="tanh")
        v = gelu(self.linear(layer + "value", h, inner))

        def branch(way, h, flip):
            u = gelu(self.linear(layer + way + ".in", h, D))
            if s["mixing"] == "fourier":
                y = torch.fft.fft2(u).real / math.sqrt(u.numel())
            else:
                if flip:
                    u = u.flip(0)
                y, high = self.mix(layer + way + ".ssm", u)
                if s["high_frequency"] and flip:
                    # The path for high frequencies is not turned around.
                    high = self.depthwise(layer + way + ".ssm.high", u.flip(0), s["high_frequency"]).flip(0)
                y = y + high
            y = self.linear(layer + way + ".out", y, D)
            return y.flip(0) if flip and s["mixing"] == "ssm" else y

        c = branch("forward", h, False)
        if not s["one_way"]:
            c = c * branch("backward", h, True)
        return self.linear(layer + "out", gelu(self.linear(layer + "gate", c, inner)) * v, D)

    def attention(self, layer, h):
        heads = self.c["num_attention_heads"]
        size = D // heads
        qkv = self.linear(layer + "attention.qkv", h, 3 * D)
        q, k, v = (x.reshape(-1, heads, size).transpose(0, 1) for x in qkv.split(D, -1))
        if self.c["position_embedding_type"] == "rotary":
            angle = torch.arange(h.shape[0])[:, None] * self.c["rope_theta"] ** (-torch.arange(0, size, 2) / size).double()
            cos, sin = angle.cos().repeat(1, 2), angle.sin().repeat(1, 2)
            turn = lambda x: x * cos + torch.cat([-x[..., size // 2:], x[..., : size // 2]], -1) * sin
            q, k = turn(q), turn(k)
        y = F.scaled_dot_product_attention(q, k, v).transpose(0, 1).reshape(-1, D)
        return self.linear(layer + "attention.out", y, D)

    def block(self, layer, h):
        gelu = lambda x: F.gelu(x, approximate="tanh")
        block, taps = self.c["block"], self.c["taps"]
        if block == "conv1d":
            padded = F.pad(h, (0, 0, taps // 2, taps // 2))
            h = gelu(self.linear(layer + "conv", torch.cat([padded[i : i + h.shape[0]] for i in range(taps)], -1), D))
        if "dsc" in block:
            h = gelu(self.linear(layer + "pointwise", self.depthwise(layer + "depthwise", h, taps), D))
        if "s4d" in block:
            h = gelu(self.mix(layer + "ssm", h)[0])
        return self.linear(layer + "out", h, D)

    def hidden(self, ids):
        gelu = lambda x: F.gelu(x, approximate="tanh")
        x = self.param("embedding.tokens.weight", VOCAB, D, std=0.5)[ids]
        if self.c["position_embedding_type"] == "learned":
            x = x + self.param("embedding.positions.weight", 24, D, std=0.5)[: len(ids)]
        x = self.norm("embedding.norm", x)
        for i in range(LAYERS):
            layer = f"layers.{i}."
            h = self.norm(layer + "norm", x)
            if self.c["model_type"] == "hone-bigs":
                x = x + self.bigs(layer, h)
            elif self.c["model_type"] == "hone-s4d":
                x = x + self.block(layer, h)
            else:
                x = x + self.attention(layer, h)
                h = gelu(self.linear(layer + "ffn.up", self.norm(layer + "norm2", x), self.c["intermediate_size"]))
                x = x + self.linear(layer + "ffn.down", h, D)
        return self.norm("norm", x)

    def logits(self, hidden):
        h = self.norm("mlm.norm", F.gelu(self.linear("mlm.dense", hidden, D), approximate="tanh"))
        return F.linear(h, self.param("embedding.tokens.weight", VOCAB, D), self.param("mlm.bias", VOCAB))


for name, c in MODELS.items():
    c = BASE | c
    m = Encoder(c)
    ids = torch.randint(1, VOCAB, (len(LENGTHS), TIME))
    targets = torch.randint(1, VOCAB, (len(LENGTHS), TIME))
    hidden, loss = torch.zeros(len(LENGTHS), TIME, D), 0
    for row, n in enumerate(LENGTHS):
        ids[row, n:], targets[row, n:] = 0, -1
        h = m.hidden(ids[row, :n].clone())
        hidden[row, :n] = h.detach()
        loss = loss + F.cross_entropy(m.logits(h), targets[row, :n].clone(), reduction="sum")
    loss.backward()
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("config.json").write_text(json.dumps(c, indent=1) + "\n")
    save_file({k: v.detach().float() for k, v in m.p.items()}, folder / "model.safetensors")
    golden = {"ids": ids, "targets": targets, "lengths": torch.tensor(LENGTHS), "hidden": hidden.float(), "loss": loss.detach().float()[None]}
    save_file(golden | {"grad." + k: v.grad.float() for k, v in m.p.items()}, folder / "golden.safetensors")
