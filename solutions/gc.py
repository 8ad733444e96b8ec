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
# # Global context
#
# Source: Y. Cao, J. Xu, S. Lin, F. Wei and H. Hu, "GCNet: Non-local Networks Meet
# Squeeze-Excitation Networks and Beyond", ICCV Workshops 2019, <https://arxiv.org/abs/1904.11492>,
# equations 2 to 5. Non-local attention whose map is the same for every query, and so is computed
# once; then SE's bottleneck.
#
# The GC block follows the released code, of which the paper's block is one setting: attention
# pooling, one added term. There is no released code of the simplified non-local block; it follows
# equation 3.
#
# Shapes are written (B, C, H, W): images in the batch, channels, rows, columns; N = HW positions.

# %% name="imports" tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn

# %% [markdown]
# One weight for each position, from that position alone; the context is the weighted mean:
#
# $$\alpha_j = \frac{e^{W_k x_j}}{\sum_m e^{W_k x_m}}, \qquad c = \sum_j \alpha_j\, x_j$$
#
# Cost: C·N products for the logits and C·N for the sum. No map of N x N pairs.


# %% name="context"
class AttentionPool(nn.Conv2d):
    """The context of a map: (B, C, H, W) -> (B, C). A 1x1 convolution to one logit a position."""

    def __init__(self, channels):
        super().__init__(channels, 1, 1)
        # As released: He's initialisation (He et al., ICCV 2015), and no bias at first.
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")
        nn.init.zeros_(self.bias)

    def attention(self, x):
        """The shared map: (B, C, H, W) -> (B, N), each row sums to 1."""
        return super().forward(x).flatten(1).softmax(dim=1)

    def forward(self, x):
        return (x.flatten(2) @ self.attention(x)[:, :, None])[:, :, 0]


# %% [markdown]
# $$z_i = x_i + W_v \sum_j \alpha_j\, x_j \qquad (3)$$
#
# W_v stands before the sum in equation 2 and after it in equation 3: the same by linearity, and one
# product with a vector instead of N.


# %% name="simplified"
class SNLBlock(nn.Module):
    """The simplified non-local block: (B, C, H, W) -> (B, C, H, W)  (eq. 3).

    zero: start W_v at zero and so the block as the identity (ours, as in the non-local block).
    """

    def __init__(self, channels, *, bias=True, zero=True):
        super().__init__()
        self.mask = AttentionPool(channels)
        self.value = nn.Linear(channels, channels, bias=bias)
        if zero:
            start_at_zero(self.value)

    def forward(self, x):
        return x + self.value(self.mask(x))[:, :, None, None]


def start_at_zero(layer):
    """Set the weight, and the bias where there is one, to zero."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)


# %% [markdown]
# $$z_i = x_i + W_{v2}\, \delta\big(\mathrm{LN}(W_{v1}\, c)\big) \qquad (5)$$
#
# A bottleneck as in SE, C -> h -> C with h = C / r, and a LayerNorm over its h numbers, because two
# layers without it are hard to train here.


# %% name="transform"
class Transform(nn.Module):
    """C -> hidden -> C with LayerNorm and ReLU between: (B, C) -> (B, C). It starts as zero."""

    def __init__(self, channels, hidden, eps=1e-5):
        super().__init__()
        self.reduce = nn.Linear(channels, hidden)
        self.ln = nn.LayerNorm(hidden, eps)
        self.expand = nn.Linear(hidden, channels)
        start_at_zero(self.expand)

    def forward(self, context):
        return self.expand(F.relu(self.ln(self.reduce(context))))


# %% [markdown]
# The code can also rescale: fusion "mul" multiplies with the sigmoid of a transform, "both"
# multiplies first and then adds, each with a transform of its own, of the context of the unchanged
# x. At birth "add" is the identity; with "mul" the block halves its input, since σ(0) = 1/2.


# %% name="block"
class GCBlock(nn.Module):
    """GCBlock(channels): (B, C, H, W) -> (B, C, H, W)  (eq. 5).

    hidden: the width of the bottleneck, else int(C / reduction). pooling: "att" or "avg".
    fusion: "add", "mul" or "both". Raises ValueError for another pooling or fusion.
    """

    def __init__(self, channels, reduction=16, *, hidden=None, pooling="att", fusion="add",
                 eps=1e-5):  # fmt: skip
        super().__init__()
        if pooling not in ("att", "avg"):
            raise ValueError(f"GCBlock: no pooling {pooling!r}; choose 'att' or 'avg'")
        if fusion not in ("add", "mul", "both"):
            raise ValueError(f"GCBlock: no fusion {fusion!r}; choose 'add', 'mul' or 'both'")
        hidden = int(channels / reduction) if hidden is None else hidden
        if hidden < 1:
            raise ValueError(
                f"GCBlock(channels={channels}, reduction={reduction}): the bottleneck would have "
                f"no unit; choose a reduction of at most {channels}"
            )
        self.mask = AttentionPool(channels) if pooling == "att" else None
        self.mul = Transform(channels, hidden, eps) if fusion != "add" else None
        self.add = Transform(channels, hidden, eps) if fusion != "mul" else None

    def forward(self, x):
        context = x.mean(dim=(2, 3)) if self.mask is None else self.mask(x)
        y = x
        if self.mul is not None:
            y = y * torch.sigmoid(self.mul(context))[:, :, None, None]
        if self.add is not None:
            y = y + self.add(context)[:, :, None, None]
        return y
