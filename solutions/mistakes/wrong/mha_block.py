"""Wrong multi-head attentions. Each overrides one step of the reference."""

import torch

from solutions.mha import MultiHeadAttention


class Unscaled(MultiHeadAttention):
    def __init__(self, width, heads):
        super().__init__(width, heads)
        self.scale = 1.0


class ScaledByWidth(MultiHeadAttention):
    def __init__(self, width, heads):
        super().__init__(width, heads)
        self.scale = width**-0.5


class DividedByHeadWidth(MultiHeadAttention):
    def __init__(self, width, heads):
        super().__init__(width, heads)
        self.scale = heads / width


class JoinedWithoutTranspose(MultiHeadAttention):
    def forward(self, q, k, v, allowed):
        heads = self.attention(q, k, allowed) @ self.split(v, 2)
        return self.out(heads.reshape(q.shape))


class HeadsInterleaved(MultiHeadAttention):
    def split(self, x, role):
        y = super().split(x, role)  # (B, heads, L, d)
        return y.transpose(1, 2).flatten(2).unflatten(2, (-1, self.heads)).permute(0, 3, 1, 2)


class MaskedAfter(MultiHeadAttention):
    def attention(self, q, k, allowed=None):
        return super().attention(q, k).masked_fill(~allowed, 0)


class MaskTurned(MultiHeadAttention):
    def attention(self, q, k, allowed=None):
        return super().attention(q, k, ~allowed | torch.eye(*allowed.shape, dtype=torch.bool))


class OverQueries(MultiHeadAttention):
    def attention(self, q, k, allowed=None):
        logits = self.scale * self.split(q, 0) @ self.split(k, 1).mT
        return logits.masked_fill(~allowed, -1e6).softmax(dim=2)


class NotMixed(MultiHeadAttention):
    def forward(self, q, k, v, allowed):
        heads = self.attention(q, k, allowed) @ self.split(v, 2)
        return heads.transpose(1, 2).flatten(2)
