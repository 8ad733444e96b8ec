"""Wrong alignments. Each overrides one step of the reference."""

import torch

from solutions.bahdanau import PADDED, AdditiveAttention


class Steps(AdditiveAttention):
    """The reference in steps."""

    def pairs(self, q, k):
        return (self.query(q)[:, :, None] + self.key(k)[:, None]).tanh()

    def masked(self, logits, valid):
        beyond = torch.arange(logits.shape[2]) >= valid[:, None]
        return logits.masked_fill(beyond[:, None], PADDED)

    def weights(self, logits, valid):
        return self.masked(logits, valid).softmax(dim=2)

    def forward(self, q, k, v, valid):
        return self.weights(self.score(self.pairs(q, k))[..., 0], valid) @ v


class LooksAtPadding(Steps):
    def masked(self, logits, valid):
        return logits


class MasksAfter(Steps):
    def weights(self, logits, valid):
        inside = torch.arange(logits.shape[2]) < valid[:, None]
        return logits.softmax(dim=2) * inside[:, None]


class MasksWithZero(Steps):
    def masked(self, logits, valid):
        beyond = torch.arange(logits.shape[2]) >= valid[:, None]
        return logits.masked_fill(beyond[:, None], 0.0)


class Linear(Steps):
    def pairs(self, q, k):
        return self.query(q)[:, :, None] + self.key(k)[:, None]


class TanhEach(Steps):
    def pairs(self, q, k):
        return self.query(q).tanh()[:, :, None] + self.key(k).tanh()[:, None]


class OverQueries(Steps):
    def weights(self, logits, valid):
        return self.masked(logits, valid).softmax(dim=1)


class ShortestForAll(Steps):
    def masked(self, logits, valid):
        return super().masked(logits, valid.amin().expand_as(valid))
