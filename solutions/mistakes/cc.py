"""What goes wrong in the criss-cross exercise, task by task, and the sentence that helps."""

import torch

from attnlab.check.cases import BlockTask, FunctionTask, Mistake, TrainTask
from attnlab.mechanisms import mechanism
from attnlab.train import RECIPES
from solutions import cc
from solutions.mistakes.wrong import cc_block as blocks
from solutions.mistakes.wrong.cc_counts import COUNTS
from solutions.mistakes.wrong.cc_functions import FUNCTIONS

BLOCK = (
    Mistake(
        "the centre twice", "block", blocks.NoMask,
        "a position is a key of its column and of its row, and no mask takes one of the two away. "
        "Set its logit in the column to -torch.inf before the softmax.",
        "every position listens to itself too much; on a 1x1 map nothing shows",
    ),
    Mistake(
        "the centre never", "block", blocks.MasksBoth,
        "the position is masked in its column and in its row. One of the two must stay, or no "
        "position can keep what it has.",
        "the value of a position never reaches its own sum",
    ),
    Mistake(
        "masked with zero", "block", blocks.MasksWithZero,
        "the mask writes 0 for the logit, and the exponential of 0 is 1. Only -torch.inf becomes a "
        "weight of 0.",
        "close, but the centre still gets a second share",
    ),
    Mistake(
        "masked after the softmax", "block", blocks.MasksAfter,
        "the weight in the column is wiped out after the softmax, so that what is left no longer "
        "sums to 1. Mask the logit, before.",
        "weights sum to less than 1, most where a position is like itself",
    ),
    Mistake(
        "two softmaxes", "block", blocks.TwoSoftmaxes,
        "column and row each have a softmax of their own. Put their logits side by side, then take "
        "one softmax over all H + W.",
        "weights sum to 2, and the new term is about twice as large",
    ),
    Mistake(
        "softmax over those who ask", "block", blocks.SoftmaxOverQueries,
        "the softmax runs over the positions that ask, not over the keys that they ask.",
        "what a position receives sums to anything, what it gives sums to 1",
    ),
    Mistake(
        "no softmax here", "block", blocks.NoSoftmax,
        "the logits themselves weigh the values. A softmax over the cross is missing.",
        "outputs grow with each pass, and with the size of the map",
    ),
    Mistake(
        "rows only", "block", blocks.RowOnly,
        "only the row is gathered. The column belongs to the cross, in the same softmax.",
        "information never changes its row, however many passes",
    ),
    Mistake(
        "columns only", "block", blocks.ColumnOnly,
        "only the column is gathered. The row belongs to the cross, in the same softmax.",
        "information never changes its column, however many passes",
    ),
    Mistake(
        "all pairs at once", "block", blocks.AllPairs,
        "every position asks all H * W positions: that is non-local attention. Ask the row and the "
        "column.",
        "one pass reaches everything, and memory grows with the square of N",
    ),
    Mistake(
        "queries and keys swapped", "block", blocks.KeysAsk,
        "the first layer makes the keys here and the second the queries. The position whose sum it "
        "is asks, with the first layer.",
        "right shapes, right sums, wrong weights",
    ),
    Mistake(
        "divided by the root of c", "block", blocks.Scaled,
        "the logits are divided by the root of c. Many attentions do so; this one, in paper and in "
        "code, does not.",
        "weights are more even than they should be",
    ),
    Mistake(
        "batch and width mixed", "block", blocks.MixesImages,
        "the stack of columns was built with images outside and columns inside, (B, W), and is "
        "taken apart as (W, B): images look with each other's weights.",
        "right for one image; in a batch, an image's output depends on its company",
    ),
    Mistake(
        "reshaped across axes", "block", blocks.SquashesAxes,
        "a reshape puts columns back where rows should be: it reads numbers in memory order and "
        "moves no axis. Permute to (B, C, H, W) first.",
        "the picture looks torn into strips",
    ),
    Mistake(
        "weights cut at the wrong place", "block", blocks.SwapsTheParts,
        "the row's weights meet the column's values: logits are joined in one order and split in "
        "the other.",
        "no error, for H and W add up to the same",
    ),
    Mistake(
        "passes ignored", "block", blocks.OnePass,
        "the block looks once, whatever `passes` says. Repeat equations 1 and 2.",
        "corners never hear of each other",
    ),
    Mistake(
        "always two passes", "block", blocks.TwoPassesAlways,
        "the block looks twice, whatever `passes` says. Two is only the default.",
        "right with passes=2 alone",
    ),
    Mistake(
        "x added at the end only", "block", blocks.AddsXOnce,
        "x is added once, after all passes. It belongs to every pass: y = γ · sum + x, and that y "
        "is the next pass's x.",
        "right for one pass; γ is multiplied into itself",
    ),
    Mistake(
        "the first x in every pass", "block", blocks.AddsTheFirstX,
        "each pass adds the block's first input. It has to add its own, which is the last pass's "
        "output.",
        "right for one pass, and the first pass is half forgotten",
    ),
    Mistake(
        "no sum with x", "block", blocks.NoSum,
        "x is not added. Equation 2 ends with + x.",
        "a fresh block gives zeros",
    ),
    Mistake(
        "γ on the wrong term", "block", blocks.GammaOnX,
        "γ multiplies x here. It belongs to the gathered sum: γ · sum + x.",
        "a fresh block loses its input and keeps the sum",
    ),
    Mistake(
        "γ does not start at zero", "block", blocks.GammaStartsAtOne,
        "what multiplies the gathered sum is not zero at the start. Make γ with "
        "nn.Parameter(torch.zeros(1)).",
        "right with pushed weights; put into a trained network, a fresh block spoils it",
        breaks="birth",
    ),
    Mistake(
        "no γ", "block", blocks.NoGamma,
        "there is no γ. It is a parameter of the block, of shape (1,).",
        "one parameter too few",
    ),
    Mistake(
        "no biases", "block", blocks.NoBias,
        "the convolutions have no biases. Here all three have one: leave bias at its default.",
        "2 c + C parameters too few",
    ),
    Mistake(
        "queries too wide", "block", blocks.HalfWidth,
        "queries and keys are C // 2 wide, as in a non-local block. Here they have C // reduction.",
        "too many parameters",
    ),
    Mistake(
        "reduction ignored", "block", blocks.ReductionIgnored,
        "queries and keys are C // 8 wide whatever `reduction` says. Eight is only the default.",
        "too few parameters with a smaller reduction",
    ),
    Mistake(
        "weights for every pass", "block", blocks.OwnWeights,
        "each pass has layers of its own. One set serves all passes.",
        "with two passes twice the parameters",
    ),
    Mistake(
        "writes into its input", "block", blocks.MutatesInput,
        "the first pass adds to x in place. Write x = x + ..., which makes a new tensor.",
        "right numbers, and a caller whose x has changed",
        breaks="input",
    ),
)  # fmt: skip

