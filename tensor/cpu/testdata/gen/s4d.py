"""Writes ../s4d.json: kernels of diagonal state-space models and their gradients, by PyTorch in
double precision. The formulas are those of Gu et al., "On the Parameterization and
Initialization of Diagonal State Space Models" (2022), eq. 6 and §3.2, with powers taken by
exp(l·log Ā), not step by step."""

import json
import math
import pathlib

import torch

torch.manual_seed(0)


def kernel(re, im, c, log_step, length, bilinear, log_real, pairs):
    real = -torch.exp(re) if log_real else torch.clamp(re, max=-1e-4)
    a = torch.complex(real, im)
    step = torch.exp(log_step)[:, None]
    x = step * a
    if bilinear:
        a_bar, b_bar = (1 + x / 2) / (1 - x / 2), step / (1 - x / 2)
    else:
        a_bar, b_bar = torch.exp(x), (torch.exp(x) - 1) / a
    powers = torch.exp(torch.log(a_bar)[:, :, None] * torch.arange(length))
    k = torch.einsum("gn,gnl->gl", torch.view_as_complex(c) * b_bar, powers).real
    return 2 * k if pairs else k


def f32(x):
    return x.float().double()


cases = []
for bilinear in (False, True):
    for log_real, pairs in ((False, False), (True, True)):
        g, n, length = 2, 8, 96
        re = torch.full((g, n), -0.5).double() * (0.5 + torch.rand(g, n).double())
        if log_real:
            re = torch.log(-re)
        else:
            re[0, 0] = 0.1  # beyond the bound
        im = math.pi * torch.arange(n).double().repeat(g, 1) + 0.1 * torch.randn(g, n).double()
        c = torch.randn(g, n, 2).double()
        log_step = torch.log(0.01 + 0.1 * torch.rand(g).double())
        params = [f32(p).requires_grad_() for p in (re, im, c, log_step)]
        weights = f32(torch.randn(g, length).double())
        k = kernel(*params, length, bilinear, log_real, pairs)
        (k * weights).sum().backward()
        re, im, c, log_step = params
        cases.append({
            "Name": f"{'bilinear' if bilinear else 'zoh'}{' pairs' if pairs else ''}",
            "Bilinear": bilinear, "LogReal": log_real, "Pairs": pairs, "Length": length,
            "Re": re.tolist(), "Im": im.tolist(), "C": c.tolist(), "LogStep": log_step.tolist(),
            "Weights": weights.tolist(), "Kernel": k.tolist(),
            "GradRe": re.grad.tolist(), "GradIm": im.grad.tolist(), "GradC": c.grad.tolist(), "GradStep": log_step.grad.tolist(),
        })
pathlib.Path(__file__).parent.parent.joinpath("s4d.json").write_text(json.dumps(cases) + "\n")
