"""Wrong masks beside a trunk. Every class differs from Plain, a right one, in what it overrides."""

import torch
import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.trunk = nn.Conv2d(channels, channels, 3, padding=1)
        self.look = nn.Conv2d(channels, channels // 2, 3, padding=1)
        self.head = nn.Conv2d(channels // 2, channels, 1)

    def down(self, x):
        return F.max_pool2d(x, 3, 2, 1)

    def features(self, x):
        return F.relu(self.look(self.down(x)))

    def up(self, small, size):
        return F.interpolate(small, size=size, mode="bilinear", align_corners=True)

    def gates(self, logits):
        return torch.sigmoid(logits)

    def mask(self, x, trunk):
        return self.gates(self.head(self.up(self.features(x), x.shape[2:])))

    def join(self, x, mask, trunk):
        return (1 + mask) * trunk

    def forward(self, x):
        trunk = self.trunk(x)
        return self.join(x, self.mask(x, trunk), trunk)


class Naive(Plain):
    def join(self, x, mask, trunk):
        return mask * trunk


class AddsInput(Plain):
    def join(self, x, mask, trunk):
        return x + mask * trunk


class StressesInput(Plain):
    def join(self, x, mask, trunk):
        return trunk + mask * x


class MaskOfTrunk(Plain):
    def mask(self, x, trunk):
        return super().mask(trunk, trunk)


class AddsTrunk(Plain):
    def mask(self, x, trunk):
        return self.gates(self.head(self.up(self.features(x), x.shape[2:])) + trunk)


class SharedOut(Plain):
    def gates(self, logits):
        return logits.flatten(2).softmax(dim=2).view_as(logits)


class NoSigmoid(Plain):
    def gates(self, logits):
        return logits


class MeanPool(Plain):
    def down(self, x):
        return F.avg_pool2d(x, 3, 2, 1)


class EdgesOnEdges(Plain):
    def up(self, small, size):
        return F.interpolate(small, size=size, mode="bilinear", align_corners=False)


class Repeats(Plain):
    def up(self, small, size):
        return F.interpolate(small, size=size)


class NoReLU(Plain):
    def features(self, x):
        return self.look(self.down(x))


class NeverDown(Plain):
    def down(self, x):
        return F.max_pool2d(x, 3, 1, 1)
