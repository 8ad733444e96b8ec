"""Normalisation-based attention: the scales of a batch normalisation say what matters.

Source: Y. Liu, Z. Shao, Y. Teng and N. Hoffmann, "NAM: Normalization-based Attention Module",
NeurIPS Workshops 2021, <https://arxiv.org/abs/2111.12419>, equations 1 to 4; the authors' code,
repository Christian-lyc/NAM, commit 6e8d3e3. There is no layer but the normalisation:

    y = x ⊙ σ(w ⊙ BN(x)),   w_c = |γ_c| / Σ_j |γ_j|,

so that the gate differs from position to position. The loss gets p Σ |γ| more (`penalty`), which
drives the scales of channels that are not needed to 0.

- We follow the code in taking w as a number: no gradient reaches γ through w. `detach=False` lets
  it through.
- The paper's gate for positions is not in the code. We write it from equation 3: the same, with
  the positions in the place of the channels ("pixel normalisation"), mean and variance of each
  position over images and channels. It has a scale λ for each position, so its map has one size.
- "Non-local attention module", as one article has it, is another thing.
"""

import torch
from torch import Tensor, nn


def weigh(scales: Tensor) -> Tensor:
    """Each scale's share of the sum of all, without signs."""
    return scales.abs() / scales.abs().sum()


class NAMBlock(nn.Module):
    """NAMBlock(channels): channels weighed by the scales of their norm, keeps (B, C, H, W)."""

    def __init__(self, channels: int, *, detach: bool = True):
        super().__init__()
        self.bn = nn.BatchNorm2d(channels)
        self.detach = detach

    def gates(self, x: Tensor) -> Tensor:
        """One for each number of x: (B, C, H, W) -> (B, C, H, W)  (eq. 2)."""
        w = weigh(self.bn.weight.detach() if self.detach else self.bn.weight)
        return torch.sigmoid(self.bn(x) * w[:, None, None])

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gates(x)


class NAMPositions(nn.Module):
    """NAMPositions(size): positions weighed by the scales of their norm, keeps (B, C, *size).

    Raises ValueError for a map of another size: every position has a scale of its own.
    """

    def __init__(self, size: tuple[int, int], *, detach: bool = True):
        super().__init__()
        self.size = tuple(size)
        self.inner = NAMBlock(size[0] * size[1], detach=detach)

    def forward(self, x: Tensor) -> Tensor:
        if tuple(x.shape[2:]) != self.size:
            raise ValueError(
                f"NAMPositions(size={self.size}) got a map of {tuple(x.shape[2:])}: each position "
                f"has its own scale; build it for the map that arrives"
            )
        pixels = x.flatten(2).transpose(1, 2)[..., None]  # (B, N, C, 1)
        # contiguous: PyTorch 2.13 on a CPU gets the gradient of a norm of this view wrong
        return self.inner(pixels.contiguous())[..., 0].transpose(1, 2).unflatten(2, self.size)


def penalty(model: nn.Module, p: float = 1e-4) -> Tensor:
    """What NAM adds to the loss: p Σ |γ| over the norms of all its gates in `model`  (eq. 4).

    Raises ValueError where there is none.
    """
    scales = [m.bn.weight for m in model.modules() if isinstance(m, NAMBlock)]
    if not scales:
        raise ValueError("penalty: the model has no NAMBlock whose scales it could drive to 0")
    return p * torch.cat(scales).abs().sum()
