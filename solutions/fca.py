"""Frequency channel attention: the mean is the lowest of 49 cosines, and others are pooled too.

Source: Z. Qin, P. Zhang, F. Wu and X. Li, "FcaNet: Frequency Channel Attention Networks", ICCV
2021, <https://arxiv.org/abs/2012.11879>, equations 3 to 10; the authors' code, repository
cfzd/FcaNet, commit aa5fb63. The channels are split into n groups, each group is multiplied with
one cosine of two dimensions and summed, and SE's two layers without biases follow.

Where the code says more than the paper we follow the code:

- the cosines are orthonormal, so the lowest is 1/√(hw) everywhere: √(hw) times the mean, not the
  mean (7 times, on a grid of 7x7);
- which frequencies: three lists, best first, found for grids of 7x7 by training a network with
  each of the 49 alone ("top"), the lowest first ("low"), the worst first ("bot"). "top16" is 16
  of them;
- on a grid of 14x14 a frequency (u, v) of the lists is (2u, 2v), and so on; a map of another size
  is averaged onto the grid first.

Not as in the code: on a grid smaller than 7 it multiplies every frequency by 0 and pools nothing
but the mean, without a word. We raise an error. Frequencies given as pairs are those of the grid
itself, of any size.
"""

import math
import re
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from solutions.spa import grid_means

# Pairs (u, v) on a grid of 7x7, from the code: u down the rows, v along them.
ORDERS = {
    "top": ("00600114513000324635526553342261", "01052020060463526333511242113053"),
    "low": ("00110221203401301234501234561234", "01012012230043154321065432106543"),
    "bot": ("61332412445146256162243355625536", "64466314456522514350311242115333"),
}
BASE = 7

Pairs = Sequence[tuple[int, int]]


def listed(name: str) -> list[tuple[int, int]]:
    """The pairs (u, v) of a name: "top16" are the first 16 of the order "top".

    Raises ValueError for a name that is none.
    """
    found = re.fullmatch(r"(top|low|bot)([1-9]\d?)", name)
    if not found or int(found[2]) > 32:
        raise ValueError(f"FcaBlock: no frequencies {name!r}; choose top, low or bot and 1 to 32")
    u, v = ORDERS[found[1]]
    return list(zip(map(int, u), map(int, v), strict=True))[: int(found[2])]


def cosine(frequency: int, length: int) -> Tensor:
    """One vector of the orthonormal discrete cosine transform: (length,)  (eq. 3)."""
    at = (torch.arange(length, dtype=torch.float64) + 0.5) * math.pi * frequency / length
    return at.cos() * math.sqrt((2 if frequency else 1) / length)


def basis(pairs: Pairs, grid: tuple[int, int]) -> Tensor:
    """The cosines of two dimensions: n pairs -> (n, h, w)  (eq. 4)."""
    return torch.stack([torch.outer(cosine(u, grid[0]), cosine(v, grid[1])) for u, v in pairs])


class FcaBlock(nn.Module):
    """FcaBlock(channels, grid=(7, 7), reduction=16, frequencies="top16"): keeps (B, C, H, W).

    The cosines are a buffer `dct` (C, h, w), not parameters. Raises ValueError where the groups
    would not be equally wide, and for frequencies that the grid does not have.
    """

    def __init__(self, channels: int, grid: tuple[int, int] = (BASE, BASE), reduction: int = 16,
                 frequencies: str | Pairs = "top16", *, hidden: int | None = None):  # fmt: skip
        super().__init__()
        pairs = self.on_grid(frequencies, grid)
        if channels % len(pairs):
            raise ValueError(
                f"FcaBlock(channels={channels}): {len(pairs)} frequencies would not have equally "
                f"many channels; choose a number of frequencies that divides {channels}"
            )
        hidden = channels // reduction if hidden is None else hidden
        cosines = basis(pairs, grid).repeat_interleave(channels // len(pairs), dim=0)
        self.register_buffer("dct", cosines.to(torch.get_default_dtype()))
        self.reduce = nn.Linear(channels, hidden, bias=False)
        self.expand = nn.Linear(hidden, channels, bias=False)

    @staticmethod
    def on_grid(frequencies: str | Pairs, grid: tuple[int, int]) -> Pairs:
        """Pairs (u, v) of a grid (h, w), from a name or as they are."""
        if isinstance(frequencies, str):
            if min(grid) < BASE:
                raise ValueError(
                    f"FcaBlock: {frequencies!r} belongs to grids of at least {BASE}x{BASE}, not "
                    f"{grid[0]}x{grid[1]}; give pairs (u, v) of the grid itself"
                )
            scale = [side // BASE for side in grid]
            return [(u * scale[0], v * scale[1]) for u, v in listed(frequencies)]
        for u, v in frequencies:
            if not (0 <= u < grid[0] and 0 <= v < grid[1]):
                raise ValueError(f"FcaBlock: a grid {grid} has no frequency {(u, v)}")
        return frequencies

    def squeeze(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C): the sum of each channel times its cosine  (eq. 6 to 8)."""
        fields = grid_means(x, self.dct.shape[1:])  # (B, C, h, w)
        return torch.einsum("bchw,chw->bc", fields, self.dct)

    def forward(self, x: Tensor) -> Tensor:
        u = self.expand(F.relu(self.reduce(self.squeeze(x))))
        return x * torch.sigmoid(u)[:, :, None, None]
