"""Right answers to the ECA exercise, each written by other means than the reference."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from solutions.eca import STAGES, kernel_size

# Loops: one gate, one tap at a time; the nearest odd number by looking at all of them.


def kernel_size_loops(channels, gamma=2, b=1):
    t = abs(math.log2(channels) / gamma + b / gamma)
    best = 1
    for odd in range(3, 60, 2):
        if abs(odd - t) <= abs(best - t):
            best = odd
    return best


class LoopsECA(nn.Module):
    def __init__(self, channels, k=None):
        super().__init__()
        self.taps = nn.Parameter(torch.randn(k or kernel_size(channels)))

    def forward(self, x):
        half, channels = len(self.taps) // 2, x.shape[1]
        means = [x[:, c].mean(dim=(1, 2)) for c in range(channels)]
        out = []
        for c in range(channels):
            total = torch.zeros_like(means[c])
            for j in range(len(self.taps)):
                if 0 <= c + j - half < channels:
                    total = total + self.taps[j] * means[c + j - half]
            out.append(x[:, c] * torch.sigmoid(total)[:, None, None])
        return torch.stack(out, dim=1)


class LoopsECANS(nn.Module):
    def __init__(self, channels, k):
        super().__init__()
        self.taps = nn.Parameter(torch.zeros(channels, k))

    def forward(self, x):
        channels, k = self.taps.shape
        z = F.pad(x.mean((2, 3)), (k // 2, k // 2))
        u = [sum(self.taps[c, j] * z[:, c + j] for j in range(k)) for c in range(channels)]
        return x * torch.stack(u, dim=1).sigmoid()[..., None, None]


def costs_loops(channels, height, width, k, shared=True):
    work = 0
    for _ in range(channels):
        work += height * width  # its mean
        work += k  # its gate
        work += height * width  # its rescaling
    return (k if shared else k * channels), work


def added_loops(kernels):
    total = 0
    for (_, blocks), k in zip(STAGES, kernels, strict=True):
        for _ in range(blocks):
            total += k
    return total


def matrix_loops(kernel, channels, ring=False):
    half = len(kernel) // 2
    matrix = torch.zeros(channels, channels, dtype=kernel.dtype)
    for gate, heard in [(g, h) for g in range(channels) for h in range(channels)]:
        for j in range(len(kernel)):
            distance = heard - gate - (j - half)
            if distance == 0 or (ring and distance % channels == 0):
                matrix[gate, heard] = matrix[gate, heard] + kernel[j]
    return matrix


def hears_loops(gate, channels, k):
    return [c for c in range(channels) if abs(c - gate) <= k // 2]


# Einsum: windows against weights; shifted identities against the kernel.


def kernel_size_einsum(channels, gamma=2, b=1):
    return 2 * math.floor(abs((b + math.log2(channels)) / gamma) / 2) + 1


class EinsumECA(nn.Module):
    def __init__(self, channels, k=None):
        super().__init__()
        k = kernel_size(channels) if k is None else k
        self.register_parameter("w", nn.Parameter(torch.randn(1, k)))
        self.ends = nn.ZeroPad1d(k // 2)

    def forward(self, x):
        z = torch.einsum("bchw->bc", x) / x[0, 0].numel()
        windows = self.ends(z).unfold(-1, self.w.shape[1], 1)
        return torch.einsum("bchw,bc->bchw", x, 1 / (1 + torch.exp(-windows @ self.w[0])))


class EinsumECANS(nn.Module):
    def __init__(self, channels, k):
        super().__init__()
        self.kernels = nn.Parameter(torch.randn(channels, k, 1))

    def forward(self, x):
        k = self.kernels.shape[1]
        row = F.pad(x.flatten(2).mean(-1), [k // 2] * 2)
        u = torch.einsum("bcj,cjo->bc", row.unfold(1, k, 1), self.kernels)
        return torch.einsum("bchw,bc->bchw", x, u.sigmoid())


def matrix_einsum(kernel, channels, ring=False):
    k, one = len(kernel), torch.eye(channels, dtype=kernel.dtype)
    shifted = [one.roll(j - k // 2, 1) for j in range(k)]
    if not ring:
        heard = torch.arange(channels)[None] - torch.arange(channels)[:, None]
        shifted = [(heard == j - k // 2).to(kernel.dtype) for j in range(k)]
    return torch.einsum("j,jab->ab", kernel, torch.stack(shifted))


def setting_einsum(kernels):
    for pair in torch.cartesian_prod(torch.arange(1, 60), torch.arange(-12, 13)).tolist():
        gamma, b = pair[0] / 10, pair[1]
        sizes = [int(abs((log + b) / gamma)) // 2 * 2 + 1 for log in (8, 9, 10, 11)]
        if sizes == [*kernels]:
            return [gamma, b]
    return None


def exposing_einsum(height, width):
    ramp = torch.linspace(-2, 2, 200)
    return torch.einsum("b,c,h,w->bchw", torch.ones(3), ramp, torch.ones(height), torch.ones(width))


# Convolution layers, as published code has it.


def kernel_size_layers(channels, gamma=2, b=1):
    t = int(abs(math.log(channels, 2) + b) / gamma)
    return t | 1


class LayersECA(nn.Module):
    def __init__(self, channels, k=None):
        super().__init__()
        size = k if k is not None else kernel_size(channels)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.mix = nn.Conv2d(1, 1, (size, 1), padding=(size // 2, 0), bias=False)
        self.gate = nn.Sigmoid()

    def forward(self, x):
        column = self.pool(x).flatten(2).unsqueeze(1)  # (B, 1, C, 1)
        return self.gate(self.mix(column)).transpose(1, 2) * x


class LayersECANS(nn.Module):
    def __init__(self, channels, k):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.own = nn.Conv1d(channels, channels, k, groups=channels, bias=False)

    def forward(self, x):
        z = self.pool(x)[:, None, :, :, 0]  # (B, 1, C, 1)
        size = self.own.kernel_size[0]
        windows = F.unfold(z, (size, 1), padding=(size // 2, 0)).transpose(1, 2)  # (B, C, k)
        return x * self.own(windows).sigmoid().unsqueeze(-1)


def matrix_layers(kernel, channels, ring=False):
    one, half = torch.eye(channels, dtype=kernel.dtype)[:, None], len(kernel) // 2
    row = F.pad(one, (half, half), mode="circular" if ring else "constant")
    return F.conv1d(row, kernel[None, None])[:, 0].T


class LayersMended(nn.Module):
    def __init__(self, channels):
        super().__init__()
        k = int((math.log2(channels) + 1) / 2) | 1
        self.conv = nn.Conv1d(1, 1, k, padding=(k - 1) // 2, bias=False)

    def forward(self, x):
        gate = self.conv(x.mean(dim=(2, 3)).unsqueeze(1)).sigmoid()
        return x * gate.mT[..., None]


# A linear layer on windows, and one product with the whole matrix.


class WindowsECA(nn.Module):
    def __init__(self, channels, k=None):
        super().__init__()
        self.k = kernel_size(channels) if k is None else k
        self.score = nn.Linear(self.k, 1, bias=False)

    def forward(self, x):
        half = self.k // 2
        empty = x.new_zeros(len(x), half)
        row = torch.cat([empty, x.mean((-1, -2)), empty], dim=1)
        near = torch.stack([row[:, j : j + x.shape[1]] for j in range(self.k)], dim=2)
        return x.mul(torch.sigmoid(self.score(near))[..., None])


class MatrixECANS(nn.Module):
    def __init__(self, channels, k):
        super().__init__()
        self.band = nn.Parameter(torch.randn(channels, k))
        at = torch.arange(channels)[:, None] + torch.arange(k) - k // 2
        self.register_buffer("at", at.clamp(0, channels - 1), persistent=False)
        self.register_buffer("inside", (at >= 0) & (at < channels), persistent=False)

    def forward(self, x):
        z = x.mean(dim=[2, 3])[:, self.at] * self.inside  # (B, C, k)
        logit = torch.linalg.vecdot(z, self.band.expand_as(z))
        return x * logit.sigmoid()[:, :, None, None]


def hears_windows(gate, channels, k):
    return sorted({gate + d for d in range(-(k // 2), k // 2 + 1)} & set(range(channels)))


VARIANTS = {
    "loops": {
        "kernel_size": kernel_size_loops, "ECABlock": LoopsECA, "ECANS": LoopsECANS,
        "costs": costs_loops, "added": added_loops, "as_matrix": matrix_loops, "hears": hears_loops,
    },
    "einsum": {
        "kernel_size": kernel_size_einsum, "ECABlock": EinsumECA, "ECANS": EinsumECANS,
        "as_matrix": matrix_einsum, "setting": setting_einsum, "exposing_input": exposing_einsum,
    },
    "layers": {
        "kernel_size": kernel_size_layers, "ECABlock": LayersECA, "ECANS": LayersECANS,
        "as_matrix": matrix_layers, "MendedECA": LayersMended,
    },
    "windows": {"ECABlock": WindowsECA, "ECANS": MatrixECANS, "hears": hears_windows},
}  # fmt: skip
