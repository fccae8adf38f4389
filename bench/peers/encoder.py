"""Worker that trains an encoder of Hone's layouts (BiGS, Transformer) on masked tokens with PyTorch: `step N`.

A step takes the next batch of the token file, hides every seventh token, and is what train.py does:
forward (logits of the hidden places alone), backward, clipping to norm 1, AdamW. No row is padded. Convolutions
are FFTs, as in the authors' code (jxiw/BiGS), or products with Toeplitz matrices; attention is
scaled_dot_product_attention.
"""

import json
import time
from pathlib import Path

import worker

LR, BETAS, EPS, DECAY, CLIP = 3e-4, (0.9, 0.95), 1e-8, 0.1, 1.0
EVERY, FIRST = 7, 3  # hidden are the tokens at 3, 10, 17 … of a batch's rows, put one after the other


def modules(c, conv):
    """The model that config.json describes; parameters have Hone's names but for gain, which is weight."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    d, ffn = c["hidden_size"], c["intermediate_size"]
    gelu = nn.GELU(approximate="tanh")

    def norm():
        return nn.LayerNorm(d, eps=c["layer_norm_eps"])

    class S4D(nn.Module):
        def __init__(self):
            super().__init__()
            n = c["ssm"]["states"]
            self.re, self.im, self.c = nn.Parameter(torch.zeros(1, n)), nn.Parameter(torch.zeros(1, n)), nn.Parameter(torch.zeros(1, n, 2))
            self.step, self.skip = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))

        def forward(self, u):
            length = u.shape[1]
            a = torch.complex(self.re[0].clamp(max=-1e-4), self.im[0])
            x = a * self.step.exp()
            powers = torch.exp(x[:, None] * torch.arange(length))
            k = ((torch.view_as_complex(self.c[0]) * (torch.exp(x) - 1) / a) @ powers).real
            if conv == "toeplitz":
                # Row t holds K_t … K_0, then zeros.
                at = torch.arange(length)
                t = F.pad(k, (length, 0))[(at[:, None] - at[None, :]).clamp(min=-1) + length]
                return t @ u + self.skip * u
            y = torch.fft.irfft(torch.fft.rfft(u, 2 * length, dim=1) * torch.fft.rfft(k, 2 * length)[:, None], 2 * length, dim=1)
            return y[:, :length] + self.skip * u

    class Way(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.ssm, self.out = nn.Linear(d, d), S4D(), nn.Linear(d, d)

    class BiGS(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.value, self.gate, self.out = norm(), nn.Linear(d, ffn), nn.Linear(d, ffn), nn.Linear(ffn, d)
            self.ahead, self.backward = Way(), Way()

        def forward(self, x):
            h = self.norm(x)
            v = gelu(self.value(h))
            f = self.ahead.out(self.ahead.ssm(gelu(self.ahead.inner(h))))
            b = self.backward.out(self.backward.ssm(gelu(self.backward.inner(h.flip(1))))).flip(1)
            return x + self.out(gelu(self.gate(f * b)) * v)

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.norm2 = norm(), norm()
            self.qkv, self.proj, self.up, self.down = nn.Linear(d, 3 * d), nn.Linear(d, d), nn.Linear(d, ffn), nn.Linear(ffn, d)

        def forward(self, x):
            b, t, _ = x.shape
            heads = c["num_attention_heads"]
            size = d // heads
            q, k, v = self.qkv(self.norm(x)).view(b, t, 3, heads, size).permute(2, 0, 3, 1, 4)
            angle = torch.arange(t)[:, None] * c["rope_theta"] ** (-torch.arange(0, size, 2) / size)
            cos, sin = angle.cos().repeat(1, 2), angle.sin().repeat(1, 2)
            turn = lambda z: z * cos + torch.cat([-z[..., size // 2:], z[..., : size // 2]], -1) * sin
            x = x + self.proj(F.scaled_dot_product_attention(turn(q), turn(k), v).transpose(1, 2).reshape(b, t, d))
            return x + self.down(gelu(self.up(self.norm2(x))))

    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = nn.Embedding(c["vocab_size"], d)
            self.start, self.end, self.head = norm(), norm(), norm()
            layer = BiGS if c["model_type"] == "hone-bigs" else Block
            self.layers = nn.ModuleList(layer() for _ in range(c["num_hidden_layers"]))
            self.dense, self.bias = nn.Linear(d, d), nn.Parameter(torch.zeros(c["vocab_size"]))

        def forward(self, ids, at, targets):
            x = self.start(self.tokens(ids))
            for layer in self.layers:
                x = layer(x)
            h = self.head(gelu(self.dense(self.end(x).reshape(-1, d)[at])))
            return F.cross_entropy(F.linear(h, self.tokens.weight, self.bias), targets)

    return Encoder()


def hone(name):
    """Hone's name of a parameter."""
    for a, b in [
        ("tokens.weight", "embedding.tokens.weight"), ("start.", "embedding.norm."), ("end.", "norm."), ("head.", "mlm.norm."),
        ("dense.", "mlm.dense."), ("bias", "mlm.bias"),
    ]:
        if name == a or a.endswith(".") and name.startswith(a):
            name = b + name[len(a):]
            break
    for a, b in [("ahead.", "forward."), ("inner.", "in."), (".qkv.", ".attention.qkv."), (".proj.", ".attention.out."), (".up.", ".ffn.up."), (".down.", ".ffn.down.")]:
        name = name.replace(a, b)
    if "norm" in name:
        name = name.replace(".weight", ".gain")
    return name


