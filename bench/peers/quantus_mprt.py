"""
One pass of Quantus' MPRT: one similarity, all methods and draws. Usage: quantus_mprt.py JOB SCORES.npy METRIC

Methods are Captum's, in the best batch; layers are redrawn by the initializers of the network; similarities are those of
scipy_metrics.py, which on whole batches are faster than the ones that Quantus brings.
"""

import sys

import numpy as np
import torch
from quantus import MPRT
from torch import nn

from captum_methods import CaptumMethods
from contender import run
from job import Job
from network import KerasNetwork
from scipy_metrics import compare, prepare
from search import best_batch, sizes


class Redrawn:
    """What Quantus calls at each layer: the initializer of the MNIST network, or `self.given` in the check."""

    given = None

    def reset_parameters(self):
        if self.given is not None:
            self.weight.data, self.bias.data = (each.clone() for each in self.given)
            return
        nn.init.trunc_normal_(self.weight, 0, 0.1, -0.2, 0.2)
        nn.init.constant_(self.bias, 0.1)


class Conv2d(Redrawn, nn.Conv2d):
    pass


class Linear(Redrawn, nn.Linear):
    pass


def redrawable(network):
    """The same network with layers that redraw themselves."""
    for module in network.layers.values():
        for own, plain in ((Conv2d, nn.Conv2d), (Linear, nn.Linear)):
            if type(module) is plain:
                module.__class__ = own
    return network


def similarity(job, metric):
    entry = job.metrics[metric]

    def score(a, b, batched=True, **_):
        a, b = (each.reshape(-1, *job.images.shape[2:]) for each in (a, b))
        return compare(*(prepare(each, entry["metric"], entry["params"]) for each in (a, b)), entry["metric"], entry["params"])

    return score


def passes(job, network, batch, metric, methods):
    """`[method, draw, stage, image]`"""
    x, y = job.images.numpy(), job.targets.numpy()

    def explain(model, inputs, targets, method, **_):
        inputs, targets = torch.as_tensor(inputs), torch.as_tensor(targets)
        ranges = inputs.amax((1, 2, 3)) - inputs.amin((1, 2, 3))
        return CaptumMethods(job, model, batch).attribute(method, inputs, targets, ranges).numpy()

    result = []
    for method in methods:
        reference = explain(network, x, y, method)
        for seed in range(job.draws):
            test = MPRT(
                similarity_func=similarity(job, metric),
                layer_order="top_down",
                seed=seed,
                abs=job.metrics[metric]["view"] == "absolute",
                normalise=True,
                # Image by image; by default it divides a whole batch by its one maximum.
                normalise_func_kwargs={"normalise_axes": (1, 2, 3)},
                disable_warnings=True,
            )
            options = dict(explain_func=explain, explain_func_kwargs={"method": method}, batch_size=len(x), channel_first=True)
            scores = test(model=network, x_batch=x, y_batch=y, a_batch=reference, **options)
            result.append([values for name, values in scores.items() if name != "original"])
    return np.array(result, dtype=np.float64).reshape(len(methods), job.draws, len(job.blocks), len(x))


if __name__ == "__main__":
    job = Job(sys.argv[1])
    network, batch = best_batch(job, lambda channels_last: KerasNetwork(job, channels_last), sizes(job))
    redrawable(network)

    def warm_up():
        few = CaptumMethods(job, network, batch)
        for name in job.methods:
            few.attribute(name, job.images[:2], job.targets[:2], job.ranges[:2])

    run(job, warm_up, lambda: passes(job, network, batch, sys.argv[3], list(job.methods)))
