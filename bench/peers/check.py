"""
Do all contenders compute the same numbers? On the same redrawn weights and noise, maps and scores of each peer against those that
Assay wrote. Usage: check.py JOB [quantus]   Exit 1 where they differ by more than the tolerance.
"""

import sys
from unittest.mock import patch

import numpy as np
import torch

from captum_methods import CaptumMethods
from fast_methods import FastMethods
from fast_metrics import FastScores
from fast_network import RuleReLU
from job import Job
from network import KerasNetwork
from scipy_metrics import Scores
from variants import Variant, variants_of

# Relative L2 of the maps of one method and stage, and the largest difference of a score. A ReLU or a pooling window at its corner may
# fall to either side: the more gradients are averaged, and the deeper the network, the more of them. One that does among the fifty of a
# noisy average changes a patch of its map, and a score by as much as the metric makes of that (HOG, which scales each block: .02). So the
# scores of such methods are compared on the very same maps, as those of all methods are, to 1e-4. The hand-written metrics are then asked in
# float64: in float32 an orientation at the edge of two bins of HOG falls to either (1.4e-4 seen).
MAPS, MANY, SCORES, SAME = 1e-4, 5e-3, 1e-3, 1e-4
DEEP, DEEP_MAPS, DEEP_SCORES = 20, 2e-2, 5e-3
TOLERANCE = {"integrated-gradients": MANY, "smoothgrad": MANY, "vargrad": MANY}


def deep(job):
    return len(job.trained) > DEEP


def tolerance(job, method):
    """Of a method's maps."""
    return DEEP_MAPS if deep(job) else TOLERANCE.get(method, MAPS)


def read(job, name):
    return torch.from_numpy(np.load(job.folder / "check" / f"{name}.npy"))


def relative(ours, theirs):
    return float((ours - theirs).norm() / theirs.norm())


class Verdict:
    failed = False

    def line(self, contender, what, worst, tolerance):
        bad = not worst <= tolerance
        self.failed |= bad
        print(f"{contender:8} {what:28} {worst:9.2e}  {'NOT WITHIN' if bad else 'within'} {tolerance:g}", flush=True)


def check_maps(job, verdict, contender, stages):
    """`stages`: `{method: maps}` of the trained network and of each stage."""
    for method in job.methods:
        expected = read(job, f"maps-{method}")
        worst = max(relative(maps[method], expected[at].permute(0, 3, 1, 2)) for at, maps in enumerate(stages))
        verdict.line(contender, method, worst, tolerance(job, method))


def check_scores(verdict, contender, scores, expected, tolerance, metrics):
    """Both `[metric, method, stage, image]`; where Assay's is defined, so is the other."""
    for at, metric in enumerate(metrics):
        # A map of zeros has no view here; the peers' metrics may make a number of it.
        defined = ~np.isnan(expected[at])
        verdict.line(contender, metric, np.abs(scores[at] - expected[at])[defined].max(), tolerance)


def check_contender(job, verdict, contender, metrics, stages, expected):
    """Maps; the scores of these, by methods that average few gradients; and what the contender's metrics make of Assay's maps."""
    check_maps(job, verdict, contender, stages)
    own = scored(metrics, stages)
    few = [at for at, method in enumerate(job.methods) if deep(job) or method not in TOLERANCE]
    check_scores(verdict, contender, own[:, few], expected[:, few], DEEP_SCORES if deep(job) else SCORES, job.metrics)
    maps = {method: read(job, f"maps-{method}").double().permute(0, 1, 4, 2, 3) for method in job.methods}
    assays = [{method: own[at] for method, own in maps.items()} for at in range(len(stages))]
    alone = [f"{metric} alone" for metric in job.metrics]
    check_scores(verdict, contender, scored(metrics, assays), expected, SAME, alone)


def scored(scores, stages):
    references = scores.prepare(stages[0])
    return np.stack([scores.compare(references, each) for each in stages[1:]], axis=2)


def captum_stages(job, network, noise):
    n = len(job.images)
    methods = CaptumMethods(job, network, n * max(1, job.samples))
    for variant in variants(network, job):
        network.use(variant.prepared)
        maps = {}
        for method in job.methods:
            # NoiseTunnel draws by torch.normal. One image at a time, since images of equal range would be called together.
            pieces = []
            for i in range(n):
                own = slice(i, i + 1)
                with patch("torch.normal", lambda mean, std: noise[i]):
                    pieces.append(methods.attribute(method, job.images[own], job.targets[own], job.ranges[own]))
            maps[method] = torch.cat(pieces)
        yield maps


def variants(network, job):
    return [Variant(network, network.prepare(job.trained)), *variants_of(network, job, job.read("draw-0"))]


def fast_stages(job, noise):
    network = KerasNetwork(job, True, RuleReLU, pool_first=True)
    methods = FastMethods(job, network, 4)
    return methods.attribute(job.images, job.targets, noise, variants(network, job))


def check_quantus(job, verdict, expected):
    from quantus_mprt import passes, redrawable

    network = redrawable(KerasNetwork(job))
    for name, given in network.prepare(job.read("draw-0")).items():
        network.layers[name].given = given
    methods = [name for name in job.methods if name not in ("smoothgrad", "vargrad")]
    places = [list(job.methods).index(name) for name in methods]
    job.draws = 1
    scores = np.stack([passes(job, network, 100, metric, methods)[:, 0] for metric in job.metrics])
    check_scores(verdict, "quantus", scores, expected[:, places], SCORES, job.metrics)


if __name__ == "__main__":
    job = Job(sys.argv[1])
    # Of the images that the job has, Assay wrote the maps of the first few.
    n = read(job, f"maps-{next(iter(job.methods))}").shape[1]
    job.images, job.targets, job.ranges = job.images[:n], job.targets[:n], job.ranges[:n]
    noise = read(job, "noise").permute(1, 0, 4, 2, 3) * (job.sigma * job.ranges).view(-1, 1, 1, 1, 1)
    expected = read(job, "scores").numpy()
    verdict = Verdict()
    stages = list(captum_stages(job, KerasNetwork(job), noise))
    check_contender(job, verdict, "captum", Scores(job.metrics), stages, expected)
    stages = list(fast_stages(job, noise))
    check_contender(job, verdict, "fast", FastScores(job.metrics), stages, expected)
    if "quantus" in sys.argv[2:]:
        check_quantus(job, verdict, expected)
    sys.exit(1 if verdict.failed else 0)
