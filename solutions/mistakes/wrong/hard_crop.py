"""Wrong crops. Each class differs from a right one in what it overrides."""

import torch
import torch.nn.functional as F
from torch import nn


class PlainCrop(nn.Module):
    aligned_grid = aligned_sample = False
    mode, beyond = "bilinear", "zeros"

    def __init__(self, out):
        super().__init__()
        self.out = out

    def parts(self, box):
        return box.unbind(1)

    def matrix(self, across, down, s):
        none = torch.zeros_like(s)
        return torch.stack([s, none, across, none, s, down], dim=1).view(-1, 2, 3)

    def grid(self, x, box):
        size = (*x.shape[:2], self.out, self.out)
        return F.affine_grid(self.matrix(*self.parts(box)), size, align_corners=self.aligned_grid)

    def forward(self, x, box):
        return F.grid_sample(x, self.grid(x, box), mode=self.mode, padding_mode=self.beyond,
                             align_corners=self.aligned_sample)  # fmt: skip


class RowFirst(PlainCrop):
    def parts(self, box):
        down, across, s = box.unbind(1)
        return across, down, s


class Transposed(PlainCrop):
    def forward(self, x, box):
        return super().forward(x, box).transpose(2, 3)


class InvertedScale(PlainCrop):
    def parts(self, box):
        across, down, s = box.unbind(1)
        return across, down, 1 / s


class WholeSide(PlainCrop):
    def parts(self, box):
        across, down, s = box.unbind(1)
        return across, down, s / 2


class ScaledMiddle(PlainCrop):
    def matrix(self, across, down, s):
        return super().matrix(across * s, down * s, s)


class OppositeMiddle(PlainCrop):
    def matrix(self, across, down, s):
        return super().matrix(-across, -down, s)


class AlignedBoth(PlainCrop):
    aligned_grid = aligned_sample = True


class AlignedGrid(PlainCrop):
    aligned_grid = True


class AlignedSample(PlainCrop):
    aligned_sample = True


class Nearest(PlainCrop):
    mode = "nearest"


class EdgeRepeated(PlainCrop):
    beyond = "border"


class BoxDetached(PlainCrop):
    def parts(self, box):
        return box.detach().unbind(1)


class FirstBox(PlainCrop):
    def parts(self, box):
        return box[:1].expand_as(box).unbind(1)
