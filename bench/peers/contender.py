"""What the scripts of the contenders share: imports and warm-up are not timed, the whole cascade is; the result is one JSON line."""

import json
import sys
import time

import numpy as np


def run(job, warm_up, work):
    """`work()` → scores `[metric, method, draw, stage, image]`."""
    warm_up()
    start = time.perf_counter()
    scores = work()
    seconds = time.perf_counter() - start
    result = {"workSeconds": seconds, "scores": [int(n) for n in scores.shape], "undefined": int(np.isnan(scores).sum())}
    np.save(sys.argv[2], scores)
    print(json.dumps(result), flush=True)
