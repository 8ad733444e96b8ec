"""What goes wrong in relation-aware global attention, and the sentence that helps."""

import torch

from attnlab.check.cases import Mistake
from attnlab.check.modules import ModuleTask
from solutions.mistakes.wrong import rga_block as blocks
from solutions.rga import RelationAware

PAGE = "relation-aware-global-attention"
WRONG = (
    (blocks.Softmaxed, "softmax on the relations",
     "a softmax runs over the relations. They are features and stay as they are; normalised, a "
     "position with many relatives looks like one with a few.",
     "gates that hardly differ between crowded and empty scenes"),
    (blocks.RowTwice, "the row twice",
     "a position gets its row twice, and its column never. Queries and keys have layers of their "
     "own, so that both say something else.",
     "the gates do not change when others see a position differently"),
    (blocks.Exchanged, "column before row",
     "the two halves of a relation vector have changed places: first what the item is to the "
     "others, then what they are to it.",
     "it trains as well, and released weights give other gates"),
    (blocks.Scaled, "scaled relations",
     "the relations are divided by the root of the embeddings' width. There is no softmax here "
     "that would need it, and the code has no scale.",
     "relations too small for weights that were trained without it"),
    (blocks.NothingOwn, "nothing of its own",
     "the gate is made from relations alone. One number for the item's own features, the mean of "
     "an embedding, comes first.",
     "two positions with equal relations always get equal gates"),
    (blocks.MeanOfX, "mean of x, not of its embedding",
     "the own number is the mean of x. It is the mean of a third embedding, which has a ReLU.",
     "one of the layers never learns"),
    (blocks.LinearEmbeddings, "embeddings without ReLU",
     "queries and keys have no ReLU, so that relations may be negative.",
     "a relation can be cancelled by another"),
    (blocks.ChannelsFirst, "channels first",
     "channels are asked first. Positions come first, channels on the result.",
     "right with either gate alone"),
    (blocks.BothFromX, "both gates from x",
     "both gates are made from x. The channels' gate is made from what the positions' gate left.",
     "right with either gate alone, nearly right with gates near 1"),
    (blocks.AddsX, "x added",
     "x is added behind the gates. The block ends with the product.",
     "nothing falls below its own size"),
)  # fmt: skip


SIDES = {12: (3, 4), 10: (5, 2)}  # of the maps, by their positions
RATIOS = {"channel_ratio": 2, "spatial_ratio": 2, "down_ratio": 2}


def _map(rng, config):
    shape = (2, config["channels"], *SIDES[config["positions"]])
    return {"x": torch.randn(shape, generator=rng, dtype=torch.float64)}


TASKS = {
    "rga": ModuleTask(
        RelationAware,
        tuple({"channels": 6, "positions": positions, **RATIOS} for positions in SIDES),
        _map,
        tuple(
            Mistake(name, "rga", build, sentence, symptom, PAGE)
            for build, name, sentence, symptom in WRONG
        ),
    )
}
