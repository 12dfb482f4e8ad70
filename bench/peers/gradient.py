"""
Times gradient maps when told to. Each line of stdin is a JSON request, each answer one JSON line:
  {"model": FOLDER of a job or FILE.onnx, "batch": n, "channelsLast": bool, "tries": k}  →  {"ms": [k times, per map], "norm": of the gradient}
The gradient is that of logit 0 for the images of the job, or for seeded ones, repeated to fill the batch.
"""

import json
import sys
import time

import numpy as np
import torch

from job import Job
from network import KerasNetwork
from onnx_network import OnnxNetwork

networks = {}


def load(model, channels_last):
    if (model, channels_last) not in networks:
        if model.endswith(".onnx"):
            images = torch.from_numpy(np.load(model.replace(".onnx", ".npy"))).permute(0, 3, 1, 2)
            networks[model, channels_last] = OnnxNetwork(model, channels_last), images
        else:
            job = Job(model)
            networks[model, channels_last] = KerasNetwork(job, channels_last), job.images
    return networks[model, channels_last]


for line in sys.stdin:
    asked = json.loads(line)
    network, images = load(asked["model"], asked["channelsLast"])
    n = asked["batch"]
    batch = images.repeat(-(-n // len(images)), 1, 1, 1)[:n].contiguous(memory_format=network.format)
    times = []
    for _ in range(asked["tries"]):
        x = batch.clone(memory_format=torch.preserve_format).requires_grad_()
        start = time.perf_counter()
        (g,) = torch.autograd.grad(network(x)[:, 0].sum(), x)
        times.append((time.perf_counter() - start) * 1000 / n)
    first = g[0].permute(1, 2, 0).flatten().tolist() if asked.get("gradient") else []
    print(json.dumps({"ms": times, "gradient": first}), flush=True)
