"""Wrong frequency blocks. Every class differs from Plain, a right one, in what it overrides."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels, grid, frequencies, hidden):
        super().__init__()
        self.grid = tuple(grid)
        waves = torch.stack([self.picture(u, v) for u, v in frequencies])
        self.keep(self.dealt(waves, channels // len(frequencies)))
        self.reduce = nn.Linear(channels, hidden, bias=False)
        self.expand = nn.Linear(hidden, channels, bias=False)

    def keep(self, waves):
        self.waves = waves

    def wave(self, frequency, length):
        at = (torch.arange(length, dtype=torch.float64) + 0.5) / length
        return (math.pi * frequency * at).cos() * math.sqrt((2 if frequency else 1) / length)

    def picture(self, u, v):
        return self.wave(u, self.grid[0])[:, None] * self.wave(v, self.grid[1])

    def dealt(self, waves, each):
        return waves.repeat_interleave(each, dim=0)

    def fields(self, x):
        return F.adaptive_avg_pool2d(x, self.grid)

    def squeeze(self, x):
        return (self.fields(x) * self.waves.to(x.dtype)).sum(dim=(2, 3))

    def gate(self, z):
        return torch.sigmoid(self.expand(F.relu(self.reduce(z))))

    def forward(self, x):
        return x * self.gate(self.squeeze(x))[:, :, None, None]


class Exchanged(Plain):
    def picture(self, u, v):
        return self.wave(v, self.grid[0])[:, None] * self.wave(u, self.grid[1])


class NoRootOfTwo(Plain):
    def wave(self, frequency, length):
        at = (torch.arange(length, dtype=torch.float64) + 0.5) / length
        return (math.pi * frequency * at).cos() / math.sqrt(length)


class NotScaled(Plain):
    def wave(self, frequency, length):
        at = (torch.arange(length, dtype=torch.float64) + 0.5) / length
        return (math.pi * frequency * at).cos()


class NoHalf(Plain):
    def wave(self, frequency, length):
        at = torch.arange(length, dtype=torch.float64) / length
        return (math.pi * frequency * at).cos() * math.sqrt((2 if frequency else 1) / length)


class WholePeriods(Plain):
    def wave(self, frequency, length):
        return super().wave(2 * frequency, length)


class Rotating(Plain):
    def dealt(self, waves, each):
        return waves.repeat(each, 1, 1)


class AllForAll(Plain):
    def dealt(self, waves, each):
        return waves.sum(dim=0, keepdim=True)


class MeanOfProducts(Plain):
    def squeeze(self, x):
        return (self.fields(x) * self.waves.to(x.dtype)).mean(dim=(2, 3))


class NearestField(Plain):
    def fields(self, x):
        return F.interpolate(x, self.grid)


class MaxOfField(Plain):
    def fields(self, x):
        return F.adaptive_max_pool2d(x, self.grid)


class ScaledLikeSeven(Plain):
    def picture(self, u, v):
        return super().picture(u * (self.grid[0] // 7), v * (self.grid[1] // 7))


class LearnedWaves(Plain):
    def keep(self, waves):
        self.waves = nn.Parameter(waves)


class WithBiases(Plain):
    def __init__(self, channels, grid, frequencies, hidden):
        super().__init__(channels, grid, frequencies, hidden)
        self.reduce, self.expand = nn.Linear(channels, hidden), nn.Linear(hidden, channels)


class NoReLU(Plain):
    def gate(self, z):
        return torch.sigmoid(self.expand(self.reduce(z)))


class AddsMean(Plain):
    def squeeze(self, x):
        return super().squeeze(x) + x.mean(dim=(2, 3))
