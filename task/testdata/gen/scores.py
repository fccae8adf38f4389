"""Writes ../scores.json: what scikit-learn says of made-up predictions, with ties, and of unbalanced labels.

    python scores.py"""

import json
import pathlib
import random

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.utils.class_weight import compute_class_weight

HERE = pathlib.Path(__file__).resolve().parent.parent
random.seed(1)
out = {"two": [], "weights": []}
for n, share in [(7, 0.5), (40, 0.2), (200, 0.05)]:
    truth = [1, 0] + [int(random.random() < share) for _ in range(n - 2)]
    # Few different values, so that many tie.
    rows = [[random.randint(-3, 3) / 2, random.randint(-3, 3) / 2 + y / 2] for y in truth]
    predicted = [int(b > a) for a, b in rows]
    out["two"].append({
        "rows": rows,
        "truth": truth,
        "accuracy": accuracy_score(truth, predicted),
        "f1": f1_score(truth, predicted),
        "macro_f1": f1_score(truth, predicted, average="macro"),
        "auc": roc_auc_score(truth, [b - a for a, b in rows]),
    })
for labels in [[0] * 9 + [1], [0] * 5 + [1] * 3 + [2] * 4]:
    out["weights"].append({"labels": labels, "balanced": compute_class_weight("balanced", classes=np.unique(labels), y=labels).tolist()})
(HERE / "scores.json").write_text(json.dumps(out) + "\n")
