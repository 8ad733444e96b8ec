"""Right answers to the CBAM exercise, each written by other means than the reference."""

import torch
import torch.nn.functional as F
from torch import nn

# Loops: one channel, or one place, at a time.


class LoopsChannelGate(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.down = nn.Linear(channels, channels // reduction)
        self.up = nn.Linear(channels // reduction, channels)

    def forward(self, x):
        images = []
        for image in x:
            total = 0
            for pooled in ([c.sum() / c.numel() for c in image], [c.max() for c in image]):
                total = total + self.up(self.down(torch.stack(pooled)).clamp(min=0))
            images.append(1 / (1 + torch.exp(-total)))
        return torch.stack(images)[:, :, None, None]


class LoopsTutorialGate(nn.Module):
    def __init__(self, channels, kernel=3):
        super().__init__()
        self.band = nn.Parameter(torch.randn(1, 1, kernel) * 0.5)

    def forward(self, x):
        channels, kernel = x.shape[1], self.band.shape[2]
        both = x.mean(dim=(2, 3)) + x.amax(dim=(2, 3))  # the band is linear, so sum first
        gates = []
        for c in range(channels):
            total = torch.zeros_like(both[:, 0])
            for j in range(kernel):
                if 0 <= c + j - kernel // 2 < channels:
                    total = total + self.band[0, 0, j] * both[:, c + j - kernel // 2]
            gates.append(torch.sigmoid(total))
        return torch.stack(gates, dim=1).reshape(*x.shape[:2], 1, 1)


class LoopsSpatialGate(nn.Module):
    def __init__(self, kernel=7):
        super().__init__()
        self.look = nn.Conv2d(2, 1, kernel, bias=False)
        self.scale = nn.BatchNorm2d(1, momentum=0.01)

    def forward(self, x):
        largest, total = x[:, 0], x[:, 0]
        for c in range(1, x.shape[1]):
            largest, total = torch.maximum(largest, x[:, c]), total + x[:, c]
        seen = torch.stack([largest, total / x.shape[1]], dim=1)
        half = self.look.kernel_size[0] // 2
        return torch.sigmoid(self.scale(self.look(F.pad(seen, (half, half, half, half)))))


class LoopsCBAM(nn.Module):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__()
        self.down = nn.Linear(channels, channels // reduction)
        self.up = nn.Linear(channels // reduction, channels)
        self.look = nn.Conv2d(2, 1, kernel, bias=False)
        self.scale = nn.BatchNorm2d(1, momentum=0.01)

    def forward(self, x):
        logits = 0
        for z in (x.flatten(2).mean(2), x.flatten(2).max(2).values):
            logits = logits + self.up(self.down(z).clamp(min=0))
        gates = torch.sigmoid(logits)
        x = torch.stack([gates[:, c, None, None] * x[:, c] for c in range(x.shape[1])], dim=1)
        half = self.look.kernel_size[0] // 2
        seen = F.pad(torch.stack([x.max(1).values, x.mean(1)], 1), (half, half, half, half))
        return x * torch.sigmoid(self.scale(self.look(seen)))


def params_loops(channels, reduction=16, kernel=7):
    total = 2  # scale and shift of the BatchNorm
    for inputs, outputs in ((channels, channels // reduction), (channels // reduction, channels)):
        total += (inputs + 1) * outputs
    for _ in ("max", "avg"):
        total += kernel * kernel
    return total


def prediction_loops(change):
    answer = []
    minded = {"channel": ("positions", "images", "mirror")}
    minded["spatial"] = ("shuffle the channels", "images", "frame")
    for gate, words in minded.items():
        if any(word in change for word in words):
            answer.append(gate)
    return "both" if len(answer) == 2 else (answer or ["neither"])[0]


class LoopsMended(nn.Module):
    def __init__(self, kernel=7):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(1, momentum=0.01)

    def forward(self, x):
        first, *rest = x.split(1, dim=1)
        largest = total = first
        for channel in rest:
            largest, total = torch.maximum(largest, channel), total + channel
        seen = torch.cat([largest, total / x.shape[1]], dim=1)
        return torch.sigmoid(self.bn(self.conv(seen)))


# Einsum: weights held as parameters, every sum spelt out; windows cut out by unfold.


class EinsumChannelGate(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = channels // reduction
        self.a = nn.Parameter(torch.randn(hidden, channels) * channels**-0.5)
        self.a0 = nn.Parameter(torch.zeros(hidden))
        self.b = nn.Parameter(torch.randn(channels, hidden) * hidden**-0.5)
        self.b0 = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        area = x.shape[2] * x.shape[3]
        z = torch.stack([torch.einsum("bchw->bc", x) / area, x.amax(dim=(2, 3))])
        hidden = F.relu(torch.einsum("hc,pbc->pbh", self.a, z) + self.a0)
        u = torch.einsum("ch,pbh->bc", self.b, hidden) + 2 * self.b0
        return torch.sigmoid(u)[..., None, None]


class EinsumSpatialGate(nn.Module):
    def __init__(self, kernel=7):
        super().__init__()
        self.window = nn.Parameter(torch.randn(1, 2, kernel, kernel) / kernel)
        self.norm = nn.BatchNorm2d(1, momentum=0.01)

    def forward(self, x):
        kernel = self.window.shape[3]
        seen = torch.stack([x.amax(dim=1), torch.einsum("bchw->bhw", x) / x.shape[1]], dim=1)
        patches = F.unfold(seen, kernel, padding=kernel // 2).unflatten(1, (2, kernel, kernel))
        logits = torch.einsum("mij,bmijn->bn", self.window[0], patches)
        return torch.sigmoid(self.norm(logits.unflatten(1, (1, *x.shape[2:]))))


class EinsumCBAM(nn.Module):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__()
        hidden = channels // reduction
        self.a = nn.Parameter(torch.randn(hidden, channels) * channels**-0.5)
        self.a0 = nn.Parameter(torch.zeros(hidden))
        self.b = nn.Parameter(torch.randn(channels, hidden) * hidden**-0.5)
        self.b0 = nn.Parameter(torch.zeros(channels))
        self.window = nn.Parameter(torch.randn(1, 2, kernel, kernel) / kernel)
        self.norm = nn.BatchNorm2d(1, momentum=0.01)

    def forward(self, x):
        z = torch.stack([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))])
        hidden = F.relu(torch.einsum("hc,pbc->pbh", self.a, z) + self.a0)
        gate = torch.sigmoid(torch.einsum("ch,pbh->bc", self.b, hidden) + 2 * self.b0)
        x = torch.einsum("bc,bcij->bcij", gate, x)
        kernel = self.window.shape[3]
        seen = torch.stack([x.amax(dim=1), x.mean(dim=1)], dim=1)
        patches = F.unfold(seen, kernel, padding=kernel // 2).unflatten(1, (2, kernel, kernel))
        logits = torch.einsum("mij,bmijn->bn", self.window[0], patches)
        place = torch.sigmoid(self.norm(logits.unflatten(1, (1, *x.shape[2:]))))
        return torch.einsum("bcij,buij->bcij", x, place)


def macs_einsum(channels, height, width, reduction=16, kernel=7):
    hidden, maps = channels // reduction, 2
    return 2 * (channels * hidden + hidden * channels) + maps * kernel * kernel * height * width


def trials_einsum(x):
    def nudged(c, i, j, by):
        other = x.clone()
        other[:, c, i, j] = other[:, c, i, j] + by
        return other

    both = nudged(0, 6, 6, 9.0)
    both[:, 1, 6, 6] = both[:, 1, 6, 6] - 9.0
    corner, weak, near = nudged(0, 0, 0, 9.0), nudged(0, 6, 6, -20.0), nudged(0, 5, 5, 9.0)
    return [x[1:], x.flip(1), corner, both, weak, near]


def accepts_einsum(inputs, gates):
    x, (g, rest, mixed, corner, both, weak, near) = inputs[0], gates
    if tuple(g.shape) != (len(x), 1, *x.shape[2:]) or not bool(((g > 0) & (g < 1)).all()):
        return False
    if (rest - g[1:]).abs().max() > 1e-9 or (mixed - g).abs().max() > 1e-9:
        return False
    moved = (corner - g).abs().amax(dim=(0, 1)) > 1e-12
    if bool(moved[4:].any()) or bool(moved[:, 4:].any()) or not bool(moved[3, 3]):
        return False
    for other in (both, weak):
        if (other - g).abs().amax() < 1e-12:
            return False
    return bool((near - g)[:, :, 2:9, 2:9].abs().amax(dim=(0, 1)).min() > 0)


def exposing_einsum(channels, height, width):
    depth = torch.arange(1.0, channels + 1)
    return -torch.einsum("b,c,hw->bchw", torch.ones(2), depth, torch.ones(height, width))


# Layers: 1x1 convolutions and pooling layers, as most published code has it.


class LayersChannelGate(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.shared = nn.Sequential(
            nn.Conv2d(channels, channels // reduction, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels // reduction, channels, 1),
        )
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        average, largest = F.adaptive_avg_pool2d(x, 1), F.adaptive_max_pool2d(x, 1)
        return self.sigmoid(self.shared(average) + self.shared(largest))


class LayersTutorialGate(nn.Module):
    def __init__(self, channels, kernel=3):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, kernel, padding="same", bias=False)

    def forward(self, x):
        out = 0
        for pool in (F.adaptive_avg_pool2d, F.adaptive_max_pool2d):
            row = pool(x, 1).squeeze(-1).transpose(1, 2)  # (B, 1, C)
            out = out + self.conv(row).transpose(1, 2).unsqueeze(-1)
        return out.sigmoid()


class LayersSpatialGate(nn.Module):
    def __init__(self, kernel=7):
        super().__init__()
        self.compute = nn.Sequential(
            nn.Conv2d(2, 1, kernel, padding="same", bias=False),
            nn.BatchNorm2d(1, momentum=0.01),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.compute(torch.cat((x.max(1)[0].unsqueeze(1), x.mean(1).unsqueeze(1)), dim=1))


class LayersCBAM(nn.Module):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__()
        self.compute = nn.Sequential(
            nn.Conv2d(2, 1, kernel, padding="same", bias=False),
            nn.BatchNorm2d(1, momentum=0.01),
            nn.Sigmoid(),
        )
        self.shared = nn.Sequential(
            nn.Conv2d(channels, channels // reduction, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels // reduction, channels, 1),
        )

    def forward(self, x):
        average, largest = F.adaptive_avg_pool2d(x, 1), F.adaptive_max_pool2d(x, 1)
        refined = torch.sigmoid(self.shared(average) + self.shared(largest)) * x
        pair = refined.max(1)[0].unsqueeze(1), refined.mean(1).unsqueeze(1)
        return self.compute(torch.cat(pair, dim=1)) * refined


def params_layers(channels, reduction=16, kernel=7):
    width = channels // reduction
    layers = {"down": (channels, width), "up": (width, channels)}
    return sum(i * o + o for i, o in layers.values()) + 2 * (kernel**2 + 1)


def macs_layers(channels, height, width, reduction=16, kernel=7):
    places = height * width
    return (channels // reduction) * channels * 4 + places * kernel**2 * 2


VARIANTS = {
    "loops": {
        "ChannelGate": LoopsChannelGate, "TutorialGate": LoopsTutorialGate,
        "SpatialGate": LoopsSpatialGate, "CBAM": LoopsCBAM, "params": params_loops,
        "prediction": prediction_loops, "MendedGate": LoopsMended,
    },
    "einsum": {
        "ChannelGate": EinsumChannelGate, "SpatialGate": EinsumSpatialGate, "CBAM": EinsumCBAM,
        "macs": macs_einsum, "trials": trials_einsum, "accepts": accepts_einsum,
        "exposing_input": exposing_einsum,
    },
    "layers": {
        "ChannelGate": LayersChannelGate, "TutorialGate": LayersTutorialGate,
        "SpatialGate": LayersSpatialGate, "CBAM": LayersCBAM, "params": params_layers,
        "macs": macs_layers,
    },
}  # fmt: skip
