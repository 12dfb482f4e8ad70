"""A PyTorch network from the operators of an image classifier's ONNX file, as torch.onnx exports it (batch normalisation folded)."""

import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn


class OnnxNetwork(nn.Module):
    def __init__(self, path, channels_last=True):
        super().__init__()
        graph = onnx.load(path).graph
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.nodes = graph.node
        self.input, self.output = graph.input[0].name, graph.output[0].name
        self.constants = {each.name: torch.from_numpy(numpy_helper.to_array(each).copy()) for each in graph.initializer}
        for node in graph.node:
            if node.op_type == "Conv":
                name = node.input[1]
                self.constants[name] = self.constants[name].contiguous(memory_format=self.format)
        self.plan = [(OPERATORS[node.op_type], attributes(node), list(node.input), node.output[0]) for node in graph.node]

    def forward(self, x):
        values = {**self.constants, "": None, self.input: x.contiguous(memory_format=self.format)}
        for operator, options, inputs, output in self.plan:
            values[output] = operator(options, *(values[name] for name in inputs))
        return values[self.output]


def attributes(node):
    return {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}


def padded(options, x, value=0.0):
    """Padding that the operators of PyTorch take themselves, or a padded input where the sides differ."""
    top, left, bottom, right = options.get("pads", [0, 0, 0, 0])
    if (top, left) == (bottom, right):
        return x, (top, left)
    return F.pad(x, (left, right, top, bottom), value=value), (0, 0)


def conv(options, x, weight, bias=None):
    x, padding = padded(options, x)
    return F.conv2d(x, weight, bias, options["strides"], padding, options["dilations"], options["group"])


def max_pool(options, x):
    x, padding = padded(options, x, -float("inf"))
    return F.max_pool2d(x, options["kernel_shape"], options["strides"], padding)


def reduce_mean(options, x, axes=None):
    return x.mean((2, 3) if axes is None else tuple(axes.tolist()), keepdim=bool(options.get("keepdims", 1)))


OPERATORS = {
    "Conv": conv,
    "MaxPool": max_pool,
    "Relu": lambda _, x: F.relu(x),
    "Clip": lambda _, x, least, most: F.hardtanh(x, float(least), float(most)),
    "Add": lambda _, a, b: a + b,
    "GlobalAveragePool": lambda _, x: x.mean((2, 3), keepdim=True),
    "ReduceMean": reduce_mean,
    "Reshape": lambda _, x, shape: x.reshape(len(x), -1),
    "Flatten": lambda _, x: x.flatten(1),
    "Gemm": lambda options, x, weight, bias=None: F.linear(x, weight if options.get("transB") else weight.t(), bias),
    "Identity": lambda _, x: x,
}
