"""What goes wrong in additive alignment, and the sentence that helps."""

import torch

from attnlab.check.cases import Mistake
from attnlab.check.modules import ModuleTask
from solutions.bahdanau import AdditiveAttention
from solutions.mistakes.wrong import bahdanau_block as wrong

PAGE = "additive-alignment"

BLOCK = (
    Mistake(
        "padding is looked at", "bahdanau", wrong.LooksAtPadding,
        "sentences of a batch are filled up to the longest, and here the filling gets weight. Its "
        "logits must be far below all others.",
        "the result for a sentence depends on the longest one beside it", PAGE,
    ),
    Mistake(
        "weights wiped out after the softmax", "bahdanau", wrong.MasksAfter,
        "what lies beyond the sentence loses its weight after the softmax, and what is left adds "
        "up to less than one. Mask the logits.",
        "short sentences give small contexts", PAGE,
    ),
    Mistake(
        "masked by zero", "bahdanau", wrong.MasksWithZero,
        "the masked logits are 0, which is an ordinary logit. Take −10⁶.",
        "the filling still gets weight, the same for each of it", PAGE,
    ),
    Mistake(
        "the tanh is forgotten", "bahdanau", wrong.Linear,
        "without a tanh the query adds the same to all logits, and the softmax takes it out.",
        "all words of the translation look at the same place", PAGE,
    ),
    Mistake(
        "a tanh each", "bahdanau", wrong.TanhEach,
        "query and key get a tanh of their own and are added behind it, so that they never meet. "
        "Add first.",
        "all words look at the same place, here too", PAGE,
    ),
    Mistake(
        "softmax over the queries", "bahdanau", wrong.OverQueries,
        "the words of the translation share out each source word. Each of them has a weight of 1 "
        "to share out over the source: the last axis.",
        "with a single query every weight is 1", PAGE,
    ),
    Mistake(
        "one length for all", "bahdanau", wrong.ShortestForAll,
        "all sentences are cut to the shortest. Each has a length of its own.",
        "the ends of long sentences are never looked at", PAGE,
    ),
)  # fmt: skip


def _sentences(rng, config):
    sizes = {"q": (3, 2, config["query_size"]), "k": (3, 5, config["key_size"]), "v": (3, 5, 4)}
    words = {n: torch.randn(s, generator=rng, dtype=torch.float64) for n, s in sizes.items()}
    return words | {"valid": torch.tensor([2, 5, 3])}


TASKS = {
    "bahdanau": ModuleTask(
        AdditiveAttention,
        (
            {"query_size": 4, "key_size": 3, "hidden": 5},
            {"query_size": 2, "key_size": 6, "hidden": 3},
        ),
        _sentences,
        BLOCK,
        asked=("q", "k", "v"),
    )
}
