"""Wrong selective kernels. Every class differs from Plain, a right one, in what it overrides."""

import torch
import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels, branches=2, groups=32, hidden=32):
        super().__init__()
        self.count = branches
        self.branches = nn.ModuleList(
            self.branch(channels, groups, m) for m in range(1, branches + 1)
        )
        self.reduce = nn.Linear(channels, hidden, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.select = nn.Linear(hidden, branches * channels, bias=False)

    def branch(self, channels, groups, m):
        conv = nn.Conv2d(channels, channels, 3, padding=m, dilation=m, groups=groups, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(channels), nn.ReLU())

    def squeeze(self, x, maps):
        return sum(maps).mean(dim=(2, 3))

    def hidden(self, z):
        return F.relu(self.norm(self.reduce(z)))

    def logits(self, u):
        return self.select(u).unflatten(1, (self.count, -1))  # (B, M, C)

    def shares(self, logits):
        return logits.softmax(dim=1)

    def forward(self, x):
        maps = [branch(x) for branch in self.branches]
        shares = self.shares(self.logits(self.hidden(self.squeeze(x, maps))))[..., None, None]
        return self.mix(x, maps, shares)

    def mix(self, x, maps, shares):
        return (torch.stack(maps, dim=1) * shares).sum(dim=1)


class OverChannels(Plain):
    def shares(self, logits):
        return logits.softmax(dim=2)


class NoContest(Plain):
    def shares(self, logits):
        return logits.sigmoid()


class ChannelByChannel(Plain):
    def logits(self, u):
        return self.select(u).unflatten(1, (-1, self.count)).mT


class FirstBranchOnly(Plain):
    def squeeze(self, x, maps):
        return maps[0].mean(dim=(2, 3))


class SqueezesInput(Plain):
    def squeeze(self, x, maps):
        return x.mean(dim=(2, 3))


class MeanOfBranches(Plain):
    def squeeze(self, x, maps):
        return torch.stack(maps).mean(dim=(0, 3, 4))


class NoHiddenNorm(Plain):
    def __init__(self, *sizes, **more):
        super().__init__(*sizes, **more)
        self.norm = nn.Identity()


class NoHiddenReLU(Plain):
    def hidden(self, z):
        return self.norm(self.reduce(z))


class BiasedLogits(Plain):
    def __init__(self, *sizes, **more):
        super().__init__(*sizes, **more)
        self.select = nn.Linear(self.select.in_features, self.select.out_features)


class NoDilation(Plain):
    def branch(self, channels, groups, m):
        return super().branch(channels, groups, 1)


class WholeKernels(Plain):
    def branch(self, channels, groups, m):
        conv = nn.Conv2d(channels, channels, 2 * m + 1, padding=m, groups=groups, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(channels), nn.ReLU())


class GatesInput(Plain):
    def mix(self, x, maps, shares):
        return (x[:, None] * shares).sum(dim=1)


class LinearBranches(Plain):
    def branch(self, channels, groups, m):
        return super().branch(channels, groups, m)[:2]
