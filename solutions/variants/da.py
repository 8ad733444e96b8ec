"""Right answers to the dual attention exercise, each written by other means than the reference."""

import torch
import torch.nn.functional as F
from torch import nn

from solutions.da import CLAIMS, ChannelAttention, ConvNorm, PositionAttention

# Loops: one position, or one channel, at a time.


class LoopsPosition(nn.Module):
    def __init__(self, channels, reduction=8):
        super().__init__()
        narrow = max(channels // reduction, 1)
        self.asks = nn.Linear(channels, narrow)
        self.shows = nn.Linear(channels, narrow)
        self.gives = nn.Linear(channels, channels)
        self.strength = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        vectors = x.flatten(2).permute(0, 2, 1)  # (B, N, C)
        shown, given = self.shows(vectors), self.gives(vectors)
        outcomes = []
        for j in range(vectors.shape[1]):
            asked = self.asks(vectors[:, j])
            affinity = (shown * asked[:, None]).sum(dim=2)
            weights = affinity.softmax(dim=1)
            outcomes.append((weights[:, :, None] * given).sum(dim=1))
        y = torch.stack(outcomes, dim=2).reshape(x.shape)
        return self.strength * y + x


class LoopsChannel(nn.Module):
    def __init__(self, channels, sign=-1):
        super().__init__()
        self.sign = sign
        self.strength = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        rows = []
        for own in x.unbind(1):
            alike = torch.stack([(own * other).sum(dim=(1, 2)) for other in x.unbind(1)], dim=1)
            weights = (self.sign * alike).softmax(dim=1)
            rows.append(sum(weights[:, c, None, None] * x[:, c] for c in range(x.shape[1])))
        return x + self.strength * torch.stack(rows, dim=1)


class LoopsHead(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        width, branches = channels // 4, []
        for attend in (PositionAttention, ChannelAttention):
            parts = ConvNorm(channels, width), attend(width), ConvNorm(width, width)
            branches.append(nn.Sequential(*parts))
        self.branches = nn.ModuleList(branches)
        self.last = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        total = 0
        for branch in self.branches:
            total = total + branch(x)
        return self.last(total)


def position_macs_loops(channels, height, width, reduction=8):
    narrow, total = channels // reduction, 0
    for outputs in (narrow, narrow, channels):
        total += channels * outputs * height * width
    for inner in (narrow, channels):
        total += (height * width) ** 2 * inner
    return total


def last_layer_loops(channels, gamma):
    weight = torch.zeros(channels, channels, dtype=gamma.dtype)
    for c in range(channels):
        weight[c, c] = gamma[0]
    return weight, torch.zeros(channels, dtype=gamma.dtype)


def prediction_loops(block, change):
    for word in ("pixels", "mirror"):
        if word in change and "turn" not in change:
            return True
    return block == "channel" and any(word in change for word in ("channels", "sign", "turn"))


def exposing_loops(channels, height, width):
    images = torch.zeros(1, channels, height, width)
    for c in range(channels):
        images[0, c] = c + 1
    return images - (channels + 1.5) / 2


# Einsum: weights held as parameters, every sum spelt out.


class EinsumPosition(nn.Module):
    def __init__(self, channels, reduction=8):
        super().__init__()
        narrow = max(channels // reduction, 1)
        self.query = nn.Parameter(torch.randn(narrow, channels) * channels**-0.5)
        self.query_bias = nn.Parameter(torch.zeros(narrow))
        self.key = nn.Parameter(torch.randn(narrow, channels) * channels**-0.5)
        self.key_bias = nn.Parameter(torch.zeros(narrow))
        self.value = nn.Parameter(torch.randn(channels, channels) * channels**-0.5)
        self.value_bias = nn.Parameter(torch.zeros(channels))
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        q = torch.einsum("dc,bchw->bdhw", self.query, x) + self.query_bias[:, None, None]
        k = torch.einsum("dc,bchw->bdhw", self.key, x) + self.key_bias[:, None, None]
        v = torch.einsum("dc,bchw->bdhw", self.value, x) + self.value_bias[:, None, None]
        affinity = torch.einsum("bdhw,bdij->bhwij", q, k).flatten(3).softmax(dim=3)
        return x + self.gamma * torch.einsum("bhwn,bcn->bchw", affinity, v.flatten(2))


class EinsumChannel(nn.Module):
    def __init__(self, channels, sign=-1):
        super().__init__()
        self.sign, self.beta = sign, nn.Parameter(torch.zeros(1))

    def forward(self, x):
        energy = torch.einsum("bchw,bdhw->bcd", x, x)
        powers = (self.sign * energy - (self.sign * energy).amax(2, keepdim=True)).exp()
        weights = powers / torch.einsum("bcd->bc", powers)[..., None]
        return x + self.beta * torch.einsum("bcd,bdhw->bchw", weights, x)


class EinsumHead(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        width = channels // 4
        self.pam_in, self.cam_in = ConvNorm(channels, width), ConvNorm(channels, width)
        self.pam, self.cam = PositionAttention(width), ChannelAttention(width)
        self.pam_out, self.cam_out = ConvNorm(width, width), ConvNorm(width, width)
        self.classify = nn.Linear(width, classes)

    def forward(self, x):
        position, channel = self.pam(self.pam_in(x)), self.cam(self.cam_in(x))
        y = self.pam_out(position) + self.cam_out(channel)
        y = torch.einsum("oc,bchw->bohw", self.classify.weight, y)
        return y + self.classify.bias[:, None, None]


def channel_macs_einsum(channels, height, width):
    energy = sums = channels * height * width * channels
    return energy + sums


def last_layer_einsum(channels, gamma):
    ones = torch.ones(channels, dtype=gamma.dtype)
    return torch.diag(ones * gamma), 0 * ones


def crossing_einsum(channels):
    side = int((2 * channels / 3) ** 0.5)
    return side if 3 * side**2 > 2 * channels else side + 1


# The fused kernel, the released code's way with the sign, and functions where there were layers.


class FusedPosition(nn.Module):
    def __init__(self, channels, reduction=8):
        super().__init__()
        narrow = max(channels // reduction, 1)
        self.narrow, self.channels = narrow, channels
        self.query_conv = nn.Conv2d(channels, narrow, kernel_size=1)
        self.key_conv = nn.Conv2d(channels, narrow, kernel_size=1)
        self.value_conv = nn.Conv2d(channels, channels, kernel_size=1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        maps = self.query_conv(x), self.key_conv(x), self.value_conv(x)
        q, k, v = (m.flatten(2).transpose(1, 2).unsqueeze(1) for m in maps)
        y = F.scaled_dot_product_attention(q * self.narrow**0.5, k, v)
        return torch.addcmul(x, self.gamma, y[:, 0].transpose(1, 2).reshape(x.shape))


class MaximumChannel(nn.Module):
    def __init__(self, channels, sign=-1):
        super().__init__()
        self.sign = sign
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        rows = x.reshape(x.shape[0], x.shape[1], -1)
        energy = torch.bmm(rows, rows.permute(0, 2, 1))
        if self.sign < 0:
            energy = energy.max(dim=-1, keepdim=True).values.expand_as(energy) - energy
        return self.gamma * torch.bmm(F.softmax(energy, dim=-1), rows).reshape(x.shape) + x


def position_macs_closed(channels, height, width, reduction=8):
    n, c = height * width, channels // reduction
    return n * (n * (c + channels) + 2 * c * channels + channels**2)


def crossing_closed(channels):
    return next(side for side in range(1, channels) if 3 * side**2 > 2 * channels)


def prediction_table(block, change):
    unmoved = {
        "position": {"shuffle the pixels", "mirror the map"},
        "channel": {"shuffle the pixels", "mirror the map", "shuffle the channels",
                    "change every sign", "turn two pixels"},
    }  # fmt: skip
    return change in unmoved[block]


def allowed_table(number):
    return CLAIMS[number].startswith("On fetch, ") and number in {2, 4}


VARIANTS = {
    "loops": {
        "PositionAttention": LoopsPosition, "ChannelAttention": LoopsChannel, "DAHead": LoopsHead,
        "exposing_input": exposing_loops, "position_macs": position_macs_loops,
        "last_layer": last_layer_loops, "prediction": prediction_loops,
    },
    "einsum": {
        "PositionAttention": EinsumPosition, "ChannelAttention": EinsumChannel,
        "DAHead": EinsumHead, "channel_macs": channel_macs_einsum, "crossing": crossing_einsum,
        "last_layer": last_layer_einsum,
    },
    "fused": {
        "PositionAttention": FusedPosition, "ChannelAttention": MaximumChannel,
        "position_macs": position_macs_closed, "crossing": crossing_closed,
        "prediction": prediction_table, "allowed": allowed_table,
    },
}  # fmt: skip
