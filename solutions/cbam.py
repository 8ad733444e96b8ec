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
# # Convolutional block attention
#
# Source: S. Woo, J. Park, J.-Y. Lee and I. S. Kweon, "CBAM: Convolutional Block Attention Module",
# ECCV 2018, <https://arxiv.org/abs/1807.06521>, equations 1 to 3. A gate for each channel, then a
# gate for each position.
#
# Paper and released code differ, and we follow the code; each difference is a switch.
#
# | | paper | released code | switch |
# | --- | --- | --- | --- |
# | maps that the spatial gate sees | [mean, max] | [max, mean] | `maps` |
# | after its convolution | nothing | BatchNorm of one channel, momentum 0.01 | `norm` |
# | biases of the shared layers | not said | yes | `bias` |
# | pools of the channel gate | mean and max | any of avg, max, lp, lse | `pools` |
#
# A popular port has no biases, the paper's order of maps and momentum 0.1; its light version pools
# with the mean of both, "avg+max". `kernel` in the channel gate is a variant that articles teach
# under the name CBAM: a 1-D convolution along the channels, as in ECA, instead of the two layers.
# It is in neither the paper nor the code, and ECA is younger than CBAM.
#
# Shapes are written (B, C, H, W): images in the batch, channels, rows, columns.

# %% name="imports" tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn

# %% [markdown]
# Pools over the positions of a map, or over its channels. "lp" is the root of the SUM of squares
# and "lse" the logarithm of the SUM of exponentials, in the code as here: both grow with the map.


# %% name="pools"
def pool(x, kind, dim):
    """x without the axes `dim`: kind is "avg", "max", "avg+max", "lp" or "lse".

    Raises ValueError for another kind.
    """
    if kind == "avg":
        return x.mean(dim)
    if kind == "max":
        return x.amax(dim)
    if kind == "avg+max":
        return (x.mean(dim) + x.amax(dim)) / 2
    if kind == "lp":
        return torch.linalg.vector_norm(x, dim=dim)
    if kind == "lse":
        return x.logsumexp(dim)
    raise ValueError(f"CBAM: no pool {kind!r}; choose one of avg, max, avg+max, lp, lse")


# %% [markdown]
# $$M_c(x) = \sigma\big(\mathrm{MLP}(\mathrm{avg}(x)) + \mathrm{MLP}(\max(x))\big), \qquad
# \mathrm{MLP}(z) = W_1\, \delta(W_0 z) \qquad (2)$$
#
# One MLP for all pools, and the sigmoid once, after the sum.


# %% name="channel-gate"
class ChannelGate(nn.Module):
    """M_c (eq. 2), a number in (0, 1) for each channel: (B, C, H, W) -> (B, C, 1, 1).

    hidden: the width between the layers, else C // reduction. pools: see `pool`; their results are
    added. kernel: the variant of articles, one 1-D convolution of that size for the two layers.
    """

    def __init__(self, channels, reduction=16, *, hidden=None, bias=True, pools=("avg", "max"),
                 act=F.relu, gate=torch.sigmoid, kernel=None):  # fmt: skip
        super().__init__()
        hidden = channels // reduction if hidden is None else hidden
        if kernel is None and hidden < 1:
            raise ValueError(
                f"ChannelGate(channels={channels}, reduction={reduction}): the hidden layer would "
                f"have no unit; choose a reduction of at most {channels}"
            )
        self.pools, self.act, self.gate = tuple(pools), act, gate
        self.kernel = kernel
        if kernel is None:
            self.reduce = nn.Linear(channels, hidden, bias=bias)
            self.expand = nn.Linear(hidden, channels, bias=bias)
        else:
            self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)

    def mix(self, z):
        """What the pools share, channels with channels: (B, P, C) -> (B, P, C)."""
        if self.kernel is None:
            return self.expand(self.act(self.reduce(z)))
        return self.conv(z.flatten(0, 1)[:, None]).view_as(z)

    def forward(self, x):
        z = torch.stack([pool(x, kind, (2, 3)) for kind in self.pools], dim=1)  # (B, P, C)
        return self.gate(sum(self.mix(z).unbind(dim=1)))[:, :, None, None]


# %% [markdown]
# $$M_s(x) = \sigma\big(f^{7 \times 7}([\mathrm{avg}_c(x); \max_c(x)])\big) \qquad (3)$$
#
# Two maps, each pooled over the channels, and one convolution f that turns them into one. The
# weights of f for the two orders are not interchangeable.


# %% name="spatial-gate"
class SpatialGate(nn.Module):
    """M_s (eq. 3), a number in (0, 1) for each position: (B, C, H, W) -> (B, 1, H, W).

    kernel: the side of the convolution, odd. maps: the pools over channels, in the order in which
    the convolution sees them. norm: a BatchNorm with `momentum` and `eps` after it.
    """

    def __init__(self, kernel=7, *, maps=("max", "avg"), norm=True, momentum=0.01, eps=1e-5,
                 bias=False, gate=torch.sigmoid):  # fmt: skip
        super().__init__()
        if kernel % 2 == 0:
            raise ValueError(f"SpatialGate: kernel = {kernel} has no middle; choose an odd size")
        self.maps, self.gate = tuple(maps), gate
        self.conv = nn.Conv2d(len(self.maps), 1, kernel, padding=kernel // 2, bias=bias)
        self.bn = nn.BatchNorm2d(1, eps, momentum) if norm else nn.Identity()

    def forward(self, x):
        seen = torch.stack([pool(x, kind, 1) for kind in self.maps], dim=1)  # (B, 2, H, W)
        return self.gate(self.bn(self.conv(seen)))


# %% [markdown]
# $$x' = M_c(x) \odot x, \qquad y = M_s(x') \odot x' \qquad (1)$$
#
# One after the other, channels first: the spatial gate sees what the channel gate has left.


# %% name="block"
class CBAM(nn.Module):
    """CBAM(channels): (B, C, H, W) -> (B, C, H, W)  (eq. 1).

    gates: which gates, and in which order; ("channel",) or ("spatial",) alone, and ("spatial",
    "channel") too. channel, spatial: settings of `ChannelGate` and `SpatialGate`.
    """

    def __init__(self, channels, reduction=16, *, gates=("channel", "spatial"),
                 channel=None, spatial=None):  # fmt: skip
        super().__init__()
        if not gates or set(gates) - {"channel", "spatial"}:
            raise ValueError(f"CBAM: gates {gates!r}; choose of 'channel' and 'spatial', in order")
        self.gates = tuple(gates)
        if "channel" in gates:
            self.channel = ChannelGate(channels, reduction, **(channel or {}))
        if "spatial" in gates:
            self.spatial = SpatialGate(**(spatial or {}))

    def forward(self, x):
        for name in self.gates:
            x = x * getattr(self, name)(x)
        return x