def main():
    p = worker.arguments(__doc__)
    p.add_argument("--weights", required=True, help="folder of a checkpoint of Hone's")
    p.add_argument("--tokens", required=True, help="file of little-endian int32 tokens that both sides read")
    p.add_argument("--batch", type=int, required=True)
    p.add_argument("--length", type=int, required=True)
    p.add_argument("--mode", choices=["eager", "default"], default="eager", help="eager, or torch.compile in that mode")
    p.add_argument("--conv", choices=["fft", "toeplitz"], default="fft")
    p.add_argument("--warm", type=int, default=3, help="steps before the first turn")
    args = p.parse_args()
    worker.restart(args)

    import numpy as np
    import torch
    from safetensors.torch import load_file

    base = worker.memory()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    c = json.loads(Path(args.weights, "config.json").read_text())
    model = modules(c, args.conv)
    stored = load_file(Path(args.weights, "model.safetensors"))
    with torch.no_grad():
        for name, x in model.named_parameters():
            x.copy_(stored.pop(hone(name)))
    assert not stored, f"not read: {sorted(stored)}"
    decays = lambda name, x: x.dim() > 1 and ".ssm." not in name
    groups = [
        {"params": [x for n, x in model.named_parameters() if decays(n, x)], "weight_decay": DECAY},
        {"params": [x for n, x in model.named_parameters() if not decays(n, x)], "weight_decay": 0.0},
    ]
    params = list(model.parameters())
    opt = torch.optim.AdamW(groups, lr=LR, betas=BETAS, eps=EPS, fused=True)
    forward = torch.compile(model, mode=args.mode) if args.mode != "eager" else model
    data = torch.from_numpy(np.fromfile(args.tokens, dtype="<i4").astype(np.int64))
    n = args.batch * args.length
    at = torch.arange(FIRST, n, EVERY)
    done = 0

    def step():
        nonlocal done
        first = done * n % (len(data) - n + 1)
        ids = data[first : first + n].clone()
        targets = ids[at]
        ids[at] = c["vocab_size"] - 1
        opt.zero_grad(set_to_none=True)
        loss = forward(ids.view(args.batch, args.length), at, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, CLIP, foreach=True)
        opt.step()
        done += 1
        return loss.item()

    warm = time.perf_counter()
    losses = [step() for _ in range(args.warm)]
    warm = time.perf_counter() - warm
    worker.forget_peak()

    def answer(words):
        """step N"""
        count = int(words[1])
        losses, times = [], []
        for _ in range(count):
            start = time.perf_counter()
            losses.append(step())
            times.append(time.perf_counter() - start)
        return {"seconds": sum(times), "times": times, "tokens": count * n, "loss": losses[-1], "losses": losses, "memory": worker.memory()}

    worker.serve(
        {
            "worker": "encode", "program": f"torch {torch.__version__}", "settings": vars(args), "parameters": sum(x.numel() for x in params),
            "threads": torch.get_num_threads(), "warm_losses": losses, "warm_seconds": warm, "base": base,
        },
        answer,
    )


if __name__ == "__main__":
    main()
