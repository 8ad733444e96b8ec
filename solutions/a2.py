"""Double attention: gather N positions into a few descriptors, then hand these out again.

Source: Y. Chen, Y. Kalantidis, J. Li, S. Yan and J. Feng, "A^2-Nets: Double Attention Networks",
NeurIPS 2018, <https://arxiv.org/abs/1810.11579>, section 3:
Z = [A B^T] V with A = φ(x), B = softmax(θ(x)), V = softmax(ρ(x)).

The authors released no code. We follow the paper, as the port
nguyenvo09/Double-Attention-Network does at commit c378693: B is normalised over positions (each of
the n maps gathers one descriptor, a weighted mean), V over the n maps (each position shares itself
out among the descriptors). Earlier versions of the port normalise V over positions, and one of the
course's articles does so too; the weights that a position hands out then no longer sum to 1.

Ours: `residual`, the sum with x, which the paper leaves to the network around the block, and `out`,
the convolution back to C channels, which the port has as `reconstruct`.
"""

import torch
from torch import Tensor, nn


class DoubleAttention(nn.Module):
    """(B, C, H, W) -> (B, C, H, W), or (B, features, H, W) with out=False.

    features: m, the width of a descriptor. maps: n, how many descriptors there are. Both are
    C // 4 if not given, and at least 1. residual=False leaves x out of the sum. Raises ValueError
    for residual=True with out=False, unless m = C.
    """

    def __init__(
        self,
        channels: int,
        features: int | None = None,
        maps: int | None = None,
        *,
        out: bool = True,
        residual: bool = True,
    ) -> None:
        super().__init__()
        features = max(channels // 4, 1) if features is None else features
        maps = max(channels // 4, 1) if maps is None else maps
        if residual and not out and features != channels:
            raise ValueError(
                f"DoubleAttention(channels={channels}, features={features}, out=False): there is "
                f"no sum with x, whose width is {channels}; give residual=False"
            )
        self.residual = residual
        self.gather = nn.Conv2d(channels, features, 1)  # φ
        self.attend = nn.Conv2d(channels, maps, 1)  # θ
        self.distribute = nn.Conv2d(channels, maps, 1)  # ρ
        self.out = nn.Conv2d(features, channels, 1) if out else nn.Identity()

    def attention(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, H, W) -> B (B, n, N), which sums to 1 over N, and V (B, n, N), over n."""
        gathering = self.attend(x).flatten(2).softmax(dim=2)
        return gathering, self.distribute(x).flatten(2).softmax(dim=1)

    def forward(self, x: Tensor) -> Tensor:
        gathering, sharing = self.attention(x)
        descriptors = self.gather(x).flatten(2) @ gathering.mT  # A B^T: (B, m, n)
        z = descriptors @ sharing  # (B, m, n) (B, n, N) -> (B, m, N)
        z = self.out(z.unflatten(2, x.shape[2:]))
        return x + z if self.residual else z


def bracketed(a: Tensor, gathering: Tensor, sharing: Tensor, *, first: bool = True) -> Tensor:
    """A B^T V with either bracket: (A B^T) V, or A (B^T V), which makes a map of pairs (B, N, N).

    (B, m, N), (B, n, N), (B, n, N) -> (B, m, N). The numbers agree; the costs are 2Nmn and
    N^2 (m + n).
    """
    return (a @ gathering.mT) @ sharing if first else a @ (gathering.mT @ sharing)


def pair_weights(block: DoubleAttention, x: Tensor) -> Tensor:
    """B^T V of a block as the map of pairs it stands for: (B, N, N), asked position last.

    Each column sums to 1: n weighted means, shared out by weights that sum to 1.
    """
    gathering, sharing = block.attention(x)
    return torch.einsum("bni,bnj->bij", gathering, sharing)
