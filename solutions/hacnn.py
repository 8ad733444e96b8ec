"""Harmonious attention: soft gates for every place and channel, and a few hard regions.

Source: W. Li, X. Zhu and S. Gong, "Harmonious Attention Network for Person Re-Identification",
CVPR 2018, <https://arxiv.org/abs/1802.08122>, section 3: the soft part is the product of a map of
positions and a vector of channels, mixed by a 1x1 convolution; the hard part finds a few regions,
A = [[s_w, 0, t_x], [0, s_h, t_y]], of fixed size s and learned place t, which are cropped with
gradients as a spatial transformer crops. No code of the authors is known to us; we follow
torchreid, repository KaiyangZhou/deep-person-reid, commit f8cd150:

- every convolution has a bias, a batch normalisation and a ReLU, the last one too, so that no soft
  gate is below 0.5. `floor=False` leaves that ReLU out;
- it doubles the halved map of positions, so odd maps come back one larger. We go back to the size
  of the input, the same on even maps;
- its regions were sampled with corners on corners until PyTorch changed a default;
  `align_corners` says which. At birth the four regions lie below one another, at tanh(-0.75),
  tanh(-0.25), ...: the tanh moves them from where the numbers seem to put them.

A region is cropped with two matrices of weights, one for rows and one for columns, since it is not
turned: the same numbers as F.grid_sample, whose backward pass is not deterministic on CUDA.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from solutions.ra import bilinear


class ConvNorm(nn.Module):
    """Convolution with bias, batch normalisation and, unless act=False, ReLU."""

    def __init__(self, channels: int, out: int, kernel: int = 1, stride: int = 1, act: bool = True):
        super().__init__()
        self.conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2)
        self.bn = nn.BatchNorm2d(out)
        self.act = act

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn(self.conv(x))
        return F.relu(y) if self.act else y


class SoftPositions(nn.Module):
    """S: mean of the channels, halved, brought back: (B, C, H, W) -> (B, 1, H, W)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = ConvNorm(1, 1, 3, 2)
        self.conv2 = ConvNorm(1, 1)

    def forward(self, x: Tensor) -> Tensor:
        half = self.conv1(x.mean(dim=1, keepdim=True))
        return self.conv2(bilinear(half, x.shape[2:]))


class SoftChannels(nn.Module):
    """C: mean of the positions through two layers: (B, C, H, W) -> (B, C, 1, 1).

    A batch of one image cannot train: the norms would see one number a channel.
    """

    def __init__(self, channels: int, reduction: int = 16):
        super().__init__()
        hidden = channels // reduction
        if hidden < 1:
            raise ValueError(
                f"SoftChannels(channels={channels}, reduction={reduction}): the hidden layer would "
                f"have no unit; choose a reduction of at most {channels}"
            )
        self.conv1 = ConvNorm(channels, hidden)
        self.conv2 = ConvNorm(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(self.conv1(x.mean(dim=(2, 3), keepdim=True)))


class SoftAttention(nn.Module):
    """SoftAttention(channels, reduction=16, floor=True): gates (B, C, H, W) for (B, C, H, W)."""

    def __init__(self, channels: int, reduction: int = 16, *, floor: bool = True):
        super().__init__()
        self.spatial = SoftPositions()
        self.channel = SoftChannels(channels, reduction)
        self.mix = ConvNorm(channels, channels, act=floor)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.mix(self.spatial(x) * self.channel(x)))


class SoftBlock(nn.Module):
    """SoftBlock(channels, reduction=16, floor=True): the soft gates put onto (B, C, H, W)."""

    def __init__(self, channels: int, reduction: int = 16, *, floor: bool = True):
        super().__init__()
        self.attention = SoftAttention(channels, reduction, floor=floor)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.attention(x)


def reading(centre: Tensor, scale: float, length: int, align_corners: bool) -> Tensor:
    """Weights that read an axis of a map where a region lies: centres (...) -> (..., L, L).

    centre: where the region's middle is, from -1 to 1; scale: its part of the axis. Each row reads
    one place between its two neighbours; what lies outside reads 0.
    """
    at = torch.arange(length, dtype=centre.dtype, device=centre.device)
    if align_corners:
        unit = at * 2 / (length - 1) - 1 if length > 1 else -torch.ones_like(at)
        place = (centre[..., None] + scale * unit + 1) * (length - 1) / 2
    else:
        unit = (2 * at + 1) / length - 1
        place = ((centre[..., None] + scale * unit + 1) * length - 1) / 2
    return (1 - (place[..., None] - at).abs()).clamp(min=0)


class HardAttention(nn.Module):
    """HardAttention(channels, parts=4): regions (B, P, C, H, W) of a map (B, C, H, W).

    scale: a region's part of the width and of the height.
    """

    def __init__(self, channels: int, parts: int = 4, scale: Sequence[float] = (1, 0.25), *,
                 align_corners: bool = True):  # fmt: skip
        super().__init__()
        self.scale, self.align_corners = tuple(scale), align_corners
        self.fc = nn.Linear(channels, 2 * parts)
        nn.init.zeros_(self.fc.weight)
        rows = (2 * torch.arange(parts) + 1) / parts - 1  # -0.75, -0.25, 0.25, 0.75
        self.fc.bias.data.copy_(torch.stack([torch.zeros(parts), rows], dim=1).flatten())

    def centres(self, x: Tensor) -> Tensor:
        """The middles (t_x, t_y) of the regions, from -1 to 1: (B, C, H, W) -> (B, P, 2)."""
        return torch.tanh(self.fc(x.mean(dim=(2, 3)))).unflatten(1, (-1, 2))

    def forward(self, x: Tensor) -> Tensor:
        across, down = self.centres(x).unbind(dim=2)
        columns = reading(across, self.scale[0], x.shape[3], self.align_corners)
        rows = reading(down, self.scale[1], x.shape[2], self.align_corners)
        return rows[:, :, None] @ x[:, None] @ columns[:, :, None].mT
