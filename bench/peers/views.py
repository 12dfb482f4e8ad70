"""Attributions to maps, in numpy: `[n, c, h, w]` to `[n, h, w]`. A map that is not defined is NaN throughout."""

import numpy as np


def view(attributions, name):
    with np.errstate(divide="ignore", invalid="ignore"):
        return VIEWS[name](np.asarray(attributions, dtype=np.float32))


def absolute(a):
    if a.shape[1] == 1:
        return by_maximum(np.abs(a[:, 0]), a[:, 0])
    t = np.abs(a).sum(1, dtype=np.float64)
    least = t.min((1, 2), keepdims=True)
    most = np.percentile(t, 99, axis=(1, 2), keepdims=True)
    return np.clip((t - least) / (most - least), 0, 1).astype(np.float32)


def signed(a):
    if a.shape[1] == 1:
        return by_maximum(a[:, 0], a[:, 0])
    t = a.sum(1, dtype=np.float64)
    return np.clip(t / np.percentile(np.abs(t), 99, axis=(1, 2), keepdims=True), -1, 1).astype(np.float32)


def by_maximum(values, all_values):
    return values / np.abs(all_values).max((1, 2), keepdims=True)


VIEWS = {"absolute": absolute, "signed": signed}
