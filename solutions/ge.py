"""Gather-excite: a gate from a neighbourhood of any extent, with or without weights.

Source: J. Hu, L. Shen, S. Albanie, G. Sun and A. Vedaldi, "Gather-Excite: Exploiting Feature
Context in Convolutional Neural Networks", NeurIPS 2018, <https://arxiv.org/abs/1810.12348>,
section 2: y = x ⊙ σ(interp(ξ(x))), ξ gathers over an extent e. The authors' Caffe networks,
repository hujie-frank/GENet, commit ae791f8. Three gathers:

- "minus": an average, no parameters. Window 2e - 1, step e; positions outside do not count;
- "theta": depthwise convolutions with batch normalisation. For e = 2^n there are n of them, 3x3
  with step 2 and ReLU between; for the global extent one, as large as the map;
- "plus": after "theta" two 1x1 convolutions with biases, C -> C // r -> C, as in SE.

We follow the networks. They put a ReLU between gather and the two layers of "plus"; a library
that many take for the reference has none (`relu=False`), and it pads the global convolution, so
that its extent is not global at all.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FORMS = ("minus", "theta", "plus")


class Gather(nn.Sequential):
    """n depthwise 3x3 convolutions of step 2, each with its norm: (B, C, H, W) to the 2^n-th."""

    def __init__(self, channels: int, steps: int):
        layers: list[nn.Module] = []
        for _ in range(steps):
            conv = nn.Conv2d(channels, channels, 3, 2, 1, groups=channels, bias=False)
            layers += [conv, nn.BatchNorm2d(channels), nn.ReLU()]
        super().__init__(*layers[:-1])


class GEBlock(nn.Module):
    """GEBlock(channels, extent=None, form="minus", size=None, reduction=16): keeps (B, C, H, W).

    extent: None is the whole map. size: (H, W), which the weights of a global "theta" are made
    for; such a block takes no other map. Raises ValueError for an extent or a size that its form
    cannot have.
    """

    def __init__(self, channels: int, extent: int | None = None, form: str = "minus",
                 size: tuple[int, int] | None = None, reduction: int = 16, *,
                 hidden: int | None = None, relu: bool = True):  # fmt: skip
        super().__init__()
        if form not in FORMS:
            raise ValueError(f"GEBlock: no form {form!r}; choose of {', '.join(FORMS)}")
        self.extent, self.size, self.relu = extent, size, relu
        self.gather = None if form == "minus" else self.gathering(channels, extent, size)
        self.mlp = form == "plus"
        if self.mlp:
            hidden = channels // reduction if hidden is None else hidden
            self.reduce = nn.Conv2d(channels, hidden, 1)
            self.expand = nn.Conv2d(hidden, channels, 1)

    @staticmethod
    def gathering(channels: int, extent: int | None, size: tuple[int, int] | None) -> nn.Module:
        """The weighted gather ξ, of the global extent or of e = 2^n."""
        if extent is None and size is None:
            raise ValueError("GEBlock: weights for the whole map need its size; give size=(H, W)")
        if extent is None:
            conv = nn.Conv2d(channels, channels, size, groups=channels, bias=False)
            return nn.Sequential(conv, nn.BatchNorm2d(channels))
        if extent < 2 or extent & (extent - 1):
            raise ValueError(f"GEBlock: extent {extent} is no power of 2; choose 2, 4, 8, ...")
        return Gather(channels, extent.bit_length() - 1)

    def context(self, x: Tensor) -> Tensor:
        """ξ(x): (B, C, H, W) -> (B, C, h, w), one number a channel for the global extent."""
        if self.gather is not None:
            if self.extent is None and tuple(x.shape[2:]) != tuple(self.size):
                raise ValueError(
                    f"GEBlock(size={tuple(self.size)}) got a map of {tuple(x.shape[2:])}: its "
                    f"weights cover one size; build it for the map that arrives"
                )
            return self.gather(x)
        if self.extent is None:
            return x.mean(dim=(2, 3), keepdim=True)
        e = self.extent
        return F.avg_pool2d(x, 2 * e - 1, e, e - 1, count_include_pad=False)

    def forward(self, x: Tensor) -> Tensor:
        u = self.context(x)
        if self.mlp:
            u = self.expand(F.relu(self.reduce(F.relu(u) if self.relu else u)))
        if self.extent is not None:
            u = F.interpolate(u, x.shape[2:])  # the nearest
        return x * torch.sigmoid(u)
