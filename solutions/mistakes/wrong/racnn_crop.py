"""Wrong zooms and wrong rank losses. Each class overrides one step of the reference."""

import torch

from solutions.racnn import AttentionCrop, RankLoss


class ColumnFirst(AttentionCrop):
    def box(self, where, size):
        return super().box(where[:, [1, 0, 2]], size)


class NoLeast(AttentionCrop):
    def __init__(self, out, k, least):
        super().__init__(out, k=k, least=2 / 12)


class HardEdges(AttentionCrop):
    def __init__(self, out, k, least):
        super().__init__(out, k=1000.0, least=least)


class WholeSide(AttentionCrop):
    def box(self, where, size):
        half = where[:, 2:].clamp(size * self.least, size / 2) / 2
        centre = torch.minimum(torch.maximum(where[:, :2], half), size - half)
        return centre - half, centre + half


class SlidesOut(AttentionCrop):
    def box(self, where, size):
        half = where[:, 2:].clamp(size * self.least, size / 2)
        first, last = where[:, :2] - half, where[:, :2] + half
        return first.clamp(0, size - 1), last.clamp(1, size)


class NoGradient(AttentionCrop):
    def forward(self, x, where):
        return super().forward(x, where.detach())


class RanksTurned(RankLoss):
    def forward(self, scores):
        return (scores[:, 1:] - scores[:, :-1] + self.margin).clamp(min=0).sum(dim=1).mean()


class NoMargin(RankLoss):
    def forward(self, scores):
        return (scores[:, :-1] - scores[:, 1:]).clamp(min=0).sum(dim=1).mean()


class FirstAgainstLast(RankLoss):
    def forward(self, scores):
        return (scores[:, 0] - scores[:, -1] + self.margin).clamp(min=0).mean()


class NeverSatisfied(RankLoss):
    def forward(self, scores):
        return (scores[:, :-1] - scores[:, 1:] + self.margin).sum(dim=1).mean()


class OfLogits(RankLoss):
    def forward(self, scores):
        return super().forward(scores.logit())
