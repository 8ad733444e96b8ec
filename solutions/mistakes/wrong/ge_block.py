"""Wrong gather-excite blocks. Every class differs from Plain, a right one, in what it overrides."""

import torch
import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels, extent=None):
        super().__init__()
        self.extent = extent

    def pool(self, x, e):
        return F.avg_pool2d(x, 2 * e - 1, e, e - 1, count_include_pad=False)

    def gather(self, x):
        if self.extent is None:
            return x.mean(dim=(2, 3), keepdim=True)
        return self.pool(x, self.extent)

    def spread(self, u, x):
        return F.interpolate(u, x.shape[2:])

    def gate(self, x):
        return torch.sigmoid(self.spread(self.gather(x), x))

    def forward(self, x):
        return x * self.gate(x)


class CountsZeros(Plain):
    def pool(self, x, e):
        return F.avg_pool2d(x, 2 * e - 1, e, e - 1)


class NarrowWindow(Plain):
    def pool(self, x, e):
        return F.avg_pool2d(x, e, e, ceil_mode=True)


class WindowOfExtent(Plain):
    def pool(self, x, e):
        window = e + 1 - e % 2
        return F.avg_pool2d(x, window, e, window // 2, count_include_pad=False)


class EveryPlace(Plain):
    def pool(self, x, e):
        return F.avg_pool2d(x, 2 * e - 1, 1, e - 1, count_include_pad=False)


class MaxWindow(Plain):
    def gather(self, x):
        if self.extent is None:
            return x.amax(dim=(2, 3), keepdim=True)
        return F.max_pool2d(x, 2 * self.extent - 1, self.extent, self.extent - 1)


class Bilinear(Plain):
    def spread(self, u, x):
        return F.interpolate(u, x.shape[2:], mode="bilinear")


class AlwaysGlobal(Plain):
    def gather(self, x):
        return x.mean(dim=(2, 3), keepdim=True)


class NoSigmoid(Plain):
    def gate(self, x):
        return self.spread(self.gather(x), x)


class SigmoidFirst(Plain):
    def gather(self, x):
        return super().gather(torch.sigmoid(x))

    def gate(self, x):
        return self.spread(self.gather(x), x)


class AcrossChannels(Plain):
    def gather(self, x):
        return super().gather(x.mean(dim=1, keepdim=True))


class GatesContext(Plain):
    def forward(self, x):
        return self.spread(self.gather(x), x) * self.gate(x)


class AddsX(Plain):
    def forward(self, x):
        return x + x * self.gate(x)
