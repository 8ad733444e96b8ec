"""Residual attention: a small hourglass beside the trunk says where to look, in each channel.

Source: F. Wang, M. Jiang and others, "Residual Attention Network for Image Classification", CVPR
2017, <https://arxiv.org/abs/1704.06904>, section 3: y = (1 + M(x)) ⊙ T(x), where T are t residual
units and M goes down by a max pool, through units, up again, through two 1x1 convolutions and a
sigmoid. Here is the module of the last stage, with one way down, p = r = 1 and t = 2; those of the
earlier stages go down twice and three times.

We follow the authors' Caffe networks, repository fwang91/residual-attention-network, commit
bc207a8, as far as their text tells (they need a Caffe of their own to run). The popular port,
tengshaofeng/ResidualAttentionNetwork-pytorch, commit 88ed90f, differs from them:

- it ADDS the trunk to the map that comes up; in Caffe's text the trunk only says to which size to
  come up. `port=True` is the port, which gives M another input and T another gradient;
- it pads the max pool by 1, as we do; Caffe's does not, and rounds the size up.

`mixing="naive"` is M ⊙ T, the paper's counter-example: gates below 1, one after another, make
features vanish.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def stretched(x: Tensor, n: int) -> Tensor:
    """The last axis read at n places, the first and last of both together: (..., L) -> (..., n)."""
    at = torch.linspace(0, x.shape[-1] - 1, n, dtype=x.dtype, device=x.device)
    low = at.floor().long()
    high = (low + 1).clamp(max=x.shape[-1] - 1)
    return torch.lerp(x[..., low], x[..., high], at - low)


def bilinear(x: Tensor, size: tuple[int, int]) -> Tensor:
    """(B, C, h, w) -> (B, C, *size), corners on corners.

    As F.interpolate with align_corners, whose backward pass is not deterministic on CUDA.
    """
    return stretched(stretched(x, size[1]).mT, size[0]).mT


class ResidualUnit(nn.Module):
    """x + three convolutions, norm and ReLU before each: (B, C, H, W) -> (B, C, H, W)."""

    def __init__(self, channels: int):
        super().__init__()
        inner = channels // 4
        self.bn1, self.conv1 = nn.BatchNorm2d(channels), nn.Conv2d(channels, inner, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, padding=1, bias=False)
        self.bn3, self.conv3 = nn.BatchNorm2d(inner), nn.Conv2d(inner, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(F.relu(self.bn1(x)))
        y = self.conv2(F.relu(self.bn2(y)))
        return x + self.conv3(F.relu(self.bn3(y)))


class MaskHead(nn.Module):
    """Two 1x1 convolutions, norm and ReLU before each, and a sigmoid: keeps (B, C, H, W)."""

    def __init__(self, channels: int):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, channels, 1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(F.relu(self.bn1(x)))
        return torch.sigmoid(self.conv2(F.relu(self.bn2(x))))


class RABlock(nn.Module):
    """RABlock(channels, mixing="residual", port=False): keeps (B, C, H, W).

    Raises ValueError for fewer than 4 channels and for an unknown `mixing`.
    """

    def __init__(self, channels: int, *, mixing: str = "residual", port: bool = False):
        super().__init__()
        if channels < 4:
            raise ValueError(f"RABlock(channels={channels}): its units need at least 4 channels")
        if mixing not in ("residual", "naive"):
            raise ValueError(f"RABlock: mixing is {mixing!r}; choose 'residual' or 'naive'")
        self.mixing, self.port = mixing, port
        units = (ResidualUnit(channels) for _ in range(6))
        self.pre, self.trunk1, self.trunk2, self.mask1, self.mask2, self.post = units
        self.head = MaskHead(channels)

    def mask(self, x: Tensor, trunk: Tensor) -> Tensor:
        """M, a gate for each number: (B, C, H, W) -> (B, C, H, W)."""
        down = self.mask2(self.mask1(F.max_pool2d(x, 3, 2, 1)))
        up = bilinear(down, x.shape[2:])
        return self.head(up + trunk if self.port else up)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pre(x)
        trunk = self.trunk2(self.trunk1(x))
        mask = self.mask(x, trunk)
        gates = 1 + mask if self.mixing == "residual" else mask
        return self.post(gates * trunk)
