"""Wrong interaction-aggregation-updates. Each differs from the reference in what it overrides."""

import torch
from torch import nn

from solutions.iau import FAR, InteractionUpdate, edges


class OwnEdgeOpen(InteractionUpdate):
    def messages(self, nodes, whole, frames):
        apart = (nodes[:, :, :, None] - nodes[:, :, None, :]).abs()
        around = whole[..., None].expand_as(apart)
        logits = self.edge(torch.cat([apart, around], dim=1))[:, 0]
        own = torch.eye(nodes.shape[2], dtype=torch.bool)
        absent = ~(edges(nodes.shape[2] // frames, frames) | own)
        return (logits - FAR * absent).softmax(dim=2)


class FramesAlone(InteractionUpdate):
    def forward(self, x):
        if x.ndim == 4:
            return super().forward(x)
        return torch.stack([super(FramesAlone, self).forward(f) for f in x.unbind(2)], dim=2)


class EverybodyHears(InteractionUpdate):
    def messages(self, nodes, whole, frames):
        apart = (nodes[:, :, :, None] - nodes[:, :, None, :]).abs()
        logits = self.edge(torch.cat([apart, whole[..., None].expand_as(apart)], dim=1))[:, 0]
        own = torch.eye(nodes.shape[2], dtype=torch.bool)
        return (logits - FAR * own).softmax(dim=2)


class MeanNodes(InteractionUpdate):
    def part_maps(self, x):
        maps = super().part_maps(x)
        return maps / maps.shape[3]


class PartsCompete(InteractionUpdate):
    def part_maps(self, x):
        return self.parts(x).softmax(dim=1)


class SignedDifference(InteractionUpdate):
    def messages(self, nodes, whole, frames):
        apart = nodes[:, :, :, None] - nodes[:, :, None, :]
        logits = self.edge(torch.cat([apart, whole[..., None].expand_as(apart)], dim=1))[:, 0]
        return (logits - FAR * ~edges(nodes.shape[2] // frames, frames)).softmax(dim=2)


class MinusSign(InteractionUpdate):
    def channels(self, x):
        maps = x.flatten(1, 2)
        weights = (-(maps @ maps.mT)).softmax(dim=2)
        return x + self.ciau((weights @ maps).view_as(x))


class NoChannels(InteractionUpdate):
    def channels(self, x):
        return x


class StartsAtOne(InteractionUpdate):
    def __init__(self, channels, parts=4, inner=None):
        super().__init__(channels, parts, inner)
        for half in (self.ciau, self.siau):
            nn.init.ones_(half.bn.weight)
