"""A forward and backward pass of masked language modelling in PyTorch, of the models of
BenchmarkEncoder (model/bench_encoder_test.go): same shapes, logits of the hidden places alone,
padding mask left out (no row is padded). Convolutions by FFT, as in the authors' code; attention
by scaled_dot_product_attention.

    python encoder.py bigs|encoder BATCH LENGTH STEPS THREADS [compile]

prints the milliseconds of processor time, and of the clock, of a step."""

import math
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

D, LAYERS, VOCAB, STATES, HEADS = 64, 4, 2049, 64, 4


def gelu(x):
    return F.gelu(x, approximate="tanh")


class S4D(nn.Module):
    def __init__(self):
        super().__init__()
        self.re = nn.Parameter(torch.full((STATES,), -0.5))
        self.im = nn.Parameter(math.pi * torch.arange(STATES).float())
        self.c = nn.Parameter(torch.randn(STATES, 2) * 0.5**0.5)
        self.step = nn.Parameter(torch.rand(1) * math.log(100) + math.log(0.01))
        self.skip = nn.Parameter(torch.ones(1))

    def forward(self, u):
        length = u.shape[1]
        a = torch.complex(self.re.clamp(max=-1e-4), self.im)
        x = a * self.step.exp()
        powers = torch.exp(x[:, None] * torch.arange(length))
        k = ((torch.view_as_complex(self.c) * (torch.exp(x) - 1) / a) @ powers).real
        y = torch.fft.irfft(torch.fft.rfft(u, 2 * length, dim=1) * torch.fft.rfft(k, 2 * length)[:, None], 2 * length, dim=1)
        return y[:, :length] + self.skip * u


class BiGS(nn.Module):
    def __init__(self):
        super().__init__()
        i = 3 * D
        self.norm, self.v, self.gate, self.out = nn.LayerNorm(D, eps=1e-12), nn.Linear(D, i), nn.Linear(D, i), nn.Linear(i, D)
        self.fin, self.bin, self.fout, self.bout = (nn.Linear(D, D) for _ in range(4))
        self.fs, self.bs = S4D(), S4D()

    def forward(self, x):
        h = self.norm(x)
        v = gelu(self.v(h))
        f = self.fout(self.fs(gelu(self.fin(h))))
        b = self.bout(self.bs(gelu(self.bin(h.flip(1))))).flip(1)
        return x + self.out(gelu(self.gate(f * b)) * v)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.norm2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.qkv, self.proj, self.up, self.down = nn.Linear(D, 3 * D), nn.Linear(D, D), nn.Linear(D, 288), nn.Linear(288, D)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = self.qkv(self.norm(x)).view(b, t, 3, HEADS, D // HEADS).permute(2, 0, 3, 1, 4)
        size = D // HEADS
        angle = torch.arange(t)[:, None] * 1e4 ** (-torch.arange(0, size, 2) / size)
        cos, sin = angle.cos().repeat(1, 2), angle.sin().repeat(1, 2)
        turn = lambda z: z * cos + torch.cat([-z[..., size // 2:], z[..., : size // 2]], -1) * sin
        x = x + self.proj(F.scaled_dot_product_attention(turn(q), turn(k), v).transpose(1, 2).reshape(b, t, D))
        return x + self.down(gelu(self.up(self.norm2(x))))


class Encoder(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.tokens = nn.Embedding(VOCAB, D)
        self.start, self.end, self.head = nn.LayerNorm(D), nn.LayerNorm(D), nn.LayerNorm(D)
        self.layers = nn.ModuleList(layer() for _ in range(LAYERS))
        self.dense, self.bias = nn.Linear(D, D), nn.Parameter(torch.zeros(VOCAB))

    def forward(self, ids, at, targets):
        x = self.start(self.tokens(ids))
        for layer in self.layers:
            x = layer(x)
        h = self.head(gelu(self.dense(self.end(x).reshape(-1, D)[at])))
        return F.cross_entropy(F.linear(h, self.tokens.weight, self.bias), targets, reduction="sum")


kind, batch, length, steps, threads = sys.argv[1], *map(int, sys.argv[2:6])
torch.set_num_threads(threads)
torch.manual_seed(0)
torch.set_flush_denormal(True)
m = Encoder({"bigs": BiGS, "encoder": Block}[kind])
if "compile" in sys.argv:
    m = torch.compile(m)
n = batch * length * 15 // 100
ids, at, targets = torch.randint(VOCAB, (batch, length)), torch.randint(batch * length, (n,)), torch.randint(VOCAB, (n,))


def step():
    m.zero_grad(set_to_none=True)
    m(ids, at, targets).backward()


for _ in range(3):
    step()
cpu, wall = time.process_time(), time.time()
for _ in range(steps):
    step()
cpu, wall = time.process_time() - cpu, time.time() - wall
print(f"{kind} B{batch} T{length} {threads} threads: {1e3 * cpu / steps:.1f} ms of processor time, {1e3 * wall / steps:.1f} ms a step")
