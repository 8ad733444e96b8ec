"""Concurrent squeeze and excitation: SE for channels, one layer for positions, both at once.

Source: A. G. Roy, N. Navab and C. Wachinger, "Concurrent Spatial and Channel 'Squeeze &
Excitation' in Fully Convolutional Networks", MICCAI 2018, <https://arxiv.org/abs/1803.02579>,
section 2; the authors' code, repository ai-med/squeeze_and_excitation, commit acdd26e.

- cSE is SE with biases and a hidden layer of half the channels;
- sSE is a 1x1 convolution to ONE map and a sigmoid: C + 1 parameters. One article makes it C maps;
- scSE of the paper adds both results, that of the code takes the larger, number by number. We
  follow the paper; `combine="max"` is the code.
"""

import torch
from torch import Tensor, nn

from solutions.se import SEBlock


class SSEBlock(nn.Module):
    """SSEBlock(channels): positions gated by a weighted sum of channels, keeps (B, C, H, W)."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, 1, 1)

    def gates(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, 1, H, W)."""
        return torch.sigmoid(self.conv(x))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gates(x)


class SCSEBlock(nn.Module):
    """SCSEBlock(channels, reduction=2, combine="add"): keeps (B, C, H, W).

    Raises ValueError for an unknown `combine`, and where cSE would have no hidden unit.
    """

    def __init__(self, channels: int, reduction: int = 2, *, combine: str = "add"):
        super().__init__()
        if combine not in ("add", "max"):
            raise ValueError(f"SCSEBlock: combine is {combine!r}; choose 'add' (paper) or 'max'")
        self.combine = combine
        self.c = SEBlock(channels, reduction, bias=True)
        self.s = SSEBlock(channels)

    def forward(self, x: Tensor) -> Tensor:
        channels, positions = self.c(x), self.s(x)
        if self.combine == "max":
            return torch.maximum(channels, positions)
        return channels + positions
