"""What a block is held against: the same weights used locally, and a host that costs as much.

A block that helps might help only because it brings parameters or time. `Pointwise` spends SE's
parameters exactly, place by place; `matched_width` widens the plain host until it has at least as
many parameters. One more channel already costs more time than an SE block on hosts of this size
(compare `cpu_seconds` in the ledger), so the wide host is ahead of the block in both.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.costs import parameters
from attnlab.host import Host


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


def matched_width(target: int, **host) -> int:
    """The smallest width of a plain host with at least `target` parameters."""
    width = 1
    while parameters(Host(width=width, **host)) < target:
        width += 1
    return width
