"""The methods by Captum, batched."""

import torch
from captum.attr import (
    GuidedBackprop,
    GuidedGradCam,
    InputXGradient,
    IntegratedGradients,
    LayerAttribution,
    LayerGradCam,
    NoiseTunnel,
    Saliency,
)


class CaptumMethods:
    def __init__(self, job, network, batch):
        self.job, self.network, self.batch = job, network, batch
        self.layer = network.layers[job.spec["convolution"]]

    def attribute(self, method, x, targets, ranges):
        """`[n, c, h, w]` attributions; more than a batch of images goes piece by piece."""
        pieces = zip(x.split(self.batch), targets.split(self.batch), ranges.split(self.batch))
        return torch.cat([getattr(self, method.replace("-", "_"))(*piece).detach() for piece in pieces])

    def gradient(self, x, targets, _):
        return Saliency(self.network).attribute(x, target=targets, abs=False)

    def gradient_x_input(self, x, targets, _):
        return InputXGradient(self.network).attribute(x, target=targets)

    def integrated_gradients(self, x, targets, _):
        options = dict(n_steps=self.job.steps, method="riemann_middle", internal_batch_size=max(self.batch, len(x)))
        return IntegratedGradients(self.network).attribute(x, baselines=0, target=targets, **options)

    def smoothgrad(self, x, targets, ranges):
        return self.tunnel("smoothgrad", x, targets, ranges)

    def vargrad(self, x, targets, ranges):
        return self.tunnel("vargrad", x, targets, ranges)

    def tunnel(self, kind, x, targets, ranges):
        """Captum knows one deviation for all images of a call: images with the same range go together."""
        result = torch.empty_like(x)
        tunnel = NoiseTunnel(Saliency(self.network))
        for span in ranges.unique():
            same = (ranges == span).nonzero().flatten()
            options = dict(nt_type=kind, nt_samples=self.job.samples, stdevs=float(span) * self.job.sigma, abs=False)
            at_once = max(1, self.batch // len(same))
            result[same] = tunnel.attribute(x[same], target=targets[same], nt_samples_batch_size=at_once, **options).detach()
        return result

    def guided_backprop(self, x, targets, _):
        return GuidedBackprop(self.network).attribute(x, target=targets)

    def grad_cam(self, x, targets, _):
        cam = LayerGradCam(self.network, self.layer).attribute(x, target=targets, relu_attributions=True)
        return LayerAttribution.interpolate(cam, tuple(x.shape[2:]), "bilinear")

    def guided_grad_cam(self, x, targets, _):
        return GuidedGradCam(self.network, self.layer).attribute(x, target=targets, interpolate_mode="bilinear")
