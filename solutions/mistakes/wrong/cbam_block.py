"""Wrong CBAM blocks. Every class differs from Plain, a right block, in the method it overrides."""

import torch
import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__()
        hidden = channels // reduction
        reduce, expand = nn.Linear(channels, hidden), nn.Linear(hidden, channels)
        self.mlp = nn.Sequential(reduce, nn.ReLU(), expand)
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(1, momentum=0.01)

    def channel(self, x):
        u = self.mlp(x.mean(dim=(2, 3))) + self.mlp(x.amax(dim=(2, 3)))
        return torch.sigmoid(u)[:, :, None, None]

    def maps(self, x):
        return torch.cat([x.amax(dim=1, keepdim=True), x.mean(dim=1, keepdim=True)], dim=1)

    def spatial(self, x):
        return torch.sigmoid(self.norm(self.conv(self.maps(x))))

    def forward(self, x):
        x = x * self.channel(x)
        return x * self.spatial(x)


class PositionsFirst(Plain):
    def forward(self, x):
        x = x * self.spatial(x)
        return x * self.channel(x)


class SideBySide(Plain):
    def forward(self, x):
        return x * self.channel(x) * self.spatial(x)


class AddsBranches(Plain):
    def forward(self, x):
        return x * self.channel(x) + x * self.spatial(x)


class MapsSwapped(Plain):
    def maps(self, x):
        return torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)


class SumMap(Plain):
    def maps(self, x):
        return torch.cat([x.amax(dim=1, keepdim=True), x.sum(dim=1, keepdim=True)], dim=1)


class MeanOnly(Plain):
    def channel(self, x):
        return torch.sigmoid(self.mlp(x.mean(dim=(2, 3))))[:, :, None, None]


class MaxOnly(Plain):
    def channel(self, x):
        return torch.sigmoid(self.mlp(x.amax(dim=(2, 3))))[:, :, None, None]


class PoolsAddedFirst(Plain):
    def channel(self, x):
        return torch.sigmoid(self.mlp(x.mean(dim=(2, 3)) + x.amax(dim=(2, 3))))[:, :, None, None]


class SigmoidTwice(Plain):
    def channel(self, x):
        gates = self.mlp(x.mean(dim=(2, 3))).sigmoid() + self.mlp(x.amax(dim=(2, 3))).sigmoid()
        return gates[:, :, None, None]


class NoReLU(Plain):
    def channel(self, x):
        first, _, second = self.mlp
        u = second(first(x.mean(dim=(2, 3)))) + second(first(x.amax(dim=(2, 3))))
        return torch.sigmoid(u)[:, :, None, None]


class TwoMLPs(Plain):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__(channels, reduction, kernel)
        hidden = channels // reduction
        self.other = nn.Sequential(
            nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels)
        )

    def channel(self, x):
        u = self.mlp(x.mean(dim=(2, 3))) + self.other(x.amax(dim=(2, 3)))
        return torch.sigmoid(u)[:, :, None, None]


class NoBiases(Plain):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__(channels, reduction, kernel)
        hidden = channels // reduction
        layers = nn.Linear(channels, hidden, False), nn.ReLU(), nn.Linear(hidden, channels, False)
        self.mlp = nn.Sequential(*layers)


class NoNorm(Plain):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__(channels, reduction, kernel)
        self.norm = nn.Identity()


class ConvBias(Plain):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__(channels, reduction, kernel)
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2)


class ReLUAfterNorm(Plain):
    def spatial(self, x):
        return torch.sigmoid(F.relu(self.norm(self.conv(self.maps(x)))))


class NoSpatialSigmoid(Plain):
    def spatial(self, x):
        return self.norm(self.conv(self.maps(x)))


class SoftmaxOverPositions(Plain):
    def spatial(self, x):
        u = self.norm(self.conv(self.maps(x)))
        return torch.softmax(u.flatten(1), dim=1).view_as(u)


class KernelFixed(Plain):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__(channels, reduction, 7)


class NoPadding(Plain):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__(channels, reduction, kernel)
        self.conv = nn.Conv2d(2, 1, kernel, bias=False)


class MapsOnWrongAxis(Plain):
    def maps(self, x):
        return torch.cat([x.amax(dim=2, keepdim=True), x.mean(dim=2, keepdim=True)], dim=2)


class UsualMomentum(Plain):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__(channels, reduction, kernel)
        self.norm = nn.BatchNorm2d(1)


class KerasMomentum(Plain):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__(channels, reduction, kernel)
        self.norm = nn.BatchNorm2d(1, momentum=0.99)


class AlwaysTheBatch(Plain):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__(channels, reduction, kernel)
        self.norm = nn.BatchNorm2d(1, momentum=0.01, track_running_stats=False)


class AddsInput(Plain):
    def forward(self, x):
        gated = x * self.channel(x)
        return x + gated * self.spatial(gated)


class MutatesInput(Plain):
    def forward(self, x):
        x.mul_(self.channel(x))
        return x * self.spatial(x)
