"""What goes wrong in multi-head attention, and the sentence that helps."""

import torch

from attnlab.check.cases import Mistake
from attnlab.check.modules import ModuleTask
from solutions.mha import MultiHeadAttention
from solutions.mistakes.wrong import mha_block as wrong

PAGE = "multi-head-attention"

BLOCK = (
    Mistake(
        "no scale", "mha", wrong.Unscaled,
        "the products are not divided by the root of a head's width.",
        "at birth every query looks at one key", PAGE,
    ),
    Mistake(
        "scaled by the whole width", "mha", wrong.ScaledByWidth,
        "the root is that of the whole width. A head compares E / heads numbers: the root of "
        "that.",
        "more heads look more evenly", PAGE,
    ),
    Mistake(
        "no root", "mha", wrong.DividedByHeadWidth,
        "the products are divided by a head's width, and not by its root.",
        "every query looks at everything alike", PAGE,
    ),
    Mistake(
        "joined without a transpose", "mha", wrong.JoinedWithoutTranspose,
        "(B, heads, Q, d) is reshaped to (B, Q, E) as it is: the numbers fit in, and tokens get "
        "one another's heads. Transpose heads and tokens first.",
        "the result for a token depends on how many tokens there are", PAGE,
    ),
    Mistake(
        "heads interleaved", "mha", wrong.HeadsInterleaved,
        "a head gets every so-manyth number of the projection. It gets a block of d neighbours.",
        "a checkpoint of the library loads, and gives something else", PAGE,
    ),
    Mistake(
        "masked after the softmax", "mha", wrong.MaskedAfter,
        "weights are wiped out after the softmax: they no longer add up to one, and their size "
        "tells of what may not be seen. Mask the logits, by −∞.",
        "a loss too good to be true, and early tokens with small outputs", PAGE,
    ),
    Mistake(
        "the mask is turned round", "mha", wrong.MaskTurned,
        "True says what may be looked at. Here it is hidden.",
        "every token sees the future, and itself", PAGE,
    ),
    Mistake(
        "softmax over the queries", "mha", wrong.OverQueries,
        "the queries share out each key. Each query has a weight of 1 to share out over the keys: "
        "the last axis.",
        "some tokens get much and some nothing", PAGE,
    ),
    Mistake(
        "heads not mixed", "mha", wrong.NotMixed,
        "the last layer is left out, so that the heads stay side by side.",
        "a layer of weights without a gradient", PAGE,
    ),
)  # fmt: skip


def _tokens(rng, config):
    shape = (2, 4, config["width"])
    tokens = {name: torch.randn(shape, generator=rng, dtype=torch.float64) for name in "qkv"}
    return tokens | {"allowed": torch.ones(4, 4, dtype=torch.bool).tril()}


TASKS = {
    "mha": ModuleTask(
        MultiHeadAttention,
        ({"width": 6, "heads": 2}, {"width": 12, "heads": 3}),
        _tokens,
        BLOCK,
        asked=("q", "k", "v"),
    )
}
