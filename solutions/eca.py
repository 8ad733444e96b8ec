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
# # Efficient channel attention
#
# Source: Q. Wang, B. Wu, P. Zhu, P. Li, W. Zuo and Q. Hu, "ECA-Net: Efficient Channel Attention for
# Deep Convolutional Neural Networks", CVPR 2020, <https://arxiv.org/abs/1910.03151>. One short 1-D
# convolution along the channels takes the place of SE's two layers.
#
# We follow the paper: the kernel size comes from the number of channels. The released networks set
# it by hand, stage by stage (3, 5, 5, 7: together 80 weights on ResNet-50, where the formula gives
# 86), so that `k` can be given. The released `eca_ns`, one kernel for each channel, is
# `shared=False`. `padding="circular"` closes the row of channels to a ring, and `bias`, `gate` and
# `least` are further options of ports.
#
# Shapes are written (B, C, H, W): images in the batch, channels, rows, columns.

# %% name="imports" tags=["setup"]
import math

import torch
import torch.nn.functional as F
from torch import nn

# %% [markdown]
# The kernel size: the odd number that is nearest to (log2 C + b) / γ, the larger one of two that
# are equally near (C = 8, 128, 2048 with γ = 2 and b = 1). Whole part first, then one more if it is
# even: that is the same number.


# %% name="kernel-size"
def kernel_size(channels, gamma=2, b=1, least=1):
    """The paper's k for a number of channels, odd: 64 -> 3, 256 -> 5, 2048 -> 7.

    least: not in the paper; ports ask for at least 3, which matters below 8 channels.
    """
    whole = int(abs((math.log2(channels) + b) / gamma))
    return max(whole if whole % 2 else whole + 1, least)


# %% [markdown]
# Channel c looks at the k channels around it, and beyond the first and the last one it sees zeros:
#
# $$s_c = \sigma\Big(\sum_{j=1}^{k} w_j\, z_{c + j - (k + 1)/2}\Big), \qquad
# y_{cij} = s_c\, x_{cij}$$
#
# with z the average of each channel. Not shared: $w_{cj}$ in place of $w_j$.


# %% name="block"
class ECABlock(nn.Module):
    """ECABlock(channels): (B, C, H, W) -> (B, C, H, W), with one kernel of k weights.

    k: an odd kernel size, else `kernel_size(channels, gamma, b, least)`. shared=False: a kernel of
    its own for each channel (k * C weights). padding: "zeros" or "circular". gate: a function.
    Raises ValueError for an even k or another padding.
    """

    def __init__(self, channels, k=None, *, gamma=2, b=1, least=1, shared=True, bias=False,
                 padding="zeros", gate=torch.sigmoid):  # fmt: skip
        super().__init__()
        k = kernel_size(channels, gamma, b, least) if k is None else k
        if k % 2 == 0:
            raise ValueError(f"ECABlock: k = {k} has no middle; choose an odd kernel size")
        if padding not in ("zeros", "circular"):
            raise ValueError(f"ECABlock: no padding {padding!r}; choose 'zeros' or 'circular'")
        groups = 1 if shared else channels
        self.conv = nn.Conv1d(groups, groups, k, groups=groups, bias=bias)
        self.shared, self.gate = shared, gate
        self.mode = "constant" if padding == "zeros" else "circular"

    def excite(self, z):
        """The gates: (B, C) -> (B, C)."""
        (k,) = self.conv.kernel_size
        row = F.pad(z[:, None], (k // 2, k // 2), mode=self.mode)[:, 0]
        windows = row.unfold(1, k, 1)  # (B, C, k): what each channel sees
        if self.shared:  # the convolution along the channels, quicker as one product
            return self.gate(F.linear(windows, self.conv.weight[0], self.conv.bias)[:, :, 0])
        return self.gate(self.conv(windows)[:, :, 0])

    def forward(self, x):
        return x * self.excite(x.mean(dim=(2, 3)))[:, :, None, None]


# %% [markdown]
# For comparison, a gate that hears every channel through a weight of its own, with no bottleneck:
#
# $$s = \sigma(A z), \qquad A \in \mathbb{R}^{C \times C}$$


# %% name="full"
class FullGate(nn.Module):
    """FullGate(channels): (B, C, H, W) -> (B, C, H, W), gates sigmoid(A z) with C * C weights."""

    def __init__(self, channels):
        super().__init__()
        self.linear = nn.Linear(channels, channels, bias=False)

    def forward(self, x):
        return x * torch.sigmoid(self.linear(x.mean(dim=(2, 3))))[:, :, None, None]
