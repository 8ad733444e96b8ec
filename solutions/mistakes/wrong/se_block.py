"""Wrong SE blocks. Every class differs from Plain, a right block, in the method it overrides."""

import torch
import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        self.reduce = nn.Linear(channels, channels // reduction, bias=bias)
        self.expand = nn.Linear(channels // reduction, channels, bias=bias)

    def pool(self, x):
        return x.mean(dim=(2, 3))

    def gate(self, z):
        return torch.sigmoid(self.expand(F.relu(self.reduce(z))))

    def forward(self, x):
        return x * self.gate(self.pool(x))[:, :, None, None]


class NoSigmoid(Plain):
    def gate(self, z):
        return self.expand(F.relu(self.reduce(z)))


class SoftmaxGate(Plain):
    def gate(self, z):
        return torch.softmax(self.expand(F.relu(self.reduce(z))), dim=1)


class SoftmaxOverBatch(Plain):
    def gate(self, z):
        return torch.softmax(self.expand(F.relu(self.reduce(z))), dim=0)


class ActivationsSwapped(Plain):
    def gate(self, z):
        return F.relu(self.expand(torch.sigmoid(self.reduce(z))))


class NoReLU(Plain):
    def gate(self, z):
        return torch.sigmoid(self.expand(self.reduce(z)))


class ReLUBeforeSigmoid(Plain):
    def gate(self, z):
        return torch.sigmoid(F.relu(self.expand(F.relu(self.reduce(z)))))


class LayersSwapped(Plain):
    def gate(self, z):
        return torch.sigmoid(self.reduce(F.relu(self.expand(z))))


class LayersDefinedSwapped(Plain):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__(channels, reduction, bias)
        self.reduce = nn.Linear(channels // reduction, channels, bias=bias)
        self.expand = nn.Linear(channels, channels // reduction, bias=bias)


class Widens(Plain):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__(channels, reduction, bias)
        self.reduce = nn.Linear(channels, channels * reduction, bias=bias)
        self.expand = nn.Linear(channels * reduction, channels, bias=bias)


class MaxPool(Plain):
    def pool(self, x):
        return x.amax(dim=(2, 3))


class SumPool(Plain):
    def pool(self, x):
        return x.sum(dim=(2, 3))


class FixedPool(Plain):
    def pool(self, x):
        return F.avg_pool2d(x, 7).flatten(1)


class PoolsChannels(Plain):
    def pool(self, x):
        return x.mean(dim=1)


class PoolsChannelsFlat(Plain):
    def pool(self, x):
        return x.mean(dim=1).flatten(1)


class PoolsChannelsAndRows(Plain):
    def pool(self, x):
        return x.mean(dim=(1, 2))


class PoolsChannelsAndColumns(Plain):
    def pool(self, x):
        return x.mean(dim=(1, 3))


class PoolsChannelsConv(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        self.reduce = nn.Conv2d(channels, channels // reduction, 1, bias=bias)
        self.expand = nn.Conv2d(channels // reduction, channels, 1, bias=bias)

    def forward(self, x):
        z = x.mean(dim=1, keepdim=True)
        return x * torch.sigmoid(self.expand(F.relu(self.reduce(z))))


class PoolsBatch(Plain):
    def pool(self, x):
        return x.mean(dim=(0, 2, 3))[None]


class AlwaysBias(Plain):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__(channels, reduction, bias=True)


class NeverBias(Plain):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__(channels, reduction, bias=False)


class RoundsHidden(Plain):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__(channels, reduction, bias)
        hidden = max(8, (channels // reduction + 4) // 8 * 8)
        self.reduce = nn.Linear(channels, hidden, bias=bias)
        self.expand = nn.Linear(hidden, channels, bias=bias)


class OneLayer(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        self.fc = nn.Linear(channels, channels, bias=bias)

    def forward(self, x):
        return x * torch.sigmoid(self.fc(x.mean(dim=(2, 3))))[:, :, None, None]


class Adds(Plain):
    def forward(self, x):
        return x + self.gate(self.pool(x))[:, :, None, None]


class Residual(Plain):
    def forward(self, x):
        return x + x * self.gate(self.pool(x))[:, :, None, None]


class GateOnly(Plain):
    def forward(self, x):
        return self.gate(self.pool(x))


class GateMap(Plain):
    def forward(self, x):
        return self.gate(self.pool(x))[:, :, None, None]


class GatesColumns(Plain):
    def forward(self, x):
        return x * self.gate(self.pool(x))[:, None, None, :]


class GatesRows(Plain):
    def forward(self, x):
        return x * self.gate(self.pool(x))[:, None, :, None]


class MutatesInput(Plain):
    def forward(self, x):
        return x.mul_(self.gate(self.pool(x))[:, :, None, None])
