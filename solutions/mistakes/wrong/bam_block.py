"""Wrong bottleneck attention. Every class differs from Plain, a right one, in what it overrides."""

import torch
import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels, reduction=16, dilation=4):
        super().__init__()
        hidden = channels // reduction
        self.reduce = nn.Linear(channels, hidden)
        self.norm = nn.BatchNorm1d(hidden)
        self.expand = nn.Linear(hidden, channels)
        self.narrow = nn.Conv2d(channels, hidden, 1)
        self.bn0 = nn.BatchNorm2d(hidden)
        self.far1 = self.far(hidden, dilation)
        self.bn1 = nn.BatchNorm2d(hidden)
        self.far2 = self.far(hidden, dilation)
        self.bn2 = nn.BatchNorm2d(hidden)
        self.final = nn.Conv2d(hidden, 1, 1)

    def far(self, hidden, dilation):
        return nn.Conv2d(hidden, hidden, 3, padding=dilation, dilation=dilation)

    def pool(self, x):
        return x.mean(dim=(2, 3))

    def hidden(self, z):
        return F.relu(self.norm(self.reduce(z)))

    def channels(self, x):
        return self.expand(self.hidden(self.pool(x)))[:, :, None, None]

    def places(self, x):
        x = F.relu(self.bn0(self.narrow(x)))
        x = F.relu(self.bn1(self.far1(x)))
        return self.final(F.relu(self.bn2(self.far2(x))))

    def join(self, x, a, b):
        return x + x * torch.sigmoid(a + b)

    def forward(self, x):
        return self.join(x, self.channels(x), self.places(x))


class ProductOfLogits(Plain):
    def join(self, x, a, b):
        return x + x * torch.sigmoid(a * b)


class TwoSigmoids(Plain):
    def join(self, x, a, b):
        return x + x * torch.sigmoid(a) * torch.sigmoid(b)


class NoResidual(Plain):
    def join(self, x, a, b):
        return x * torch.sigmoid(a + b)


class NoSigmoid(Plain):
    def join(self, x, a, b):
        return x + x * (a + b)


class Serial(Plain):
    def forward(self, x):
        gated = x * torch.sigmoid(self.channels(x))
        return x + gated * torch.sigmoid(self.places(gated))


class NearTaps(Plain):
    def far(self, hidden, dilation):
        return nn.Conv2d(hidden, hidden, 3, padding=1)


class OneKernel(Plain):
    def __init__(self, channels, reduction=16, dilation=4):
        super().__init__(channels, reduction, dilation)
        self.far2 = self.far1


class NoHiddenNorm(Plain):
    def __init__(self, channels, reduction=16, dilation=4):
        super().__init__(channels, reduction, dilation)
        self.norm = nn.Identity()


class NoHiddenReLU(Plain):
    def hidden(self, z):
        return self.norm(self.reduce(z))


class MaxPool(Plain):
    def pool(self, x):
        return x.amax(dim=(2, 3))


class SquareWindow(Plain):
    def pool(self, x):
        return x[:, :, :, : x.shape[2]].mean(dim=(2, 3))


class EndsInReLU(Plain):
    def places(self, x):
        return F.relu(super().places(x))
