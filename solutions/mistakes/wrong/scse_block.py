"""Wrong concurrent excitation. Every class differs from Plain, a right one, in one method."""

import torch
import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels, reduction=2):
        super().__init__()
        hidden = self.width(channels, reduction)
        self.reduce = nn.Linear(channels, hidden)
        self.expand = nn.Linear(hidden, channels)
        self.place = nn.Conv2d(channels, 1, 1)

    def width(self, channels, reduction):
        return channels // reduction

    def hidden(self, x):
        return F.relu(self.reduce(x.mean(dim=(2, 3))))

    def channels(self, x):
        return self.expand(self.hidden(x))[:, :, None, None]

    def join(self, x, a, b):
        return x * torch.sigmoid(a) + x * torch.sigmoid(b)

    def forward(self, x):
        return self.join(x, self.channels(x), self.place(x))


class LargerResult(Plain):
    def join(self, x, a, b):
        return torch.maximum(x * torch.sigmoid(a), x * torch.sigmoid(b))


class LargerGate(Plain):
    def join(self, x, a, b):
        return x * torch.maximum(a, b).sigmoid()


class Product(Plain):
    def join(self, x, a, b):
        return x * torch.sigmoid(a) * torch.sigmoid(b)


class Serial(Plain):
    def forward(self, x):
        x = x * torch.sigmoid(self.channels(x))
        return x * torch.sigmoid(self.place(x))


class SumInside(Plain):
    def join(self, x, a, b):
        return x * torch.sigmoid(a + b)


class Halved(Plain):
    def join(self, x, a, b):
        return x * (torch.sigmoid(a) + torch.sigmoid(b)) / 2


class AddsX(Plain):
    def join(self, x, a, b):
        return x + x * torch.sigmoid(a) + x * torch.sigmoid(b)


class SharedOut(Plain):
    def join(self, x, a, b):
        return x * torch.sigmoid(a) + x * b.flatten(2).softmax(dim=2).view_as(b)


class MapForEachChannel(Plain):
    def __init__(self, channels, reduction=2):
        super().__init__(channels, reduction)
        self.place = nn.Conv2d(channels, channels, 1)


class NoBiases(Plain):
    def __init__(self, channels, reduction=2):
        super().__init__(channels, reduction)
        hidden = channels // reduction
        self.reduce = nn.Linear(channels, hidden, bias=False)
        self.expand = nn.Linear(hidden, channels, bias=False)


class AlwaysHalf(Plain):
    def width(self, channels, reduction):
        return channels // 2


class NoReLU(Plain):
    def hidden(self, x):
        return self.reduce(x.mean(dim=(2, 3)))
