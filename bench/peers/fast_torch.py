"""The cascade, the fastest that we can write by hand in PyTorch. Usage: fast_torch.py JOB SCORES.npy"""

import sys

import numpy as np

from contender import run
from fast_methods import FastMethods
from fast_metrics import FastScores
from fast_network import RuleReLU
from job import Job
from network import KerasNetwork
from search import best_batch, sizes
from variants import variants_of


def cascade(job, methods, scores):
    network = methods.network
    reference_noise, noise = job.noise(1), job.noise(2)
    (references,) = methods.attribute(job.images, job.targets, reference_noise, [methods.trained])
    prepared = scores.prepare(references)
    variants = [variant for seed in range(job.draws) for variant in variants_of(network, job, job.redraw(seed))]
    attributions = methods.attribute(job.images, job.targets, noise, variants)
    # [variant, metric, method, image] → [metric, method, draw, stage, image]
    all_scores = np.stack([scores.compare(prepared, each) for each in attributions])
    return np.moveaxis(all_scores.reshape(job.draws, -1, *all_scores.shape[1:]), (2, 3), (0, 1))


if __name__ == "__main__":
    job = Job(sys.argv[1])
    build = lambda channels_last: KerasNetwork(job, channels_last, RuleReLU, pool_first=True)
    network, batch = best_batch(job, build, sizes(job))
    methods, scores = FastMethods(job, network, batch), FastScores(job.metrics)

    def warm_up():
        (few,) = methods.attribute(job.images[:2], job.targets[:2], job.noise(0)[:2], [methods.trained])
        scores.compare(scores.prepare(few), few)

    run(job, warm_up, lambda: cascade(job, methods, scores))
