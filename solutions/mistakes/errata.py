"""What goes wrong in the errata exercise: bugs left as they were, and bugs half mended."""

from attnlab.check.cases import BlockTask, FunctionTask, Mistake
from solutions import errata
from solutions.mistakes.wrong import errata_blocks as half

PAIRS, DIVISOR, SIZES = "pairs-of-channels", "divided-by-the-height", "odd-sizes"
MAP, BIRTH, PLACE = "a-gate-for-every-channel", "ones-and-zeros", "an-input-ruined"
AXIS, EVIDENCE = "a-softmax-over-the-batch", "one-run-each"

AFFINITY = (
    Mistake(
        "still pairs channels", "affinity", errata.WildAffinity,
        "the product is (B, C, C): it compares channels, and no value moves from place to place. "
        "Transpose the queries, so that it is (B, N, N).",
        "a place that is zero everywhere stays zero", PAIRS,
    ),
    Mistake(
        "softmax over the queries", "affinity", half.SoftmaxOverQueries,
        "the softmax runs over the queries. Each query shares out a weight of 1 over the keys, the "
        "last axis of (B, N, N).",
        "some places receive much and some nothing", PAIRS,
    ),
    Mistake(
        "rows taken for columns", "affinity", half.KeysForQueries,
        "the values are multiplied with the weights' wrong side: v @ weights sums over queries. "
        "Row i of the weights belongs to query i.",
        "every place gets a sum with weights that do not add up to 1", PAIRS,
    ),
    Mistake(
        "x left out", "affinity", half.AffinityWithoutX,
        "x is no longer added at the end.", "the block forgets what it was given", PAIRS,
    ),
)  # fmt: skip

DIVISORS = (
    Mistake(
        "still divided by the height", "divisor", errata.WildDivisor,
        "the sum over N = H * W places is divided by H. Divide by H * W.",
        "four times the map gives twice the numbers", DIVISOR,
    ),
    Mistake(
        "divided by the width", "divisor", half.ByWidth,
        "the sum over N = H * W places is divided by W. Divide by H * W.",
        "right on maps of one row", DIVISOR,
    ),
    Mistake(
        "divided by the channels", "divisor", half.ByChannels,
        "the sum is divided by the number of channels. It runs over places: divide by H * W.",
        "large maps give large numbers", DIVISOR,
    ),
    Mistake(
        "divided by a root", "divisor", half.ByRoot,
        "the sum is divided by the root of the channels, which belongs before a softmax. Here is "
        "no softmax: divide by the number of places.",
        "large maps give large numbers, though less so for wide layers", DIVISOR,
    ),
)  # fmt: skip

ZOOM = (
    Mistake(
        "still twice the half", "zoom", errata.WildZoom,
        "the gate is made twice as large as its half, which is one too many on a side of odd "
        "length. Resize it to the size of x.",
        "an error about sizes, on maps with an odd side", SIZES,
    ),
    Mistake(
        "cut to size", "zoom", half.ZoomCuts,
        "the gate is still made twice as large as its half, and the surplus is cut off, so that it "
        "no longer lies over the map. Resize it to the size of x.",
        "right on even maps, and off by part of a place on odd ones", SIZES,
    ),
    Mistake(
        "corners not aligned", "zoom", half.ZoomCorners,
        "the resizing has lost align_corners=True.",
        "close everywhere, and exact nowhere", SIZES,
    ),
    Mistake(
        "nearest instead of bilinear", "zoom", half.ZoomNearest,
        "the resizing takes the nearest number: interpolate's default. Say mode=\"bilinear\".",
        "gates in blocks of two by two", SIZES,
    ),
    Mistake(
        "no half", "zoom", half.ZoomNot,
        "the convolution has lost its stride of 2: the gate no longer looks at half the size.",
        "right sizes, other numbers", SIZES,
    ),
)  # fmt: skip

