"""A network whose ReLUs pass gradients as they are told at the moment of the backward pass: one forward graph serves both rules."""

import torch
from torch import nn


class Rule:
    guided = False


class PassReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.clamp(min=0)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, dy):
        (y,) = ctx.saved_tensors
        return torch.ops.aten.threshold_backward(dy.clamp(min=0) if Rule.guided else dy, y, 0)


class RuleReLU(nn.Module):
    def forward(self, x):
        return PassReLU.apply(x)


def gradient(output, targets, inputs, guided=False):
    """Of the targets' logits; the graph is kept for the next variant."""
    seed = torch.zeros_like(output).scatter_(1, targets[:, None], 1.0)
    Rule.guided = guided
    try:
        return torch.autograd.grad(output, inputs, seed, retain_graph=True)
    finally:
        Rule.guided = False
