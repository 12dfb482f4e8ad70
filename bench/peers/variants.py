"""The networks of a cascade: which weights they have, and what of the trained network's pass stays valid."""


class Variant:
    """Weights in PyTorch's layout, and the modules whose output differs from the trained network's because of these layers."""

    def __init__(self, network, prepared, layers=()):
        self.prepared = prepared
        self.changed = network.depends_on(layers)


def variants_of(network, job, drawn):
    """The stages of one draw; arrays in PyTorch's layout are made once a draw and shared by its stages."""
    trained, fresh = network.prepare(job.trained), network.prepare(drawn)
    for layers in job.stages():
        own = {name for name, (layer, norm) in network.arrays.items() if layer in layers or (norm and norm[0] in layers)}
        yield Variant(network, {name: (fresh if name in own else trained)[name] for name in trained}, layers)
