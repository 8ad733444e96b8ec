"""Wrong simplified non-local blocks, and what to say about each. Simple and Wild are right."""

from dataclasses import replace

import torch
from torch import nn

from attnlab.check.cases import Mistake


class Simple(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.mask = nn.Conv2d(channels, 1, 1)
        self.value = nn.Linear(channels, channels)
        nn.init.zeros_(self.value.weight)
        nn.init.zeros_(self.value.bias)

    def weights(self, x):
        return self.mask(x).flatten(2).softmax(dim=2)

    def term(self, x):
        return self.value((x.flatten(2) * self.weights(x)).sum(dim=2))[:, :, None, None]

    def forward(self, x):
        return x + self.term(x)


class SimpleOfOne(Simple):
    def weights(self, x):
        return self.mask(x).flatten(2).softmax(dim=1)


class SimpleOverBatch(Simple):
    def weights(self, x):
        return self.mask(x).flatten(2).softmax(dim=0)


class SimpleNoSoftmax(Simple):
    def weights(self, x):
        return self.mask(x).flatten(2)


class SimpleAverage(Simple):
    def weights(self, x):
        return torch.full_like(self.mask(x).flatten(2), 1 / (x.shape[2] * x.shape[3]))


class SimpleTermOnly(Simple):
    def forward(self, x):
        return self.term(x).expand_as(x)


class SimpleGate(Simple):
    def forward(self, x):
        return x * torch.sigmoid(self.term(x))


class SimpleReLU(Simple):
    def term(self, x):
        return super().term(x).relu()


class SimpleTwoLayers(Simple):
    def __init__(self, channels):
        super().__init__(channels)
        self.first = nn.Linear(channels, channels)


class SimpleNotAtZero(Simple):
    def __init__(self, channels):
        super().__init__(channels)
        self.value.reset_parameters()


class Wild(nn.Module):
    dim = 2

    def __init__(self, channels):
        super().__init__()
        self.logit = nn.Conv2d(channels, 1, kernel_size=1)
        self.value = nn.Conv2d(channels, channels, kernel_size=1)

    def forward(self, x):
        weights = self.logit(x).flatten(2).softmax(dim=self.dim)
        return x + self.value((x.flatten(2) @ weights.transpose(1, 2))[..., None])


class WildOfOne(Wild):
    dim = 1


class WildOverBatch(Wild):
    dim = 0


SIMPLE = (
    Mistake(
        "weights of 1", "snl", SimpleOfOne,
        "every weight of the map is 1: the softmax took the axis that has length 1. It has to "
        "take the positions.",
        "the context is a sum, N times too large",
    ),
    Mistake(
        "images compete", "snl", SimpleOverBatch,
        "the softmax took the batch axis. Each image has its own map, of sum 1.",
        "a picture's output changes with its neighbours in the batch",
    ),
    Mistake(
        "weights without softmax", "snl", SimpleNoSoftmax,
        "the map is made of logits. Take their softmax over the positions.",
        "weights that are negative",
    ),
    Mistake(
        "plain average", "snl", SimpleAverage,
        "all positions count alike here. The map of W_k says how much each counts.",
        "W_k gets no gradient",
    ),
    Mistake(
        "forgets x", "snl", SimpleTermOnly,
        "the projected context is returned without x. Equation 3 adds the two.",
        "all positions come out equal",
    ),
    Mistake(
        "multiplies in place of adding", "snl", SimpleGate,
        "x is multiplied by a sigmoid of the term. The simplified block adds the term.",
        "the fresh block halves its input",
    ),
    Mistake(
        "ReLU on the term", "snl", SimpleReLU,
        "a ReLU follows W_v. Equation 3 has none: the term may be negative.",
        "no number ever becomes smaller",
    ),
    Mistake(
        "one layer too many", "snl", SimpleTwoLayers,
        "there are two layers of C to C. Values and projection have become one matrix, W_v.",
        "C² + C parameters too many",
    ),
    Mistake(
        "W_v not at zero", "snl", SimpleNotAtZero,
        "W_v starts with the weights that torch drew. Set its weight and its bias to zero.",
        "the fresh block changes its input",
        breaks="birth",
    ),
)  # fmt: skip
WILD = tuple(
    replace(mistake, task="mended", build=build)
    for mistake, build in zip(SIMPLE[:2], (WildOfOne, WildOverBatch), strict=True)
)
