"""What goes wrong in recurrent glimpses, and the sentence that helps.

EVERY holds the tasks of the exercise on hard attention that belong here; its answers agree with
solutions/ram.py. TASKS holds what the section shows of them.
"""

import torch

from attnlab.check.cases import FunctionTask
from attnlab.check.modules import ModuleTask
from solutions import hard
from solutions.mistakes.wrong import hard_estimates, hard_glimpse, hard_policy, hard_sentences
from solutions.mistakes.zoo import mistakes_of, shown


def _glimpses(rng):
    def asked(shape, side, scales):
        x = torch.randn(shape, generator=rng, dtype=torch.float64)
        where = 2 * torch.rand(shape[0], 2, generator=rng, dtype=torch.float64) - 1
        where[0] = torch.tensor([0.3, -0.45])
        where[-1] = torch.tensor([1.0, -0.95])  # half of it beyond the border
        return x, where, side, scales

    return [asked((2, 3, 14, 19), 4, 2), asked((3, 1, 9, 12), 2, 3), asked((2, 2, 20, 7), 4, 1)]


def _states(rng, config):
    return {
        "state": torch.randn(4, config["size"], generator=rng, dtype=torch.float64),
        "noise": torch.tensor([[0.2, -0.4], [3.5, 0.1], [-1.3, -4.0], [0.9, 0.6]]).double(),
    }


def _looks(rng, config):
    del config
    return {
        "chances": torch.randn(3, 4, generator=rng, dtype=torch.float64) - 1,
        "reward": torch.randn(3, generator=rng, dtype=torch.float64),
        "baseline": torch.randn(3, 4, generator=rng, dtype=torch.float64),
    }


def _rewards(rng):
    return [
        (torch.randn(n, generator=rng).softmax(0).double(), torch.randn(n, generator=rng).double())
        for n in (2, 3, 5, 8)
    ]


def _estimators(rng):
    """Right and wrong tables, in turns, over three to six places."""
    asked = []
    for n, kind in zip((3, 4, 5, 6, 4, 5, 3, 4, 5), TABLES, strict=True):
        pi = torch.randn(n, generator=rng).softmax(0).double()
        rewards = 1 + 3 * torch.rand(n, generator=rng).double()
        score = torch.eye(n).double() - pi
        asked.append((pi, rewards, TABLES[kind](pi, rewards, score)))
    return asked


def _exact(pi, rewards):
    return pi * (rewards - (pi * rewards).sum())


def _off_at_one_place(pi, rewards, score):
    table = rewards[:, None] * score
    table[:, 0] += 0.01
    return table


TABLES = {
    "no baseline": lambda pi, r, score: r[:, None] * score,
    "half the reward": lambda pi, r, score: r[:, None] / 2 * score,
    "a baseline": lambda pi, r, score: (r[:, None] - 1.5) * score,
    "no logarithm": lambda pi, r, score: (pi * r)[:, None] * score,
    "always the mean": lambda pi, r, score: _exact(pi, r).expand_as(score).clone(),
    "drawn evenly": lambda pi, r, score: len(pi) * (pi * r)[:, None] * score,
    "off at one place": _off_at_one_place,
    "turned round": lambda pi, r, score: (r[:, None] * score).T.contiguous(),
    "wrong sign": lambda pi, r, score: -r[:, None] * score,
}

EVERY = {
    "glimpse": FunctionTask(
        hard.glimpse, _glimpses, mistakes_of("glimpse", hard_glimpse, hard_glimpse.GLIMPSE)
    ),
    "locator": ModuleTask(
        hard.Locator,
        ({"size": 5, "std": 0.4}, {"size": 3, "std": 0.75}),
        _states,
        mistakes_of("locator", hard_policy, hard_sentences.LOCATOR),
        asked=("state",),
    ),
    "reinforce": ModuleTask(
        hard.Reinforce,
        ({}, {}),
        _looks,
        mistakes_of("reinforce", hard_policy, hard_sentences.REINFORCE),
    ),
    "best_baseline": FunctionTask(
        hard.best_baseline,
        _rewards,
        mistakes_of("best_baseline", hard_estimates, hard_estimates.BEST_BASELINE),
    ),
    "unbiased": FunctionTask(
        hard.unbiased,
        _estimators,
        mistakes_of("unbiased", hard_estimates, hard_estimates.UNBIASED),
    ),
}
TASKS = {
    "glimpse": shown(
        EVERY["glimpse"], "x and y swapped", "both axes by the height", "every second pixel",
        "the square begins at the place",
    ),
    "locator": shown(
        EVERY["locator"], "the draw moves along", "the probability is taken after the clamp",
        "the state has a gradient",
    ),
    "reinforce": shown(
        EVERY["reinforce"], "the sign is turned", "mean over the looks",
        "the baseline is not detached", "π in place of log π", "the batch's mean is taken off",
    ),
}  # fmt: skip
