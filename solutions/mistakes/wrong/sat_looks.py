"""Wrong soft contexts and wrong penalties."""

import torch

from solutions.sat import SoftAttention


class ReluScores(SoftAttention):
    def __init__(self, region_size, state_size, hidden):
        super().__init__(region_size, state_size, hidden, act=torch.relu)


class LinearScores(SoftAttention):
    def __init__(self, region_size, state_size, hidden):
        super().__init__(region_size, state_size, hidden, act=lambda pairs: pairs)


class OverImages(SoftAttention):
    def attention(self, regions, state):
        pairs = self.act(self.region(regions) + self.state(state)[:, None])
        return self.score(pairs)[..., 0].softmax(dim=0)


class LikeliestRegion(SoftAttention):
    def forward(self, regions, state):
        chosen = self.attention(regions, state).argmax(dim=1)
        return regions[torch.arange(len(regions)), chosen]


class MeanOfWeighed(SoftAttention):
    def forward(self, regions, state):
        return super().forward(regions, state) / regions.shape[1]


class ContextOfKeys(SoftAttention):
    def forward(self, regions, state):
        weights = self.attention(regions, state).detach()
        return (weights[:, None] @ regions)[:, 0]


def penalty_over_regions(weights, strength):
    return strength * (1 - weights.sum(dim=2)).square().sum(dim=1).mean()


def penalty_of_means(weights, strength):
    return strength * (1 - weights.mean(dim=1)).square().sum(dim=1).mean()


def penalty_not_squared(weights, strength):
    return strength * (1 - weights.sum(dim=1)).sum(dim=1).mean()


def penalty_before_sum(weights, strength):
    return strength * (1 - weights).square().sum(dim=(1, 2)).mean()
