"""What goes wrong in asymmetric non-local attention, and the sentence that helps."""

from attnlab.check.cases import BlockTask, Mistake
from attnlab.mechanisms import mechanism
from solutions.ann import APNB
from solutions.mistakes.wrong import ann_block as blocks

PAGE = "asymmetric-non-local-attention"

BLOCK = (
    Mistake(
        "whole steps only", "ann", blocks.WholeSteps,
        "the pool moves by the rounded-down quotient and drops what is left over. Cells run from "
        "the rounded-down start to the rounded-up end, and share a row where they must.",
        "the gradient of the last rows and columns is exactly zero", PAGE,
    ),
    Mistake(
        "values in another order of grids", "ann", blocks.ValuesTurned,
        "the grids of the values come in another order than those of the keys. Both are flattened "
        "by one function, once.",
        "right where all values are equal, wrong with one bright corner", PAGE,
    ),
    Mistake(
        "no scale", "ann", blocks.NotScaled,
        "the logits are not scaled. The code multiplies them by one over the root of the keys' "
        "width.",
        "the wider the keys, the nearer all weight is to a single cell", PAGE,
    ),
    Mistake(
        "scaled by the width of x", "ann", blocks.ScaledByChannels,
        "the scale uses C. It belongs to the keys, whose width it takes.",
        "weights too even, wherever keys are narrower than x", PAGE,
    ),
    Mistake(
        "softmax over those who ask", "ann", blocks.OverPositions,
        "the softmax runs over the positions. Each of them shares its own weight of 1 among the "
        "cells.",
        "what a position receives shrinks as the map grows", PAGE,
    ),
    Mistake(
        "largest key of a cell", "ann", blocks.MaxCells,
        "the keys of a cell are represented by their maximum. The pyramid takes means.",
        "one bright pixel draws every query to its cell", PAGE,
    ),
    Mistake(
        "pooled after the softmax", "ann", blocks.PoolsTheWeights,
        "all pairs are compared and the weights pooled. Pool the keys first, which is the point of "
        "it.",
        "memory grows with the square of N, as if nothing were pooled", PAGE,
    ),
    Mistake(
        "context last", "ann", blocks.ContextLast,
        "x comes before the context in the last layer. The code has the context first.",
        "weights from elsewhere load, and give another output", PAGE,
    ),
    Mistake(
        "queries of their own", "ann", blocks.OwnQueries,
        "queries have a layer of their own. In the pyramid block they share it with the keys.",
        "too many parameters, by one layer and its norm", PAGE,
    ),
    Mistake(
        "statistics moved once", "ann", blocks.StatisticsOnce,
        "in training the running statistics of the shared norm move once in a step. The released "
        "code calls the layer for queries and for keys, so they move twice.",
        "right until the statistics of a training are used", PAGE, breaks="training",
    ),
)  # fmt: skip


def _count(channels, key_channels, value_channels, **_):
    sizes = {"key_channels": key_channels, "value_channels": value_channels}
    return mechanism("ann").parameters(channels=channels, **sizes)


_widths = {"channels": 6, "key_channels": 4, "value_channels": 3, "dropout": 0.0}
TASKS = {
    "ann": BlockTask(
        APNB,
        configs=(_widths | {"sizes": (1, 2, 3)}, _widths | {"sizes": (1, 3)}),
        shapes=((2, 6, 4, 5), (2, 6, 5, 7)),
        mistakes=BLOCK,
        count=_count,
        formula=mechanism("ann").parameters.text,
    )
}
