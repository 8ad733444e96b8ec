"""Show, attend and tell: a word looks at regions of an image, softly or by drawing one.

Source: K. Xu, J. Ba, R. Kiros, K. Cho, A. Courville, R. Salakhutdinov, R. Zemel and Y. Bengio,
"Show, Attend and Tell: Neural Image Caption Generation with Visual Attention", ICML 2015,
<https://arxiv.org/abs/1502.03044>, sections 3.1.2, 4.1 (hard) and 4.2 (soft).

Scores are made with tanh in the paper and in the authors' Theano code; the common PyTorch tutorial
(sgrvinod/a-PyTorch-Tutorial-to-Image-Captioning at commit cc9c7e2) uses ReLU. We follow the paper;
`act=torch.relu` is the tutorial's. Biases are as in the tutorial.

Of the hard form there is no implementation that we trust: ours is from the equations, with the
estimator of the recurrent glimpses, and tests hold it against the exact gradient, by enumeration.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


class RegionScores(nn.Module):
    """Regions (B, N, region_size) and a state (B, state_size) -> weights (B, N) that sum to 1."""

    def __init__(
        self,
        region_size: int,
        state_size: int,
        hidden: int,
        act: Callable[[Tensor], Tensor] = torch.tanh,
    ) -> None:
        super().__init__()
        self.region = nn.Linear(region_size, hidden)
        self.state = nn.Linear(state_size, hidden)
        self.score = nn.Linear(hidden, 1)
        self.act = act

    def attention(self, regions: Tensor, state: Tensor) -> Tensor:
        """α: (B, N, region_size), (B, state_size) -> (B, N)."""
        pairs = self.act(self.region(regions) + self.state(state)[:, None])  # (B, N, hidden)
        return self.score(pairs)[..., 0].softmax(dim=1)


class SoftAttention(RegionScores):
    """The mean of the regions by their weights: -> (B, region_size).

    gated=True scales it by β = sigmoid(f(state)), so that a word may look away (section 4.2.1).
    """

    def __init__(self, region_size, state_size, hidden, act=torch.tanh, *, gated: bool = False):
        super().__init__(region_size, state_size, hidden, act)
        # One β for all of the context as in the paper; the tutorial has one for each number of it.
        self.gate = nn.Linear(state_size, 1) if gated else None

    def forward(self, regions: Tensor, state: Tensor) -> Tensor:
        context = (self.attention(regions, state)[:, None] @ regions)[:, 0]
        return context if self.gate is None else self.gate(state).sigmoid() * context


class HardAttention(RegionScores):
    """One region, drawn by its weight: -> context (B, region_size) and log-probability (B,).

    The context has no gradient to the weights; `ram.reinforce` gives them theirs, through
    the log-probability. In evaluation, as in training, a region is drawn: `generator` fixes which.
    """

    def forward(
        self, regions: Tensor, state: Tensor, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        weights = self.attention(regions, state)
        chosen = torch.multinomial(weights.detach(), 1, generator=generator)[:, 0]
        return self.looking_at(regions, weights, chosen)

    def looking_at(self, regions: Tensor, weights: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
        """The context and log-probability of given choices (B,)."""
        images = torch.arange(len(regions), device=regions.device)
        return regions[images, chosen], weights[images, chosen].log()


def entropy(weights: Tensor) -> Tensor:
    """H[s] for each image: (B, N) -> (B,). The paper adds it to the objective of the hard form."""
    return -torch.xlogy(weights, weights).sum(dim=1)


def moving_baseline(baseline: float, reward: Tensor, keep: float = 0.9) -> float:
    """The next baseline after a batch of rewards (B,): 0.9 b + 0.1 of their mean (section 4.1)."""
    return keep * baseline + (1 - keep) * reward.mean().item()


def doubly_stochastic(weights: Tensor, strength: float = 1.0) -> Tensor:
    """λ Σ_i (1 - Σ_t α_ti)^2: weights over all words (B, T, N) -> a number, mean of the batch.

    It asks that every region be looked at about once in a sentence (section 4.2.1).
    """
    return strength * (1 - weights.sum(dim=1)).square().sum(dim=1).mean()
