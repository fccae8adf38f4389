"""Writes ../marginal.json: two-parameter fits by direct maximisation of the marginal likelihood.

Needs numpy and scipy. The likelihood is integrated over a fine grid and maximised by L-BFGS, with no expectation and
maximisation, so that it checks package irt, which has the same model and another algorithm.
"""

import json
import pathlib

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp


def log_p(x):
    return -np.logaddexp(0, -x)


def marginal(theta, mu, sigma, tau, y, n, z, u):
    """Log-weights [items, nodes] of the posterior before normalising."""
    b = (mu + sigma * z)[:, None]
    a = np.exp(tau * u)[None, :]
    x = a[..., None] * (theta[None, None, :] - b[..., None])
    x = x.reshape(-1, len(theta))
    prior = -(z[:, None] ** 2 + u[None, :] ** 2) / 2
    prior = (prior - logsumexp(prior)).reshape(-1)
    return prior + y @ log_p(x).T + (n - y) @ log_p(-x).T


def fit(y, n, rasch):
    z = np.linspace(-4.5, 4.5, 121)
    u = np.array([0.0]) if rasch else np.linspace(-4.5, 4.5, 61)
    models = y.shape[1]

    def unpack(v):
        return v[:models], v[models], np.exp(v[models + 1]), 1.0 if rasch else np.exp(v[models + 2])

    def loss(v):
        theta, mu, sigma, tau = unpack(v)
        return -logsumexp(marginal(theta, mu, sigma, tau, y, n, z, u), axis=1).sum() + (theta**2).sum() / 18

    start = np.zeros(models + (2 if rasch else 3))
    best = minimize(loss, start, method="L-BFGS-B", options={"maxiter": 2000, "ftol": 1e-13, "gtol": 1e-7})
    theta, mu, sigma, tau = unpack(best.x)
    w = marginal(theta, mu, sigma, tau, y, n, z, u)
    w = np.exp(w - logsumexp(w, axis=1, keepdims=True))
    b = np.repeat(mu + sigma * z, len(u))
    a = np.tile(np.exp(tau * u), len(z))
    return {
        "ability": theta.tolist(), "mu": mu, "sigma": float(sigma), "tau": 0.0 if rasch else float(tau),
        "log_likelihood": -best.fun, "difficulty": (w @ b).tolist(), "discrimination": (w @ a).tolist(),
    }


def main():
    rng = np.random.default_rng(8)
    items, models = 60, 8
    theta = np.linspace(-1.5, 1.5, models)
    b = rng.normal(0.5, 1.5, items)
    a = np.exp(rng.normal(0, 0.6, items))
    n = rng.choice([1, 5, 10], size=(items, models)).astype(float)
    n[rng.random((items, models)) < 0.1] = 0
    y = rng.binomial(n.astype(int), 1 / (1 + np.exp(-a[:, None] * (theta - b[:, None])))).astype(float)
    out = {"passed": y.tolist(), "n": n.tolist(), "two": fit(y, n, False), "rasch": fit(y, n, True)}
    (pathlib.Path(__file__).parent.parent / "marginal.json").write_text(json.dumps(out) + "\n")


main()
