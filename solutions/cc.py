# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Criss-cross attention
#
# Source: Z. Huang, X. Wang, L. Huang, C. Huang, Y. Wei and W. Liu, "CCNet: Criss-Cross Attention
# for Semantic Segmentation", ICCV 2019, <https://arxiv.org/abs/1811.11721>, equations 1 and 2. A
# position looks along its row and its column; looking twice, it sees the whole map.
#
# Paper and released code agree: no scale, a learned factor γ that starts at 0, the two passes share
# their weights. We follow them. (The code's `--recurrence` is 0 unless set, which is no attention
# at all; `passes=0` is that.) The released head's activation is a leaky ReLU of slope 0.01, that of
# its normalisation layer.
#
# Shapes are written (B, C, H, W): images in the batch, channels, rows, columns; N = HW positions.

# %% name="imports" tags=["setup"]
import torch
from torch import nn

# %% [markdown]
# $$d_{iu} = Q_u \Omega_{iu}^T, \quad A = \mathrm{softmax}_i(d) \quad (1) \qquad\qquad
# y_u = \gamma \sum_i A_{iu}\, \Phi_{iu} + x_u \quad (2)$$
#
# The keys of position u = (i, j) are those of column j and of row i: H + W logits. Both lines hold
# u itself, so that its logit in the column is set to -∞: H + W - 1 keys remain.


# %% name="logits"
def cross_logits(q, k):
    """Each position with its column and its row: q, k (B, H, W, c) -> two tensors.

    column (B, W, H, H) by [column, row of the query, row of the key], the query's own row at -∞,
    and row (B, H, W, W) by [row, column of the query, column of the key].
    """
    column = q.transpose(1, 2) @ k.permute(0, 2, 3, 1)
    column.diagonal(dim1=-2, dim2=-1).fill_(-torch.inf)
    return column, q @ k.mT


# %% [markdown]
# One softmax over both lines, without putting them into one tensor: the exponentials of both are
# divided by the sum over both. Taking away the largest logit first changes nothing but the size of
# the numbers. The division comes last, where there is one sum for each position and not H + W
# weights.


# %% name="gather"
def cross_attention(q, k, v):
    """The weighted sums of equation 2: q, k (B, H, W, c), v (B, H, W, C) -> (B, H, W, C)."""
    column, row = cross_logits(q, k)
    largest = torch.maximum(column.detach().amax(-1).mT, row.detach().amax(-1))  # (B, H, W)
    column = column.sub_(largest.mT[..., None]).exp_()  # in place: one tensor for each line
    row = row.sub_(largest[..., None]).exp_()
    total = column.sum(-1).mT + row.sum(-1)
    y = (column @ v.transpose(1, 2)).transpose(1, 2)
    del column
    return (y + row @ v) / total[..., None]


# %% name="block"
class CrissCrossBlock(nn.Module):
    """CrissCrossBlock(channels): (B, C, H, W) -> (B, C, H, W), the identity at birth.

    passes: how often, with the same weights (eq. 1 and 2 each time, the sum with x included).
    inner: the width of queries and keys, else C // reduction.
    """

    def __init__(self, channels, passes=2, *, reduction=8, inner=None):
        super().__init__()
        inner = max(channels // reduction, 1) if inner is None else inner
        self.passes = passes
        self.query = nn.Conv2d(channels, inner, 1)
        self.key = nn.Conv2d(channels, inner, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def project(self, x):
        """Queries and keys (B, H, W, c) and values (B, H, W, C)."""
        return [layer(x).permute(0, 2, 3, 1) for layer in (self.query, self.key, self.value)]

    def attention(self, x):
        """The weights of one pass: (B, C, H, W) -> (B, H, W, H + W), column first, then row."""
        q, k, _ = self.project(x)
        column, row = cross_logits(q, k)
        return torch.cat([column.transpose(1, 2), row], dim=-1).softmax(dim=-1)

    def forward(self, x):
        for _ in range(self.passes):
            y = cross_attention(*self.project(x)).permute(0, 3, 1, 2)
            x = torch.addcmul(x, self.gamma, y)  # x + γ y, no tensor between
        return x


# %% [markdown]
# The head for segmentation narrows the map, attends, and lays the result beside its input.


# %% name="head"
class ConvNorm(nn.Sequential):
    """A 3x3 convolution without bias, BatchNorm and an activation, as the released code has."""

    def __init__(self, inputs, outputs, slope=0.01):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        self.act = nn.LeakyReLU(slope)


class CrissCrossHead(nn.Module):
    """Features (B, C, H, W) -> logits for each pixel (B, classes, H, W).

    inner: the width at which it attends, else C // 4. outputs: the width before the last layer.
    """

    def __init__(self, channels, classes, passes=2, *, inner=None, outputs=512, dropout=0.1,
                 reduction=8):  # fmt: skip
        super().__init__()
        inner = channels // 4 if inner is None else inner
        self.before = ConvNorm(channels, inner)
        self.attend = CrissCrossBlock(inner, passes, reduction=reduction)
        self.after = ConvNorm(inner, inner)
        self.fuse = ConvNorm(channels + inner, outputs)
        self.dropout = nn.Dropout2d(dropout)
        self.classify = nn.Conv2d(outputs, classes, 1)

    def forward(self, x):
        y = self.after(self.attend(self.before(x)))
        return self.classify(self.dropout(self.fuse(torch.cat([x, y], dim=1))))
