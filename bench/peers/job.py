"""The work that all contenders share: a folder written by bench/contest/export-job.mjs."""

import json
import os
from pathlib import Path

# Some machines force an old OpenBLAS kernel, which would slow numpy and scipy down: the peers run as they would elsewhere.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

import numpy as np
import torch

THREADS = len(os.sched_getaffinity(0))
torch.set_num_threads(THREADS)


class Job:
    """Images, trained weights, blocks (output first), methods and metrics; weights are arrays in Keras' layout, by `layer/name`."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.spec = json.loads((self.folder / "job.json").read_text())
        self.images = torch.from_numpy(np.load(self.folder / "images.npy")).permute(0, 3, 1, 2).contiguous()
        self.targets = torch.tensor(self.spec["targets"])
        self.trained = self.read("trained")
        self.blocks = self.spec["blocks"]
        self.methods = self.spec["methods"]
        self.metrics = self.spec["metrics"]
        self.draws = self.spec["draws"]
        self.ranges = self.images.amax((1, 2, 3)) - self.images.amin((1, 2, 3))

    def read(self, name):
        flat = torch.from_numpy(np.fromfile(self.folder / f"{name}.f32", dtype=np.float32))
        arrays, at = {}, 0
        for array in self.spec["weights"]:
            size = int(np.prod(array["shape"]))
            arrays[array["name"]] = flat[at : at + size].reshape(array["shape"])
            at += size
        assert at == len(flat)
        return arrays

    def with_default(self, option, default):
        """A parameter that all methods which have it agree on."""
        return next((method[option] for method in self.methods.values() if option in method), default)

    @property
    def samples(self):
        return self.with_default("samples", 0)

    @property
    def sigma(self):
        return self.with_default("sigma", 0.15)

    @property
    def steps(self):
        return self.with_default("steps", 0)

    def noise(self, seed):
        """`[n, samples, c, h, w]` standard normal values times sigma and the range of each image."""
        n, *shape = self.images.shape
        generator = torch.Generator().manual_seed(seed)
        return torch.randn(n, self.samples, *shape, generator=generator) * (self.sigma * self.ranges).view(n, 1, 1, 1, 1)

    def redraw(self, seed):
        """All weights drawn by their layers' own initializers; moving statistics kept."""
        generator = torch.Generator().manual_seed(seed)
        configs = {layer["config"]["name"]: layer["config"] for layer in layers_of(self.spec["topology"])}
        fresh = dict(self.trained)
        for name in {name for block in self.blocks for name in block["weights"]}:
            layer, kind = name.split("/")
            fresh[name] = draw(kind, configs[layer], self.trained[name], generator)
        return fresh

    def stages(self):
        """Which layers differ from the trained network in each stage of a cascade."""
        redrawn = set()
        for block in self.blocks:
            redrawn |= {name.split("/")[0] for name in block["weights"]}
            yield set(redrawn)


def layers_of(topology):
    model = topology.get("model_config", topology)
    return model["config"]["layers"]


def draw(kind, config, trained, generator):
    if kind.startswith("moving_"):
        return trained
    if kind in ("gamma", "beta"):
        return torch.full_like(trained, 1.0 if kind == "gamma" else 0.0)
    initializer = config[f"{kind}_initializer"]
    name, options = initializer["class_name"], initializer["config"]
    fresh = torch.empty_like(trained)
    if name == "Zeros":
        return fresh.zero_()
    if name == "Constant":
        return fresh.fill_(options["value"])
    if name == "TruncatedNormal":
        return cut_normal(fresh, options["stddev"], generator)
    if name == "VarianceScaling":
        window = int(np.prod(trained.shape[:-2]))
        fan_in, fan_out = window * trained.shape[-2], window * trained.shape[-1]
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[options["mode"]]
        deviation = (options["scale"] / fan) ** 0.5
        if options["distribution"] == "uniform":
            return fresh.uniform_(-deviation * 3**0.5, deviation * 3**0.5, generator=generator)
        return cut_normal(fresh, deviation / 0.87962566103423978, generator)
    raise ValueError(f"no initializer {name}")


def cut_normal(fresh, deviation, generator):
    return torch.nn.init.trunc_normal_(fresh, 0, deviation, -2 * deviation, 2 * deviation, generator=generator)
