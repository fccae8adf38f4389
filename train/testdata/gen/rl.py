"""Golden values for the reinforcement objectives, computed without Hone.

    python3 testdata/gen/rl.py > testdata/rl.json     # in the folder train; needs numpy and torch
"""
import json
import numpy as np
import torch

rng = np.random.default_rng(7)
out = {}

# Advantages: numpy, written from the formulas.
groups = [[1.0, -0.3, -0.3, 0.35], [1.2, 1.2, 1.2], [-1.0, 1.0], list(rng.normal(size=8)), [5.0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]
cases = []
for r in groups:
    r = np.array(r)
    n = len(r)
    rloo = [r[i] - np.delete(r, i).mean() for i in range(n)]
    std = r.std()
    grpo = np.zeros(n) if std == 0 else (r - r.mean()) / (std + 1e-6)
    exps = {}
    for t in [0.25, 1.0]:
        w = np.clip(np.exp(grpo / t), 0.05, 10)
        exps[str(t)] = (w / w.mean()).tolist()
    cases.append({"rewards": r.tolist(), "rloo": np.array(rloo).tolist(), "grpo": grpo.tolist(), "exp": exps})
out["advantages"] = cases

# Generalised advantage estimates, by their definition as a sum.
gae = []
for gamma, lam in [(1, 0.95), (0.9, 0.5), (1, 1)]:
    r, v = rng.normal(size=6), rng.normal(size=6)
    delta = r + gamma * np.append(v[1:], 0) - v
    a = [sum((gamma * lam) ** k * delta[t + k] for k in range(6 - t)) for t in range(6)]
    gae.append({"gamma": gamma, "lambda": lam, "rewards": r.tolist(), "values": v.tolist(), "advantages": a, "returns": (np.array(a) + v).tolist()})
out["gae"] = gae

# Losses: torch's autograd on logits [B, T, V]; -1 is no target.
B, T, V = 4, 5, 7
targets = np.full((B, T), -1)
for b, (lo, hi) in enumerate([(1, 5), (0, 3), (2, 4), (1, 4)]):
    targets[b, lo:hi] = rng.integers(0, V, hi - lo)
logits = rng.normal(size=(B, T, V)) * 1.5
mask = torch.tensor(targets >= 0, dtype=torch.float64)
adv = torch.tensor([0.8, -0.6, -1.1, 0.9], dtype=torch.float64)
correct = torch.tensor([1.0, 0, 0, 1.0], dtype=torch.float64)
n = mask.sum(1)


def logp_of(x):
    lp = torch.log_softmax(x, -1)
    return lp.gather(-1, torch.tensor(targets).clamp(min=0).unsqueeze(-1)).squeeze(-1) * mask


with torch.no_grad():
    start = logp_of(torch.tensor(logits))
# Program 1 fell by 1.6 nats a token, program 2 by 0.4, program 3 by 2 but is to be raised.
reference = start + torch.tensor([0.1, 1.6, 0.4, 2.0], dtype=torch.float64).unsqueeze(1) * mask
behaviour = (start.sum(1) / n + torch.tensor([0.05, -0.4, 0.5, 0.0], dtype=torch.float64))  # mean, nats a token
known = torch.tensor([1.0, 1, 1, 0], dtype=torch.float64)


def offline(lp, positives, floor, penalty, ratio):
    total = lp.sum(1)
    mean = total / n
    gain = adv * total
    if ratio:
        rho = torch.exp(mean - behaviour)
        sur = n * torch.min(rho * adv, rho.clamp(1 - ratio, 1 + ratio) * adv)
        gain = torch.where(known > 0, sur, gain)
    if floor:
        fell = ((reference.sum(1) / n - mean) > floor) & (adv < 0)
        gain = gain * (~fell)
    loss = -gain.sum() - positives * (correct * total).sum()
    # Penalty in the weights: the advantage of each token is lowered by β·k1, which is no
    # function of the parameters.
    k1 = (lp - reference).detach() * mask
    return loss + penalty * (k1 * lp).sum()


old_values = torch.tensor(rng.normal(size=(B, T)))
returns = torch.tensor(rng.normal(size=(B, T)))
token_adv = torch.tensor(rng.normal(size=(B, T)))
old_logp = (start + torch.tensor(rng.normal(size=(B, T))) * 0.3) * mask
values0 = rng.normal(size=(B, T)) * 1.2


def policy(lp, values, clip, value_clip, value_weight):
    ratio = torch.exp(lp - old_logp)
    sur = torch.min(ratio * token_adv, ratio.clamp(1 - clip, 1 + clip) * token_adv)
    loss = -(sur * mask).sum()
    if value_weight:
        clipped = old_values + (values - old_values).clamp(-value_clip, value_clip)
        err = torch.max((values - returns) ** 2, (clipped - returns) ** 2)
        loss = loss + value_weight * 0.5 * (err * mask).sum()
    return loss


def case(f, **settings):
    x = torch.tensor(logits, requires_grad=True)
    v = torch.tensor(values0, requires_grad=True)
    loss = f(logp_of(x), v, **settings) if f is policy else f(logp_of(x), **settings)
    loss.backward()
    return {"settings": settings, "loss": loss.item(), "logits_gradient": x.grad.flatten().tolist(),
            "values_gradient": [] if v.grad is None else v.grad.flatten().tolist()}


def flat(t):
    return t.detach().flatten().tolist()


out["batch"] = {"B": B, "T": T, "V": V, "logits": logits.flatten().tolist(), "targets": targets.flatten().tolist(), "mask": flat(mask),
                "advantage": flat(adv), "positive": flat(correct), "share": flat(1 / n), "count": flat(n), "reference": flat(reference),
                "behaviour": flat(behaviour), "known": flat(known), "advantages": flat(token_adv), "old": flat(old_logp),
                "values": values0.flatten().tolist(), "old_values": flat(old_values), "returns": flat(returns)}
out["offline"] = [case(offline, positives=p, floor=f, penalty=b, ratio=r)
                  for p, f, b, r in [(0, 0, 0, 0), (0.3, 0, 0, 0), (0.1, 1, 0, 0), (0, 1, 0.5, 0), (0, 0, 0, 0.2), (0.2, 1, 0.1, 0.3)]]
out["policy"] = [case(policy, clip=c, value_clip=vc, value_weight=w) for c, vc, w in [(0.2, 0.3, 0), (0.2, 0.3, 0.1), (0.05, 0.5, 1)]]
print(json.dumps(out))
