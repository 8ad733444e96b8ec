"""Wrong non-local blocks. Every class differs from Plain, a right block, in what it overrides."""

import torch
import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels, mode="embedded_gaussian", inner=None, scale=None, pool=None):
        super().__init__()
        d = inner or channels // 2
        self.mode, self.scaled, self.pooled = mode, scale is not None, pool is not None
        if mode != "gaussian":
            self.query = nn.Conv2d(channels, d, 1)
            self.key = nn.Conv2d(channels, d, 1)
        self.value = nn.Conv2d(channels, d, 1)
        if mode == "concatenation":
            self.pair = nn.Linear(2 * d, 1, bias=False)
        self.out = nn.Conv2d(d, channels, 1)
        self.bn = nn.BatchNorm2d(channels)
        nn.init.zeros_(self.bn.weight)

    def sub(self, t):
        return F.max_pool2d(t, 2) if self.pooled else t

    def project(self, x):
        if self.mode == "gaussian":
            return x.flatten(2), self.sub(x).flatten(2), self.sub(self.value(x)).flatten(2)
        keys, values = self.sub(self.key(x)), self.sub(self.value(x))
        return self.query(x).flatten(2), keys.flatten(2), values.flatten(2)

    def sharpness(self, q):
        return q.shape[1] ** -0.5 if self.scaled else 1.0

    def softmax(self, q, k):
        return torch.softmax(self.sharpness(q) * q.mT @ k, dim=2)

    def products(self, q, k):
        return q.mT @ k / k.shape[2]

    def stacked(self, q, k):
        of_query, of_key = self.pair.weight[0].chunk(2)
        return F.relu((of_query @ q)[:, :, None] + (of_key @ k)[:, None]) / k.shape[2]

    def weigh(self, q, k):
        forms = {"dot_product": self.products, "concatenation": self.stacked}
        return forms.get(self.mode, self.softmax)(q, k)

    def gather(self, a, v):
        return v @ a.mT

    def close(self, x, y):
        return self.bn(self.out(y.unflatten(2, x.shape[2:]))) + x

    def forward(self, x):
        q, k, v = self.project(x)
        return self.close(x, self.gather(self.weigh(q, k), v))


class ComparesChannels(Plain):
    def forward(self, x):
        q, k, v = self.project(x)
        return self.close(x, torch.softmax(q @ k.mT, dim=-1) @ v)


class SoftmaxOverQueries(Plain):
    def softmax(self, q, k):
        return torch.softmax(self.sharpness(q) * q.mT @ k, dim=1)


class SoftmaxOverBatch(Plain):
    def softmax(self, q, k):
        return torch.softmax(self.sharpness(q) * q.mT @ k, dim=0)


class SoftmaxOverPairs(Plain):
    def softmax(self, q, k):
        logits = self.sharpness(q) * q.mT @ k
        return torch.softmax(logits.flatten(1), dim=1).view_as(logits)


class NoSoftmax(Plain):
    def softmax(self, q, k):
        return self.sharpness(q) * q.mT @ k


class SoftmaxAndCount(Plain):
    def softmax(self, q, k):
        return super().softmax(q, k) / k.shape[2]


class AlwaysScaled(Plain):
    def sharpness(self, q):
        return q.shape[1] ** -0.5


class GathersByColumns(Plain):
    def gather(self, a, v):
        return v @ a


class RolesSwapped(Plain):
    def project(self, x):
        q, k, v = super().project(x)
        return k, q, v


class ValuesFromKeys(Plain):
    def project(self, x):
        q, k, _ = super().project(x)
        return q, k, k


class ReshapesQueries(Plain):
    def softmax(self, q, k):
        rows = q.reshape(len(q), -1, q.shape[1])  # (B, N, d), but the numbers stay where they are
        return torch.softmax(self.sharpness(q) * rows @ k, dim=2)


class ReshapesResult(Plain):
    def gather(self, a, v):
        return (a @ v.mT).reshape(v.shape[0], v.shape[1], -1)


class NoResidual(Plain):
    def close(self, x, y):
        return self.bn(self.out(y.unflatten(2, x.shape[2:])))


class NormAfterSum(Plain):
    def close(self, x, y):
        return self.bn(self.out(y.unflatten(2, x.shape[2:])) + x)


class SquareMapsOnly(Plain):
    def close(self, x, y):
        side = int(y.shape[2] ** 0.5)
        return self.bn(self.out(y.reshape(*y.shape[:2], side, side))) + x


class NoNorm(Plain):
    def __init__(self, channels, **options):
        super().__init__(channels, **options)
        self.bn = nn.Identity()
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)


