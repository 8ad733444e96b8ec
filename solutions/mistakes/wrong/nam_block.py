"""Wrong norm-scale blocks. Every class differs from Plain, a right one, in what it overrides."""

import torch
import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = self.make(channels)

    def make(self, channels):
        return nn.BatchNorm2d(channels)

    def shares(self):
        scales = self.norm.weight.detach()
        return scales.abs() / scales.abs().sum()

    def gate(self, x):
        return torch.sigmoid(self.shares()[:, None, None] * self.norm(x))

    def forward(self, x):
        return x * self.gate(x)


class KeepsSigns(Plain):
    def shares(self):
        scales = self.norm.weight.detach()
        return scales / scales.sum()


class SignedOverAbsolute(Plain):
    def shares(self):
        scales = self.norm.weight.detach()
        return scales / scales.abs().sum()


class OverLargest(Plain):
    def shares(self):
        scales = self.norm.weight.detach().abs()
        return scales / scales.max()


class SoftmaxShares(Plain):
    def shares(self):
        return self.norm.weight.detach().softmax(dim=0)


class Squares(Plain):
    def shares(self):
        squares = self.norm.weight.detach().square()
        return squares / squares.sum()


class NoShares(Plain):
    def gate(self, x):
        return torch.sigmoid(self.norm(x))


class SharesOutside(Plain):
    def gate(self, x):
        return self.shares()[:, None, None] * torch.sigmoid(self.norm(x))


class GatesNormed(Plain):
    def forward(self, x):
        return self.norm(x) * self.gate(x)


class NoSigmoid(Plain):
    def gate(self, x):
        return self.shares()[:, None, None] * self.norm(x)


class PoolsFirst(Plain):
    def gate(self, x):
        return super().gate(x.mean(dim=(2, 3), keepdim=True))


class NormsImage(Plain):
    def gate(self, x):
        normed = F.instance_norm(x, weight=self.norm.weight, bias=self.norm.bias)
        return torch.sigmoid(self.shares()[:, None, None] * normed)


class NoScales(Plain):
    def make(self, channels):
        return nn.BatchNorm2d(channels, affine=False)

    def shares(self):
        return self.norm.running_var / self.norm.running_var.sum()


class AddsX(Plain):
    def forward(self, x):
        return x + x * self.gate(x)


class SqueezesInstead(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.reduce = nn.Linear(channels, max(1, channels // 2))
        self.expand = nn.Linear(max(1, channels // 2), channels)

    def forward(self, x):
        return x * self.expand(F.relu(self.reduce(x.mean(dim=(2, 3))))).sigmoid()[:, :, None, None]
