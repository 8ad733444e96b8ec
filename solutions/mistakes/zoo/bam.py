"""What goes wrong in bottleneck attention, and the sentence that helps."""

from attnlab.check.cases import BlockTask, Mistake
from attnlab.mechanisms import mechanism
from solutions.bam import BAMBlock
from solutions.mistakes.wrong import bam_block as blocks

PAGE = "bottleneck-attention"

BLOCK = (
    Mistake(
        "product of the logits", "bam", blocks.ProductOfLogits,
        "the branches are multiplied before the sigmoid, as in the released code. The paper adds "
        "them.",
        "what both branches turn down is stressed", PAGE,
    ),
    Mistake(
        "two sigmoids", "bam", blocks.TwoSigmoids,
        "each branch has a sigmoid of its own. Add the logits, then take one sigmoid of the sum.",
        "no branch can outvote the other", PAGE,
    ),
    Mistake(
        "x is not added", "bam", blocks.NoResidual,
        "the gated map comes out by itself. The block ends with x + x times the gates.",
        "a fresh block halves its map", PAGE,
    ),
    Mistake(
        "no sigmoid", "bam", blocks.NoSigmoid,
        "the sum of the branches multiplies x as it is. A sigmoid makes gates of it.",
        "numbers change their sign", PAGE,
    ),
    Mistake(
        "one behind the other", "bam", blocks.Serial,
        "the branch for places sees the map that the channels have gated, as CBAM's does. Both "
        "branches see x.",
        "the branch for places moves when only the other's weights do", PAGE,
    ),
    Mistake(
        "no dilation", "bam", blocks.NearTaps,
        "the taps of the 3x3 kernels lie side by side. They lie `dilation` apart, padded by as "
        "much.",
        "a gate hears 5 by 5 places in a row", PAGE,
    ),
    Mistake(
        "one kernel for both", "bam", blocks.OneKernel,
        "the second dilated convolution is the first one again. Each has weights of its own.",
        "9 h² + h parameters are missing", PAGE,
    ),
    Mistake(
        "no norm among the channels", "bam", blocks.NoHiddenNorm,
        "the hidden layer of the channel branch has no batch normalisation.",
        "2 h parameters are missing", PAGE,
    ),
    Mistake(
        "no ReLU among the channels", "bam", blocks.NoHiddenReLU,
        "in the channel branch a ReLU stands behind the norm.",
        "the channel branch is linear", PAGE,
    ),
    Mistake(
        "max pooling", "bam", blocks.MaxPool,
        "each channel is represented by its largest number; take the mean.",
        "one bright place moves the gates of the whole map", PAGE,
    ),
    Mistake(
        "a square window", "bam", blocks.SquareWindow,
        "the mean sees as many columns as the map has rows, as in the released code. Average over "
        "the whole map.",
        "right on square maps; the right end of a wide one is not seen", PAGE,
    ),
    Mistake(
        "ends in a ReLU", "bam", blocks.EndsInReLU,
        "the last 1x1 convolution of the branch for places is followed by a ReLU. Its result is a "
        "logit, and may be negative.",
        "a place can be stressed and never be turned down", PAGE,
    ),
)  # fmt: skip


def _count(channels, reduction=16, dilation=4):
    return mechanism("bam").parameters(channels=channels, reduction=reduction)


TASKS = {
    "bam": BlockTask(
        BAMBlock,
        configs=(
            {"channels": 8, "reduction": 2, "dilation": 2},
            {"channels": 9, "reduction": 3, "dilation": 4},
        ),
        shapes=((3, 8, 4, 8), (2, 9, 5, 9)),
        mistakes=BLOCK,
        count=_count,
        formula="(2 C h + 3 h + C) + (C h + 3 h) + 2 (9 h² + 3 h) + h + 1",
    )
}