class NoBias(Plain):
    def __init__(self, channels, **options):
        super().__init__(channels, **options)
        for layer in (self.query, self.key, self.value, self.out):
            layer.bias = None


class FullWidth(Plain):
    def __init__(self, channels, **options):
        super().__init__(channels, **{"inner": channels} | options)


class InnerIgnored(Plain):
    def __init__(self, channels, **options):
        super().__init__(channels, **options | {"inner": None})


class OneProjection(Plain):
    def __init__(self, channels, **options):
        super().__init__(channels, **options)
        self.key = self.query


class BornLoud(Plain):
    def __init__(self, channels, **options):
        super().__init__(channels, **options)
        nn.init.ones_(self.bn.weight)


class OtherOrder(nn.Module):
    def __init__(self, channels, mode="embedded_gaussian", inner=None, scale=None, pool=None):
        super().__init__()
        d = inner or channels // 2
        self.first = nn.Conv2d(channels, d, 1)  # g, as in a popular port
        self.last = nn.Sequential(nn.Conv2d(d, channels, 1), nn.BatchNorm2d(channels))
        self.second = nn.Conv2d(channels, d, 1)
        self.third = nn.Conv2d(channels, d, 1)
        nn.init.zeros_(self.last[1].weight)

    def forward(self, x):
        v, q, k = (layer(x).flatten(2) for layer in (self.first, self.second, self.third))
        return x + self.last((v @ torch.softmax(q.mT @ k, dim=2).mT).unflatten(2, x.shape[2:]))


class MutatesInput(Plain):
    def forward(self, x):
        q, k, v = self.project(x)
        y = self.gather(self.weigh(q, k), v)
        return x.add_(self.bn(self.out(y.unflatten(2, x.shape[2:]))))


class DividesByHeight(Plain):
    def forward(self, x):
        self.height = x.shape[2]  # shape[2] of the map, not of the flattened keys
        return super().forward(x)

    def products(self, q, k):
        return q.mT @ k / self.height


class NotDivided(Plain):
    def products(self, q, k):
        return q.mT @ k


class DividesByWidth(Plain):
    def products(self, q, k):
        return q.mT @ k / q.shape[1]


class DividesByQueries(Plain):
    def products(self, q, k):
        return q.mT @ k / q.shape[2]


class ProductsWithSoftmax(Plain):
    def products(self, q, k):
        return torch.softmax(q.mT @ k, dim=2)


class StackedWithoutRelu(Plain):
    def stacked(self, q, k):
        of_query, of_key = self.pair.weight[0].chunk(2)
        return ((of_query @ q)[:, :, None] + (of_key @ k)[:, None]) / k.shape[2]


class StackedWithSoftmax(Plain):
    def stacked(self, q, k):
        return torch.softmax(super().stacked(q, k) * k.shape[2], dim=2)


class StackedKeyFirst(Plain):
    def stacked(self, q, k):
        of_key, of_query = self.pair.weight[0].chunk(2)
        return F.relu((of_query @ q)[:, :, None] + (of_key @ k)[:, None]) / k.shape[2]


class PairWithBias(Plain):
    def __init__(self, channels, **options):
        super().__init__(channels, **options)
        if self.mode == "concatenation":
            self.pair = nn.Linear(self.pair.in_features, 1)


class GaussianProjects(Plain):
    def __init__(self, channels, mode="embedded_gaussian", **options):
        mode = "embedded_gaussian" if mode == "gaussian" else mode
        super().__init__(channels, mode=mode, **options)


class ScalesEverything(Plain):
    def weigh(self, q, k):
        return super().weigh(q * q.shape[1] ** -0.5, k)


class PoolsBefore(Plain):
    def project(self, x):
        if self.mode == "gaussian":
            return x.flatten(2), self.sub(x).flatten(2), self.value(self.sub(x)).flatten(2)
        keys, values = (layer(self.sub(x)).flatten(2) for layer in (self.key, self.value))
        return self.query(x).flatten(2), keys, values


class PoolsByMean(Plain):
    def sub(self, t):
        return F.avg_pool2d(t, 2) if self.pooled else t


class KeepsOddRows(Plain):
    def sub(self, t):
        return F.max_pool2d(t, 2, ceil_mode=True) if self.pooled else t


class PoolIgnored(Plain):
    def sub(self, t):
        return t


class ScaleIgnored(Plain):
    def sharpness(self, q):
        return 1.0


class ScalesByChannels(Plain):
    def sharpness(self, q):
        return self.query.in_channels**-0.5 if self.scaled else 1.0


class ScalesUp(Plain):
    def sharpness(self, q):
        return q.shape[1] ** 0.5 if self.scaled else 1.0
