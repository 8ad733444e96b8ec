"""What a block is held against: the same weights used locally, and a host that costs as much.

A block that helps might help only because it brings parameters or time. `Pointwise` spends SE's
parameters exactly, place by place, and `PointwiseBand` ECA's; `nearest_widths` widens stages of the
plain host until it has the parameters of the host with the block, and `attnlab.matching` until it
takes the same time.
Stages are widened one by one: one width for all leaps past the block (17 in place of 16 channels
costs the bench's host a third more time, SE a tenth).
"""

from functools import cache
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.costs import parameters
from attnlab.host import Host, shape_widths
from attnlab.units import Residual


class Pointwise(nn.Module):
    """x + W2 relu(W1 x) at every place: two 1x1 convolutions, (B, C, H, W) -> (B, C, H, W).

    W1 is (C // reduction, C) and W2 (C, C // reduction), as in an SE block without biases: the
    same number of parameters, and far more multiply-adds, but nothing travels between places.
    """

    def __init__(self, channels: int, reduction: int = 16):
        super().__init__()
        self.reduce = nn.Conv2d(channels, channels // reduction, 1, bias=False)
        self.expand = nn.Conv2d(channels // reduction, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.expand(F.relu(self.reduce(x)))


class PointwiseBand(nn.Module):
    """x * sigmoid(conv(x)): ECA's k weights at every place by itself, (B, C, H, W) -> the same.

    The 1-D convolution runs along the channels, with zeros beyond the ends and no bias.
    """

    def __init__(self, channels: int, k: int = 3):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, (k, 1), padding=(k // 2, 0), bias=False)

    def forward(self, x: Tensor) -> Tensor:
        flat = x.flatten(2)[:, None]  # (B, 1, C, N): the rows are the channels
        return x * torch.sigmoid(self.conv(flat)).view_as(x)


class Depthwise(nn.Module):
    """x + w * x, one k x k filter w for each channel: (B, C, H, W) -> (B, C, H, W).

    C * kernel**2 parameters: what a block that looks around is held against, see CBAM. Raises
    ValueError for an even kernel, which has no middle.
    """

    def __init__(self, channels: int, kernel: int = 3):
        super().__init__()
        if kernel % 2 == 0:
            raise ValueError(f"Depthwise: kernel = {kernel} has no middle; choose an odd size")
        self.look = nn.Conv2d(
            channels, channels, kernel, padding=kernel // 2, groups=channels, bias=False
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.look(x)


class OneMoreUnit(Residual):
    """A basic residual block of the host that changes no shape: (B, C, H, W) -> (B, C, H, W)."""

    def __init__(self, channels: int):
        super().__init__(channels, channels, 1, (3, 3))


@cache
def nearest_widths(
    target: int, *, width: int = 16, shape: str = "bench", classes: int = 4, dense: bool = False
) -> tuple[int, ...]:
    """The widths of the stages with which a plain host comes nearest to `target` parameters.

    No stage is narrower than the host's of `width`; of equally near hosts the least changed.
    """
    first = shape_widths(shape, width)

    def size(widths: tuple[int, ...]) -> int:
        with torch.device("meta"):
            return parameters(Host(widths=widths, shape=shape, classes=classes, dense=dense))

    tried = {}
    for more in product(range(LOOSE), repeat=len(first) - 1):
        early = tuple(w + m for w, m in zip(first, more, strict=False))
        last = first[-1]
        while size((*early, 2 * last)) < target:
            last *= 2
        step = last
        while step := step // 2:
            last += step * (size((*early, last + step)) <= target)
        tried |= {(*early, w): size((*early, w)) for w in (last, last + 1)}
    return min(tried, key=lambda widths: (abs(tried[widths] - target), sum(widths)))


LOOSE = 3  # how many widths of each stage but the last are tried
