"""How alike the maps are that the queries of a non-local block look with, and whether it matters.

Source of the question: Y. Cao, J. Xu, S. Lin, F. Wei and H. Hu, "GCNet: Non-local Networks Meet
Squeeze-Excitation Networks and Beyond", ICCV Workshops 2019, <https://arxiv.org/abs/1904.11492>,
section 3.2, which compares the maps of trained networks. `OneMap` goes further (ours): it takes the
differences away from a trained block, and what the network then still answers is measured.
"""

from importlib import import_module

import torch.nn.functional as F
from torch import Tensor, nn

NonLocalBlock = import_module("solutions.nonlocal").NonLocalBlock


class OneMap(NonLocalBlock):
    """Trained as a non-local block; in eval mode all queries share the mean of their maps."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, ...) -> the same shape."""
        if self.training:
            return super().forward(x)
        values = self.project(x)[2]  # (B, d, L)
        shared = self.attention(x).mean(dim=1, keepdim=True)  # (B, N, L) -> (B, 1, L)
        y = (values @ shared.mT).expand(-1, -1, x.flatten(2).shape[2])
        return self.bn(self.out(y)).view_as(x) + x


def arriving(model: nn.Module, block: nn.Module, images: Tensor) -> Tensor:
    """The features (B, C, H', W') that reach a block inside a model, for images (B, 3, H, W)."""
    seen: list[Tensor] = []
    hook = block.register_forward_pre_hook(lambda _, given: seen.append(given[0].detach()))
    model(images)
    hook.remove()
    return seen[0]


def likeness(maps: Tensor) -> tuple[float, float]:
    """Mean cosine of two maps (B, N, L): of two queries in one image, and of two images.

    The second compares the means over queries. 1 is equal but for a factor, 0 shares no place.
    """
    within = _mean_cosine(maps)
    return within.mean().item(), _mean_cosine(maps.mean(dim=1)[None]).item()


def _mean_cosine(maps: Tensor) -> Tensor:
    """(B, n, L) -> (B,): the mean over all pairs of different maps."""
    total = F.normalize(maps, dim=-1).sum(dim=1).square().sum(dim=-1)  # the sum of all cosines
    n = maps.shape[1]
    return (total - n) / (n * (n - 1))
