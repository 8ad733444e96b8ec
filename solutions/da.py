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
# # Dual attention
#
# Source: J. Fu, J. Liu, H. Tian, Y. Li, Y. Bao, Z. Fang and H. Lu, "Dual Attention Network for
# Scene Segmentation", CVPR 2019, <https://arxiv.org/abs/1809.02983>, equations 1 to 4. Two blocks
# side by side: one compares positions, the other compares channels.
#
# We follow the released code. It differs from the paper in one sign: equation 3 weighs channels by
# softmax(+E), the code by softmax(max E - E), which is softmax(-E): the channel that is least like
# its own gets the largest weight. The authors say that the form with max keeps the loss from
# diverging, and that the other did worse. `sign=+1` is the paper's.
#
# Shapes are written (B, C, H, W): images in the batch, channels, rows, columns; N = HW positions.

# %% name="imports" tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn

# %% [markdown]
# $$s_{ji} = \frac{e^{B_i \cdot C_j}}{\sum_i e^{B_i \cdot C_j}} \quad (1) \qquad\qquad
# y_j = \gamma \sum_i s_{ji} D_i + x_j \quad (2)$$
#
# Non-local attention with narrow queries C and keys B (C/8 channels), full values D, no layer after
# the sum, and a learned γ that starts at 0. The N x N map is not held where a fused kernel computes
# the same function; that kernel wants one width, and zeros at the ends of B and C change nothing.

# %% name="position"
WRITTEN_OUT = 2**14  # pairs, for each channel of 64 or more, up to which a CPU writes out the map
NARROW = 128  # width up to which the fused kernel is quicker there, zeros and all


class PositionAttention(nn.Module):
    """PAM: (B, C, H, W) -> (B, C, H, W)  (eq. 1 and 2), the identity at birth.

    inner: the width of queries and keys, else C // reduction.
    """

    def __init__(self, channels, reduction=8, *, inner=None):
        super().__init__()
        inner = max(channels // reduction, 1) if inner is None else inner
        self.query = nn.Conv2d(channels, inner, 1)
        self.key = nn.Conv2d(channels, inner, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def attention(self, x):
        """Who looks at whom: (B, C, H, W) -> (B, N, N), each row sums to 1  (eq. 1)."""
        q, k = self.query(x).flatten(2), self.key(x).flatten(2)
        return (q.mT @ k).softmax(dim=-1)

    def fused(self, x):
        """The weighted sums of equation 2, the map never held: (B, C, H, W) -> (B, C, N)."""
        q, k, v = (layer(x).flatten(2).mT for layer in (self.query, self.key, self.value))
        q, k = (F.pad(t, (0, v.shape[2] - t.shape[2])) for t in (q, k))
        q, k, v = (t[:, None].contiguous() for t in (q, k, v))
        return F.scaled_dot_product_attention(q, k, v, scale=1.0)[:, 0].mT

    def forward(self, x):
        pairs, channels = len(x) * x[0, 0].numel() ** 2, x.shape[1]
        many = pairs > WRITTEN_OUT * max(channels, 64)
        if x.is_cuda or (x.is_cpu and many and channels <= NARROW):
            y = self.fused(x)
        else:
            y = self.value(x).flatten(2) @ self.attention(x).mT
        return torch.addcmul(x, self.gamma, y.view_as(x))


# %% [markdown]
# $$E = X X^T, \quad x_{ji} = \mathrm{softmax}_i(\pm E)_{ji} \quad (3) \qquad\qquad
# y_j = \beta \sum_i x_{ji} X_i + X_j \quad (4)$$
#
# X holds a channel in each row, (C, N). No projections, so that β is all there is to learn; the map
# is C x C. Quadratic in the channels, linear in the positions: the other way round than PAM.


# %% name="channel"
class ChannelAttention(nn.Module):
    """CAM: (B, C, H, W) -> (B, C, H, W)  (eq. 3 and 4), the identity at birth.

    sign: -1 as in the released code, +1 as in the paper.
    """

    def __init__(self, sign=-1):
        super().__init__()
        if sign not in (-1, 1):
            raise ValueError(f"ChannelAttention: sign is {sign!r}; choose -1 (code) or 1 (paper)")
        self.sign = sign
        self.gamma = nn.Parameter(torch.zeros(1))  # the paper's β

    def attention(self, x):
        """Which channel looks at which: (B, C, H, W) -> (B, C, C), each row sums to 1  (eq. 3)."""
        flat = x.flatten(2)
        return (self.sign * (flat @ flat.mT)).softmax(dim=-1)

    def forward(self, x):
        y = self.attention(x) @ x.flatten(2)
        return torch.addcmul(x, self.gamma, y.view_as(x))


# %% [markdown]
# The head: each branch narrows the map to C/4, attends and convolves; their sum is classified. The
# branches have classifiers of their own too, for losses beside the main one.


# %% name="head"
class ConvNorm(nn.Sequential):
    """A 3x3 convolution without bias, BatchNorm, ReLU."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        self.act = nn.ReLU()


class DAHead(nn.Module):
    """Features (B, C, H, W) -> logits for each pixel (B, classes, H, W).

    inner: the width of the branches, else C // 4. sign: see `ChannelAttention`.
    """

    def __init__(self, channels, classes, *, inner=None, reduction=8, sign=-1, dropout=0.1):
        super().__init__()
        inner = channels // 4 if inner is None else inner
        self.pam_in, self.cam_in = ConvNorm(channels, inner), ConvNorm(channels, inner)
        self.pam, self.cam = PositionAttention(inner, reduction), ChannelAttention(sign)
        self.pam_out, self.cam_out = ConvNorm(inner, inner), ConvNorm(inner, inner)
        self.dropout = nn.Dropout2d(dropout)
        self.cls_pam, self.cls_cam, self.cls_sum = (nn.Conv2d(inner, classes, 1) for _ in range(3))

    def branches(self, x):
        """The logits of the sum, of the position branch and of the channel branch."""
        pam = self.pam_out(self.pam(self.pam_in(x)))
        cam = self.cam_out(self.cam(self.cam_in(x)))
        maps = {"sum": (self.cls_sum, pam + cam), "pam": (self.cls_pam, pam),
                "cam": (self.cls_cam, cam)}  # fmt: skip
        return {name: layer(self.dropout(y)) for name, (layer, y) in maps.items()}

    def forward(self, x):
        return self.branches(x)["sum"]
