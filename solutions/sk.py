"""Selective kernels: branches with kernels of different sizes, and a softmax between them.

Source: X. Li, W. Wang, X. Hu and J. Yang, "Selective Kernel Networks", CVPR 2019,
<https://arxiv.org/abs/1903.06586>, equations 1 to 6; the authors' Caffe networks, repository
implus/SKNet, commit 17dd708. Paper and networks agree but for words; we follow them:

- the 5x5 branch is a 3x3 convolution with dilation 2, branch m one with dilation m + 1.
  `dilated=False` (not in the paper's tables) makes them whole kernels of 3, 5, 7, ...;
- all convolutions are without biases; batch normalisation and ReLU follow each branch, and the
  hidden layer too, which the popular port leaves out;
- the matrices A and B of equation 5 are the rows of one layer, `select`: C rows for each branch.
  The popular port gives it biases, which cost M C parameters more.

A common library splits the channels among the branches unless told otherwise, and rounds d to a
multiple of 8: another block under the same name.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ConvNormAct(nn.Module):
    """Convolution without bias, batch normalisation, ReLU: (B, C, H, W) -> (B, out, H, W)."""

    def __init__(self, channels: int, out: int, kernel: int, dilation: int = 1, groups: int = 1):
        super().__init__()
        padding = dilation * (kernel - 1) // 2
        self.conv = nn.Conv2d(
            channels, out, kernel, padding=padding, dilation=dilation, groups=groups, bias=False
        )
        self.bn = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)))


class SKBlock(nn.Module):
    """SKBlock(channels, branches=2, reduction=16, least=32, groups=32): keeps (B, C, H, W).

    Every branch sees all channels with its own kernel; for each channel the branches share the
    weight 1. The hidden width is d = max(C // reduction, least). Raises ValueError where groups
    does not divide the channels. A batch of one image cannot train: the hidden layer's batch
    normalisation would see one number a channel, and PyTorch refuses.
    """

    def __init__(self, channels: int, branches: int = 2, reduction: int = 16, least: int = 32,
                 groups: int = 32, *, hidden: int | None = None, dilated: bool = True):  # fmt: skip
        super().__init__()
        if channels % groups:
            raise ValueError(
                f"SKBlock(channels={channels}, groups={groups}): the groups would not be equally "
                f"wide; choose a number of groups that divides {channels}"
            )
        hidden = max(channels // reduction, least) if hidden is None else hidden
        self.branches = nn.ModuleList(
            ConvNormAct(channels, channels, 3, m + 1, groups) if dilated
            else ConvNormAct(channels, channels, 2 * m + 3, 1, groups)
            for m in range(branches)
        )  # fmt: skip
        self.reduce = nn.Linear(channels, hidden, bias=False)
        self.bn = nn.BatchNorm1d(hidden)
        self.select = nn.Linear(hidden, branches * channels, bias=False)

    def split(self, x: Tensor) -> list[Tensor]:
        """What each branch makes of the map: M times (B, C, H, W)."""
        return [branch(x) for branch in self.branches]

    def shares(self, maps: list[Tensor]) -> Tensor:
        """Each branch's share of each channel, (B, M, C), 1 in sum over M  (eq. 1 to 5)."""
        s = sum(maps).mean(dim=(2, 3))
        z = F.relu(self.bn(self.reduce(s)))
        return self.select(z).unflatten(1, (len(maps), -1)).softmax(dim=1)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.split(x)
        shares = self.shares(maps)[..., None, None].unbind(dim=1)
        return sum(share * u for share, u in zip(shares, maps, strict=True))  # (eq. 6)
