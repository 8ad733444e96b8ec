"""What goes wrong in double attention, and the sentence that helps."""

from attnlab.check.cases import BlockTask, Mistake
from attnlab.mechanisms import mechanism
from solutions.a2 import DoubleAttention
from solutions.mistakes.wrong import a2_block as blocks

PAGE = "double-attention"

BLOCK = (
    Mistake(
        "shares over positions", "a2", blocks.SharesOverPositions,
        "the shares are normalised over the positions. Each position shares itself out among the "
        "descriptors: that softmax runs over them.",
        "what a position receives shrinks as the map grows", PAGE,
    ),
    Mistake(
        "lists over descriptors", "a2", blocks.ListsOverDescriptors,
        "the gathering weights are normalised over the descriptors. Each descriptor is a mean over "
        "the positions: that softmax runs over them.",
        "descriptors grow with the map, for they are sums", PAGE,
    ),
    Mistake(
        "axes exchanged", "a2", blocks.AxesExchanged,
        "both softmaxes run over the wrong axis. What gathers sums to 1 over positions, what hands "
        "out sums to 1 over descriptors.",
        "nothing sums to one where it should", PAGE,
    ),
    Mistake(
        "mean in place of sum", "a2", blocks.MeanOfMeans,
        "what is gathered is divided by the number of positions, though its weights sum to 1 "
        "already.",
        "outputs like rounding errors, the more so the larger the map", PAGE,
    ),
    Mistake(
        "reshaped, not transposed", "a2", blocks.Reshaped,
        "the weights are reshaped to (N, n). A reshape reads numbers on in memory and moves no "
        "axis; transpose with .mT.",
        "every shape fits, and weights land on other positions", PAGE,
    ),
    Mistake(
        "gathers by logits", "a2", blocks.RawLists,
        "the lists that gather have no softmax. Take one over the positions.",
        "descriptors of any size, with either sign", PAGE,
    ),
    Mistake(
        "hands out by logits", "a2", blocks.RawShares,
        "the shares have no softmax. Take one over the descriptors.",
        "some positions receive minus a descriptor", PAGE,
    ),
    Mistake(
        "shares by sigmoid", "a2", blocks.SigmoidShares,
        "each share is a sigmoid of its own. A position's shares sum to 1: take a softmax over the "
        "descriptors.",
        "the more descriptors, the larger the output", PAGE,
    ),
    Mistake(
        "one softmax for all lists", "a2", blocks.OneListForAll,
        "one softmax runs over all lists and all positions at once. Every descriptor has a list "
        "that sums to 1 by itself.",
        "a descriptor with large logits takes the weight of the others", PAGE,
    ),
    Mistake(
        "roles exchanged", "a2", blocks.RolesExchanged,
        "the layer that should gather hands out, and the other way round.",
        "it trains; weights from elsewhere give other numbers", PAGE,
    ),
    Mistake(
        "gathers and hands out alike", "a2", blocks.SharesOfTheGathering,
        "both lists come from the gathering layer. The shares have logits of their own.",
        "the second layer never learns", PAGE,
    ),
    Mistake(
        "scaled logits", "a2", blocks.Scaled,
        "the gathering logits are divided by the root of n. They are no products of queries and "
        "keys, and have no scale.",
        "descriptors that look more alike than they should", PAGE,
    ),
    Mistake(
        "largest in place of sum", "a2", blocks.Largest,
        "a descriptor takes the largest of its weighted values. It is their sum.",
        "one position speaks for all", PAGE,
    ),
    Mistake(
        "ReLU on the values", "a2", blocks.ReluOnValues,
        "a ReLU stands behind the values. The block has none.",
        "descriptors without negative numbers", PAGE,
    ),
    Mistake(
        "positions scrambled", "a2", blocks.Scrambled,
        "what was handed out is laid back on the map in the wrong order: (B, N, d) was reshaped "
        "where (B, d, N) belongs.",
        "the output looks like noise on the picture", PAGE,
    ),
    Mistake(
        "the same for all positions", "a2", blocks.OneForAll,
        "all positions receive the same vector. Each hands itself out by its own shares.",
        "the difference between output and input is flat", PAGE,
    ),
    Mistake(
        "no sum with x", "a2", blocks.NoSum,
        "x is not added. The block ends with x + the new term.",
        "all detail is gone: the output has rank n at most", PAGE,
    ),
    Mistake(
        "gates x", "a2", blocks.Gates,
        "the new term becomes a gate. It is added to x.",
        "nothing can appear where x is zero", PAGE,
    ),
    Mistake(
        "x twice", "a2", blocks.TwiceX,
        "x is added twice. The layer on the way back has no sum of its own.",
        "an output of twice the size", PAGE,
    ),
    Mistake(
        "descriptors of the whole batch", "a2", blocks.MixesImages,
        "descriptors are averaged over the images of the batch. Each image gathers its own.",
        "right for a single image", PAGE,
    ),
    Mistake(
        "no width of its own", "a2", blocks.MapsIgnored,
        "there are as many descriptors as a descriptor has features. `maps` is their number, "
        "`features` their width.",
        "right where both are the same", PAGE,
    ),
    Mistake(
        "no biases", "a2", blocks.NoBias,
        "the convolutions have no biases. All four have one.",
        "d + 2n + C parameters are missing", PAGE,
    ),
    Mistake(
        "one layer for both", "a2", blocks.OneLayerForBoth,
        "one layer makes both lists of logits. Gathering and handing out have a layer each.",
        "n (C + 1) parameters are missing", PAGE,
    ),
    Mistake(
        "no way back", "a2", blocks.NoWayBack,
        "values are as wide as x, and no layer leads back. They are `features` wide, and a last "
        "convolution leads from there to C.",
        "parameters that do not depend on `features`", PAGE,
    ),
    Mistake(
        "writes into its input", "a2", blocks.MutatesInput,
        "the new term is added to x in place. Write x + ..., which makes a new tensor.",
        "right numbers, and a caller whose x has changed", PAGE, breaks="input",
    ),
)  # fmt: skip


def _count(channels, features, maps):
    return mechanism("a2").parameters(channels=channels, features=features, maps=maps)


TASKS = {
    "a2": BlockTask(
        DoubleAttention,
        configs=(
            {"channels": 8, "features": 5, "maps": 3},
            {"channels": 6, "features": 4, "maps": 2},
        ),
        shapes=((2, 8, 3, 4), (3, 6, 4, 2)),
        mistakes=BLOCK,
        count=_count,
        formula=mechanism("a2").parameters.text,
        idle=("attend.bias",),  # adds the same to all logits of a list
    )
}
