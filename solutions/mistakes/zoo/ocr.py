"""What goes wrong in object-contextual representations, and the sentence that helps."""

import torch

from attnlab.check.cases import Mistake
from attnlab.check.modules import ModuleTask
from solutions.mistakes.wrong import ocr_block as blocks
from solutions.ocr import ObjectContext

PAGE = "object-contextual-representations"
WRONG = (
    (blocks.OverClasses, "softmax over classes",
     "the coarse logits are normalised over the classes, so that a region is a sum. For each class "
     "the softmax runs over the positions.",
     "large classes take over, and another crop changes the result"),
    (blocks.RawShares, "regions by logits",
     "positions are weighed by the coarse logits themselves. A softmax over the positions makes "
     "weights of them.",
     "positions that are surely not of a class count against it"),
    (blocks.HardRegions, "hard regions",
     "each position belongs to its best class alone. Shares are soft: every position counts for "
     "every class, by its logit.",
     "no gradient reaches the coarse layer through the regions"),
    (blocks.SumOverPositions, "sums of means",
     "a region is multiplied by the number of positions. It is a mean: its weights sum to 1.",
     "regions of larger images are larger numbers"),
    (blocks.ContextLast, "context last",
     "the features come before the context in the last layer. The code has the context first.",
     "weights from elsewhere load without a word, and the output is far from theirs"),
    (blocks.NotScaled, "no scale",
     "the logits between pixels and regions are not scaled. The code multiplies them by one over "
     "the root of their width; the paper prints none.",
     "every pixel takes nearly all from one region"),
    (blocks.OverPixels, "relation over pixels",
     "the relation is normalised over the pixels. Each pixel shares its own weight of 1 among the "
     "K regions.",
     "what a pixel takes shrinks as the map grows"),
    (blocks.CoarseAgain, "the coarse guess as relation",
     "pixels take the regions by their coarse shares. They ask: queries of the pixels meet keys of "
     "the regions.",
     "where the coarse guess errs the context repeats the error"),
    (blocks.KeysForValues, "keys for values",
     "what is fetched are the keys. Regions have a layer of their own for values.",
     "one of the layers never learns"),
)  # fmt: skip


def _features_and_logits(rng, config):
    shapes = {"features": (2, config["channels"], 4, 5), "logits": (2, 3, 4, 5)}
    return {
        name: torch.randn(shape, generator=rng, dtype=torch.float64)
        for name, shape in shapes.items()
    }


TASKS = {
    "ocr": ModuleTask(
        ObjectContext,
        (
            {"channels": 6, "key_channels": 4, "dropout": 0.0},
            {"channels": 5, "key_channels": 3, "dropout": 0.0},
        ),
        _features_and_logits,
        tuple(
            Mistake(name, "ocr", build, sentence, symptom, PAGE)
            for build, name, sentence, symptom in WRONG
        ),
    )
}
