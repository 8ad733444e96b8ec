"""Wrong criss-cross blocks. Every class differs from Plain, a right block, in what it overrides."""

import torch
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels, passes=2, reduction=8):
        super().__init__()
        self.passes = passes
        self.query = nn.Conv2d(channels, channels // reduction, 1)
        self.key = nn.Conv2d(channels, channels // reduction, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def logits(self, q, k):
        column = torch.einsum("bcij,bcmj->bijm", q, k)
        row = torch.einsum("bcij,bcin->bijn", q, k)
        return self.masked(column), row

    def masked(self, column):
        own = torch.eye(column.shape[1], dtype=torch.bool, device=column.device)[:, None]
        return column.masked_fill(own, -torch.inf)

    def shares(self, column, row):
        a = torch.cat([column, row], dim=-1).softmax(dim=-1)
        return a.split([column.shape[-1], row.shape[-1]], dim=-1)

    def gathered(self, column, row, v):
        from_column = torch.einsum("bijm,bcmj->bcij", column, v)
        return from_column + torch.einsum("bijn,bcin->bcij", row, v)

    def attended(self, x):
        column, row = self.shares(*self.logits(self.query(x), self.key(x)))
        return self.gathered(column, row, self.value(x))

    def once(self, x):
        return x + self.gamma * self.attended(x)

    def forward(self, x):
        for _ in range(self.passes):
            x = self.once(x)
        return x


class NoMask(Plain):
    def masked(self, column):
        return column


class MasksBoth(Plain):
    def logits(self, q, k):
        column, row = super().logits(q, k)
        own = torch.eye(row.shape[2], dtype=torch.bool, device=row.device)
        return column, row.masked_fill(own, -1e9)


class MasksWithZero(Plain):
    def masked(self, column):
        own = torch.eye(column.shape[1], dtype=torch.bool, device=column.device)[:, None]
        return column.masked_fill(own, 0.0)


class MasksAfter(Plain):
    def masked(self, column):
        return column

    def shares(self, column, row):
        column, row = super().shares(column, row)
        own = torch.eye(column.shape[1], dtype=torch.bool, device=column.device)[:, None]
        return column.masked_fill(own, 0.0), row


class TwoSoftmaxes(Plain):
    def shares(self, column, row):
        return column.softmax(dim=-1), row.softmax(dim=-1)


class SoftmaxOverQueries(Plain):
    def shares(self, column, row):
        return column.softmax(dim=1), row.softmax(dim=2)


class NoSoftmax(Plain):
    def masked(self, column):
        own = torch.eye(column.shape[1], dtype=torch.bool, device=column.device)[:, None]
        return column.masked_fill(own, 0.0)

    def shares(self, column, row):
        return column, row


class RowOnly(Plain):
    def shares(self, column, row):
        return torch.zeros_like(column), row.softmax(dim=-1)


class ColumnOnly(Plain):
    def masked(self, column):
        return column

    def shares(self, column, row):
        return column.softmax(dim=-1), torch.zeros_like(row)


class AllPairs(Plain):
    def attended(self, x):
        q, k, v = (layer(x).flatten(2) for layer in (self.query, self.key, self.value))
        return (v @ (q.mT @ k).softmax(dim=-1).mT).view(x.shape)


class KeysAsk(Plain):
    def attended(self, x):
        column, row = self.shares(*self.logits(self.key(x), self.query(x)))
        return self.gathered(column, row, self.value(x))


class Scaled(Plain):
    def logits(self, q, k):
        return super().logits(q * q.shape[1] ** -0.5, k)


class MixesImages(Plain):
    def logits(self, q, k):
        column, row = super().logits(q, k)
        B, H, W, _ = column.shape
        stack = column.permute(0, 2, 1, 3).reshape(B * W, H, H)
        return stack.view(W, B, H, H).permute(1, 2, 0, 3), row


class SquashesAxes(Plain):
    def gathered(self, column, row, v):
        B, C, H, W = v.shape
        from_column = torch.einsum("bijm,bcmj->bjci", column, v)  # (B, W, C, H)
        from_row = torch.einsum("bijn,bcin->bcij", row, v)
        return from_column.transpose(1, 2).reshape(B, C, H, W) + from_row


class SwapsTheParts(Plain):
    def shares(self, column, row):
        a = torch.cat([row, column], dim=-1).softmax(dim=-1)
        return a.split([column.shape[-1], row.shape[-1]], dim=-1)


class OnePass(Plain):
    def forward(self, x):
        return self.once(x)


class TwoPassesAlways(Plain):
    def forward(self, x):
        return self.once(self.once(x))


class AddsXOnce(Plain):
    def forward(self, x):
        y = x
        for _ in range(self.passes):
            y = self.gamma * self.attended(y)
        return x + y


class AddsTheFirstX(Plain):
    def forward(self, x):
        y = x
        for _ in range(self.passes):
            y = x + self.gamma * self.attended(y)
        return y


class NoSum(Plain):
    def once(self, x):
        return self.gamma * self.attended(x)


class GammaOnX(Plain):
    def once(self, x):
        return self.gamma * x + self.attended(x)


class GammaStartsAtOne(Plain):
    def __init__(self, channels, passes=2, reduction=8):
        super().__init__(channels, passes, reduction)
        nn.init.ones_(self.gamma)


class NoGamma(nn.Module):
    def __init__(self, channels, passes=2, reduction=8):
        super().__init__()
        self.passes = passes
        self.query = nn.Conv2d(channels, channels // reduction, 1)
        self.key = nn.Conv2d(channels, channels // reduction, 1)
        self.value = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        for _ in range(self.passes):
            q, k, v = self.query(x), self.key(x), self.value(x)
            column = torch.einsum("bcij,bcmj->bijm", q, k)
            own = torch.eye(x.shape[2], dtype=torch.bool, device=x.device)[:, None]
            row = torch.einsum("bcij,bcin->bijn", q, k)
            a = torch.cat([column.masked_fill(own, -torch.inf), row], dim=-1).softmax(dim=-1)
            column, row = a.split(x.shape[2:], dim=-1)
            y = torch.einsum("bijm,bcmj->bcij", column, v)
            x = x + y + torch.einsum("bijn,bcin->bcij", row, v)
        return x


class NoBias(Plain):
    def __init__(self, channels, passes=2, reduction=8):
        super().__init__(channels, passes, reduction)
        self.query = nn.Conv2d(channels, channels // reduction, 1, bias=False)
        self.key = nn.Conv2d(channels, channels // reduction, 1, bias=False)
        self.value = nn.Conv2d(channels, channels, 1, bias=False)


class HalfWidth(Plain):
    def __init__(self, channels, passes=2, reduction=8):
        super().__init__(channels, passes, reduction)
        self.query = nn.Conv2d(channels, channels // 2, 1)
        self.key = nn.Conv2d(channels, channels // 2, 1)


class ReductionIgnored(Plain):
    def __init__(self, channels, passes=2, reduction=8):
        super().__init__(channels, passes, 8)


class OwnWeights(Plain):
    def __init__(self, channels, passes=2, reduction=8):
        super().__init__(channels, passes, reduction)
        self.turns = nn.ModuleList([Plain(channels, 1, reduction) for _ in range(passes - 1)])

    def forward(self, x):
        x = self.once(x)
        for turn in self.turns:
            x = turn(x)
        return x


class MutatesInput(Plain):
    def once(self, x):
        return x.add_(self.gamma * self.attended(x))


class MendsTheMaskOnly(MixesImages):
    def __init__(self, channels):
        super().__init__(channels, 1)


class MendsTheStackOnly(NoMask):
    def __init__(self, channels):
        super().__init__(channels, 1)


class MendsNothing(MixesImages, NoMask):
    def __init__(self, channels):
        super().__init__(channels, 1)