MAPS = (
    Mistake(
        "still a gate for each channel", "map", errata.WildMap,
        "the convolution has C outputs, so that each channel gets a gate of its own. One output "
        "gives one gate for each place.",
        "C times too many parameters", MAP, forms=(half.MapAveraged,),
    ),
    Mistake(
        "no bias", "map", half.MapUnbiased,
        "the bias is gone; the block that you mend has one.", "one parameter too few", MAP,
    ),
    Mistake(
        "places compete", "map", half.MapCompetes,
        "the gate is a softmax over the places. Each place is judged by itself, with a sigmoid.",
        "gates near 1 / N", MAP,
    ),
)  # fmt: skip

PLACES = (
    Mistake(
        "still in place", "place", errata.WildPlace,
        "x is still multiplied in place; a copy made afterwards comes too late. Write x * gate, "
        "which makes a new tensor.",
        "the second call with the same tensor gives something else", PLACE, breaks="input",
        forms=(half.PlaceClonesLate,),
    ),
    Mistake(
        "no sigmoid", "place", half.PlaceUngated,
        "the sigmoid is gone.", "gates of any size and sign", PLACE,
    ),
)  # fmt: skip

BIRTHS = (
    Mistake(
        "still starts at one", "birth", errata.WildBirth,
        "gamma still starts at one. A block that starts at zero lets its network run as before.",
        "a trained network is worse the moment the block is put in", BIRTH, breaks="birth",
    ),
    Mistake(
        "fixed at zero", "birth", half.BirthFixed,
        "gamma is no parameter any more, so that the block stays the identity for ever.",
        "one parameter too few, and no gradient for the others", BIRTH,
    ),
    Mistake(
        "gamma scales everything", "birth", half.BirthScalesAll,
        "gamma multiplies x as well. It belongs before the new term only.",
        "a new block gives zeros", BIRTH,
    ),
)  # fmt: skip

AXES = (
    Mistake(
        "still over the batch", "axis", errata.WildAxis,
        "the softmax still runs over axis 0, the images of the batch. It belongs on the last axis.",
        "with one image every weight is 1", AXIS,
    ),
    Mistake(
        "over the queries", "axis", half.AxisOfQueries,
        "the softmax runs over the queries; the weights of each query, along the last axis, have "
        "to add up to 1.",
        "some places receive much and some nothing", AXIS,
    ),
    Mistake(
        "divided instead", "axis", half.AxisDivided,
        "the softmax is gone: the products are only divided by the number of places.",
        "weights below zero", AXIS,
    ),
)  # fmt: skip

VERDICTS = (
    Mistake(
        "trusts the author", "verdict", half.verdict_trusting,
        "not every claim is supported. What differs between the two networks that it compares, and "
        "how often was each trained?",
        "every claim supported", EVIDENCE,
    ),
    Mistake(
        "doubts everything", "verdict", half.verdict_doubting,
        "some claims are contradicted by the table, or by the bug of task 1: that is more than "
        "\"not shown\".",
        "nothing contradicted", EVIDENCE,
    ),
)  # fmt: skip

_blocks = {
    "configs": ({"channels": 6}, {"channels": 4}),
    "shapes": ((2, 6, 5, 3), (3, 4, 3, 6)),
}
_sizes = _blocks | {
    "coincidences": (({"channels": 6}, (2, 6, 4, 6)), ({"channels": 6}, (2, 6, 5, 7))),
}


def _claims(rng):
    return [(claim,) for claim in errata.CLAIMS]


TASKS = {
    "affinity": BlockTask(errata.MendedAffinity, mistakes=AFFINITY, **_blocks),
    "divisor": BlockTask(errata.MendedDivisor, mistakes=DIVISORS, **_blocks),
    "zoom": BlockTask(errata.MendedZoom, mistakes=ZOOM, **_sizes),
    "map": BlockTask(errata.MendedMap, mistakes=MAPS, **_blocks),
    "place": BlockTask(errata.MendedPlace, mistakes=PLACES, **_blocks),
    "birth": BlockTask(errata.MendedBirth, mistakes=BIRTHS, identity=True, **_blocks),
    "axis": BlockTask(errata.MendedAxis, mistakes=AXES, **_blocks),
    "verdict": FunctionTask(errata.verdict, _claims, mistakes=VERDICTS),
}
