"""Writes ../stats.json: rank correlations, logistic fits and Holm's correction by SciPy and statsmodels."""

import json
import pathlib

import numpy as np
import statsmodels.api as sm
from scipy.stats import spearmanr
from statsmodels.stats.multitest import multipletests

rng = np.random.default_rng(8)
cases = []
for size in (5, 20, 148):
    x = np.round(rng.normal(0, 2, size), 0)
    n = np.full(size, 6.0)
    y = rng.binomial(6, 1 / (1 + np.exp(0.3 - 0.4 * x))).astype(float)
    rho, p = spearmanr(x, y)
    fit = sm.GLM(np.column_stack([y, n - y]), sm.add_constant(x), family=sm.families.Binomial()).fit(cov_type="HC0")
    lo, hi = fit.conf_int()[1]
    cases.append({
        "x": x.tolist(), "y": y.tolist(), "n": n.tolist(), "rho": rho, "p": p,
        "beta": fit.params[1], "lo": lo, "hi": hi, "beta_p": fit.pvalues[1],
    })
ps = rng.random(12) ** 3
out = {"cases": cases, "ps": ps.tolist(), "holm": multipletests(ps, method="holm")[1].tolist()}
(pathlib.Path(__file__).parent.parent / "stats.json").write_text(json.dumps(out) + "\n")
