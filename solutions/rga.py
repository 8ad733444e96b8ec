"""Relation-aware global attention: what a position is to all others decides its gate.

Source: Z. Zhang, C. Lan, W. Zeng, X. Jin and Z. Chen, "Relation-Aware Global Attention for Person
Re-identification", CVPR 2020, <https://arxiv.org/abs/1904.02998>, section 3.

Paper and released code (microsoft/Relation-Aware-Global-Attention-Networks at commit cdc9965)
agree: the affinity is the raw product of two ReLU embeddings, without softmax or scale; positions
come first, and channels are asked on the result. The code's order of the relation vector, which the
paper leaves open, is: what the item is to the others, then what the others are to it.

A relation vector has a number for each position, so the layers fit one size of map only.
"""

import torch
from torch import Tensor, nn


class LineNorm(nn.Module):
    """A layer over the features of items, BatchNorm, and ReLU unless relu=False: (B, f, items)."""

    def __init__(self, features: int, out: int, *, relu: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv1d(features, out, 1, bias=False)
        self.bn = nn.BatchNorm1d(out)
        self.relu = nn.ReLU() if relu else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class RelationGate(nn.Module):
    """A gate for each item from its pairs with all items: (B, features, items) -> (B, 1, items).

    inner: the width of the embeddings. compact: to how many numbers the 2 * items of a relation
    vector are reduced. down: the reduction of the last two layers, which have at least one unit.
    """

    def __init__(self, features: int, items: int, inner: int, compact: int, down: int) -> None:
        super().__init__()
        hidden = max((1 + compact) // down, 1)  # not in the paper: at least 1
        self.theta = LineNorm(features, inner)
        self.phi = LineNorm(features, inner)
        self.embed = LineNorm(features, inner)
        self.relation = LineNorm(2 * items, compact)
        self.att1 = LineNorm(1 + compact, hidden)
        self.att2 = LineNorm(hidden, 1, relu=False)

    def affinity(self, x: Tensor) -> Tensor:
        """The relations r: (B, features, items) -> (B, items, items), no softmax."""
        return self.theta(x).mT @ self.phi(x)

    def forward(self, x: Tensor) -> Tensor:
        r = self.affinity(x)
        relations = self.relation(torch.cat([r.mT, r], dim=1))  # (B, 2 items, items)
        own = self.embed(x).mean(dim=1, keepdim=True)
        y = torch.cat([own, relations], dim=1)  # (B, 1 + compact, items)
        return self.att2(self.att1(y)).sigmoid()


class RelationAware(nn.Module):
    """(B, C, H, W) -> (B, C, H, W), for maps of H * W = positions.

    gates: "spatial", "channel" or both, in the order of use. channel_ratio, spatial_ratio: what C
    and N are divided by in the embeddings of positions and of channels, and for relation vectors of
    channels and of positions. Raises ValueError for another gate, and for a map of another size.
    """

    GATES = ("spatial", "channel")

    def __init__(
        self,
        channels: int,
        positions: int,
        gates: tuple[str, ...] = GATES,
        *,
        channel_ratio: int = 8,
        spatial_ratio: int = 8,
        down_ratio: int = 8,
    ) -> None:
        super().__init__()
        unknown = [gate for gate in gates if gate not in self.GATES]
        if unknown or not gates:
            raise ValueError(f"gates is {gates!r}; choose of 'spatial' and 'channel'")
        self.channels, self.positions, self.gates = channels, positions, tuple(gates)
        # not in the paper: at least 1, so that narrow nets and small maps work
        c, p = max(channels // channel_ratio, 1), max(positions // spatial_ratio, 1)
        if "spatial" in gates:
            self.spatial = RelationGate(channels, positions, c, p, down_ratio)
        if "channel" in gates:
            self.channel = RelationGate(positions, channels, p, c, down_ratio)

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[2] * x.shape[3] != self.positions:
            raise ValueError(
                f"RelationAware(channels={self.channels}, positions={self.positions}): expected "
                f"maps of {self.positions} positions, got {tuple(x.shape)}; a relation vector has "
                "one number for each position, so build the block for the size it will see"
            )
        flat = x.flatten(2)  # (B, C, N)
        for gate in self.gates:
            if gate == "spatial":
                flat = flat * self.spatial(flat)  # (B, 1, N)
            else:
                flat = flat * self.channel(flat.mT).mT  # (B, C, 1)
        return flat.view_as(x)
