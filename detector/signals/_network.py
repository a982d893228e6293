"""A small feed-forward network as numbers: what scikit-learn's MLPClassifier fits, computed with numpy alone."""

from __future__ import annotations

import numpy as np

from detector.tables import Array, Floats, Tables


def probability(tables: Tables, name: str, features: Array) -> Floats:
    """The network's probability for each row of features (rows x columns).

    The arrays `<name>_mean`, `<name>_scale`, `<name>_w1`, `<name>_b1`, `<name>_w2`, `<name>_b2` hold it: features are
    standardised and clipped at 6 deviations, one hidden layer of rectified units, one output.
    """
    a = tables.arrays
    x = np.minimum(np.maximum((features - a[f"{name}_mean"]) * a[f"{name}_scale"], -6), 6)
    hidden = np.maximum(x @ a[f"{name}_w1"] + a[f"{name}_b1"], 0)
    z = hidden @ a[f"{name}_w2"] + a[f"{name}_b2"]
    found: Floats = (1 / (1 + np.exp(-np.clip(z[:, 0], -30, 30)))).astype(np.float32)
    return found
