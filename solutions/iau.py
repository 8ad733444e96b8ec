"""Interaction-aggregation-update: body parts exchange messages, in one image or across frames.

Source: R. Hou, B. Ma, H. Chang, X. Gu, S. Shan and X. Chen, "IAUnet: Global Context-Aware Feature
Learning for Person Re-Identification", IEEE TNNLS 32(10), 2021,
<https://arxiv.org/abs/2009.01035>.

We follow the released code (blue-blue272/ImgReID-IAnet at commit e104e28, models/IAU.py and
IAU3D.py). Channels are compared first, by softmax(X X^T) with a plus, unlike the code of dual
attention; then parts. A part is a sum over positions, not a mean, so its size grows with the map.
Edges are not drawn by -inf but by -1e8, which leaves a lone part its own neighbour. The published
SIAU calls `.cuda()` and so runs on a GPU only; ours runs anywhere.

On films the code compares all C * T maps of channels with one another, joins each part with the
other parts of its frame and with the same part of the other frames, and adds a vector of its own to
each frame. An image is a film of one frame, and one class serves both.
"""

import torch
from torch import Tensor, nn

from solutions.ann import PointNorm

FAR = 1e8  # what is taken from the logit of an edge that is not there


def edges(parts: int, frames: int = 1) -> Tensor:
    """Which nodes exchange messages: (frames * parts,) * 2 booleans, a frame's parts together.

    Two different parts of one frame do, and the same part of two different frames.
    """
    same_frame = torch.eye(frames, dtype=torch.bool).repeat_interleave(parts, 0)
    same_frame = same_frame.repeat_interleave(parts, 1)
    same_part = torch.eye(parts, dtype=torch.bool).repeat(frames, frames)
    return same_frame ^ same_part


class InteractionUpdate(nn.Module):
    """(B, C, H, W), or a film (B, C, T, H, W), -> the same shape.

    parts: how many there are. inner: the width of a node, C // 2 if not given, and at least 1. A
    fresh block is the identity: the last BatchNorm of either half starts at zero.
    """

    def __init__(self, channels: int, parts: int = 4, inner: int | None = None) -> None:
        super().__init__()
        inner = max(channels // 2, 1) if inner is None else inner
        self.ciau = PointNorm(channels, channels, relu=False)
        self.parts = PointNorm(channels, parts, relu=False)
        self.reduce = nn.Conv2d(channels, inner, 1)
        self.edge = PointNorm(2 * inner, 1, relu=False)
        self.update = PointNorm(2 * inner, inner)
        self.siau = PointNorm(2 * inner, channels, relu=False)
        for half in (self.ciau, self.siau):
            nn.init.zeros_(half.bn.weight)
            nn.init.zeros_(half.bn.bias)

    def channels(self, x: Tensor) -> Tensor:
        """x + the mix of all maps of channels: (B, C, T, N) -> the same."""
        maps = x.flatten(1, 2)  # (B, C T, N)
        weights = (maps @ maps.mT).softmax(dim=2)  # (B, C T, C T)
        return x + self.ciau((weights @ maps).view_as(x))

    def part_maps(self, x: Tensor) -> Tensor:
        """How much each position is of each part: (B, C, T, N) -> (B, P, T, N), in (0, 1)."""
        return self.parts(x).sigmoid()

    def nodes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Parts (B, d, T P) of all frames, and the mean of all (B, d, 1): x is (B, C, T, N)."""
        # No einsum: with the strides of the gradient that it hands back, the backward pass of
        # BatchNorm on a map of one row is wrong (torch 2.13 on a CPU).
        maps = self.part_maps(x).transpose(1, 2)  # (B, T, P, N)
        sums = (x.transpose(1, 2) @ maps.mT).transpose(1, 2).flatten(2)  # (B, C, T P)
        whole = x.mean(dim=(2, 3))[:, :, None]
        both = self.reduce(torch.cat([sums, whole], dim=2)[..., None])[..., 0]
        return both[:, :, :-1], both[:, :, -1:]

    def messages(self, nodes: Tensor, whole: Tensor, frames: int) -> Tensor:
        """Who hears whom: (B, d, n) and (B, d, 1) -> (B, n, n), which sums to 1 over the last."""
        apart = (nodes[:, :, :, None] - nodes[:, :, None, :]).abs()  # (B, d, n, n)
        around = whole[..., None].expand_as(apart)
        logits = self.edge(torch.cat([apart, around], dim=1))[:, 0]
        absent = ~edges(nodes.shape[2] // frames, frames).to(nodes.device)
        return (logits - FAR * absent).softmax(dim=2)

    def forward(self, x: Tensor) -> Tensor:
        film = x.flatten(3) if x.ndim == 5 else x.flatten(2)[:, :, None]  # (B, C, T, N)
        frames = film.shape[2]
        film = self.channels(film)
        nodes, whole = self.nodes(film)
        heard = nodes @ self.messages(nodes, whole, frames).mT  # (B, d, T P)
        updated = self.update(torch.cat([nodes, heard], dim=1)[..., None])[..., 0]
        mean = updated.unflatten(2, (frames, -1)).mean(dim=3)  # (B, d, T)
        term = torch.cat([mean, whole.expand_as(mean)], dim=1)[..., None]
        return (film + self.siau(term)).view_as(x)
