"""The four scores of whole stacks of maps in PyTorch. Maps that are not defined are NaN, and so are their scores."""

import math

import torch
import torch.nn.functional as F

WINDOW, SIGMA = 11, 1.5
SAMPLE = WINDOW**2 / (WINDOW**2 - 1)
ORIENTATIONS, BLOCK = 9, 3


def view(a, name):
    """`[n, c, h, w]` to `[n, h, w]`."""
    if a.shape[1] == 1:
        a = a[:, 0]
        most = a.abs().amax((1, 2), keepdim=True)
        return (a.abs() if name == "absolute" else a) / most
    if name == "absolute":
        t = a.abs().sum(1)
        least, most = t.amin((1, 2), keepdim=True), percentile(t)
        return ((t - least) / (most - least)).clamp(0, 1)
    t = a.sum(1)
    return (t / percentile(t.abs())).clamp(-1, 1)


def percentile(t, q=0.99):
    """numpy's, by the few largest values instead of a whole sort."""
    flat = t.flatten(1)
    position = q * (flat.shape[1] - 1)
    low = math.floor(position)
    top = flat.topk(flat.shape[1] - low, dim=1, sorted=True).values
    a, b = top[:, -1], top[:, -2]
    return (a + (b - a) * (position - low)).view(-1, 1, 1)


def unit_rows(rows):
    rows = rows - rows.mean(1, keepdim=True)
    return rows / rows.norm(dim=1, keepdim=True)


def ranks(rows):
    """Tie-averaged: the middle between the first and the last place of each run of equal values."""
    n = rows.shape[1]
    ordered, order = rows.sort(dim=1)
    place = torch.arange(n, dtype=torch.int32)
    new = torch.ones_like(order, dtype=torch.bool)
    torch.ne(ordered[:, 1:], ordered[:, :-1], out=new[:, 1:])
    first = torch.where(new, place, 0).cummax(1).values
    last = torch.ones_like(new)
    last[:, :-1] = new[:, 1:]
    end = torch.where(last, place, n).flip(1).cummin(1).values.flip(1)
    return torch.empty_like(rows).scatter_(1, order, ((first + end) * 0.5).to(rows.dtype))


def spearman_prepare(maps, _):
    rows = maps.flatten(1)
    # Ranks would make numbers of NaN; adding 0 · NaN keeps it.
    return unit_rows(ranks(rows) + 0 * rows)


def cosine(a, b, _):
    return (a * b).sum(1)


offsets = torch.arange(WINDOW) - WINDOW // 2
taps = torch.exp(-0.5 * (offsets.double() / SIGMA) ** 2)
taps = taps / taps.sum()


def means(planes):
    """Under the Gaussian window, without the 5 cells at the border that the score leaves out."""
    own = taps.to(planes.dtype)
    planes = F.conv2d(planes[:, None], own.view(1, 1, -1, 1))
    return F.conv2d(planes, own.view(1, 1, 1, -1))[:, 0]


def ssim_prepare(maps, _):
    mean = maps.mean((1, 2), keepdim=True)
    centred = maps - mean
    local = means(centred)
    return centred, local, local + mean, SAMPLE * (means(centred * centred) - local * local)


def ssim_compare(a, b, params):
    C1, C2 = (0.01 * params["range"]) ** 2, (0.03 * params["range"]) ** 2
    (pa, la, ma, va), (pb, lb, mb, vb) = a, b
    covariance = SAMPLE * (means(pa * pb) - la * lb)
    return ((2 * ma * mb + C1) * (2 * covariance + C2) / ((ma * ma + mb * mb + C1) * (va + vb + C2))).mean((1, 2))


def hog_prepare(maps, params):
    cell = params["cell"]
    n, height, width = maps.shape
    down, right = torch.zeros_like(maps), torch.zeros_like(maps)
    down[:, 1:-1] = maps[:, 2:] - maps[:, :-2]
    right[:, :, 1:-1] = maps[:, :, 2:] - maps[:, :, :-2]
    magnitude = torch.hypot(down, right)
    turn = torch.atan2(down, right) * (ORIENTATIONS / math.pi)
    bins = torch.remainder(turn, ORIENTATIONS).nan_to_num(0).long().clamp_(max=ORIENTATIONS - 1)
    rows, columns = height // cell, width // cell
    cut = (slice(None), slice(rows * cell), slice(columns * cell))
    place = (torch.arange(rows * cell) // cell * columns)[:, None] + torch.arange(columns * cell) // cell
    index = (place * ORIENTATIONS + bins[cut]).flatten(1)
    cells = maps.new_zeros(n, rows * columns * ORIENTATIONS).scatter_add_(1, index, magnitude[cut].flatten(1))
    cells = cells.view(n, rows, columns, ORIENTATIONS) / cell**2
    blocks = cells.unfold(1, BLOCK, 1).unfold(2, BLOCK, 1).permute(0, 1, 2, 4, 5, 3).flatten(3)
    norm = lambda v: v / (v.square().sum(3, keepdim=True) + 1e-10).sqrt()
    vectors = norm(norm(blocks).clamp(max=0.2)).flatten(1)
    # A map that is not defined has no bins of its own.
    return unit_rows(torch.where(maps.isnan().any(2).any(1)[:, None], torch.nan, vectors))


PREPARE = {"spearman": spearman_prepare, "ssim": ssim_prepare, "hog-pearson": hog_prepare}
COMPARE = {"spearman": cosine, "ssim": ssim_compare, "hog-pearson": cosine}


class FastScores:
    def __init__(self, metrics):
        self.metrics = metrics

    def prepare(self, attributions):
        return {method: self.of(maps) for method, maps in attributions.items()}

    def of(self, attributions):
        views = {name: view(attributions, name) for name in {each["view"] for each in self.metrics.values()}}
        return [PREPARE[each["metric"]](views[each["view"]], each["params"]) for each in self.metrics.values()]

    def compare(self, references, attributions):
        """`[metric, method, image]`"""
        scores = []
        for method, maps in attributions.items():
            pairs = zip(references[method], self.of(maps), self.metrics.values())
            scores.append(torch.stack([COMPARE[each["metric"]](a, b, each["params"]) for a, b, each in pairs]))
        return torch.stack(scores, 1).numpy()
