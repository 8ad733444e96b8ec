"""Wrong channel attentions and wrong heads, each a right one but for what it overrides."""

import torch
from torch import nn

from solutions.da import ChannelAttention, ConvNorm, PositionAttention


class PlainChannel(nn.Module):
    def __init__(self, channels, sign=-1):
        super().__init__()
        self.sign = sign
        self.beta = nn.Parameter(torch.zeros(1))

    def energy(self, x):
        flat = x.flatten(2)
        return flat @ flat.transpose(1, 2)

    def weights(self, x):
        return torch.softmax(self.sign * self.energy(x), dim=-1)

    def sums(self, x):
        return (self.weights(x) @ x.flatten(2)).view(x.shape)

    def forward(self, x):
        return x + self.beta * self.sums(x)


class AlwaysPaper(PlainChannel):
    def weights(self, x):
        return torch.softmax(self.energy(x), dim=-1)


class AlwaysCode(PlainChannel):
    def weights(self, x):
        return torch.softmax(-self.energy(x), dim=-1)


class SignExchanged(PlainChannel):
    def weights(self, x):
        return torch.softmax(-self.sign * self.energy(x), dim=-1)


class MaxOfColumns(PlainChannel):
    def weights(self, x):
        energy = self.energy(x)
        if self.sign == 1:
            return torch.softmax(energy, dim=-1)
        return torch.softmax(energy.amax(dim=1, keepdim=True) - energy, dim=-1)


class SoftmaxOfColumns(PlainChannel):
    def weights(self, x):
        return torch.softmax(self.sign * self.energy(x), dim=1)


class NoSoftmax(PlainChannel):
    def weights(self, x):
        return self.sign * self.energy(x)


class MeanEnergy(PlainChannel):
    def energy(self, x):
        return super().energy(x) / (x.shape[2] * x.shape[3])


class Cosine(PlainChannel):
    def energy(self, x):
        flat = nn.functional.normalize(x.flatten(2), dim=-1)
        return flat @ flat.transpose(1, 2)


class Positions(PlainChannel):
    def sums(self, x):
        flat = x.flatten(2)
        weights = torch.softmax(self.sign * (flat.transpose(1, 2) @ flat), dim=-1)
        return (flat @ weights.transpose(1, 2)).view(x.shape)


class SharedBatch(PlainChannel):
    def energy(self, x):
        return super().energy(x).mean(dim=0, keepdim=True)


class SignOutside(PlainChannel):
    def weights(self, x):
        return self.sign * torch.softmax(self.energy(x), dim=-1)


class Projected(PlainChannel):
    def __init__(self, channels, sign=-1):
        super().__init__(channels, sign)
        self.value = nn.Conv2d(channels, channels, 1)

    def sums(self, x):
        return (self.weights(x) @ self.value(x).flatten(2)).view(x.shape)


class BetaOne(PlainChannel):
    def __init__(self, channels, sign=-1):
        super().__init__(channels, sign)
        self.beta = nn.Parameter(torch.ones(1))


class NoResidual(PlainChannel):
    def forward(self, x):
        return self.beta * self.sums(x)


class PlainHead(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        inner = channels // 4
        self.pam_in, self.pam = ConvNorm(channels, inner), PositionAttention(inner)
        self.pam_out = ConvNorm(inner, inner)
        self.cam_in, self.cam = ConvNorm(channels, inner), ChannelAttention(inner)
        self.cam_out = ConvNorm(inner, inner)
        self.cls_sum = nn.Conv2d(inner, classes, 1)

    def features(self, x):
        return self.pam_out(self.pam(self.pam_in(x))), self.cam_out(self.cam(self.cam_in(x)))

    def forward(self, x):
        p, q = self.features(x)
        return self.cls_sum(p + q)


class Multiplies(PlainHead):
    def forward(self, x):
        p, q = self.features(x)
        return self.cls_sum(p * q)


class AttendsTwice(PlainHead):
    def features(self, x):
        p = self.pam(self.pam_in(x))
        q = self.cam(self.cam_in(x))
        return self.pam_out(self.pam(p)), self.cam_out(self.cam(q))


class OneNarrowing(PlainHead):
    def __init__(self, channels, classes):
        super().__init__(channels, classes)
        del self.cam_in

    def features(self, x):
        x = self.pam_in(x)
        return self.pam_out(self.pam(x)), self.cam_out(self.cam(x))


class NoSecondConvolution(PlainHead):
    def __init__(self, channels, classes):
        super().__init__(channels, classes)
        del self.pam_out, self.cam_out

    def features(self, x):
        return self.pam(self.pam_in(x)), self.cam(self.cam_in(x))


class Concatenates(PlainHead):
    def __init__(self, channels, classes):
        super().__init__(channels, classes)
        self.cls_sum = nn.Conv2d(channels // 4 * 2, classes, 1)

    def forward(self, x):
        return self.cls_sum(torch.cat(self.features(x), dim=1))
