"""The four scores with SciPy and scikit-image, as someone who knows them would: ranks of a whole stack, references prepared once, pairs on all cores."""

import numpy as np
from scipy.stats import rankdata
from skimage.feature import hog
from skimage.metrics import structural_similarity

from views import view


def unit_rows(rows):
    rows = rows.reshape(len(rows), -1).astype(np.float64)
    rows = rows - rows.mean(1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def prepare(maps, metric, params):
    if metric == "spearman":
        ranks = rankdata(np.nan_to_num(maps).reshape(len(maps), -1), axis=1)
        return unit_rows(ranks)
    if metric == "hog-pearson":
        side = params["cell"]
        options = dict(orientations=9, pixels_per_cell=(side, side), cells_per_block=(3, 3), block_norm="L2-Hys")
        return unit_rows(np.stack([hog(np.nan_to_num(each), **options) for each in maps]))
    return maps


def compare(a, b, metric, params):
    if metric != "ssim":
        return np.einsum("ij,ij->i", a, b)
    options = dict(data_range=params["range"], gaussian_weights=True, sigma=1.5, use_sample_covariance=True)
    return np.array([structural_similarity(p, q, **options) for p, q in zip(a, b)])


class Scores:
    """`pool`: workers that score one method's maps each."""

    def __init__(self, metrics, pool=None):
        self.metrics = metrics
        self.map = pool.map if pool else lambda work, items: list(map(work, items))

    def prepare(self, attributions):
        """Of `{method: [n, c, h, w]}`."""
        prepared = self.map(Prepare(self.metrics), [np.asarray(each) for each in attributions.values()])
        return dict(zip(attributions, prepared))

    def compare(self, references, attributions):
        """`[metric, method, image]`"""
        pairs = [(references[method], np.asarray(each)) for method, each in attributions.items()]
        return np.stack(self.map(Compare(self.metrics), pairs), axis=1)


class Prepare:
    def __init__(self, metrics):
        self.metrics = metrics

    def __call__(self, attributions):
        return [prepare(view(attributions, each["view"]), each["metric"], each["params"]) for each in self.metrics.values()]


class Compare(Prepare):
    def __call__(self, pair):
        reference, attributions = pair
        others = super().__call__(attributions)
        each = zip(reference, others, self.metrics.values())
        return np.stack([compare(a, b, metric["metric"], metric["params"]) for a, b, metric in each])
