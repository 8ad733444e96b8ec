"""Bottleneck attention: a gate for channels and a gate for positions, side by side.

Source: J. Park, S. Woo, J.-Y. Lee and I. S. Kweon, "BAM: Bottleneck Attention Module", BMVC 2018,
<https://arxiv.org/abs/1807.06514>, equations 1 to 5: y = x + x ⊙ σ(M_c(x) + M_s(x)). Both
branches see x, so their order does not matter; CBAM of the same authors has them one after the
other. The block stands three times in a network, where its stages meet, not in every block.

The released code, repository Jongchan/attention-module, commit 459efad, differs:

- it multiplies the branches, M_c ⊙ M_s, where equation 2 adds them. We follow the paper;
  `combine="mul"` is the code;
- it pools with a window of H x H, which is the average on square maps only; on wide ones it
  leaves columns out, on tall ones it fails. We take the average;
- as published it does not run (a name in it is not defined). It batch-normalises the hidden layer
  of M_c, as we do.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class BAMChannels(nn.Module):
    """M_c: the average of each channel through two layers, (B, C, H, W) -> (B, C, 1, 1)."""

    def __init__(self, channels: int, hidden: int):
        super().__init__()
        self.reduce = nn.Linear(channels, hidden)
        self.bn = nn.BatchNorm1d(hidden)
        self.expand = nn.Linear(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:
        z = x.mean(dim=(2, 3))
        return self.expand(F.relu(self.bn(self.reduce(z))))[:, :, None, None]


class BAMPositions(nn.Module):
    """M_s: 1x1, two dilated 3x3 and 1x1 convolutions, (B, C, H, W) -> (B, 1, H, W)."""

    def __init__(self, channels: int, hidden: int, dilation: int):
        super().__init__()
        self.reduce = nn.Conv2d(channels, hidden, 1)
        self.dil1, self.dil2 = (
            nn.Conv2d(hidden, hidden, 3, padding=dilation, dilation=dilation) for _ in range(2)
        )
        self.bn0, self.bn1, self.bn2 = (nn.BatchNorm2d(hidden) for _ in range(3))
        self.final = nn.Conv2d(hidden, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn0(self.reduce(x)))
        x = F.relu(self.bn1(self.dil1(x)))
        return self.final(F.relu(self.bn2(self.dil2(x))))


class BAMBlock(nn.Module):
    """BAMBlock(channels, reduction=16, dilation=4, combine="add"): keeps (B, C, H, W).

    A batch of one image cannot train: the norm of M_c would see one number a unit. Raises
    ValueError where the hidden layers would have no unit, and for an unknown `combine`.
    """

    def __init__(self, channels: int, reduction: int = 16, dilation: int = 4, *,
                 combine: str = "add"):  # fmt: skip
        super().__init__()
        hidden = channels // reduction
        if hidden < 1:
            raise ValueError(
                f"BAMBlock(channels={channels}, reduction={reduction}): the hidden layers would "
                f"have no unit; choose a reduction of at most {channels}"
            )
        if combine not in ("add", "mul"):
            raise ValueError(f"BAMBlock: combine is {combine!r}; choose 'add' (paper) or 'mul'")
        self.combine = combine
        self.channel = BAMChannels(channels, hidden)
        self.spatial = BAMPositions(channels, hidden, dilation)

    def gates(self, x: Tensor) -> Tensor:
        """One for each number of x, (B, C, H, W)  (eq. 2)."""
        channels, positions = self.channel(x), self.spatial(x)
        both = channels + positions if self.combine == "add" else channels * positions
        return torch.sigmoid(both)

    def forward(self, x: Tensor) -> Tensor:
        return x + x * self.gates(x)  # (eq. 1)
