"""Wrong regions. Every class differs from Plain, a right block, in what it overrides."""

import torch
import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    aligned, mode, beyond = True, "bilinear", "zeros"

    def __init__(self, channels, parts=4, scale=(1, 0.25)):
        super().__init__()
        self.scale = scale
        self.fc = nn.Linear(channels, 2 * parts)

    def squash(self, t):
        return torch.tanh(t)

    def pairs(self, t):
        return t.unflatten(1, (-1, 2))

    def pool(self, x):
        return x.mean(dim=(2, 3))

    def centres(self, x):
        return self.pairs(self.squash(self.fc(self.pool(x))))

    def theta(self, t):
        theta = t.new_zeros(*t.shape[:2], 2, 3)
        theta[..., 0, 0], theta[..., 1, 1] = self.scale
        theta[..., 2] = t
        return theta

    def forward(self, x):
        theta = self.theta(self.centres(x))
        many = x[:, None].expand(-1, theta.shape[1], -1, -1, -1).flatten(0, 1)
        grid = F.affine_grid(theta.flatten(0, 1), list(many.shape), align_corners=self.aligned)
        out = F.grid_sample(many, grid, self.mode, self.beyond, align_corners=self.aligned)
        return out.unflatten(0, theta.shape[:2])


class RowsFirst(Plain):
    def centres(self, x):
        return super().centres(x).flip(2)


class SizesSwapped(Plain):
    def theta(self, t):
        theta = super().theta(t).clone()
        theta[..., 0, 0], theta[..., 1, 1] = self.scale[1], self.scale[0]
        return theta


class AllAcrossFirst(Plain):
    def pairs(self, t):
        return t.unflatten(1, (2, -1)).mT


class NoTanh(Plain):
    def squash(self, t):
        return t


class ClampedPlace(Plain):
    def squash(self, t):
        return t.clamp(-1, 1)


class ScalesThePlace(Plain):
    def theta(self, t):
        return super().theta(t * t.new_tensor(self.scale))


class OldCorners(Plain):
    aligned = False


class RepeatsEdge(Plain):
    beyond = "border"


class NearestPlace(Plain):
    mode = "nearest"


class Brightest(Plain):
    def pool(self, x):
        return x.amax(dim=(2, 3))


class FixedPlace(Plain):
    def centres(self, x):
        return super().centres(x).detach()