MENDED = (
    Mistake(
        "images still mixed", "mended", blocks.MendsTheMaskOnly,
        "the centre is mended, but images still share weights: the stack of columns has B outside "
        "and W inside, and must be taken apart as (B, W, H, H).",
        "the batch law still fails",
    ),
    Mistake(
        "still counted twice", "mended", blocks.MendsTheStackOnly,
        "images no longer meet, but each position still counts itself twice: silence it in the "
        "column, before the softmax.",
        "the batch law holds, the values are off",
    ),
    Mistake(
        "nothing mended", "mended", blocks.MendsNothing,
        "both bugs are still there: one in how the stack of columns is taken apart, one in the "
        "logits before the softmax.",
        "as in the wild block",
    ),
)  # fmt: skip


def _count(channels, passes=2, reduction=8):
    return mechanism("cc").parameters(channels=channels, key_channels=channels // reduction)


_block = {
    "configs": (
        {"channels": 16},
        {"channels": 8, "passes": 1, "reduction": 4},
        {"channels": 8, "passes": 3, "reduction": 4},
    ),
    "shapes": ((2, 16, 2, 3), (3, 8, 3, 2), (2, 8, 2, 3)),
    "count": _count,
    "formula": f"{mechanism('cc').parameters.text} with c = C // reduction",
    "identity": True,
    "idle": ("key.bias",),  # adds the same to all logits of a query
}


def _random(rng, *shape):
    return torch.randn(shape, generator=rng, dtype=torch.float64)


def _whole(rng, low, high, count):
    return torch.randint(low, high, (count,), generator=rng).tolist()


def _sizes(rng):
    """Four batches (B, C, H, W) with H and W apart."""
    drawn = [_whole(rng, 2, 30, 3) for _ in range(4)]
    return [(b, 8 * c, h, h + 1 + c) for b, c, h in drawn]


def _queries_and_keys(rng):
    sizes = ((2, 3, 3, 4), (3, 2, 4, 2))
    return [(_random(rng, *size), _random(rng, *size)) for size in sizes]


def _places(rng):
    """Maps that are not square, each with one of its positions."""
    maps = ((4, 7), (6, 3))
    return [(h, w, *(_whole(rng, 0, h, 1) + _whole(rng, 0, min(h, w), 1))) for h, w in maps]


def _reaches(rng):
    return [(*place, passes) for place in _places(rng) for passes in (0, 1, 2)]


def _macs(rng):
    height, width = _whole(rng, 5, 60, 2)
    return [(64, 32, 48), (512, height, width, 1), (128, 7, 9, 3), (256, width, height)]


def _pays(rng):
    return [(512,), (512, 1), (64, 3), (8 * _whole(rng, 2, 40, 1)[0], 2), (256, 4)]


def _projections(rng):
    """Weights of non-local blocks with C channels, c for queries and keys, d for values."""
    blocks = []
    for C, c, d in ((8, 2, 4), (6, 1, 5)):
        shapes = {"theta": (c, C), "phi": (c, C), "g": (d, C), "out": (C, d)}
        weights = {f"{name}.weight": _random(rng, *shape) for name, shape in shapes.items()}
        biases = {f"{name}.bias": _random(rng, shape[0]) for name, shape in shapes.items()}
        blocks.append((weights | biases,))
    return blocks


def _maps(rng):
    side = _whole(rng, 3, 20, 1)[0]
    return [(1, 7), (side, 1), (2, 2), (3, side + 1), (side, side), (1, 1), (1, 2), (2, 1)]


def _of(task):
    return tuple(mistake for mistake in (*FUNCTIONS, *COUNTS) if mistake.task == task)


_ASKED = {
    "affinity_shapes": (cc.affinity_shapes, _sizes),
    "cross_weights": (cc.cross_weights, _queries_and_keys),
    "reach": (cc.reach, _reaches),
    "routes": (cc.routes, _places),
    "macs": (cc.macs, _macs),
    "pays_from": (cc.pays_from, _pays),
    "transferred": (cc.transferred, _projections),
    "agree": (cc.agree, _maps),
}

TASKS = {
    "block": BlockTask(cc.CrissCrossBlock, mistakes=BLOCK, **_block),
    **{name: FunctionTask(*ask, mistakes=_of(name)) for name, ask in _ASKED.items()},
    "mended": BlockTask(
        cc.MendedCrissCross,
        configs=({"channels": 16}, {"channels": 8}),
        shapes=((2, 16, 2, 3), (3, 8, 3, 2)),
        mistakes=MENDED,
        idle=("key.bias",),
    ),
    "row": TrainTask(cc.CrissCrossBlock, RECIPES["row"], floor=0.34),
    "cifar": TrainTask(
        cc.CrissCrossBlock, RECIPES["cifar"] | {"config": {"reduction": 4}}, images=1000
    ),
}
