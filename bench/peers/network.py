"""A PyTorch network from the topology of a Keras file: batch normalisation folded into its convolution, no softmax at the end."""

import torch
from torch import nn

from job import layers_of


class Concat(nn.Module):
    def forward(self, *parts):
        return torch.cat(parts, 1)


class Add(nn.Module):
    def forward(self, *parts):
        return sum(parts[1:], parts[0])


class Flatten(nn.Module):
    """In Keras' order of values: rows, columns, channels."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1) if x.dim() == 4 else x


class GlobalAverage(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


class KerasNetwork(nn.Module):
    """
    `use(prepared)` puts weights in place by reference, so that a graph of autograd that was made before keeps its own.
    `pool_first` exchanges a ReLU and the max pooling that alone follows it: the same values, on a fraction of the cells.
    """

    def __init__(self, job, channels_last=True, relu=nn.ReLU, pool_first=False):
        super().__init__()
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.layers = nn.ModuleDict()
        self.inputs = {}
        self.arrays = {}
        self.swapped = {}
        alias = {}
        previous = None
        trained = job.trained
        layers = layers_of(job.spec["topology"])
        consumers = consumers_of(layers)

        def add(name, module, inputs):
            self.layers[name] = module
            self.inputs[name] = inputs

        for layer in layers:
            kind, config = layer["class_name"], layer["config"]
            name = config["name"]
            named = [node[0] for node in layer["inbound_nodes"][0]] if layer.get("inbound_nodes") else [previous]
            sources = [alias.get(source, source) for source in named]
            previous = name
            activation = config.get("activation", "linear")
            if kind == "InputLayer" or named == [None]:
                self.input = name if kind == "InputLayer" else "input"
                sources = [self.input]
                if kind == "InputLayer":
                    continue
            if kind == "Conv2D":
                add(name, convolution(config, trained[f"{name}/kernel"]), sources)
                self.arrays[name] = [name, None]
            elif kind == "BatchNormalization":
                convolved = sources[0]
                assert isinstance(self.layers[convolved], nn.Conv2d) and consumers[convolved] == 1
                self.arrays[convolved] = [convolved, (name, config["epsilon"])]
                alias[name] = convolved
            elif kind == "Dense":
                add(name, nn.Linear(*trained[f"{name}/kernel"].shape), sources)
                self.arrays[name] = [name, None]
            elif kind in ("MaxPooling2D", "AveragePooling2D"):
                add(name, pooling(kind, config), sources)
            elif kind == "Concatenate":
                add(name, Concat(), sources)
            elif kind == "Add":
                add(name, Add(), sources)
            elif kind == "GlobalAveragePooling2D":
                add(name, GlobalAverage(), sources)
            elif kind == "Flatten":
                add(name, Flatten(), sources)
            elif kind in ("Activation", "Dropout"):
                alias[name] = sources[0]
            else:
                raise ValueError(f"no layer {kind}")
            if activation == "relu":
                own = name if kind == "Activation" else f"{name}_relu"
                add(own, relu(), [alias.get(name, name)])
                alias[name] = own
        self.output = alias.get(previous, previous)
        if pool_first:
            self.exchange(consumers, relu)
        self.use(self.prepare(trained))
        self.requires_grad_(False).eval()

    def exchange(self, consumers, relu):
        """
        relu → pool becomes pool → relu; the ReLU then stands under the pool's name with `_relu`. Not where windows overlap: a cell sums the
        signals of its windows before a guided ReLU cuts them.
        """
        order = list(self.layers)
        for name in order:
            source, pool = self.inputs[name][0], self.layers[name]
            disjoint = isinstance(pool, nn.MaxPool2d) and pool.kernel_size == pool.stride
            if disjoint and source in order and type(self.layers[source]) is relu and consumers.get(source) == 1:
                self.swapped[source] = name
        for source, name in self.swapped.items():
            self.inputs[name] = self.inputs[source]
            after = f"{name}_relu"
            for reader, inputs in self.inputs.items():
                self.inputs[reader] = [after if each == name else each for each in inputs]
            self.inputs[after] = [name]
        modules, self.layers = self.layers, nn.ModuleDict()
        for name in order:
            if name in self.swapped:
                continue
            self.layers[name] = modules[name]
            if name in self.swapped.values():
                self.layers[f"{name}_relu"] = relu()

    def prepare(self, weights):
        """Weights and biases of each module, in PyTorch's layout, from arrays in Keras' layout."""
        prepared = {}
        for name, (layer, normalization) in self.arrays.items():
            kernel = weights[f"{layer}/kernel"]
            bias = weights.get(f"{layer}/bias", torch.zeros(kernel.shape[-1]))
            if normalization:
                norm, epsilon = normalization
                scale = torch.rsqrt(weights[f"{norm}/moving_variance"].double() + epsilon)
                scale = scale * weights[f"{norm}/gamma"].double() if f"{norm}/gamma" in weights else scale
                bias = ((bias - weights[f"{norm}/moving_mean"]).double() * scale + weights[f"{norm}/beta"].double()).float()
                kernel = (kernel.double() * scale).float()
            if kernel.dim() == 4:
                kernel = kernel.permute(3, 2, 0, 1).contiguous(memory_format=self.format)
            else:
                kernel = kernel.t().contiguous()
            prepared[name] = (frozen(kernel), frozen(bias.clone()))
        return prepared

    def use(self, prepared):
        for name, (weight, bias) in prepared.items():
            module = self.layers[name]
            module.weight, module.bias = weight, bias

    def depends_on(self, layers):
        """Modules whose output changes when the arrays of these Keras layers do."""
        changed = set()
        for name in self.layers:
            inputs = self.inputs[name]
            own = self.arrays.get(name)
            if any(source in changed for source in inputs) or (own and (own[0] in layers or (own[1] and own[1][0] in layers))):
                changed.add(name)
        return changed

    def values(self, x, kept=None, changed=None):
        """Output of every module; those outside of `changed` are taken from `kept`."""
        values = {self.input: x.contiguous(memory_format=self.format)}
        for name, module in self.layers.items():
            reuse = changed is not None and name not in changed
            values[name] = kept[name] if reuse else module(*(values[source] for source in self.inputs[name]))
        return values

    def forward(self, x):
        return self.values(x)[self.output]


def consumers_of(layers):
    counts, previous = {}, None
    for layer in layers:
        nodes = layer.get("inbound_nodes") or [[[previous]]]
        for node in nodes[0]:
            counts[node[0]] = counts.get(node[0], 0) + 1
        previous = layer["config"]["name"]
    return counts


def frozen(tensor):
    return nn.Parameter(tensor, requires_grad=False)


def convolution(config, kernel):
    height, width, channels, filters = kernel.shape
    if config["padding"] == "same":
        assert list(config["strides"]) == [1, 1] and height % 2 == 1 and width % 2 == 1
        padding = (height // 2, width // 2)
    else:
        padding = 0
    return nn.Conv2d(channels, filters, (height, width), tuple(config["strides"]), padding)


def pooling(kind, config):
    size, strides, same = tuple(config["pool_size"]), tuple(config["strides"]), config["padding"] == "same"
    if kind == "MaxPooling2D":
        # MNIST's 28 and 14 rows divide by 2, so that `same` pads nothing there.
        return nn.MaxPool2d(size, strides, 0)
    assert not same or strides == (1, 1)
    return nn.AvgPool2d(size, strides, tuple(side // 2 for side in size) if same else 0, count_include_pad=False)
