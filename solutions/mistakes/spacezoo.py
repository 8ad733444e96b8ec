"""What goes wrong in the exercise on channels and places, task by task, and what to say."""

from dataclasses import replace

import torch

from attnlab.check.cases import BlockTask, FunctionTask, Mistake, TrainTask
from attnlab.train import RECIPES
from solutions import spacezoo
from solutions.mistakes.wrong import spacezoo_trunk as trunk
from solutions.mistakes.wrong.spacezoo_functions import FUNCTIONS
from solutions.mistakes.zoo import bam, hacnn, scse

PAGE = "residual-attention"

MASKED = (
    Mistake(
        "naive mask", "masked", trunk.Naive,
        "the mask multiplies the trunk as it is. Multiply by 1 + M.",
        "behind ten of them a thousandth is left", PAGE,
    ),
    Mistake(
        "adds the input", "masked", trunk.AddsInput,
        "x is added to M T. What is added is T itself: (1 + M) T = T + M T.",
        "the trunk is heard only where the mask is open", PAGE,
    ),
    Mistake(
        "stresses the input", "masked", trunk.StressesInput,
        "the mask multiplies x. It multiplies T.",
        "the trunk comes out as if there were no mask", PAGE,
    ),
    Mistake(
        "mask of the trunk", "masked", trunk.MaskOfTrunk,
        "the mask is made of the trunk's result. It is made of x, beside the trunk.",
        "the trunk's weights move the mask", PAGE,
    ),
    Mistake(
        "trunk added to the mask", "masked", trunk.AddsTrunk,
        "the trunk is added inside the sigmoid, much as in the popular port. It only says to which "
        "size to come up.",
        "gates are open where the trunk is large", PAGE,
    ),
    Mistake(
        "contest of the places", "masked", trunk.SharedOut,
        "the gates of a channel are a softmax over the places. Each is a sigmoid of its own.",
        "1 + M is nearly 1", PAGE,
    ),
    Mistake(
        "no sigmoid", "masked", trunk.NoSigmoid,
        "1 + M has no sigmoid in it, and may become negative.",
        "the trunk's sign turns at some places", PAGE,
    ),
    Mistake(
        "mean pooling", "masked", trunk.MeanPool,
        "the mask goes down by means. Take the largest of each window.",
        "a mask that is too dark, most of all at the rim", PAGE,
    ),
    Mistake(
        "edges on edges", "masked", trunk.EdgesOnEdges,
        "the map comes up with the outer edges of its pixels on those of x. Say "
        "align_corners=True.",
        "a little off everywhere", PAGE,
    ),
    Mistake(
        "repeats", "masked", trunk.Repeats,
        "each number of the small map is repeated. Interpolate: mode=\"bilinear\".",
        "a mask of blocks", PAGE,
    ),
    Mistake(
        "no ReLU", "masked", trunk.NoReLU,
        "a ReLU belongs behind the 3x3 convolution of the mask.",
        "two layers that could be one", PAGE,
    ),
    Mistake(
        "never goes down", "masked", trunk.NeverDown,
        "the pool takes every place. With a step of 2 it halves the map.",
        "four times the work, and half the reach", PAGE,
    ),
)  # fmt: skip


def _masked_weights(channels):
    hidden = channels // 2
    return 9 * channels * channels + 10 * channels * hidden + hidden + 2 * channels


def _maps(rng):
    height, width = torch.randint(5, 40, (2,), generator=rng).tolist()
    return [(64, 8, 8), (256, height, width), (48, 7, 9, 4), (1024, 14, 14), (12, 3, 5, 2)]


def _dilations(rng):
    drawn = torch.randint(1, 6, (3,), generator=rng).tolist()
    return [([4],), ([4, 4],), ([2, 4],), ([1, 3],), ([1, 2, 5],), (drawn,), ([],)]


def _tables(rng):
    shapes = ((2, 2), (5, 7), (3, 1), (1, 4), (9, 12), (8, 9))
    tables = [torch.randn(shape, generator=rng).double() for shape in shapes]
    flat = torch.randn(4, 1, generator=rng).double() + torch.randn(1, 5, generator=rng).double()
    return [(table,) for table in (*tables, flat.round())]


def _ways(rng):
    ways = ("sum of gates", "product of gates", "gate of a sum", "gate of a product")
    return [(way,) for way in ways]


def _parts(rng):
    def draw(*shape):
        return torch.randn(shape, generator=rng).double()

    height, width = torch.randint(2, 6, (2,), generator=rng).tolist()
    return [
        (draw(b, c, h, w), draw(b, c, 1, 1), draw(b, 1, h, w), draw(b, c, h, w))
        for b, c, h, w in ((2, 3, 4, 5), (1, 4, height, width + 1))
    ]


def _of(task):
    return tuple(mistake for mistake in FUNCTIONS if mistake.task == task)


_ASKED = {
    "costs": (spacezoo.costs, _maps),
    "heard": (spacezoo.heard, _dilations),
    "crossing": (spacezoo.crossing, _tables),
    "flat_on": (spacezoo.flat_on, _ways),
    "slopes": (spacezoo.slopes, _parts),
}

TASKS = {
    "scse": replace(scse.TASKS["scse"], reference=spacezoo.SCSEBlock),
    "bam": replace(bam.TASKS["bam"], reference=spacezoo.BAMBlock),
    "masked": BlockTask(
        spacezoo.MaskedTrunk,
        configs=({"channels": 6}, {"channels": 4}),
        shapes=((2, 6, 5, 4), (3, 4, 4, 7)),
        mistakes=MASKED,
        count=_masked_weights,
        formula="(9 C² + C) + (9 C h + h) + (C h + C) with h = C // 2",
    ),
    "regions": replace(hacnn.TASKS["hard"], reference=spacezoo.Regions),
    **{name: FunctionTask(*ask, mistakes=_of(name)) for name, ask in _ASKED.items()},
    "beside": TrainTask(spacezoo.BAMBlock, RECIPES["beside-bam"], floor=0.75, block="bam"),
}
