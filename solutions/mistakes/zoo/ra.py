"""What goes wrong in residual attention, and the sentence that helps."""

from attnlab.check.cases import BlockTask, Mistake
from attnlab.mechanisms import mechanism
from solutions.mistakes.wrong import ra_block as blocks
from solutions.ra import RABlock

PAGE = "residual-attention"

BLOCK = (
    Mistake(
        "naive mask", "ra", blocks.Naive,
        "the mask multiplies the trunk as it is. Multiply by 1 + M: behind ten gates of one half a "
        "thousandth is left.",
        "the loss stands still, and late features are nearly 0", PAGE,
    ),
    Mistake(
        "stresses the input", "ra", blocks.StressesInput,
        "the mask multiplies what went into the trunk. It stresses what came out of it.",
        "the mask's gradient does not depend on the trunk", PAGE,
    ),
    Mistake(
        "mask of the trunk", "ra", blocks.MaskOfTrunk,
        "the mask branch sees what the trunk has made. It sees what the trunk sees.",
        "the mask cannot be computed while the trunk is", PAGE,
    ),
    Mistake(
        "trunk added to the mask", "ra", blocks.AddsTrunk,
        "the trunk is added to the features that come up, as in the popular port. In the authors' "
        "networks it only says to which size to come up.",
        "the gates follow the trunk", PAGE,
    ),
    Mistake(
        "mean pooling", "ra", blocks.MeanPool,
        "the mask goes down by means. It goes down by the largest of each window.",
        "small bright things fade from the mask, and its rim is dark", PAGE,
    ),
    Mistake(
        "gates made small", "ra", blocks.StaysSmall,
        "the gates are computed at half the size and repeated. Features come up by interpolation "
        "first; the 1x1 convolutions and the sigmoid see the full size.",
        "the mask is made of blocks of 2 by 2", PAGE,
    ),
    Mistake(
        "contest of the places", "ra", blocks.SharedOut,
        "the gates of a channel are a softmax over the places. Each is a sigmoid of its own.",
        "all gates are nearly 0, and 1 + M nearly 1", PAGE,
    ),
)  # fmt: skip

TASKS = {
    "ra": BlockTask(
        RABlock,
        configs=({"channels": 8},),
        shapes=((2, 8, 5, 6),),
        mistakes=BLOCK,
        count=mechanism("ra").parameters,
        formula="six units of 2 C d + 9 d² + 2 C + 4 d, and 2 C² + 4 C",
    )
}
