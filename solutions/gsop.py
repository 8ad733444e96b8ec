"""Global second-order pooling: a gate from how channels vary together, not from their means.

Source: Z. Gao, J. Xie, Q. Wang and P. Li, "Global Second-order Pooling Convolutional Networks",
CVPR 2019, <https://arxiv.org/abs/1811.12006>, section 3; the authors' code, repository
ZilinGao/Global-Second-order-Pooling-Convolutional-Networks, commit 662a699. The map is reduced to
d channels, their covariance (d, d) over the positions is taken, each row of it becomes four
numbers by a convolution of its own, and a last layer makes C gates of the 4 d numbers.

We follow the code: a ReLU before the reduction and after its norm, batch normalisation over the
rows of the covariance, no activation between the convolution of the rows and the last layer, and
a step of 2 in the reduction up to 256 channels.

The gate for positions does the same with the 8x8 fields of a grid in the place of channels. In
the code its ReLUs stand elsewhere: none after the norm of the reduction, one after the convolution
of the rows, and one on the gated map. It is also centred with a matrix made for 64 numbers: it
takes away 1/64 of the sum of the d numbers of a field and divides by 64, whatever d is, which is a
covariance for d = 64 only. `centred="code"` keeps that, `centred="paper"` is the covariance.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from solutions.spa import grid_means


def covariance(x: Tensor, count: int | None = None) -> Tensor:
    """Of the rows of (B, n, L) over their L numbers: (B, n, n). count: what counts as L."""
    count = x.shape[2] if count is None else count
    centred = x - x.sum(dim=2, keepdim=True) / count
    return centred @ x.mT / count


class Reduce(nn.Module):
    """1x1 convolution with bias and batch normalisation, of relu(x): C channels to d."""

    def __init__(self, channels: int, inner: int, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(channels, inner, 1, stride)
        self.bn = nn.BatchNorm2d(inner)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(F.relu(x)))


class Rows(nn.Module):
    """Norm over rows, then four numbers of each row: covariances (B, n, n) -> (B, 4n)."""

    def __init__(self, n: int):
        super().__init__()
        self.bn = nn.BatchNorm2d(n)
        self.conv = nn.Conv2d(n, 4 * n, (n, 1), groups=n)

    def forward(self, covariances: Tensor) -> Tensor:
        return self.conv(self.bn(covariances[..., None]))[..., 0, 0]


class GSoPBlock(nn.Module):
    """GSoPBlock(channels, inner=128, stride=None): keeps (B, C, H, W), one gate for a channel.

    stride: of the reduction; None is the code's, 2 up to 256 channels and 1 beyond.
    """

    def __init__(self, channels: int, inner: int = 128, stride: int | None = None):
        super().__init__()
        stride = (2 if channels <= 256 else 1) if stride is None else stride
        self.reduce = Reduce(channels, inner, stride)
        self.row = Rows(inner)
        self.expand = nn.Linear(4 * inner, channels)

    def gates(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C)."""
        rows = self.row(covariance(F.relu(self.reduce(x)).flatten(2)))
        return torch.sigmoid(self.expand(rows))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gates(x)[:, :, None, None]


class GSoPPositions(nn.Module):
    """GSoPPositions(channels, inner=128, grid=(8, 8)): (B, C, H, W), one gate for a position.

    A gate belongs to a field of the grid; the map gets their means, field by field. centred:
    "code" or "paper", else ValueError.
    """

    def __init__(self, channels: int, inner: int = 128, grid: tuple[int, int] = (8, 8), *,
                 centred: str = "code"):  # fmt: skip
        super().__init__()
        if centred not in ("code", "paper"):
            raise ValueError(f"GSoPPositions: centred is {centred!r}; choose 'code' or 'paper'")
        self.grid, fields = tuple(grid), grid[0] * grid[1]
        self.count = fields if centred == "code" else inner
        self.reduce = Reduce(channels, inner)
        self.row = Rows(fields)
        self.expand = nn.Linear(4 * fields, fields)

    def gates(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, 1, H, W)."""
        fields = grid_means(self.reduce(x), self.grid).flatten(2).mT  # (B, hw, d)
        u = self.expand(F.relu(self.row(covariance(fields, self.count))))
        return grid_means(torch.sigmoid(u).unflatten(1, (1, *self.grid)), x.shape[2:])

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x * self.gates(x))
