"""Half-mended blocks: what is written when the bug of the errata notebook is only half seen."""

import torch
import torch.nn.functional as F
from torch import nn

from solutions import errata


class SoftmaxOverQueries(errata.MendedAffinity):
    def forward(self, x):
        q, k, v = (layer(x).flatten(2) for layer in (self.query, self.key, self.value))
        weights = torch.softmax(q.transpose(1, 2) @ k, dim=1)
        return x + (v @ weights.transpose(1, 2)).view_as(x)


class KeysForQueries(errata.MendedAffinity):
    def forward(self, x):
        q, k, v = (layer(x).flatten(2) for layer in (self.query, self.key, self.value))
        weights = torch.softmax(q.transpose(1, 2) @ k, dim=2)
        return x + (v @ weights).view_as(x)


class AffinityWithoutX(errata.MendedAffinity):
    def forward(self, x):
        return super().forward(x) - x


class ByWidth(errata.MendedDivisor):
    def forward(self, x):
        y = super().forward(x) - x
        return x + y * x.shape[2]


class ByChannels(errata.MendedDivisor):
    def forward(self, x):
        y = super().forward(x) - x
        return x + y * x.shape[2] * x.shape[3] / x.shape[1]


class ByRoot(errata.MendedDivisor):
    def forward(self, x):
        y = super().forward(x) - x
        return x + y * x.shape[2] * x.shape[3] / x.shape[1] ** 0.5


class ZoomCorners(errata.MendedZoom):
    def forward(self, x):
        small = self.look(x.mean(dim=1, keepdim=True))
        score = F.interpolate(small, size=x.shape[2:], mode="bilinear", align_corners=False)
        return x * torch.sigmoid(score)


class ZoomNearest(errata.MendedZoom):
    def forward(self, x):
        small = self.look(x.mean(dim=1, keepdim=True))
        return x * torch.sigmoid(F.interpolate(small, size=x.shape[2:]))


class ZoomCuts(errata.MendedZoom):
    def forward(self, x):
        small = self.look(x.mean(dim=1, keepdim=True))
        score = F.interpolate(small, scale_factor=2, mode="bilinear", align_corners=True)
        return x * torch.sigmoid(score[..., : x.shape[2], : x.shape[3]])


class ZoomNot(errata.MendedZoom):
    def forward(self, x):
        score = F.conv2d(x.mean(dim=1, keepdim=True), self.look.weight, padding=1)
        return x * torch.sigmoid(score)


class MapUnbiased(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.score = nn.Conv2d(channels, 1, 1, bias=False)

    def forward(self, x):
        return x * torch.sigmoid(self.score(x))


class MapAveraged(errata.WildMap):
    def forward(self, x):
        return x * torch.sigmoid(self.score(x).mean(dim=1, keepdim=True))


class MapCompetes(errata.MendedMap):
    def forward(self, x):
        score = self.score(x)
        return x * torch.softmax(score.flatten(2), dim=2).view_as(score)


class PlaceClonesLate(errata.MendedPlace):
    def forward(self, x):
        gate = torch.sigmoid(self.mix(x.mean(dim=(2, 3))))
        return x.mul_(gate[:, :, None, None]).clone()


class PlaceUngated(errata.MendedPlace):
    def forward(self, x):
        return x * self.mix(x.mean(dim=(2, 3)))[:, :, None, None]


class BirthFixed(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.value = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x):
        return x + 0 * self.value(x).mean(dim=(2, 3), keepdim=True)


class BirthScalesAll(errata.MendedBirth):
    def forward(self, x):
        return self.gamma * super().forward(x)


class AxisOfQueries(errata.MendedAxis):
    def forward(self, x):
        q, k = self.query(x).flatten(2), self.key(x).flatten(2)
        weights = torch.softmax(q.transpose(1, 2) @ k, dim=1)
        return x + (x.flatten(2) @ weights.transpose(1, 2)).view_as(x)


class AxisDivided(errata.MendedAxis):
    def forward(self, x):
        q, k = self.query(x).flatten(2), self.key(x).flatten(2)
        weights = q.transpose(1, 2) @ k / q.shape[2]
        return x + (x.flatten(2) @ weights.transpose(1, 2)).view_as(x)


def verdict_trusting(claim):
    return "supported"


def verdict_doubting(claim):
    return "supported" if claim == "cheaper" else "not shown"
