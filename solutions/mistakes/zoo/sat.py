"""What goes wrong in show, attend and tell, and the sentence that helps.

EVERY holds the tasks of the exercise on hard attention that belong here; TASKS what is shown.
"""

import torch

from attnlab.check.cases import BlockTask, FunctionTask, Mistake
from attnlab.check.modules import ModuleTask
from solutions import hard
from solutions.mistakes.wrong import hard_estimates, hard_look, hard_sentences
from solutions.mistakes.wrong import sat_looks as wrong
from solutions.mistakes.zoo import mistakes_of, shown
from solutions.sat import SoftAttention, doubly_stochastic

PAGE = "show-attend-and-tell"

SOFT = (
    Mistake(
        "ReLU for tanh", "soft", wrong.ReluScores,
        "the score has a ReLU, as in the common PyTorch tutorial. The paper has a tanh, and "
        "weights from the one do not fit the other.",
        "a checkpoint that loads and describes nothing", PAGE,
    ),
    Mistake(
        "no tanh", "soft", wrong.LinearScores,
        "without the tanh the state adds the same to all scores, and the softmax takes it out.",
        "every word looks at the same region", PAGE,
    ),
    Mistake(
        "softmax over the images", "soft", wrong.OverImages,
        "the softmax runs over the images of the batch. It runs over the regions of one image.",
        "alone in its batch, every region has weight 1", PAGE,
    ),
    Mistake(
        "the likeliest region", "soft", wrong.LikeliestRegion,
        "the region of the largest weight is passed on. The soft form passes on the mean, the hard "
        "form draws; taking the largest has no gradient and no chance.",
        "the attention never changes from its random start", PAGE,
    ),
    Mistake(
        "divided by the number of regions", "soft", wrong.MeanOfWeighed,
        "the sum is divided by the number of regions. The weights add up to 1 already.",
        "contexts that are nearly nothing", PAGE,
    ),
    Mistake(
        "weights cut off", "soft", wrong.ContextOfKeys,
        "the weights are detached. That is for the hard form, which learns by reward; the soft "
        "one learns through them.",
        "the right numbers, and scores without a gradient", PAGE,
    ),
)  # fmt: skip

PENALTY = (
    Mistake(
        "the wrong sum", "penalty", wrong.penalty_over_regions,
        "this adds up the weights of a word over the regions, which is 1 by itself. Add up those "
        "of a region over the words.",
        "a penalty of zero from the first step on", PAGE,
    ),
    Mistake(
        "mean over the words", "penalty", wrong.penalty_of_means,
        "the mean over the words is taken where their sum belongs.",
        "longer sentences are asked for more than there is", PAGE,
    ),
    Mistake(
        "not squared", "penalty", wrong.penalty_not_squared,
        "the differences are not squared, so that too much of one region makes up for too little "
        "of another.",
        "the same number whatever is looked at", PAGE,
    ),
    Mistake(
        "squared too early", "penalty", wrong.penalty_before_sum,
        "each word's weight is held against 1. It is their sum over the words that should be 1.",
        "every word is asked to look everywhere", PAGE,
    ),
)  # fmt: skip


def _regions(rng, config):
    return {
        "regions": torch.randn(3, 5, config["region_size"], generator=rng, dtype=torch.float64),
        "state": torch.randn(3, config["state_size"], generator=rng, dtype=torch.float64),
    }


def _words(rng):
    drawn = [torch.randn(s, generator=rng).softmax(2).double() for s in ((2, 4, 6), (1, 5, 3))]
    return [(weights, strength) for weights, strength in zip(drawn, (1.0, 0.5), strict=True)]


def _neurons(rng):
    one = torch.tensor([[2.0, 1.0], [-3.0, 0.5], [-3.0, 0.2]])  # w · z is below zero
    asked = [(one, torch.tensor([0.4, 0.3, 0.3]), torch.tensor([1.0, 0.0]))]
    for n, c in ((4, 3), (6, 2), (5, 5), (7, 3)):
        regions, w = torch.randn(n, c, generator=rng), torch.randn(c, generator=rng)
        asked.append((regions, torch.randn(n, generator=rng).softmax(0), w))
    return [tuple(part.double() for part in parts) for parts in asked]


def _names(rng):
    return [(name,) for name in hard.AFTER]


def _weights(channels, hidden):
    return 2 * channels * hidden + 2 * hidden + channels**2


_sizes = (
    {"region_size": 4, "state_size": 3, "hidden": 5},
    {"region_size": 2, "state_size": 6, "hidden": 3},
)

EVERY = {
    "look": BlockTask(
        hard.SoftLook,
        configs=({"channels": 6, "hidden": 4}, {"channels": 5, "hidden": 7}),
        shapes=((3, 6, 3, 4), (2, 5, 4, 2)),
        mistakes=mistakes_of("look", hard_look, hard_sentences.LOOK),
        count=_weights,
        formula="2 C h + 2 h + C²",
    ),
    "gap": FunctionTask(hard.gap, _neurons, mistakes_of("gap", hard_estimates, hard_estimates.GAP)),
    "agrees": FunctionTask(
        hard.agrees, _names, mistakes_of("agrees", hard_estimates, hard_estimates.AGREES)
    ),
}
TASKS = {
    "soft": ModuleTask(SoftAttention, _sizes, _regions, SOFT),
    "penalty": FunctionTask(doubly_stochastic, _words, mistakes=PENALTY),
    "gap": shown(
        EVERY["gap"], "regions counted evenly", "the likeliest region", "ReLU of the mean"
    ),
}
