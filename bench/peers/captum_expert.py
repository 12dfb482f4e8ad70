"""The cascade as an expert of Captum, SciPy and scikit-image writes it. Usage: captum_expert.py JOB SCORES.npy"""

import multiprocessing
import sys

import numpy as np

from captum_methods import CaptumMethods
from contender import run
from job import Job, THREADS
from network import KerasNetwork
from scipy_metrics import Scores
from search import best_batch, sizes
from variants import variants_of


def cascade(job, methods, scores):
    network = methods.network

    def attributions():
        return {name: methods.attribute(name, job.images, job.targets, job.ranges) for name in job.methods}

    network.use(network.prepare(job.trained))
    references = scores.prepare(attributions())
    result = []
    for seed in range(job.draws):
        stages = []
        for variant in variants_of(network, job, job.redraw(seed)):
            network.use(variant.prepared)
            stages.append(scores.compare(references, attributions()))
        result.append(np.stack(stages, axis=2))
    return np.stack(result, axis=2)


if __name__ == "__main__":
    job = Job(sys.argv[1])
    with multiprocessing.get_context("fork").Pool(THREADS) as pool:
        network, batch = best_batch(job, lambda channels_last: KerasNetwork(job, channels_last), sizes(job))
        methods = CaptumMethods(job, network, batch)
        scores = Scores(job.metrics, pool)

        def warm_up():
            few = {name: methods.attribute(name, job.images[:2], job.targets[:2], job.ranges[:2]) for name in job.methods}
            scores.compare(scores.prepare(few), few)

        run(job, warm_up, lambda: cascade(job, methods, scores))
