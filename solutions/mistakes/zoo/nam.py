"""What goes wrong in normalisation-based attention, and the sentence that helps."""

from attnlab.check.cases import BlockTask, Mistake
from attnlab.mechanisms import mechanism
from solutions.mistakes.wrong import nam_block as blocks
from solutions.nam import NAMBlock

PAGE = "norm-scales"

BLOCK = (
    Mistake(
        "signs kept", "nam", blocks.KeepsSigns,
        "the scales keep their signs, so that their sum may come near 0. Share out |γ|.",
        "shares above 1, or below 0", PAGE,
    ),
    Mistake(
        "signs kept above the line", "nam", blocks.SignedOverAbsolute,
        "the sum takes |γ| and the numerator does not. A share is |γ| over the sum of all |γ|.",
        "channels of a negative scale are opened where they should be closed", PAGE,
    ),
    Mistake(
        "divided by the largest", "nam", blocks.OverLargest,
        "the scales are divided by the largest of them. Divide by their sum.",
        "one share is 1, whatever the others are", PAGE,
    ),
    Mistake(
        "softmax of the scales", "nam", blocks.SoftmaxShares,
        "the shares are a softmax of the scales. There are no powers of e: |γ| over the sum.",
        "a scale of 0 keeps a share", PAGE,
    ),
    Mistake(
        "squares", "nam", blocks.Squares,
        "the scales are squared. Take their absolute values.",
        "small scales count for too little", PAGE,
    ),
    Mistake(
        "no shares", "nam", blocks.NoShares,
        "the sigmoid gets the normalised map as it is. It is weighed with the shares first.",
        "gates far from one half in a fresh block", PAGE,
    ),
    Mistake(
        "shares outside the sigmoid", "nam", blocks.SharesOutside,
        "the shares multiply the sigmoid. They stand inside, with the normalised map.",
        "every gate is below its channel's share", PAGE,
    ),
    Mistake(
        "gate on the normalised map", "nam", blocks.GatesNormed,
        "the gate multiplies the normalised map. It belongs onto x.",
        "the map loses its mean", PAGE,
    ),
    Mistake(
        "no sigmoid", "nam", blocks.NoSigmoid,
        "what should enter a sigmoid multiplies x as it is.",
        "signs turn, and a fresh block nearly empties its map", PAGE,
    ),
    Mistake(
        "pools first", "nam", blocks.PoolsFirst,
        "the map is averaged before the norm, as SE would. Here every number is its own context.",
        "one gate for a channel", PAGE,
    ),
    Mistake(
        "norm of one image", "nam", blocks.NormsImage,
        "each image is normalised by its own mean and variance. Batch normalisation, in eval mode, "
        "uses those that it has collected.",
        "brightening an image changes nothing in its gates", PAGE,
    ),
    Mistake(
        "a norm without scales", "nam", blocks.NoScales,
        "the norm has no scales (affine=False), and its variances were taken for them.",
        "no parameter at all", PAGE,
    ),
    Mistake(
        "another mechanism", "nam", blocks.SqueezesInstead,
        "this squeezes the map and has two layers: SE, which an article shows under NAM's name. "
        "NAM has a norm and no layer.",
        "far too many parameters", PAGE,
    ),
    Mistake(
        "adds x once more", "nam", blocks.AddsX,
        "x is added to the gated map. The block ends with the product.",
        "a fresh block makes its map larger by a half", PAGE,
    ),
)  # fmt: skip


def _count(channels):
    return mechanism("nam").parameters(channels=channels)


TASKS = {
    "nam": BlockTask(
        NAMBlock,
        configs=({"channels": 6}, {"channels": 3}),
        shapes=((3, 6, 4, 3), (2, 3, 5, 6)),
        mistakes=BLOCK,
        count=_count,
        formula="2 C",
    )
}
