"""What goes wrong in zooming, and the sentence that helps."""

import torch

from attnlab.check.cases import Mistake
from attnlab.check.modules import ModuleTask
from solutions.mistakes.wrong import racnn_crop as wrong
from solutions.racnn import AttentionCrop, RankLoss

PAGE = "zooming-in"

CROP = (
    Mistake(
        "edges too hard", "zoom", wrong.HardEdges,
        "the mask's edges are so sharp that only a pixel exactly on them is felt. A smaller k "
        "makes them soft.",
        "gradients of the box that are zero but for rare steps", PAGE,
    ),
    Mistake(
        "the box shrinks to nothing", "zoom", wrong.NoLeast,
        "the half side may become smaller than the least, a third of the image. A tiny square of "
        "one colour is easy to be sure about.",
        "all boxes end as small as they may be", PAGE,
    ),
    Mistake(
        "columns before rows", "zoom", wrong.ColumnFirst,
        "the first number of a box counts rows here, as in the port that we follow.",
        "right on the diagonal, mirrored elsewhere", PAGE,
    ),
    Mistake(
        "the whole side", "zoom", wrong.WholeSide,
        "the third number is half of the side. Here it is taken for all of it.",
        "crops twice as near as they should be", PAGE,
    ),
    Mistake(
        "the box is cut off at the border", "zoom", wrong.SlidesOut,
        "a box that would leave the image is cut off there and is no square any more. Move its "
        "middle inside.",
        "stretched pictures near the border", PAGE,
    ),
    Mistake(
        "the box is detached", "zoom", wrong.NoGradient,
        "the box is cut off from the gradient, which reaches it through the mask.",
        "the right picture, and a box that never moves", PAGE,
    ),
)  # fmt: skip

RANK = (
    Mistake(
        "ranks turned round", "rank", wrong.RanksTurned,
        "this asks the coarser scale to be surer. The finer one is: p_s − p_(s+1).",
        "zooming in makes the answer worse, and the loss is content", PAGE,
    ),
    Mistake(
        "no margin", "rank", wrong.NoMargin,
        "the margin is missing: a finer scale that is exactly as sure costs nothing.",
        "all scales give the same answer", PAGE,
    ),
    Mistake(
        "first against last", "rank", wrong.FirstAgainstLast,
        "only the coarsest and the finest scale are compared. Each step between two scales counts.",
        "right for two scales", PAGE,
    ),
    Mistake(
        "never content", "rank", wrong.NeverSatisfied,
        "what is below zero counts as well, so that the loss rewards any distance. Cut off at 0.",
        "the coarse scale is pushed to be wrong", PAGE,
    ),
    Mistake(
        "ranks of logits", "rank", wrong.OfLogits,
        "a margin of 0.05 means something for probabilities. Logits have no scale.",
        "a rank loss of zero from the first epoch on", PAGE,
    ),
)  # fmt: skip


def _boxes(rng, config):
    del config
    x = torch.randn(3, 2, 12, 12, generator=rng, dtype=torch.float64)
    middle = torch.tensor([[5.0, 7.0], [1.5, 6.0], [8.0, 10.5]])
    moved = 0.9 * torch.rand(3, 2, generator=rng)
    where = torch.cat([middle + moved, torch.tensor([[4.25], [5.0], [1.0]])], dim=1)
    return {"x": x, "where": where.double()}


def _sure(rng, config):
    del config
    return {"scores": 0.05 + 0.9 * torch.rand(5, 3, generator=rng, dtype=torch.float64)}


TASKS = {
    "zoom": ModuleTask(
        AttentionCrop,
        ({"out": 5, "k": 1.0, "least": 1 / 3}, {"out": 4, "k": 2.0, "least": 1 / 3}),
        _boxes,
        CROP,
    ),
    "rank": ModuleTask(RankLoss, ({}, {"margin": 0.2}), _sure, RANK),
}
