"""Spatial pyramid attention: the squeeze keeps 21 numbers of a channel, not one.

Source: J. Guo, X. Ma and others, "SPANet: Spatial Pyramid Attention Network for Enhanced Image
Recognition", ICME 2020, <https://doi.org/10.1109/ICME46284.2020.9102906>; the authors' code,
repository 13952522076/SPANet, commit 031320d. Every channel is averaged on grids of 1x1, 2x2 and
4x4 fields, and two layers without biases turn the 21 C numbers into C gates.

We follow the files of the residual networks:

- the hidden layer is C // r wide. The DenseNet files have 21 C // r, 21 times the parameters;
- the order of the 21 C numbers: all of the 1x1 grid, then those of 2x2, channel by channel, then
  those of 4x4. Weights of another order do not fit;
- `SPPSE` gates its own input; `CPSPPSE` makes the gates from the *input* of a residual block and
  puts them onto its *output*, with a 1x1 convolution, batch normalisation and ReLU first where
  the widths differ (`source`). `block(x)` is the one, `block(x, onto)` the other.

The averages on a grid are written out, since PyTorch's adaptive pool has no deterministic
backward pass on CUDA.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def bands(x: Tensor, n: int) -> Tensor:
    """Means over n bands of the last axis: (..., L) -> (..., n).

    Band i reaches from ⌊iL/n⌋ up to and without ⌈(i + 1)L/n⌉: neighbours share a place where n
    does not divide L.
    """
    length = x.shape[-1]
    if n == length:
        return x
    if length % n == 0:
        return x.unflatten(-1, (n, -1)).mean(dim=-1)
    edges = [(i * length // n, -(-(i + 1) * length // n)) for i in range(n)]
    return torch.stack([x[..., start:stop].mean(dim=-1) for start, stop in edges], dim=-1)


def grid_means(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Means on a grid of fields: (B, C, H, W) -> (B, C, *size), whatever H and W."""
    return bands(bands(x, size[1]).mT, size[0]).mT


class SPABlock(nn.Module):
    """SPABlock(channels, reduction=16, pools=(1, 2, 4), source=None): keeps (B, C, H, W).

    source: the number of channels from which the gates are made, where it is not C.
    Raises ValueError where the hidden layer would have no unit.
    """

    def __init__(self, channels: int, reduction: int = 16, pools: Sequence[int] = (1, 2, 4), *,
                 hidden: int | None = None, source: int | None = None):  # fmt: skip
        super().__init__()
        hidden = channels // reduction if hidden is None else hidden
        if hidden < 1:
            raise ValueError(
                f"SPABlock(channels={channels}, reduction={reduction}): the hidden layer would "
                f"have no unit; choose a reduction of at most {channels}"
            )
        self.pools = tuple(pools)
        self.project = None if source is None else nn.Conv2d(source, channels, 1, bias=False)
        self.bn = None if source is None else nn.BatchNorm2d(channels)
        numbers = channels * sum(n * n for n in self.pools)
        self.reduce = nn.Linear(numbers, hidden, bias=False)
        self.expand = nn.Linear(hidden, channels, bias=False)

    def pyramid(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, 21 C): grid after grid, within a grid channel after channel."""
        return torch.cat([grid_means(x, (n, n)).flatten(1) for n in self.pools], dim=1)

    def gates(self, x: Tensor) -> Tensor:
        """The gates (B, C, 1, 1) of a map (B, C, H, W), or (B, source, H, W)."""
        if self.project is not None:
            x = F.relu(self.bn(self.project(x)))
        u = self.expand(F.relu(self.reduce(self.pyramid(x))))
        return torch.sigmoid(u)[:, :, None, None]

    def forward(self, x: Tensor, onto: Tensor | None = None) -> Tensor:
        return (x if onto is None else onto) * self.gates(x)
