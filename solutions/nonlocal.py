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
# # Non-local attention
#
# Source: X. Wang, R. Girshick, A. Gupta and K. He, "Non-local Neural Networks", CVPR 2018,
# <https://arxiv.org/abs/1711.07971>, equations 1 to 6. Every position is compared with every other
# one, and takes from each as much as the comparison says.
#
# We follow the paper's text. The released Caffe2 code and the ports differ from it and from each
# other; each difference is a switch.
#
# | | paper, popular port | released Caffe2 code | later port | switch |
# | --- | --- | --- | --- | --- |
# | scale of the logits | none | $d^{-1/2}$ | $d^{-1/2}$ | `scale` |
# | 2x2 max-pool of keys and values | after θ, φ, g | before φ, g | after | `pool` |
# | after W_z | BatchNorm that starts at 0 | the same | W_z starts at 0 | `norm` |
#
# Pooling before and after are different functions: the largest of projections is not the
# projection of the largest. A further port scales with the input's width, $C^{-1/2}$: give `scale`
# a number.
#
# Shapes are written (B, C, H, W), or (B, C, T, H, W) for films: N = HW or THW positions, L keys.
# The block knows nothing of rows, columns and time but for the pooling, so that the 2-D block is
# the 3-D block at T = 1. (This file is named by its key, which Python cannot import by statement:
# write `importlib.import_module("solutions.nonlocal")`.)

# %% name="imports" tags=["setup"]
import torch.nn.functional as F
from torch import nn

# %% [markdown]
# $$y_i = \sum_j \frac{e^{s\, q_i^T k_j}}{\sum_m e^{s\, q_i^T k_m}}\, v_j$$
#
# Written out, the N x L map of weights is a tensor. A fused kernel computes the same function piece
# by piece and never holds the map; it wants queries, keys and values of one width, and zeros at
# their ends change nothing. On a CPU the written form is quicker while the map fits the cache.

# %% name="softmax-attention"
WRITTEN_OUT = 2**14  # pairs, for each channel of 64 or more, up to which a CPU writes out the map


def softmax_attention(q, k, v, scale=1.0):
    """Queries (B, d, N), keys (B, d, L), values (B, e, L) -> (B, e, N)."""
    pairs, width = len(q) * q.shape[2] * k.shape[2], max(q.shape[1], v.shape[1])
    if not q.is_cuda and not (q.is_cpu and pairs > WRITTEN_OUT * max(width, 64)):
        return v @ (scale * q.mT @ k).softmax(dim=-1).mT
    q, k, v_ = (F.pad(t.mT, (0, width - t.shape[1]))[:, None].contiguous() for t in (q, k, v))
    y = F.scaled_dot_product_attention(q, k, v_, scale=scale)  # (B, 1, N, width)
    return y[:, 0, :, : v.shape[1]].mT


# %% [markdown]
# Keys and values may be sub-sampled: a max-pool over 2x2 positions (2 in one dimension), not over
# time, that drops the last row or column of an odd map.


# %% name="subsample"
def subsample(x):
    """(B, C, ..., H, W) -> (B, C, ..., H // 2, W // 2), or (B, C, N) -> (B, C, N // 2).

    Not in the paper: an axis of length 1 stays, so that every map has a key.
    """
    if x.ndim == 3:
        return F.max_pool1d(x, min(2, x.shape[2]))
    window = [min(2, size) for size in x.shape[-2:]]
    flat = F.max_pool2d(x.flatten(1, -3), window)  # time goes with the channels
    return flat.view(*x.shape[:-2], *flat.shape[-2:])


# %% [markdown]
# $$y_i = \frac{1}{\mathcal{C}(x)} \sum_j f(x_i, x_j)\, g(x_j) \qquad (1) \qquad\qquad
# z_i = W_z\, y_i + x_i \qquad (6)$$
#
# | mode | f(x_i, x_j) | 𝒞 |
# | --- | --- | --- |
# | `gaussian` (2) | $e^{x_i^T x_j}$ | $\sum_j f$ |
# | `embedded_gaussian` (3) | $e^{\theta(x_i)^T \phi(x_j)}$ | $\sum_j f$ |
# | `dot_product` (4) | $\theta(x_i)^T \phi(x_j)$ | number of keys |
# | `concatenation` (5) | $\delta(w_f^T [\theta(x_i), \phi(x_j)])$ | number of keys |
#
# θ is `query`, φ is `key`, g is `value`, W_z is `out`, w_f is `pair`; all are 1x1 convolutions.

