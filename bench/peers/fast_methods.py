"""
The methods without a library, as little work as possible: one gradient serves every method that needs it, smoothgrad and vargrad
share their noisy ones, and what lies below the redrawn layers is computed once for all stages and draws.
"""

import torch
import torch.nn.functional as F

from fast_network import gradient
from variants import Variant


class FastMethods:
    def __init__(self, job, network, batch):
        self.job, self.network, self.batch = job, network, batch
        self.trained = Variant(network, network.prepare(job.trained))
        self.cam = job.spec["convolution"]
        methods = set(job.methods)
        self.plain = methods - {"integrated-gradients", "smoothgrad", "vargrad"}
        self.integrates = "integrated-gradients" in methods
        self.noisy = methods & {"smoothgrad", "vargrad"}

    def attribute(self, x, targets, noise, variants):
        """A list over variants of `{method: [n, c, h, w]}`."""
        maps = [{name: [] for name in self.job.methods} for _ in variants]
        group = max(1, self.batch // max(1, self.job.samples))
        for at in range(0, len(x), group):
            own = slice(at, at + group)
            if self.integrates:
                alphas = (torch.arange(self.job.steps) + 0.5) / self.job.steps
                path = x[own, None] * alphas.view(1, -1, 1, 1, 1)
                for result, mean in zip(maps, self.gradients(path, targets[own], variants, mean=True)):
                    result["integrated-gradients"].append(x[own] * mean)
            if self.noisy:
                copies = x[own, None] + noise[own]
                for result, all_samples in zip(maps, self.gradients(copies, targets[own], variants)):
                    for name in self.noisy:
                        of = all_samples.mean(1) if name == "smoothgrad" else all_samples.var(1, unbiased=False)
                        result[name].append(of)
        for at in range(0, len(x), self.batch):
            own = slice(at, at + self.batch)
            for result, made in zip(maps, self.plain_maps(x[own], targets[own], variants)):
                for name in self.plain:
                    result[name].append(made[name])
        return [{name: torch.cat(parts) for name, parts in result.items()} for result in maps]

    def sweep(self, x, variants):
        """The values of each variant, with what lies below its changed layers taken from the trained network's pass."""
        self.network.use(self.trained.prepared)
        kept = self.network.values(x)
        for variant in variants:
            if not variant.changed:
                yield kept
                continue
            self.network.use(variant.prepared)
            yield self.network.values(x, kept, variant.changed)

    def gradients(self, copies, targets, variants, mean=False):
        """`[variant, image, copy, c, h, w]`, or its mean over the copies."""
        images, samples = copies.shape[:2]
        flat, wanted = copies.flatten(0, 1), targets.repeat_interleave(samples)
        out = torch.empty(len(variants), *flat.shape)
        for at in range(0, len(flat), self.batch):
            own = slice(at, at + self.batch)
            x = flat[own].clone(memory_format=self.network.format).requires_grad_()
            for place, values in zip(out, self.sweep(x, variants)):
                place[own] = gradient(values[self.network.output], wanted[own], x)[0]
        out = out.view(len(variants), images, samples, *flat.shape[1:])
        return out.mean(2) if mean else out

    def plain_maps(self, x, targets, variants):
        x = x.clone(memory_format=self.network.format).requires_grad_()
        pooled = self.network.swapped.get(self.cam)
        at = f"{pooled}_relu" if pooled else self.cam
        for values in self.sweep(x, variants):
            output = values[self.network.output]
            g, dA = gradient(output, targets, [x, values[at]])
            A = values[self.network.inputs[pooled][0]].detach().clamp(min=0) if pooled else values[self.cam].detach()
            made = {"gradient": g, "gradient-x-input": g * x.detach()}
            # Pooling sends each signal to one cell, so that the sum over cells is the same on either side of it.
            w = dA.sum((2, 3), keepdim=True) / A[0, 0].numel()
            cam = F.relu((A * w).sum(1, keepdim=True))
            made["grad-cam"] = F.interpolate(cam, x.shape[2:], mode="bilinear", align_corners=False)
            if "guided-backprop" in self.plain:
                made["guided-backprop"] = gradient(output, targets, x, guided=True)[0]
                made["guided-grad-cam"] = made["guided-backprop"] * made["grad-cam"]
            yield made
