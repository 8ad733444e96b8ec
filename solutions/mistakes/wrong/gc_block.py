"""Wrong global context blocks. Every class differs from Plain, which is right, in one method."""

import torch
import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels, reduction=16, pooling="att", fusion="add"):
        super().__init__()
        self.pooling, self.fusion = pooling, fusion
        self.mask = nn.Conv2d(channels, 1, 1) if pooling == "att" else None
        self.reduce = nn.Linear(channels, channels // reduction)
        self.ln = nn.LayerNorm(channels // reduction)
        self.expand = nn.Linear(channels // reduction, channels)
        nn.init.zeros_(self.expand.weight)
        nn.init.zeros_(self.expand.bias)

    def weights(self, logits):
        return logits.softmax(dim=2)

    def average(self, x):
        return x.mean(dim=(2, 3))

    def context(self, x):
        if self.pooling == "avg":
            return self.average(x)
        return (x.flatten(2) * self.weights(self.mask(x).flatten(2))).sum(dim=2)

    def transform(self, c):
        return self.expand(F.relu(self.ln(self.reduce(c))))

    def fuse(self, x, t):
        return x * torch.sigmoid(t) if self.fusion == "mul" else x + t

    def forward(self, x):
        return self.fuse(x, self.transform(self.context(x))[:, :, None, None])


class SoftmaxOfOne(Plain):
    def weights(self, logits):
        return logits.softmax(dim=1)


class SoftmaxOverBatch(Plain):
    def weights(self, logits):
        return logits.softmax(dim=0)


class NoSoftmax(Plain):
    def weights(self, logits):
        return logits


class SigmoidMap(Plain):
    def weights(self, logits):
        return torch.sigmoid(logits)


class DividesTwice(Plain):
    def weights(self, logits):
        return logits.softmax(dim=2) / logits.shape[2]


class SoftmaxOfRows(Plain):
    def context(self, x):
        if self.pooling == "avg":
            return self.average(x)
        return (x * self.mask(x).softmax(dim=3)).sum(dim=(2, 3))


class SumPool(Plain):
    def average(self, x):
        return x.sum(dim=(2, 3))


class MaxPool(Plain):
    def average(self, x):
        return x.amax(dim=(2, 3))


class NoReLU(Plain):
    def transform(self, c):
        return self.expand(self.ln(self.reduce(c)))


class NormAfterReLU(Plain):
    def transform(self, c):
        return self.expand(self.ln(F.relu(self.reduce(c))))


class BatchNorm(Plain):
    def __init__(self, channels, reduction=16, pooling="att", fusion="add"):
        super().__init__(channels, reduction, pooling, fusion)
        self.ln = nn.BatchNorm1d(channels // reduction)


class NormOverBatch(Plain):
    def transform(self, c):
        hidden = self.reduce(c)
        spread = hidden.var(dim=0, correction=0, keepdim=True) + self.ln.eps
        scaled = (hidden - hidden.mean(dim=0, keepdim=True)) * spread.rsqrt()
        return self.expand(F.relu(scaled * self.ln.weight + self.ln.bias))


class NoNorm(Plain):
    def __init__(self, channels, reduction=16, pooling="att", fusion="add"):
        super().__init__(channels, reduction, pooling, fusion)
        del self.ln

    def transform(self, c):
        return self.expand(F.relu(self.reduce(c)))


class NormOfContext(Plain):
    def __init__(self, channels, reduction=16, pooling="att", fusion="add"):
        super().__init__(channels, reduction, pooling, fusion)
        self.ln = nn.LayerNorm(channels)

    def transform(self, c):
        return self.expand(F.relu(self.reduce(self.ln(c))))


class NoBiases(Plain):
    def __init__(self, channels, reduction=16, pooling="att", fusion="add"):
        super().__init__(channels, reduction, pooling, fusion)
        self.reduce = nn.Linear(channels, channels // reduction, bias=False)
        self.expand = nn.Linear(channels // reduction, channels, bias=False)


class AlwaysAttends(Plain):
    def __init__(self, channels, reduction=16, pooling="att", fusion="add"):
        super().__init__(channels, reduction, "att", fusion)


class MapForEachChannel(Plain):
    def __init__(self, channels, reduction=16, pooling="att", fusion="add"):
        super().__init__(channels, reduction, pooling, fusion)
        self.mask = nn.Conv2d(channels, channels, 1) if pooling == "att" else None


class NoSigmoid(Plain):
    def fuse(self, x, t):
        return x * t if self.fusion == "mul" else x + t


class AddsSigmoid(Plain):
    def fuse(self, x, t):
        return x * torch.sigmoid(t) if self.fusion == "mul" else x + torch.sigmoid(t)


class AlwaysAdds(Plain):
    def fuse(self, x, t):
        return x + t


class GateAndAdd(Plain):
    def fuse(self, x, t):
        return x + x * torch.sigmoid(t) if self.fusion == "mul" else x + t


class TermOnly(Plain):
    def fuse(self, x, t):
        return x * torch.sigmoid(t) if self.fusion == "mul" else t.expand_as(x)


class AtEveryPlace(Plain):
    def forward(self, x):
        return self.fuse(x, self.transform(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2))


class AlongColumns(Plain):
    def forward(self, x):
        return self.fuse(x, self.transform(self.context(x)))


class SpreadByTheMap(Plain):
    def forward(self, x):
        t = self.transform(self.context(x))[:, :, None, None]
        if self.pooling == "att":
            t = t * self.weights(self.mask(x).flatten(2)).view_as(x[:, :1])
        return self.fuse(x, t)


class Detached(Plain):
    def context(self, x):
        if self.pooling == "avg":
            return self.average(x)
        return (x.flatten(2) * self.weights(self.mask(x).flatten(2)).detach()).sum(dim=2)


class MutatesInput(Plain):
    def fuse(self, x, t):
        return x.mul_(torch.sigmoid(t)) if self.fusion == "mul" else x.add_(t)


class NotAtZero(Plain):
    def __init__(self, channels, reduction=16, pooling="att", fusion="add"):
        super().__init__(channels, reduction, pooling, fusion)
        self.expand.reset_parameters()
