"""What goes wrong in the exercise on fewer pairs, task by task, and the sentence that helps."""

from dataclasses import replace

import torch

from attnlab.check.cases import BlockTask, FunctionTask, Mistake, TrainTask
from attnlab.train import RECIPES
from solutions import pairzoo
from solutions.mistakes.wrong import pairzoo_regions as attempts
from solutions.mistakes.wrong.pairzoo_cells import CELLS
from solutions.mistakes.wrong.pairzoo_counts import COUNTS
from solutions.mistakes.zoo import a2

REGIONS = "object-contextual-representations"
MENDED = (
    Mistake(
        "regions still sums", "mended", attempts.RegionsStill,
        "the shares still sum to 1 over the classes, so that a region is a sum. Over the positions "
        "they make a mean.",
        "a map laid beside itself has regions twice as large", REGIONS,
    ),
    Mistake(
        "relation still over positions", "mended", attempts.RelationStill,
        "the regions are means now, but the relation is still normalised over the positions. Every "
        "position shares its weight of 1 among the regions.",
        "what a position takes shrinks as the map grows", REGIONS,
    ),
    Mistake(
        "nothing mended", "mended", attempts.NothingMended,
        "both softmaxes run over the axis that they had. The first belongs over the positions, the "
        "second over the classes.",
        "as in the wild block", REGIONS,
    ),
    Mistake(
        "divided by the area", "mended", attempts.DividedByArea,
        "the sum is divided by the number of positions, and its weights still do not sum to 1. A "
        "softmax over the positions needs no division.",
        "a rare class has a region near zero", REGIONS,
    ),
    Mistake(
        "divided by the shares", "mended", attempts.DividedByShares,
        "shares over the classes, divided by their sum, do make a mean, but another one: a "
        "position's other classes still push its weight down. One softmax over the positions is "
        "all.",
        "regions more alike than they should be", REGIONS,
    ),
    Mistake(
        "one softmax for all classes", "mended", attempts.AllAtOnce,
        "one softmax runs over classes and positions together. Each class has weights that sum to "
        "1 by themselves.",
        "all regions together weigh 1", REGIONS,
    ),
    Mistake(
        "scale lost", "mended", attempts.ScaleLost,
        "the scale of the relation is gone. It was no bug: keep the factor.",
        "every position takes nearly all from one region", REGIONS,
    ),
)  # fmt: skip


def _random(rng, *shape):
    return torch.randn(shape, generator=rng, dtype=torch.float64)


def _whole(rng, low, high, count):
    return torch.randint(low, high, (count,), generator=rng).tolist()


def _sizes(rng):
    """B, C, H, W, n, K, all of them different."""
    return [(b, 20 + c, h, h + 3, 12 + n, 40 + k) for b, c, h, n, k in
            (_whole(rng, 2, 8, 5) for _ in range(3))]  # fmt: skip


def _maps(rng):
    """N, d, n, S, K."""
    return [(8 * n, 32 + d, 16 + m, 110, 19 + k) for n, d, m, k in
            (_whole(rng, 5, 60, 4) for _ in range(3))] + [(100, 8, 4, 14, 3)]  # fmt: skip


def _lists(rng):
    """n and d: equal costs on a whole number of positions, and not."""
    n, d = _whole(rng, 3, 50, 2)
    return [(n, n), (n, 3 * n), (64, 64), (n, d + 60), (4, 12), (7, 5)]


def _grids(rng):
    """Maps whose sides no grid divides, and one that it does."""
    more = _whole(rng, 0, 3, 2)
    return [(7, 5, (1, 3)), (4 + more[0], 9, (2, 3)), (5, 8 + more[1], (3, 1)), (6, 6, (1, 2, 3))]


def _queries_keys_values(rng):
    shapes = (((2, 4, 5, 4), 3, (1, 3)), ((1, 3, 4, 7), 5, (3, 2)))
    return [(_random(rng, *shape), _random(rng, *shape), _random(rng, shape[0], d, *shape[2:]),
             sizes) for shape, d, sizes in shapes]  # fmt: skip


def _embeddings(rng):
    return [tuple(_random(rng, *shape).relu() for _ in "qk") for shape in ((2, 3, 5), (1, 4, 6))]


def _named(rng):
    blocks = ("double attention", "cells", "regions", "relations")
    return [(block, change) for block in blocks for change in ("shuffled", "twice", "dark")]


def _of(task):
    return tuple(mistake for mistake in (*CELLS, *COUNTS) if mistake.task == task)


_ASKED = {
    "held": (pairzoo.held, _sizes),
    "products": (pairzoo.products, _maps),
    "pays_from": (pairzoo.pays_from, _lists),
    "pooling_matrix": (pairzoo.pooling_matrix, _grids),
    "pooled_attention": (pairzoo.pooled_attention, _queries_keys_values),
    "relation_vectors": (pairzoo.relation_vectors, _embeddings),
    "predict": (pairzoo.predict, _named),
}

TASKS = {
    "block": replace(a2.TASKS["a2"], reference=pairzoo.DoubleAttention),
    **{name: FunctionTask(*ask, mistakes=_of(name)) for name, ask in _ASKED.items()},
    "mended": BlockTask(
        pairzoo.MendedRegions,
        configs=({"channels": 6, "classes": 3}, {"channels": 8, "classes": 5}),
        shapes=((2, 6, 3, 4), (2, 8, 4, 3)),
        mistakes=MENDED,
        idle=("coarse.bias", "key.bias"),  # add the same to all that a softmax compares
    ),
    "mark": TrainTask(pairzoo.DoubleAttention, RECIPES["mark-double"], floor=0.96),
}
