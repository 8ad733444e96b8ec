"""Blocks that differ from the taught ones in one choice, to be measured beside them.

Where a taught class has the choice as a setting, a grid uses that; here is what none of them has.
"""

from importlib import import_module

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from solutions.cbam import CBAM
from solutions.hacnn import ConvNorm, HardAttention, SoftAttention
from solutions.mha import MultiHeadAttention
from solutions.ocr import ObjectContext

NonLocalBlock = import_module("solutions.nonlocal").NonLocalBlock


class ParallelCBAM(CBAM):
    """Both gates of CBAM are made from x itself: (B, C, H, W) -> (B, C, H, W)."""

    def forward(self, x: Tensor) -> Tensor:
        return x * self.channel(x) * self.spatial(x)


class AwakeNonLocal(NonLocalBlock):
    """A non-local block that does not start as the identity: its last norm's scale is 1."""

    def __init__(self, channels: int, mode: str = "embedded_gaussian", **settings):
        super().__init__(channels, mode, **settings)
        nn.init.ones_(self.bn.weight)


class SelfAttention(nn.Module):
    """x plus multi-head self-attention over its places, (B, C, H, W) -> (B, C, H, W).

    Without the Transformer's position codes, norms and pointwise layers. The output layer starts
    at zero, so that a fresh block is the identity.
    """

    def __init__(self, channels: int, heads: int = 4):
        super().__init__()
        self.attention = MultiHeadAttention(channels, heads)
        for parameter in self.attention.out.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.attention(x.flatten(2).mT).mT.reshape(x.shape)


class Harmonious(nn.Module):
    """Soft gates, hard regions, or both: (B, C, H, W) -> (B, C, H, W).

    As a block, not as the paper's network of two branches: what the regions show, through a layer
    and averaged, is added to every place. A batch of one image cannot train. Raises ValueError
    where neither is asked for.
    """

    def __init__(self, channels: int, reduction: int = 2, parts: int = 4, *,
                 soft: bool = True, hard: bool = True):  # fmt: skip
        super().__init__()
        if not (soft or hard):
            raise ValueError("Harmonious: neither soft nor hard; ask for one of them")
        self.soft = SoftAttention(channels, reduction) if soft else None
        self.hard = HardAttention(channels, parts) if hard else None
        self.local = ConvNorm(channels, channels) if hard else None

    def forward(self, x: Tensor) -> Tensor:
        y = x * self.soft(x) if self.soft else x
        if self.hard:
            regions = self.hard(x)  # (B, P, C, H, W)
            seen = self.local(regions.flatten(0, 1)).unflatten(0, regions.shape[:2])
            y = y + seen.mean(dim=(1, 3, 4))[:, :, None, None]
        return y


class RegionContext(nn.Module):
    """Object-contextual representations as a block with its own coarse logits, keeps (B, C, H, W).

    `extra_loss` trains the coarse logits, 0.4 times as heavy as the host's own loss, as the OCR
    paper does; the training loop adds it. stride: of the map in pixels of the image.
    """

    WEIGHT = 0.4

    def __init__(self, channels: int, classes: int, stride: int):
        super().__init__()
        self.coarse = nn.Conv2d(channels, classes, 1)
        self.context = ObjectContext(channels, dropout=0.0)
        self.stride = stride
        self.logits = torch.empty(0)

    def forward(self, x: Tensor) -> Tensor:
        self.logits = self.coarse(x)
        return self.context(x, self.logits)

    def extra_loss(self, labels: Tensor) -> Tensor:
        """Of the coarse logits of the last batch, against one label (B, H, W) for each place."""
        middle = self.stride // 2
        seen = labels[:, middle :: self.stride, middle :: self.stride]
        return self.WEIGHT * F.cross_entropy(self.logits, seen)
