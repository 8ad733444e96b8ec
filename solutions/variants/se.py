"""Right answers to the SE exercise, each written by other means than the reference."""

import torch
import torch.nn.functional as F
from torch import nn

# Loops: one number, or one channel, at a time.


def squeeze_loops(x):
    rows = []
    for image in x:
        means = []
        for channel in image:
            total = 0
            for value in channel.flatten():
                total = total + value
            means.append(total / channel.numel())
        rows.append(torch.stack(means))
    return torch.stack(rows)


class LoopsSE(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        self.first = nn.Linear(channels, channels // reduction, bias=bias)
        self.second = nn.Linear(channels // reduction, channels, bias=bias)

    def forward(self, x):
        channels = range(x.shape[1])
        z = torch.stack([x[:, c].mean(dim=(1, 2)) for c in channels], dim=1)
        s = torch.sigmoid(self.second(self.first(z).clamp(min=0)))
        return torch.stack([s[:, c, None, None] * x[:, c] for c in channels], dim=1)


def params_loops(channels, reduction=16, bias=False):
    total = 0
    for inputs, outputs in ((channels, channels // reduction), (channels // reduction, channels)):
        total += inputs * outputs
        if bias:
            total += outputs
    return total


def gradient_loops(x, u, dy):
    du = torch.empty_like(u)
    for b in range(u.shape[0]):
        for c in range(u.shape[1]):
            s = torch.sigmoid(u[b, c])
            du[b, c] = s * (1 - s) * torch.dot(x[b, c].flatten(), dy[b, c].flatten())
    return du


def prediction_loops(change):
    for word in ("channels", "double", "crop"):
        if word in change:
            return False
    return True


# Einsum: weights held as parameters, every sum spelt out.


def squeeze_einsum(x):
    return torch.einsum("bchw->bc", x) / (x.shape[2] * x.shape[3])


class EinsumSE(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        hidden = channels // reduction
        self.down = nn.Parameter(torch.randn(hidden, channels) * channels**-0.5)
        self.up = nn.Parameter(torch.randn(channels, hidden) * hidden**-0.5)
        self.down_bias = nn.Parameter(torch.zeros(hidden)) if bias else None
        self.up_bias = nn.Parameter(torch.zeros(channels)) if bias else None

    def forward(self, x):
        area = x.shape[2] * x.shape[3]
        hidden = torch.einsum("hc,bcij->bh", self.down, x / area)
        if self.down_bias is not None:
            hidden = hidden + self.down_bias
        u = torch.einsum("ch,bh->bc", self.up, torch.relu(hidden))
        if self.up_bias is not None:
            u = u + self.up_bias
        return torch.einsum("bcij,bc->bcij", x, 1 / (1 + torch.exp(-u)))


def macs_einsum(channels, height, width, reduction=16):
    layers = channels * (channels // reduction) + (channels // reduction) * channels
    return layers + channels * height * width + channels * height * width


def gradient_einsum(x, u, dy):
    slope = 1 / (2 + torch.exp(u) + torch.exp(-u))
    return torch.einsum("bchw,bchw,bc->bc", dy, x, slope)


def exposing_einsum(channels, height, width):
    images = torch.arange(1.0, 4.0)
    return torch.einsum("b,chw->bchw", images, torch.rand(channels, height, width) + 0.5)


# 1x1 convolutions, as most published code has it.


def squeeze_conv(x):
    return F.adaptive_avg_pool2d(x, 1)[:, :, 0, 0]


class ConvSE(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        width = channels // reduction
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, width, kernel_size=1, bias=bias),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, channels, kernel_size=1, bias=bias),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.gate(x) * x


def params_conv(channels, reduction=16, bias=False):
    width = channels // reduction
    down, up = (channels + int(bias)) * width, (width + int(bias)) * channels
    return down + up


def resnet50_conv(reduction=16, bias=False):
    widths = [256] * 3 + [512] * 4 + [1024] * 6 + [2048] * 3
    return sum(2 * c * (c // reduction) + (c // reduction + c if bias else 0) for c in widths)


def gradient_conv(x, u, dy):
    with torch.enable_grad():
        gate = u.detach().requires_grad_()
        y = x * gate[..., None, None].sigmoid()
        y.backward(dy)
    return gate.grad


# Functions only, the second layer defined first, tensors flattened early.


def squeeze_flat(x):
    return x.flatten(start_dim=2).mean(dim=-1)


class FlatSE(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        self.expand = nn.Linear(channels // reduction, channels, bias)
        self.squash = nn.Linear(channels, channels // reduction, bias)

    def forward(self, x):
        flat = x.flatten(2)
        hidden = F.relu(F.linear(flat.mean(-1), self.squash.weight, self.squash.bias))
        logit = F.linear(hidden, self.expand.weight, self.expand.bias)
        return (flat * logit.sigmoid().unsqueeze(-1)).reshape(x.shape)


def macs_flat(channels, height, width, reduction=16):
    return 2 * channels * (height * width + channels // reduction)


def gradient_flat(x, u, dy):
    slope = torch.sigmoid(u) * torch.sigmoid(-u)
    return torch.mul(x, dy).flatten(2).sum(-1).mul(slope)


VARIANTS = {
    "loops": {
        "squeeze": squeeze_loops, "SEBlock": LoopsSE, "params": params_loops,
        "gate_gradient": gradient_loops, "MendedSE": LoopsSE, "prediction": prediction_loops,
    },
    "einsum": {
        "squeeze": squeeze_einsum, "SEBlock": EinsumSE, "macs": macs_einsum,
        "gate_gradient": gradient_einsum, "MendedSE": EinsumSE, "exposing_input": exposing_einsum,
    },
    "convolutions": {
        "squeeze": squeeze_conv, "SEBlock": ConvSE, "params": params_conv,
        "resnet50_extra": resnet50_conv, "gate_gradient": gradient_conv, "MendedSE": ConvSE,
    },
    "functional": {
        "squeeze": squeeze_flat, "SEBlock": FlatSE, "macs": macs_flat,
        "gate_gradient": gradient_flat, "MendedSE": FlatSE,
    },
}  # fmt: skip
