"""Wrong costs of a look, then what to say of each of them.

The tables hold (wrong version, name, sentence, symptom, section to reread).
"""


def costs_no_bias(channels, side, scales, hidden):
    weights = hidden * (channels * scales * side**2 + 2) + 4 * hidden**2
    return weights, weights


def costs_biases_everywhere(channels, side, scales, hidden):
    total = hidden * (channels * scales * side**2 + 2) + 4 * hidden**2 + 6 * hidden
    return total, total


def costs_place_forgotten(channels, side, scales, hidden):
    weights = hidden * channels * scales * side**2 + 2 * hidden**2
    return weights + 3 * hidden, weights


def costs_one_scale(channels, side, scales, hidden):
    weights = hidden * (channels * side**2 + 2) + 4 * hidden**2
    return weights + 6 * hidden, weights


def costs_before_shrinking(channels, side, scales, hidden):
    seen = channels * sum((side * 2**k) ** 2 for k in range(scales))
    weights = hidden * (seen + 2) + 4 * hidden**2
    return weights + 6 * hidden, weights


def costs_narrow(channels, side, scales, hidden):
    weights = hidden * (channels * scales * side**2 + 2) + 2 * hidden**2
    return weights + 4 * hidden, weights


def costs_turned(channels, side, scales, hidden):
    weights = hidden * (channels * scales * side**2 + 2) + 4 * hidden**2
    return weights, weights + 6 * hidden


def overtakes_rounded(channels, side, scales, hidden, height, width):
    weights = hidden * (channels * scales * side**2 + 2) + 4 * hidden**2
    return -(-9 * channels * hidden * height * width // weights)


def overtakes_down(channels, side, scales, hidden, height, width):
    weights = hidden * (channels * scales * side**2 + 2) + 4 * hidden**2
    return 9 * channels * hidden * height * width // weights


def overtakes_one_channel(channels, side, scales, hidden, height, width):
    weights = hidden * (channels * scales * side**2 + 2) + 4 * hidden**2
    return 9 * hidden * height * width // weights + 1


def overtakes_pointwise(channels, side, scales, hidden, height, width):
    weights = hidden * (channels * scales * side**2 + 2) + 4 * hidden**2
    return channels * hidden * height * width // weights + 1


def overtakes_turned(channels, side, scales, hidden, height, width):
    weights = hidden * (channels * scales * side**2 + 2) + 4 * hidden**2
    return weights // (9 * channels * hidden * height * width) + 1


GLIMPSES = "recurrent-glimpses"

COSTS = (
    ("costs_no_bias", "no biases",
     "the biases are not counted among the parameters. There are h twice, and 2h twice.",
     "6h parameters too few", GLIMPSES),
    ("costs_biases_everywhere", "biases as products",
     "biases are counted as multiply-adds. They are added only.",
     "6h multiply-adds too many", GLIMPSES),
    ("costs_place_forgotten", "the place is free",
     "the layers that read the place are missing: V₁ from two numbers and V₂.",
     "about half of what belongs there", GLIMPSES),
    ("costs_one_scale", "one scale",
     "only one square is counted. ρ has all scales.",
     "right for scales = 1", GLIMPSES),
    ("costs_before_shrinking", "before the shrinking",
     "the squares are counted at their full size. They are read after they are shrunk to side "
     "by side.",
     "coarse squares far too dear", GLIMPSES),
    ("costs_narrow", "g has h numbers",
     "W₂ and V₂ have 2h outputs, as g has 2h numbers.",
     "2h² + 2h parameters too few", GLIMPSES),
    ("costs_turned", "turned round",
     "the two numbers have changed places: parameters first.",
     "more multiply-adds than parameters", GLIMPSES),
)

OVERTAKES = (
    ("overtakes_rounded", "as much is not more",
     "this is the number of looks that cost at least as much. Asked is for more.",
     "one too few, when both cost exactly the same", GLIMPSES),
    ("overtakes_down", "rounded down",
     "so many looks still cost less, or as much. One more is needed.",
     "one too few", GLIMPSES),
    ("overtakes_one_channel", "one channel",
     "the convolution reads all channels at each place.",
     "right for grey images", GLIMPSES),
    ("overtakes_pointwise", "a 1x1 convolution",
     "a 3x3 convolution takes nine products of each channel at each place.",
     "a ninth of what belongs there", GLIMPSES),
    ("overtakes_turned", "turned round",
     "this asks how many convolutions cost more than a look.",
     "1, nearly always", GLIMPSES),
)
