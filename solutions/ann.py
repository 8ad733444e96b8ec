"""Asymmetric non-local attention: the keys are the cells of a pooling pyramid, N x S pairs.

Source: Z. Zhu, M. Xu, S. Bai, T. Huang and X. Bai, "Asymmetric Non-local Neural Networks for
Semantic Segmentation", ICCV 2019, <https://arxiv.org/abs/1908.07678>, section 3.

We follow the released code (MendelXu/ANN at commit f4eabeb): logits are scaled by c^-1/2; in APNB
queries and keys come from one layer; the context is laid beside x, and the layer before that starts
at zero, so that a fresh block is a layer on x alone. In training the code passes x through the
shared layer twice, once for queries and once for keys, which moves the running statistics of its
BatchNorm twice in a step; we compute it once and move them twice.

The pyramid's cells are those of adaptive pooling, taken by the means that spatial pyramid attention
brings: torch's own adaptive pooling has no deterministic backward pass on CUDA.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from solutions.spa import grid_means

SIZES = (1, 3, 6, 8)  # 110 cells


class PointNorm(nn.Module):
    """1x1 convolution, BatchNorm, and ReLU unless relu=False: (B, C, H, W) -> (B, out, H, W)."""

    def __init__(self, channels: int, out: int, *, bias: bool = True, relu: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out, 1, bias=bias)
        self.bn = nn.BatchNorm2d(out)
        self.relu = nn.ReLU() if relu else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


def pyramid(x: Tensor, sizes: Iterable[int] = SIZES) -> Tensor:
    """(B, C, H, W) -> (B, C, S): all cells of all grids in one line, S the sum of size**2."""
    return torch.cat([grid_means(x, (size, size)).flatten(2) for size in sizes], dim=2)


class _Asymmetric(nn.Module):
    """What APNB and AFNB share: N queries, S keys and values, and the layer that joins two maps."""

    def __init__(self, low, high, key_channels, value_channels, out, sizes, dropout, relu):
        super().__init__()
        self.sizes, self.scale = tuple(sizes), key_channels**-0.5
        self.key = PointNorm(low, key_channels)
        self.value = nn.Conv2d(low, value_channels, 1)
        self.out = nn.Conv2d(value_channels, high, 1)
        self.fuse = PointNorm(2 * high, out, relu=relu)
        self.dropout = nn.Dropout2d(dropout)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def weights(self, queries: Tensor, keys: Tensor) -> Tensor:
        """(B, c, H, W) twice -> (B, N, S), which sums to 1 over the cells."""
        logits = queries.flatten(2).mT @ pyramid(keys, self.sizes)
        return (self.scale * logits).softmax(dim=2)

    def joined(self, weights: Tensor, values: Tensor, x: Tensor) -> Tensor:
        """Context (B, N, S) (B, v, S) next to x (B, C, H, W) -> (B, out, H, W)."""
        context = pyramid(values, self.sizes) @ weights.mT
        context = self.out(context.unflatten(2, x.shape[2:]))
        return self.dropout(self.fuse(torch.cat([context, x], dim=1)))


class APNB(_Asymmetric):
    """The asymmetric pyramid non-local block: (B, C, H, W) -> (B, out_channels, H, W).

    key_channels and value_channels are C // 2 if not given, and at least 1; out_channels is C.
    sizes: the sides of the pyramid's grids.
    """

    def __init__(
        self,
        channels: int,
        key_channels: int | None = None,
        value_channels: int | None = None,
        out_channels: int | None = None,
        *,
        sizes: Iterable[int] = SIZES,
        dropout: float = 0.05,
    ) -> None:
        half = max(channels // 2, 1)
        super().__init__(
            channels, channels, key_channels or half, value_channels or half,
            out_channels or channels, sizes, dropout, relu=True,
        )  # fmt: skip

    def queries(self, x: Tensor) -> Tensor:
        """Queries, which are the keys before pooling: (B, C, H, W) -> (B, c, H, W)."""
        y = self.key.conv(x)
        if self.training:  # the running statistics move once for queries and once for keys
            with torch.no_grad():
                self.key.bn(y)
        return self.key.relu(self.key.bn(y))

    def attention(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, N, S)."""
        queries = self.queries(x)
        return self.weights(queries, queries)

    def forward(self, x: Tensor) -> Tensor:
        return self.joined(self.attention(x), self.value(x), x)


class AFNB(_Asymmetric):
    """The asymmetric fusion non-local block: a high map asks the pyramid of a low one.

    low (B, L, H', W') and high (B, C, H, W) -> (B, out_channels, H, W). Widths as in APNB, from
    that of the high map. The joining layer has no ReLU, as in the released code.
    """

    def __init__(
        self,
        low_channels: int,
        high_channels: int,
        key_channels: int | None = None,
        value_channels: int | None = None,
        out_channels: int | None = None,
        *,
        sizes: Iterable[int] = SIZES,
        dropout: float = 0.05,
    ) -> None:
        half = max(high_channels // 2, 1)
        super().__init__(
            low_channels, high_channels, key_channels or half, value_channels or half,
            out_channels or high_channels, sizes, dropout, relu=False,
        )  # fmt: skip
        self.query = PointNorm(high_channels, key_channels or half)

    def attention(self, low: Tensor, high: Tensor) -> Tensor:
        """(B, L, H', W'), (B, C, H, W) -> (B, N, S): N positions of the high map ask."""
        return self.weights(self.query(high), self.key(low))

    def forward(self, low: Tensor, high: Tensor) -> Tensor:
        return self.joined(self.attention(low, high), self.value(low), high)
