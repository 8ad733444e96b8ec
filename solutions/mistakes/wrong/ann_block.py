"""Wrong asymmetric non-local blocks. Each class differs from APNB in what it overrides."""

import torch
from torch import nn

from solutions.ann import APNB, PointNorm, pyramid


class NotScaled(APNB):
    def __init__(self, channels, **settings):
        super().__init__(channels, **settings)
        self.scale = 1.0


class ScaledByChannels(APNB):
    def __init__(self, channels, **settings):
        super().__init__(channels, **settings)
        self.scale = channels**-0.5


class OverPositions(APNB):
    def weights(self, queries, keys):
        logits = queries.flatten(2).mT @ pyramid(keys, self.sizes)
        return (self.scale * logits).softmax(dim=1)


class ValuesTurned(APNB):
    def joined(self, weights, values, x):
        start, parts = 0, []
        for size in self.sizes:
            parts.append(weights[:, :, start : start + size**2])
            start += size**2
        context = pyramid(values, reversed(self.sizes)) @ torch.cat(parts, 2).mT
        context = self.out(context.unflatten(2, x.shape[2:]))
        return self.fuse(torch.cat([context, x], dim=1))


def whole_steps(x, sizes):
    """Cells of floor(H / size) rows: what is left over at the end is seen by none."""
    cells = []
    for size in sizes:
        step = [max(length // size, 1) for length in x.shape[2:]]
        pooled = nn.functional.avg_pool2d(x, step, step)[:, :, :size, :size]
        cells.append(pooled.flatten(2))
    return torch.cat(cells, dim=2)


class WholeSteps(APNB):
    def weights(self, queries, keys):
        logits = queries.flatten(2).mT @ whole_steps(keys, self.sizes)
        return (self.scale * logits).softmax(dim=2)

    def joined(self, weights, values, x):
        context = whole_steps(values, self.sizes) @ weights.mT
        context = self.out(context.unflatten(2, x.shape[2:]))
        return self.fuse(torch.cat([context, x], dim=1))


class MaxCells(APNB):
    def weights(self, queries, keys):
        pool = nn.functional.adaptive_max_pool2d
        cells = torch.cat([pool(keys, size).flatten(2) for size in self.sizes], dim=2)
        return (self.scale * queries.flatten(2).mT @ cells).softmax(dim=2)


class PoolsTheWeights(APNB):
    def weights(self, queries, keys):
        logits = self.scale * queries.flatten(2).mT @ keys.flatten(2)
        pairs = logits.softmax(dim=2).unflatten(2, keys.shape[2:])
        pooled = pyramid(pairs, self.sizes)
        return pooled / pooled.sum(dim=2, keepdim=True)


class ContextLast(APNB):
    def joined(self, weights, values, x):
        context = pyramid(values, self.sizes) @ weights.mT
        context = self.out(context.unflatten(2, x.shape[2:]))
        return self.fuse(torch.cat([x, context], dim=1))


class OwnQueries(APNB):
    def __init__(self, channels, key_channels, **settings):
        super().__init__(channels, key_channels, **settings)
        self.query = PointNorm(channels, key_channels)

    def queries(self, x):
        return self.query(x)

    def attention(self, x):
        return self.weights(self.query(x), self.key(x))


class StatisticsOnce(APNB):
    def queries(self, x):
        return self.key(x)
