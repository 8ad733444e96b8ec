"""What goes wrong in frequency channel attention, and the sentence that helps."""

from attnlab.check.cases import BlockTask, Mistake
from attnlab.mechanisms import mechanism
from solutions.fca import FcaBlock
from solutions.mistakes.wrong import fca_block as blocks

PAGE = "frequencies"

BLOCK = (
    Mistake(
        "u and v exchanged", "fca", blocks.Exchanged,
        "u and v have changed places. The first number of a pair counts the waves down the rows, "
        "the second those along them.",
        "stripes are found, and the wrong way round", PAGE,
    ),
    Mistake(
        "no root of two", "fca", blocks.NoRootOfTwo,
        "waves of a frequency above 0 lack the factor √2 that gives them length 1.",
        "the groups above the lowest frequency move their gates too little", PAGE,
    ),
    Mistake(
        "not scaled", "fca", blocks.NotScaled,
        "the cosines are not divided by the root of their length, so that a picture's squares do "
        "not add up to 1.",
        "the squeeze grows with the grid, and the gates saturate", PAGE,
    ),
    Mistake(
        "half a place off", "fca", blocks.NoHalf,
        "the cosine is taken at i / H. Places have their middle at (i + 1/2) / H.",
        "an even map is seen by frequencies that should not see it", PAGE,
    ),
    Mistake(
        "whole periods", "fca", blocks.WholePeriods,
        "the cosine runs through u whole periods. In this transform frequency u is u half periods: "
        "π u, and not 2 π u.",
        "frequency 1 is blind to a difference of the two halves", PAGE,
    ),
    Mistake(
        "frequencies in turn", "fca", blocks.Rotating,
        "the frequencies are dealt to the channels in turn. The first C / n channels get the first "
        "one, the next C / n the second.",
        "loaded weights fit and the gates are wrong", PAGE,
    ),
    Mistake(
        "every frequency for every channel", "fca", blocks.AllForAll,
        "every channel is pooled with the sum of all pictures. Each group has one picture.",
        "the order of the frequencies changes nothing", PAGE,
    ),
    Mistake(
        "mean of the products", "fca", blocks.MeanOfProducts,
        "the products are averaged. They are summed, so that frequency (0, 0) gives √N times the "
        "mean.",
        "a fresh block's gates are nearly all one half", PAGE,
    ),
    Mistake(
        "nearest in place of the mean", "fca", blocks.NearestField,
        "a map of another size is brought onto the grid by taking single places. Average the "
        "places of every field.",
        "right where the map is as large as the grid", PAGE,
    ),
    Mistake(
        "maximum of a field", "fca", blocks.MaxOfField,
        "fields of the grid hold their largest number. They hold their mean.",
        "right where the map is as large as the grid, and too large elsewhere", PAGE,
    ),
    Mistake(
        "scaled like a grid of seven", "fca", blocks.ScaledLikeSeven,
        "the frequencies are multiplied with the whole part of side / 7, which is 0 on a smaller "
        "grid: nothing but the mean is left. Pairs (u, v) are those of the grid itself.",
        "every list of frequencies trains alike", PAGE,
    ),
    Mistake(
        "learned pictures", "fca", blocks.LearnedWaves,
        "the pictures are parameters. They are fixed: keep them as a buffer, or as a plain tensor.",
        "C h w parameters too many", PAGE,
    ),
    Mistake(
        "biased layers", "fca", blocks.WithBiases,
        "the two layers have biases. Here as in SE they have none: bias=False.",
        "h + C parameters too many", PAGE,
    ),
    Mistake(
        "no ReLU", "fca", blocks.NoReLU,
        "between the two layers there is no ReLU.",
        "turning the squeeze's sign turns the gates round one half", PAGE,
    ),
    Mistake(
        "mean added", "fca", blocks.AddsMean,
        "the mean is added to what the pictures give. A group that should know it has frequency "
        "(0, 0).",
        "an even map moves every gate", PAGE,
    ),
)  # fmt: skip


def _count(channels, grid, frequencies, hidden):
    return mechanism("fca").parameters(channels=channels, hidden=hidden)


TASKS = {
    "fca": BlockTask(
        FcaBlock,
        configs=(
            {"channels": 8, "grid": (4, 6), "frequencies": [(0, 1), (2, 3)], "hidden": 3},
            {"channels": 6, "grid": (5, 3), "frequencies": [(0, 0), (1, 2), (3, 0)], "hidden": 4},
            {"channels": 4, "grid": (8, 7), "frequencies": [(1, 4)], "hidden": 2},
        ),
        shapes=((2, 8, 4, 6), (3, 6, 9, 7), (2, 4, 8, 8)),
        mistakes=BLOCK,
        count=_count,
        formula="2 C h",
    )
}
