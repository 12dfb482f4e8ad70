"""Architectures of torchvision with random weights as ONNX files. Usage: export_onnx.py FOLDER NAME…"""

import sys
from pathlib import Path

import torch
import torchvision

for name in sys.argv[2:]:
    torch.manual_seed(0)
    network = getattr(torchvision.models, name)(weights=None).eval()
    x = torch.rand(2, 3, 224, 224)
    dynamic = ({0: torch.export.Dim.DYNAMIC},)
    names = dict(input_names=["input"], output_names=["logits"])
    path = Path(sys.argv[1]) / f"{name}.onnx"
    torch.onnx.export(network, (x,), path, dynamo=True, dynamic_shapes=dynamic, external_data=False, verbose=False, **names)
