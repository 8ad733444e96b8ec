"""Wrong gates of CBAM: each overrides a method of a right one, of Channel, Band or Space."""

import torch
import torch.nn.functional as F
from torch import nn


class Channel(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.reduce = nn.Linear(channels, channels // reduction)
        self.expand = nn.Linear(channels // reduction, channels)

    def mlp(self, z):
        return self.expand(F.relu(self.reduce(z)))

    def logits(self, x):
        return self.mlp(x.mean(dim=(2, 3))) + self.mlp(x.amax(dim=(2, 3)))

    def forward(self, x):
        return torch.sigmoid(self.logits(x))[:, :, None, None]


class ChannelMeanOnly(Channel):
    def logits(self, x):
        return self.mlp(x.mean(dim=(2, 3)))


class ChannelMeanOfBoth(Channel):
    def logits(self, x):
        return (self.mlp(x.mean(dim=(2, 3))) + self.mlp(x.amax(dim=(2, 3)))) / 2


class ChannelPoolsFirst(Channel):
    def logits(self, x):
        return self.mlp(x.mean(dim=(2, 3)) + x.amax(dim=(2, 3)))


class ChannelNoReLU(Channel):
    def mlp(self, z):
        return self.expand(self.reduce(z))


class ChannelSigmoidTwice(Channel):
    def forward(self, x):
        gates = self.mlp(x.mean(dim=(2, 3))).sigmoid() + self.mlp(x.amax(dim=(2, 3))).sigmoid()
        return gates[:, :, None, None]


class ChannelGated(Channel):
    def forward(self, x):
        return x * torch.sigmoid(self.logits(x))[:, :, None, None]


class ChannelFlat(Channel):
    def forward(self, x):
        return torch.sigmoid(self.logits(x))


class ChannelTwoMLPs(Channel):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        self.down = nn.Linear(channels, channels // reduction)
        self.up = nn.Linear(channels // reduction, channels)

    def logits(self, x):
        return self.mlp(x.mean(dim=(2, 3))) + self.up(F.relu(self.down(x.amax(dim=(2, 3)))))


class ChannelNoBiases(Channel):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        self.reduce = nn.Linear(channels, channels // reduction, bias=False)
        self.expand = nn.Linear(channels // reduction, channels, bias=False)


class Band(nn.Module):
    def __init__(self, channels, kernel=3):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)

    def run(self, z):
        return self.conv(z[:, None])[:, 0]

    def forward(self, x):
        u = self.run(x.mean(dim=(2, 3))) + self.run(x.amax(dim=(2, 3)))
        return torch.sigmoid(u)[:, :, None, None]


class BandMeanOnly(Band):
    def forward(self, x):
        return torch.sigmoid(self.run(x.mean(dim=(2, 3))))[:, :, None, None]


class BandRing(Band):
    def run(self, z):
        half = self.conv.weight.shape[2] // 2
        return F.conv1d(F.pad(z[:, None], (half, half), mode="circular"), self.conv.weight)[:, 0]


class BandTwo(Band):
    def __init__(self, channels, kernel=3):
        super().__init__(channels, kernel)
        self.conv = nn.Conv1d(2, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x):
        z = torch.stack([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1)
        return torch.sigmoid(self.conv(z)[:, 0])[:, :, None, None]


class Space(nn.Module):
    def __init__(self, kernel=7):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(1, momentum=0.01)

    def maps(self, x):
        return torch.cat([x.amax(dim=1, keepdim=True), x.mean(dim=1, keepdim=True)], dim=1)

    def forward(self, x):
        return torch.sigmoid(self.norm(self.conv(self.maps(x))))


class SpaceSwapped(Space):
    def maps(self, x):
        return torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)


class SpaceReLU(Space):
    def forward(self, x):
        return torch.sigmoid(F.relu(self.norm(self.conv(self.maps(x)))))


class SpaceNoSigmoid(Space):
    def forward(self, x):
        return self.norm(self.conv(self.maps(x)))


class SpaceNormOfMaps(Space):
    def forward(self, x):
        seen = self.maps(x)
        seen = self.norm(seen.flatten(0, 1)[:, None]).view_as(seen)
        return torch.sigmoid(self.conv(seen))


class SpaceNoNorm(Space):
    def __init__(self, kernel=7):
        super().__init__(kernel)
        self.norm = nn.Identity()


class SpaceConvBias(Space):
    def __init__(self, kernel=7):
        super().__init__(kernel)
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2)


class SpaceGated(Space):
    def forward(self, x):
        return x * torch.sigmoid(self.norm(self.conv(self.maps(x))))


class SpaceNoTracking(Space):
    def __init__(self, kernel=7):
        super().__init__(kernel)
        self.norm = nn.BatchNorm2d(1, momentum=0.01, track_running_stats=False)


class SpaceMomentum(Space):
    def __init__(self, kernel=7):
        super().__init__(kernel)
        self.norm = nn.BatchNorm2d(1)


class SpaceKerasMomentum(Space):
    def __init__(self, kernel=7):
        super().__init__(kernel)
        self.norm = nn.BatchNorm2d(1, momentum=0.99)


class FromZero(Space):
    def maps(self, x):
        return torch.cat([x.amax(dim=1, keepdim=True).clamp(min=0), x.mean(1, keepdim=True)], dim=1)


class AbsoluteMax(Space):
    def maps(self, x):
        return torch.cat([x.abs().amax(dim=1, keepdim=True), x.mean(dim=1, keepdim=True)], dim=1)
