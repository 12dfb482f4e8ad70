"""Times scipy's and scikit-image's metrics on the maps that bench/metrics.mjs sends, and prints their scores and milliseconds as JSON.

One thread, warm, one reference against many: whatever depends on the reference alone and can be kept (its ranks, its HOG vector) is made
before the clock starts. Spearman is tried in two ways, as `scipy.stats.spearmanr` and as correlation of `scipy.stats.rankdata`; the faster counts.
Usage: python bench/peers/metrics.py FOLDER, where the folder holds cases.json and the float32 files that it names.
"""

import json
import os
import sys
import time

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

import numpy as np
import scipy
import skimage
from scipy.stats import rankdata, spearmanr
from skimage.feature import hog
from skimage.metrics import structural_similarity


def spearman_ways(a):
    a = a.ravel()
    ranks = rankdata(a)
    yield lambda b: spearmanr(a, b.ravel()).statistic
    yield lambda b: np.corrcoef(ranks, rankdata(b.ravel()))[0, 1]


def ssim_ways(a):
    kept = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": True, "data_range": 1}
    if a.shape[2] == 1:
        plane = a[:, :, 0]
        yield lambda b: structural_similarity(plane, b[:, :, 0], **kept)
    else:
        yield lambda b: structural_similarity(a, b, channel_axis=-1, **kept)


def hog_ways(a):
    side = min(16, min(a.shape[:2]) // 7)
    kept = {"orientations": 9, "pixels_per_cell": (side, side), "cells_per_block": (3, 3), "block_norm": "L2-Hys"}
    if a.shape[2] == 1:
        vector = lambda m: hog(m[:, :, 0], **kept)
    else:
        vector = lambda m: hog(m, channel_axis=-1, **kept)
    first = vector(a)
    yield lambda b: np.corrcoef(first, vector(b))[0, 1]


WAYS = {"spearman": spearman_ways, "ssim": ssim_ways, "hog-pearson": hog_ways}


def timed(way, others, seconds):
    """Median milliseconds of processor time a pair, after two that do not count."""
    taken = []
    end = None
    turn = 0
    while end is None or time.process_time() < end or len(taken) < 5:
        other = others[turn % len(others)]
        start = time.process_time()
        way(other)
        taken.append((time.process_time() - start) * 1000)
        turn += 1
        if turn == 2:
            taken.clear()
            end = time.process_time() + seconds
    return float(np.median(taken))


def main(folder):
    with open(os.path.join(folder, "cases.json"), encoding="utf8") as file:
        cases = json.load(file)
    answers = []
    for case in cases:
        maps = np.fromfile(os.path.join(folder, case["file"]), dtype="<f4").reshape(-1, *case["shape"])
        a, others = maps[0], maps[1:]
        ways = list(WAYS[case["metric"]](a))
        times = [timed(way, others, case["seconds"]) for way in ways]
        fastest = ways[int(np.argmin(times))]
        answers.append({"ms": min(times), "scores": [float(fastest(b)) for b in others]})
    versions = {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-image": skimage.__version__}
    json.dump({"versions": versions, "answers": answers}, sys.stdout)


main(sys.argv[1])
