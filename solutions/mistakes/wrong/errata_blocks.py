"""Half-mended blocks: what is written when the bug of the errata notebook is only half seen."""

import torch
import torch.nn.functional as F
from torch import nn

# Each cell is taken by itself: bases stand in this file, and nothing comes from the reference.


class Pairs(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Conv2d(channels, channels, 1, bias=False)
        self.key = nn.Conv2d(channels, channels, 1, bias=False)
        self.value = nn.Conv2d(channels, channels, 1, bias=False)

    def parts(self, x):
        return [layer(x).flatten(2) for layer in (self.query, self.key, self.value)]


class Zoom(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.look = nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False)


class Place(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.mix = nn.Linear(channels, channels, bias=False)


class Axis(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Conv2d(channels, channels, 1, bias=False)
        self.key = nn.Conv2d(channels, channels, 1, bias=False)


class SoftmaxOverQueries(Pairs):
    def forward(self, x):
        q, k, v = self.parts(x)
        weights = torch.softmax(q.transpose(1, 2) @ k, dim=1)
        return x + (v @ weights.transpose(1, 2)).view_as(x)


class KeysForQueries(Pairs):
    def forward(self, x):
        q, k, v = self.parts(x)
        weights = torch.softmax(q.transpose(1, 2) @ k, dim=2)
        return x + (v @ weights).view_as(x)


class AffinityWithoutX(Pairs):
    def forward(self, x):
        q, k, v = self.parts(x)
        weights = torch.softmax(q.transpose(1, 2) @ k, dim=2)
        return (v @ weights.transpose(1, 2)).view_as(x)


class ByWidth(Pairs):
    def forward(self, x):
        q, k, v = self.parts(x)
        weights = q.transpose(1, 2) @ k / x.shape[3]
        return x + (v @ weights.transpose(1, 2)).view_as(x)


class ByChannels(Pairs):
    def forward(self, x):
        q, k, v = self.parts(x)
        weights = q.transpose(1, 2) @ k / x.shape[1]
        return x + (v @ weights.transpose(1, 2)).view_as(x)


class ByRoot(Pairs):
    def forward(self, x):
        q, k, v = self.parts(x)
        weights = q.transpose(1, 2) @ k / x.shape[1] ** 0.5
        return x + (v @ weights.transpose(1, 2)).view_as(x)


class ZoomCorners(Zoom):
    def forward(self, x):
        small = self.look(x.mean(dim=1, keepdim=True))
        score = F.interpolate(small, size=x.shape[2:], mode="bilinear", align_corners=False)
        return x * torch.sigmoid(score)


class ZoomNearest(Zoom):
    def forward(self, x):
        small = self.look(x.mean(dim=1, keepdim=True))
        return x * torch.sigmoid(F.interpolate(small, size=x.shape[2:]))


class ZoomCuts(Zoom):
    def forward(self, x):
        small = self.look(x.mean(dim=1, keepdim=True))
        score = F.interpolate(small, scale_factor=2, mode="bilinear", align_corners=True)
        return x * torch.sigmoid(score[..., : x.shape[2], : x.shape[3]])


class ZoomNot(Zoom):
    def forward(self, x):
        score = F.conv2d(x.mean(dim=1, keepdim=True), self.look.weight, padding=1)
        return x * torch.sigmoid(score)


class MapUnbiased(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.score = nn.Conv2d(channels, 1, 1, bias=False)

    def forward(self, x):
        return x * torch.sigmoid(self.score(x))


class MapAveraged(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.score = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.score(x).mean(dim=1, keepdim=True))


class MapCompetes(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.score = nn.Conv2d(channels, 1, 1)

    def forward(self, x):
        score = self.score(x)
        return x * torch.softmax(score.flatten(2), dim=2).view_as(score)


class PlaceClonesLate(Place):
    def forward(self, x):
        gate = torch.sigmoid(self.mix(x.mean(dim=(2, 3))))
        return x.mul_(gate[:, :, None, None]).clone()


class PlaceUngated(Place):
    def forward(self, x):
        return x * self.mix(x.mean(dim=(2, 3)))[:, :, None, None]


class BirthFixed(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.value = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x):
        return x + 0 * self.value(x).mean(dim=(2, 3), keepdim=True)


class BirthScalesAll(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.value = nn.Conv2d(channels, channels, 1, bias=False)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return self.gamma * (x + self.gamma * self.value(x).mean(dim=(2, 3), keepdim=True))


class AxisOfQueries(Axis):
    def forward(self, x):
        q, k = self.query(x).flatten(2), self.key(x).flatten(2)
        weights = torch.softmax(q.transpose(1, 2) @ k, dim=1)
        return x + (x.flatten(2) @ weights.transpose(1, 2)).view_as(x)


class AxisDivided(Axis):
    def forward(self, x):
        q, k = self.query(x).flatten(2), self.key(x).flatten(2)
        weights = q.transpose(1, 2) @ k / q.shape[2]
        return x + (x.flatten(2) @ weights.transpose(1, 2)).view_as(x)


def verdict_trusting(claim):
    return "supported"


def verdict_doubting(claim):
    return "supported" if claim == "cheaper" else "not shown"
