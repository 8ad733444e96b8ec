"""Right answers to the exercise on channel gates, each by other means than the reference."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from solutions.channelzoo import wave

# Loops: one place, one channel, one branch at a time.


class LoopsSK(nn.Module):
    def __init__(self, channels, branches=2, groups=32, hidden=32):
        super().__init__()
        self.kernels = nn.ModuleList()
        self.norms = nn.ModuleList()
        for m in range(1, branches + 1):
            self.kernels.append(
                nn.Conv2d(channels, channels, 3, 1, m, m, groups=groups, bias=False)
            )
            self.norms.append(nn.BatchNorm2d(channels))
        self.first = nn.Linear(channels, hidden, bias=False)
        self.hidden_norm = nn.BatchNorm1d(hidden)
        self.second = nn.Linear(hidden, branches * channels, bias=False)

    def forward(self, x):
        maps = []
        for kernel, norm in zip(self.kernels, self.norms, strict=True):
            maps.append(torch.relu(norm(kernel(x))))
        z = sum(one.mean((2, 3)) for one in maps)
        powers = self.second(torch.relu(self.hidden_norm(self.first(z)))).exp()
        channels, y = x.shape[1], torch.zeros_like(x)
        parts = [powers[:, m * channels : (m + 1) * channels] for m in range(len(maps))]
        for part, one in zip(parts, maps, strict=True):
            y = y + (part / sum(parts))[..., None, None] * one
        return y


class LoopsGE(nn.Module):
    def __init__(self, channels, extent=None):
        super().__init__()
        self.extent = extent

    def forward(self, x):
        height, width = x.shape[2:]
        if self.extent is None:
            return x * x.mean((2, 3), keepdim=True).sigmoid()
        e, rows = self.extent, []
        high, wide = -(-height // e), -(-width // e)
        for i in range(height):
            row = []
            for j in range(width):
                p, q = i * high // height * e, j * wide // width * e
                near = x[:, :, max(0, p - e + 1) : p + e, max(0, q - e + 1) : q + e]
                row.append(x[:, :, i, j] * near.mean((2, 3)).sigmoid())
            rows.append(torch.stack(row, dim=2))
        return torch.stack(rows, dim=2)


def wave_loops(u, v, height, width):
    picture = torch.zeros(height, width, dtype=torch.float64)
    for i in range(height):
        for j in range(width):
            down = math.cos(math.pi * u * (2 * i + 1) / (2 * height))
            picture[i, j] = down * math.cos(math.pi * v * (2 * j + 1) / (2 * width))
    return picture / picture.norm()


class LoopsFca(nn.Module):
    def __init__(self, channels, grid, frequencies, hidden):
        super().__init__()
        self.grid, each = grid, channels // len(frequencies)
        self.pictures = [wave(*pair, *grid) for pair in frequencies for _ in range(each)]
        self.squeeze = nn.Conv2d(channels, hidden, 1, bias=False)
        self.excite = nn.Conv2d(hidden, channels, 1, bias=False)

    def forward(self, x):
        fields = F.adaptive_avg_pool2d(x, self.grid)
        sums = []
        for c, picture in enumerate(self.pictures):
            sums.append((fields[:, c] * picture.to(x)).sum((1, 2)))
        z = torch.stack(sums, dim=1)[:, :, None, None]
        return x * self.excite(self.squeeze(z).relu()).sigmoid()


class LoopsNAM(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x):
        normed, total = self.bn(x), sum(abs(g) for g in self.bn.weight.tolist())
        out = []
        for c, g in enumerate(self.bn.weight.tolist()):
            out.append(x[:, c] / (1 + torch.exp(-abs(g) / total * normed[:, c])))
        return torch.stack(out, dim=1)


def penalty_loops(scales, p):
    total = 0
    for scale in scales:
        for number in scale:
            total = total + number.abs()
    return p * total


def costs_loops(channels, height, width, branches, groups, hidden):
    weights = work = 0
    for _ in range(branches):
        kernel = 3 * 3 * (channels // groups) * channels
        weights += kernel + 2 * channels
        work += kernel * height * width
        weights += hidden * channels
        work += hidden * channels
    return weights + channels * hidden + 2 * hidden, work + channels * hidden


def mirrored_loops(u, v):
    factors = []
    for frequency in (u, v):
        ends = [math.cos(math.pi * frequency * at) for at in (1 / 8, 7 / 8)]
        factors.append(1 if abs(ends[0] - ends[1]) < 1e-6 else -1)
    return factors[0], factors[1]


def from_se_loops(weight, height, width):
    out = weight.clone()
    for row in out:
        for c in range(len(row)):
            row[c] = row[c] / (height * width) ** 0.5
    return out


def mended_loops(x, kernels):
    gates = torch.ones_like(x)
    for c, kernel in enumerate(kernels):
        for image in range(len(x)):
            gates[image, c] = torch.sigmoid((x[image, c] * kernel[0]).sum())
    return gates


# Einsum: one product wherever there is one.


class EinsumSK(nn.Module):
    def __init__(self, channels, branches=2, groups=32, hidden=32):
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(channels, channels, 3, padding=m, dilation=m, groups=groups, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
            )
            for m in range(1, branches + 1)
        )
        self.down = nn.Parameter(torch.randn(hidden, channels) / channels**0.5)
        self.norm = nn.BatchNorm1d(hidden)
        self.up = nn.Parameter(torch.randn(branches * channels, hidden) / hidden**0.5)

    def forward(self, x):
        maps = torch.stack([branch(x) for branch in self.branches])  # (M, B, C, H, W)
        z = torch.einsum("mbchw->bc", maps) / x[0, 0].numel()
        u = self.norm(torch.einsum("bc,dc->bd", z, self.down)).relu()
        logits = torch.einsum("bd,mcd->mbc", u, self.up.unflatten(0, (len(maps), -1)))
        return torch.einsum("mbchw,mbc->bchw", maps, logits.softmax(0))


class EinsumGE(nn.Module):
    def __init__(self, channels, extent=None):
        super().__init__()
        self.extent = extent

    def averages(self, side, like):
        """(side, side): row i averages what place i of the map hears of."""
        if self.extent is None:
            return like.new_full((side, side), 1 / side)
        at, e = torch.arange(side), self.extent
        middle = at * -(-side // e) // side * e
        heard = ((middle[:, None] - at).abs() < e).to(like)
        return heard / heard.sum(1, keepdim=True)

    def forward(self, x):
        rows, columns = (self.averages(side, x) for side in x.shape[2:])
        near = torch.einsum("bcij,hi,wj->bchw", x, rows, columns)
        return torch.einsum("bchw,bchw->bchw", x, near.sigmoid())


def wave_einsum(u, v, height, width):
    lines = []
    for frequency, length in ((u, height), (v, width)):
        odd = torch.arange(1, 2 * length, 2).double()
        line = (odd * (frequency * math.pi / (2 * length))).cos()
        lines.append(line / torch.einsum("i,i->", line, line).sqrt())
    return torch.einsum("i,j->ij", *lines)


class EinsumFca(nn.Module):
    def __init__(self, channels, grid, frequencies, hidden):
        super().__init__()
        pictures = torch.stack([wave(u, v, *grid) for u, v in frequencies])
        self.register_buffer("pictures", pictures)
        self.w1 = nn.Parameter(torch.randn(hidden, channels) / channels**0.5)
        self.w2 = nn.Parameter(torch.randn(channels, hidden) / hidden**0.5)

    def forward(self, x):
        fields = F.adaptive_avg_pool2d(x, self.pictures.shape[1:])
        groups = fields.unflatten(1, (len(self.pictures), -1))
        z = torch.einsum("bnghw,nhw->bng", groups, self.pictures.to(x.dtype)).flatten(1)
        u = torch.einsum("bc,hc->bh", z, self.w1).relu()
        return torch.einsum("bchw,bc->bchw", x, torch.einsum("bh,ch->bc", u, self.w2).sigmoid())


class EinsumNAM(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        with torch.no_grad():
            shares = self.norm.weight.abs()
            shares = shares / torch.einsum("c->", shares)
        return x * torch.einsum("bchw,c->bchw", self.norm(x), shares).sigmoid()


def mended_einsum(x, kernels):
    return torch.einsum("bchw,cohw->bc", x, kernels).sigmoid()[:, :, None, None] * x.new_ones(
        x.shape
    )


# Layers, as published code has it.


class LayersGE(nn.Module):
    def __init__(self, channels, extent=None):
        super().__init__()
        self.gather = nn.AdaptiveAvgPool2d(1)
        if extent is not None:
            self.gather = nn.AvgPool2d(2 * extent - 1, extent, extent - 1, count_include_pad=False)
        self.gate = nn.Sigmoid()

    def forward(self, x):
        near = self.gate(self.gather(x))  # the sigmoid of a copy is the copy of a sigmoid
        return nn.Upsample(tuple(x.shape[2:]))(near) * x


class LayersFca(nn.Module):
    def __init__(self, channels, grid, frequencies, hidden):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(tuple(grid))
        waves = [wave(*pair, *grid).flatten() for pair in frequencies]
        self.waves = torch.stack(waves).repeat_interleave(channels // len(waves), 0)
        self.fc = nn.Sequential(
            nn.Conv2d(channels, hidden, 1, bias=False), nn.ReLU(),
            nn.Conv2d(hidden, channels, 1, bias=False), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x):
        z = torch.linalg.vecdot(self.pool(x).flatten(2), self.waves.to(x.dtype)[None])
        return x * self.fc(z[..., None, None])


class LayersNAM(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.bn2 = nn.BatchNorm2d(channels, affine=True)

    def forward(self, x):
        residual = x
        x = self.bn2(x)
        weight = self.bn2.weight.data.abs() / torch.sum(self.bn2.weight.data.abs())
        x = x.permute(0, 2, 3, 1).mul(weight).permute(0, 3, 1, 2)
        return torch.sigmoid(x) * residual


def penalty_layers(scales, p):
    return sum(p * F.l1_loss(scale, torch.zeros_like(scale), reduction="sum") for scale in scales)


def mirrored_layers(u, v):
    return tuple(1 - 2 * (frequency % 2) for frequency in (u, v))


VARIANTS = {
    "loops": {
        "SKBlock": LoopsSK, "GEBlock": LoopsGE, "wave": wave_loops, "FcaBlock": LoopsFca,
        "NAMBlock": LoopsNAM, "penalty": penalty_loops, "sk_costs": costs_loops,
        "mirrored": mirrored_loops, "from_se": from_se_loops, "mended_gates": mended_loops,
    },
    "einsum": {
        "SKBlock": EinsumSK, "GEBlock": EinsumGE, "wave": wave_einsum, "FcaBlock": EinsumFca,
        "NAMBlock": EinsumNAM, "mended_gates": mended_einsum,
    },
    "layers": {
        "GEBlock": LayersGE, "FcaBlock": LayersFca, "NAMBlock": LayersNAM,
        "penalty": penalty_layers, "mirrored": mirrored_layers,
    },
}  # fmt: skip
