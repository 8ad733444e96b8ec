"""Object-contextual representations: each pixel asks the K regions of a coarse segmentation.

Source: Y. Yuan, X. Chen and J. Wang, "Object-Contextual Representations for Semantic
Segmentation",
ECCV 2020, <https://arxiv.org/abs/1909.11065>, section 3: f_k = Σ_i m_ki x_i,
w_ik = softmax_k(φ(x_i)^T ψ(f_k)), y_i = ρ(Σ_k w_ik δ(f_k)), z_i = g([y_i, x_i]).

We follow the released code (openseg-group/openseg.pytorch at commit aefc755): logits of a relation
are scaled by c^-1/2, which the paper does not print; the softmax of a region runs over positions,
so that a class that is hardly there still gathers a mean; context comes before x in the last layer.
The coarse logits are trained by a loss of their own, 0.4 times as heavy.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from solutions.ann import PointNorm
from solutions.da import ConvNorm


def regions(features: Tensor, logits: Tensor, scale: float = 1.0) -> Tensor:
    """f, a mean for each class: (B, C, H, W) and class logits (B, K, H, W) -> (B, C, K)."""
    shares = (scale * logits).flatten(2).softmax(dim=2)  # over positions, for each class
    return features.flatten(2) @ shares.mT


class ObjectContext(nn.Module):
    """features (B, C, H, W) and coarse logits (B, K, H, W) -> (B, out_channels, H, W).

    key_channels is C // 2 if not given, and at least 1; out_channels is C. scale: how sharply the
    coarse logits choose the pixels of a region. K may differ from call to call.
    """

    def __init__(
        self,
        channels: int,
        key_channels: int | None = None,
        out_channels: int | None = None,
        *,
        scale: float = 1.0,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        inner = max(channels // 2, 1) if key_channels is None else key_channels
        self.sharpness, self.scale = scale, inner**-0.5
        self.pixel = nn.Sequential(PointNorm(channels, inner), PointNorm(inner, inner))  # φ
        self.object = nn.Sequential(PointNorm(channels, inner), PointNorm(inner, inner))  # ψ
        self.value = PointNorm(channels, inner)  # δ
        self.up = PointNorm(inner, channels)  # ρ
        self.fuse = PointNorm(2 * channels, out_channels or channels)  # g
        self.dropout = nn.Dropout2d(dropout)

    def relation(self, features: Tensor, objects: Tensor) -> Tensor:
        """w: (B, C, H, W) and regions (B, C, K) -> (B, N, K), which sums to 1 over K."""
        keys = self.object(objects[..., None])[..., 0]
        return (self.scale * self.pixel(features).flatten(2).mT @ keys).softmax(dim=2)

    def forward(self, features: Tensor, logits: Tensor) -> Tensor:
        objects = regions(features, logits, self.sharpness)
        values = self.value(objects[..., None])[..., 0]  # (B, c, K)
        context = values @ self.relation(features, objects).mT  # (B, c, N)
        context = self.up(context.unflatten(2, features.shape[2:]))
        return self.dropout(self.fuse(torch.cat([context, features], dim=1)))


class OCRHead(nn.Module):
    """Features (B, C, H, W) -> logits for each pixel (B, classes, H, W).

    inner: the width at which it asks, C // 4 if not given. `branches` also gives the coarse logits,
    which are to be trained by `supervised`; without it the regions mean nothing in particular.
    """

    def __init__(self, channels: int, classes: int, *, inner: int | None = None) -> None:
        super().__init__()
        inner = max(channels // 4, 1) if inner is None else inner
        self.before = ConvNorm(channels, inner)
        self.coarse = nn.Sequential(ConvNorm(channels, inner), nn.Conv2d(inner, classes, 1))
        self.context = ObjectContext(inner)
        self.classify = nn.Conv2d(inner, classes, 1)

    def branches(self, x: Tensor) -> dict[str, Tensor]:
        """{"fine": ..., "coarse": ...}, both (B, classes, H, W)."""
        coarse = self.coarse(x)
        return {"fine": self.classify(self.context(self.before(x), coarse)), "coarse": coarse}

    def forward(self, x: Tensor) -> Tensor:
        return self.branches(x)["fine"]


def supervised(branches: dict[str, Tensor], labels: Tensor, weight: float = 0.4) -> Tensor:
    """Both cross-entropies against labels (B, H, W) of whole numbers, the coarse one by weight."""
    fine, coarse = (F.cross_entropy(branches[name], labels) for name in ("fine", "coarse"))
    return fine + weight * coarse