# %% name="block"
MODES = ("gaussian", "embedded_gaussian", "dot_product", "concatenation")


class NonLocalBlock(nn.Module):
    """NonLocalBlock(channels): (B, C, ...) -> the same shape, for 1, 2 or 3 axes of positions.

    inner: the width d of θ, φ and g, else C // 2 (C itself is the paper's "no bottleneck").
    scale: None, "d^-1/2", or a number, for the embedded Gaussian alone. pool: None, "after" or
    "before" the projections. norm: BatchNorm after W_z; it starts at 0 (without it, W_z does), so
    that the block is the identity at birth. Raises ValueError for an option that is not one.
    """

    def __init__(self, channels, *, mode="embedded_gaussian", inner=None, scale=None, pool=None,
                 norm=True, eps=1e-5, bias=True):  # fmt: skip
        super().__init__()
        inner = max(channels // 2, 1) if inner is None else inner
        if mode not in MODES:
            raise ValueError(f"NonLocalBlock: no mode {mode!r}; choose one of {', '.join(MODES)}")
        if pool not in (None, "after", "before"):
            raise ValueError(f"NonLocalBlock: pool is {pool!r}; choose None, 'after' or 'before'")
        if scale is not None and mode != "embedded_gaussian":
            raise ValueError(f"NonLocalBlock: mode {mode!r} has no scale; leave scale=None")
        self.mode, self.sampling = mode, pool
        self.scale = {None: 1.0, "d^-1/2": inner**-0.5}.get(scale, scale)
        if mode != "gaussian":
            self.query = nn.Conv1d(channels, inner, 1, bias=bias)
            self.key = nn.Conv1d(channels, inner, 1, bias=bias)
        self.value = nn.Conv1d(channels, inner, 1, bias=bias)
        if mode == "concatenation":
            self.pair = nn.Conv1d(2 * inner, 1, 1, bias=False)
        self.out = nn.Conv1d(inner, channels, 1, bias=bias)
        self.bn = nn.BatchNorm1d(channels, eps) if norm else nn.Identity()
        for parameter in self.bn.parameters() if norm else self.out.parameters():
            nn.init.zeros_(parameter)

    def project(self, x):
        """Queries (B, d, N), keys (B, d, L) and values (B, d, L); Gaussian: x itself compared."""
        source = subsample(x) if self.sampling == "before" else x

        def from_(layer):
            y = layer(source.flatten(2))
            return subsample(y.unflatten(2, x.shape[2:])).flatten(2) if after else y

        after = self.sampling == "after"
        if self.mode == "gaussian":
            key = subsample(x) if self.sampling else x
            return x.flatten(2), key.flatten(2), from_(self.value)
        return self.query(x.flatten(2)), from_(self.key), from_(self.value)

    def compare(self, q, k):
        """f of equation 1 in the modes that divide by the number of keys: (B, N, L)."""
        if self.mode == "dot_product":
            return q.mT @ k
        of_query, of_key = self.pair.weight[:, :, 0].chunk(2, dim=1)  # w_f^T [θ, φ] is a sum of two
        return F.relu((of_query @ q).mT + of_key @ k)

    def attention(self, x):
        """The map f / 𝒞 of every query: (B, C, ...) -> (B, N, L)."""
        q, k, _ = self.project(x)
        if "gaussian" in self.mode:
            return (self.scale * q.mT @ k).softmax(dim=-1)
        return self.compare(q, k) / k.shape[2]

    def forward(self, x):
        q, k, v = self.project(x)
        d, keys, queries = v.shape[1], k.shape[2], q.shape[2]
        if "gaussian" in self.mode:
            y = softmax_attention(q, k, v, self.scale)
        elif self.mode == "dot_product" and d * (keys + queries) < 2 * keys * queries:
            y = (v @ k.mT / keys) @ q  # brackets moved: d x d numbers, no map of pairs
        else:
            y = v @ self.compare(q, k).mT / keys
        return self.bn(self.out(y)).view_as(x) + x  # (eq. 6)
