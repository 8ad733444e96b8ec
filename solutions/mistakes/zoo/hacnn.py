"""What goes wrong in harmonious attention, soft and hard, and the sentence that helps."""

from attnlab.check.cases import BlockTask, Mistake
from attnlab.mechanisms import mechanism
from solutions.hacnn import HardAttention, SoftBlock
from solutions.mistakes.wrong import hacnn_block as blocks
from solutions.mistakes.wrong import hacnn_soft as soft

PAGE = "harmonious-attention"

SOFT = (
    Mistake(
        "a floor of one half", "soft", soft.Floored,
        "a ReLU stands in front of the sigmoid, as in torchreid, so that no gate is below one "
        "half. Leave it out where a gate should be able to close.",
        "half of the gates are exactly 0.5", PAGE,
    ),
    Mistake(
        "sum of both", "soft", soft.SumOfBoth,
        "the map of places and the vector of channels are added. They are multiplied.",
        "no channel has a pattern of its own", PAGE,
    ),
    Mistake(
        "no mixing", "soft", soft.Unmixed,
        "the product goes straight into the sigmoid. A 1x1 convolution and a norm come between.",
        "all gates are one half or more, and rank one", PAGE,
    ),
    Mistake(
        "the largest channel", "soft", soft.LargestChannel,
        "the branch for places starts from the largest channel. It starts from their mean.",
        "a single loud channel decides where to look", PAGE,
    ),
)  # fmt: skip

HARD = (
    Mistake(
        "rows first", "hard", blocks.RowsFirst,
        "of a region's two numbers the first was taken for the rows. It is t_x, across the map.",
        "regions that should lie below one another lie side by side", PAGE,
    ),
    Mistake(
        "sizes swapped", "hard", blocks.SizesSwapped,
        "width and height of the regions have changed places. The first of scale is the width.",
        "upright regions where wide ones should be", PAGE,
    ),
    Mistake(
        "all across first", "hard", blocks.AllAcrossFirst,
        "the layer's numbers are read as all t_x, then all t_y. They come in pairs, region by "
        "region.",
        "right for a single region", PAGE,
    ),
    Mistake(
        "no tanh", "hard", blocks.NoTanh,
        "the layer's numbers are taken as places. A tanh keeps them between −1 and 1.",
        "regions leave the map and read zeros", PAGE,
    ),
    Mistake(
        "clamped", "hard", blocks.ClampedPlace,
        "places are cut off at −1 and 1, where no gradient is left. Use tanh.",
        "a region at the rim never comes back", PAGE,
    ),
    Mistake(
        "scales the place", "hard", blocks.ScalesThePlace,
        "the size multiplies the region's place, too: u = s (u' + t). Only u' is scaled.",
        "small regions stay in the middle", PAGE,
    ),
    Mistake(
        "corners of today", "hard", blocks.OldCorners,
        "the map's corners are the outer edges of its pixels here. Give align_corners=True twice, "
        "for the grid and for the reading.",
        "a little off everywhere, most of all at the rim", PAGE,
    ),
    Mistake(
        "edge repeated", "hard", blocks.RepeatsEdge,
        "beyond the map its edge is repeated. There regions read zeros.",
        "wrong only where a region leaves the map", PAGE,
    ),
    Mistake(
        "nearest place", "hard", blocks.NearestPlace,
        "each place reads the nearest number. Read between the four around it: a nearest number "
        "does not change with the place, and its gradient is 0.",
        "the layer that places the regions never learns", PAGE,
    ),
    Mistake(
        "looks at the brightest", "hard", blocks.Brightest,
        "the places are computed from the largest number of each channel; take the mean.",
        "one bright place moves every region", PAGE,
    ),
    Mistake(
        "cut from the gradient", "hard", blocks.FixedPlace,
        "the places are detached, so that the layer behind them never learns. Its gradient is what "
        "this mechanism has over glimpses.",
        "the regions stay where they were born", PAGE, "gradients",
    ),
)  # fmt: skip


def _soft_count(channels, reduction=16, floor=True):
    return mechanism("hacnn").parameters(channels=channels, reduction=reduction, hard=0)


def _hard_count(channels, parts=4, scale=(1, 0.25)):
    return mechanism("hacnn").parameters(channels=channels, parts=parts, soft=0)


TASKS = {
    "soft": BlockTask(
        SoftBlock,
        configs=({"channels": 8, "reduction": 2, "floor": False},),
        shapes=((3, 8, 6, 5),),
        mistakes=SOFT,
        count=_soft_count,
        formula="2 C h + 3 h + C² + 6 C + 16",
    ),
    "hard": BlockTask(
        HardAttention,
        configs=(
            {"channels": 5, "parts": 3, "scale": (0.7, 0.3)},
            {"channels": 4, "parts": 2, "scale": (1, 0.4)},
        ),
        shapes=((2, 5, 6, 5), (3, 4, 5, 7)),
        mistakes=HARD,
        count=_hard_count,
        formula="2 P (C + 1)",
    ),
}
