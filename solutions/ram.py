"""The recurrent model of visual attention: glimpses, a memory, and a policy of where to look next.

Source: V. Mnih, N. Heess, A. Graves and K. Kavukcuoglu, "Recurrent Models of Visual Attention",
NIPS 2014, <https://arxiv.org/abs/1406.6247>, sections 3.1 and 3.2, and section 4 for the sizes.

The authors released no code. We follow the paper, and kevinzakka/recurrent-visual-attention at
commit a38ac89 where the paper leaves a choice: patches beyond the border are zeros; a patch starts
at the truncated pixel; the log-probability is that of the sample before it is clamped to the image.
The port's locator has a hidden layer, the paper's has none (`hidden=None`). The state is detached
before the locator and the baseline, in port and paper alike: the policy learns from reward alone.
Images must be square in the port, which scales both axes by the height; ours need not be.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def glimpse(x: Tensor, where: Tensor, side: int, scales: int = 3, zoom: int = 2) -> Tensor:
    """Patches around a place at several scales: (B, C, H, W), (B, 2) -> (B, scales * C * side^2).

    where: (x, y), from -1 (left, top) to 1. Scale k sees side * zoom^k pixels a side, shrunk to
    `side` by means; beyond the border the image is zero. No gradient reaches `where`: the pixel
    where a patch begins is a whole number. That is why such a model is trained by reward.
    """
    height, width = x.shape[2:]
    size = torch.tensor([width, height], dtype=where.dtype, device=where.device)
    corner = (0.5 * (where.clamp(-1, 1) + 1) * size).long().tolist()
    patches = []
    for k in range(scales):
        wide = side * zoom**k
        padded = F.pad(x, [wide // 2, wide - wide // 2] * 2)
        cut = [image[:, j : j + wide, i : i + wide]
               for image, (i, j) in zip(padded, corner, strict=True)]  # fmt: skip
        patches.append(torch.stack(cut).unflatten(3, (side, -1)).unflatten(2, (side, -1)))
    return torch.cat([patch.mean(dim=(3, 5)) for patch in patches], dim=1).flatten(1)


class GlimpseNetwork(nn.Module):
    """What is seen and where: (B, C, H, W) and places (B, 2) -> (B, what + where).

    g = relu(W relu(W ρ) + W relu(W l)), with ρ the glimpse (section 4, "glimpse network").
    """

    def __init__(
        self,
        channels: int = 1,
        side: int = 8,
        scales: int = 3,
        zoom: int = 2,
        what: int = 128,
        where: int = 128,
    ) -> None:
        super().__init__()
        self.side, self.scales, self.zoom = side, scales, zoom
        self.what1 = nn.Linear(scales * channels * side**2, what)
        self.what2 = nn.Linear(what, what + where)
        self.where1 = nn.Linear(2, where)
        self.where2 = nn.Linear(where, what + where)

    def forward(self, x: Tensor, where: Tensor) -> Tensor:
        seen = glimpse(x, where, self.side, self.scales, self.zoom)
        what, place = F.relu(self.what1(seen)), F.relu(self.where1(where))
        return F.relu(self.what2(what) + self.where2(place))


class Core(nn.Module):
    """h = relu(W h' + W g): the glimpse (B, size) and the last state (B, hidden) -> (B, hidden)."""

    def __init__(self, size: int, hidden: int) -> None:
        super().__init__()
        self.input = nn.Linear(size, hidden)
        self.hidden = nn.Linear(hidden, hidden)

    def forward(self, seen: Tensor, state: Tensor) -> Tensor:
        return F.relu(self.input(seen) + self.hidden(state))


class Locator(nn.Module):
    """The policy: state (B, size) -> a normal distribution of places around `mean` (B, 2).

    std: its standard deviation, which is not learned. hidden: the width of the port's hidden layer;
    None has none, as in the paper.
    """

    def __init__(self, size: int, std: float = 0.17, hidden: int | None = None) -> None:
        super().__init__()
        self.std = std
        self.hidden = nn.Identity() if hidden is None else nn.Linear(size, hidden)
        self.act = nn.Identity() if hidden is None else nn.ReLU()
        self.mean = nn.Linear(size if hidden is None else hidden, 2)

    def centre(self, state: Tensor) -> Tensor:
        """(B, size) -> (B, 2), within (-1, 1). The state gets no gradient."""
        return self.mean(self.act(self.hidden(state.detach()))).tanh()

    def log_probability(self, state: Tensor, place: Tensor) -> Tensor:
        """log p(place), summed over both coordinates: -> (B,). The place gets no gradient."""
        apart = (place.detach() - self.centre(state)) / self.std
        constant = math.log(self.std) + 0.5 * math.log(2 * math.pi)
        return (-0.5 * apart.square() - constant).sum(dim=1)

    def forward(
        self, state: Tensor, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """A drawn place (B, 2), clamped to the image, and the log-probability before that (B,)."""
        centre = self.centre(state).detach()
        noise = torch.randn(
            centre.shape, generator=generator, dtype=centre.dtype, device=centre.device
        )
        place = centre + self.std * noise
        return place.clamp(-1, 1), self.log_probability(state, place)


class RecurrentAttention(nn.Module):
    """(B, C, H, W) -> class log-probabilities, log p of the places, and baselines, of all glances.

    Shapes: (B, classes) after the last glance; (B, glances) twice. The first place is the middle
    (the port draws it at random), and has no policy: the last place drawn is never looked at.
    """

    def __init__(
        self,
        classes: int,
        channels: int = 1,
        *,
        side: int = 8,
        scales: int = 3,
        hidden: int = 256,
        std: float = 0.17,
        glances: int = 6,
    ) -> None:
        super().__init__()
        self.glances = glances
        half = hidden // 2
        self.look = GlimpseNetwork(channels, side, scales, what=half, where=half)
        self.core = Core(2 * half, hidden)
        self.locate = Locator(hidden, std)
        self.classify = nn.Linear(hidden, classes)
        self.baseline = nn.Linear(hidden, 1)

    def forward(
        self, x: Tensor, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        place, state = x.new_zeros(len(x), 2), x.new_zeros(len(x), self.classify.in_features)
        chances, baselines = [], []
        for _ in range(self.glances):
            state = self.core(self.look(x, place), state)
            place, chance = self.locate(state, generator)
            chances.append(chance)
            baselines.append(self.baseline(state.detach())[:, 0])
        log_classes = self.classify(state).log_softmax(dim=1)
        return log_classes, torch.stack(chances, 1), torch.stack(baselines, 1)


def reinforce(chances: Tensor, reward: Tensor, baseline: Tensor | float = 0.0) -> Tensor:
    """A loss whose gradient is the estimate of -d(expected reward): (B, ...) -> a number.

    The mean over the batch of -Σ log p (reward - baseline); neither reward nor baseline gets a
    gradient from it. A baseline that does not depend on the choice leaves the mean of the estimate
    where it is and moves its spread.
    """
    return -(chances * (reward - baseline).detach()).sum() / len(chances)


def hybrid_loss(
    log_classes: Tensor, chances: Tensor, baselines: Tensor, labels: Tensor, weight: float = 0.01
) -> Tensor:
    """Classification, baseline and policy: (B, K), (B, T), (B, T), (B,) -> a number.

    The reward is 1 for a right answer. weight is the port's; the paper does not say one.
    """
    reward = (log_classes.argmax(dim=1) == labels).to(chances.dtype)[:, None].expand_as(chances)
    policy = reinforce(chances, reward, baselines)
    return F.nll_loss(log_classes, labels) + F.mse_loss(baselines, reward) + weight * policy
