"""One gradient map by Captum, from nothing: what `assay explain --explainer gradient` does. Usage: first_map.py JOB INPUT.npy OUT.npy"""

import sys

import numpy as np
import torch
from captum.attr import Saliency

from job import Job
from network import KerasNetwork

job = Job(sys.argv[1])
network = KerasNetwork(job)
x = torch.from_numpy(np.load(sys.argv[2])).permute(0, 3, 1, 2)
target = network(x).argmax(1)
attribution = Saliency(network).attribute(x, target=target, abs=False)
np.save(sys.argv[3], attribution.permute(0, 2, 3, 1).numpy())
