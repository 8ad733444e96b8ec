"""What goes wrong between parts that exchange messages, and the sentence that helps."""

import torch

from attnlab.check.cases import BlockTask, Mistake
from attnlab.check.modules import ModuleTask
from attnlab.mechanisms import mechanism
from solutions.iau import InteractionUpdate
from solutions.mistakes.wrong import iau_block as blocks

PAGE = "interaction-aggregation-update"

BLOCK = (
    Mistake(
        "own edge left open", "iau", blocks.OwnEdgeOpen,
        "a part hears itself. It differs least from itself, so that edge takes most of the weight: "
        "close it before the softmax.",
        "taking the messages away changes little", PAGE,
    ),
    Mistake(
        "means for sums", "iau", blocks.MeanNodes,
        "a node is divided by the number of positions. The released node is a sum, and grows with "
        "the map.",
        "released weights make edges that hardly differ", PAGE,
    ),
    Mistake(
        "parts compete", "iau", blocks.PartsCompete,
        "a softmax over the parts makes each position choose. Every part has a sigmoid of its own.",
        "the background must be of some part", PAGE,
    ),
    Mistake(
        "signed difference", "iau", blocks.SignedDifference,
        "the edge gets the difference of two nodes. It gets how much they differ, the absolute "
        "value.",
        "one part hears another, and not the other way round", PAGE,
    ),
    Mistake(
        "least alike channels", "iau", blocks.MinusSign,
        "the channels' weights have a minus in the softmax, as in the code of dual attention. Here "
        "paper and code have a plus.",
        "each channel is mixed with those that are least like it", PAGE,
    ),
    Mistake(
        "no channels", "iau", blocks.NoChannels,
        "the channel half is left out. Channels are compared first, then parts.",
        "a layer and its norm never learn", PAGE,
    ),
    Mistake(
        "norms that start at one", "iau", blocks.StartsAtOne,
        "the last norm of each half starts at 1, so that a fresh block changes x. Both start at "
        "zero.",
        "put into a trained network, a fresh block spoils it", PAGE, breaks="birth",
    ),
)  # fmt: skip

ON_FILMS = (
    (blocks.FramesAlone, "frames folded into the batch",
     "every frame is an image of its own. A part hears itself in the other frames, and channels of "
     "all frames are compared.",
     "the gradient between two frames is zero"),
    (blocks.EverybodyHears, "all nodes of a film",
     "a part hears every part of every frame. Across frames it hears the same part only.",
     "right for an image, which is a film of one frame"),
)  # fmt: skip


def _count(channels, parts=4, inner=None):
    sizes = {"parts": parts} | ({} if inner is None else {"inner": inner})
    return mechanism("iau").parameters(channels=channels, **sizes)


def _film(rng, config):
    shape = (2, config["channels"], config["parts"], 2, 3)  # as many frames as parts
    return {"x": torch.randn(shape, generator=rng, dtype=torch.float64)}


TASKS = {
    "iau": BlockTask(
        InteractionUpdate,
        configs=({"channels": 6}, {"channels": 5, "parts": 3, "inner": 4}),
        shapes=((2, 6, 3, 4), (2, 5, 4, 2)),
        mistakes=BLOCK,
        count=_count,
        formula=mechanism("iau").parameters.text,
        identity=True,
        idle=("edge.bn.bias", "edge.conv.bias"),  # add the same to all that a part may hear
    ),
    "film": ModuleTask(
        InteractionUpdate,
        ({"channels": 4, "parts": 3}, {"channels": 5, "parts": 2}),
        _film,
        tuple(
            Mistake(name, "film", build, sentence, symptom, PAGE)
            for build, name, sentence, symptom in ON_FILMS
        ),
    ),
}
