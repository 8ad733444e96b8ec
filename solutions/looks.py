"""What blocks of different kinds look at, as maps over places that can be laid side by side.

`pair_weights`: for a block that compares or pools places, the share that each place (a row) takes
from every place (a column). `place_gates`: for a block that gates places, the gate of each.
`channel_gates`: for a block that gates channels, the gate of each.
"""

from collections.abc import Callable
from importlib import import_module

from torch import Tensor, nn

from solutions.ablations import SelfAttention
from solutions.bam import BAMBlock
from solutions.cbam import CBAM
from solutions.cc import CrissCrossBlock
from solutions.da import DualAttention
from solutions.eca import ECABlock
from solutions.gc import GCBlock
from solutions.ra import RABlock
from solutions.scse import SCSEBlock
from solutions.se import SEBlock

NonLocalBlock = import_module("solutions.nonlocal").NonLocalBlock


def pair_weights(block: nn.Module, x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, N, N), rows that sum to 1; raises TypeError for a block of another kind.

    Of several heads the mean; of criss-cross attention what two passes make together.
    """
    return _known(block, PAIRS)(block, x)


def place_gates(block: nn.Module, x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, H, W), the mean over channels where each channel has its own gates."""
    return _known(block, GATES)(block, x)


def channel_gates(block: nn.Module, x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, C)."""
    return _known(block, CHANNELS)(block, x)


def along_a_cross(block: CrissCrossBlock, x: Tensor) -> Tensor:
    """The weights of both passes, one after the other, without what stays in place."""
    first, second = (_all_pairs(block.attention(seen)) for seen in (x, block.once(x)))
    return second @ first


def along_one_cross(block: CrissCrossBlock, x: Tensor) -> Tensor:
    """The weights of the first pass alone: (B, C, H, W) -> (B, N, N)."""
    return _all_pairs(block.attention(x))


def _all_pairs(weights: Tensor) -> Tensor:
    """(B, H, W, H + W), column first -> (B, N, N), zero off the cross."""
    batch, height, width, _ = weights.shape
    column, row = weights.split((height, width), dim=3)
    full = weights.new_zeros(batch, height, width, height, width)
    full.diagonal(dim1=2, dim2=4).add_(column.permute(0, 1, 3, 2))  # (B, H, H', W)
    full.diagonal(dim1=1, dim2=3).add_(row.permute(0, 2, 3, 1))  # (B, W, W', H)
    return full.flatten(3).flatten(1, 2)


def _of_heads(block: SelfAttention, x: Tensor) -> Tensor:
    tokens = x.flatten(2).mT
    return block.attention.attention(tokens, tokens).mean(dim=1)


def _shared(block: GCBlock, x: Tensor) -> Tensor:
    weights = block.mask(x).flatten(1).softmax(dim=1)
    return weights[:, None].expand(-1, weights.shape[1], -1)


Look = Callable[[nn.Module, Tensor], Tensor]
PAIRS: dict[type, Look] = {
    NonLocalBlock: lambda block, x: block.attention(x),
    DualAttention: lambda block, x: block.position.attention(x),
    CrissCrossBlock: along_a_cross,
    GCBlock: _shared,
    SelfAttention: _of_heads,
}
GATES: dict[type, Look] = {
    CBAM: lambda block, x: block.spatial(x * block.channel(x))[:, 0],
    BAMBlock: lambda block, x: block.gates(x).mean(dim=1),
    SCSEBlock: lambda block, x: block.s.gates(x)[:, 0],
    RABlock: lambda block, x: block.mask(block.pre(x), x).mean(dim=1),
}

CHANNELS: dict[type, Look] = {
    SEBlock: lambda block, x: block.excite(block.pool(x)),
    ECABlock: lambda block, x: block.excite(x.mean(dim=(2, 3))),
    CBAM: lambda block, x: block.channel(x)[:, :, 0, 0],
}


def _known(block: nn.Module, looks: dict[type, Look]) -> Look:
    for kind, look in looks.items():
        if isinstance(block, kind):
            return look
    known = ", ".join(kind.__name__ for kind in looks)
    raise TypeError(f"no such map of a {type(block).__name__}; there are maps of {known}")
