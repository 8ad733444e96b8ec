"""Wrong versions of the functions of the dual attention exercise, and what to say about each."""

import torch

from attnlab.check.cases import Mistake


def position_affinity_only(channels, height, width, reduction=8):
    n, narrow = height * width, channels // reduction
    return n * n * (narrow + channels)


def position_layers_only(channels, height, width, reduction=8):
    return height * width * channels * (2 * (channels // reduction) + channels)


def position_wide_keys(channels, height, width, reduction=8):
    n = height * width
    return 3 * n * channels * channels + 2 * n * n * channels


def position_linear(channels, height, width, reduction=8):
    n, narrow = height * width, channels // reduction
    return n * channels * (2 * narrow + channels) + n * (narrow + channels)


def channel_once(channels, height, width):
    return channels * channels * height * width


def channel_square_map(channels, height, width):
    return 2 * channels * (height * width) ** 2


def channel_projected(channels, height, width):
    return 5 * channels * channels * height * width


def crossing_equal(channels):
    side = 1
    while side * side <= channels:
        side += 1
    return side


def crossing_positions(channels):
    return 2 * channels // 3 + 1


def crossing_before(channels):
    side = 1
    while 3 * side * side <= 2 * channels:
        side += 1
    return side - 1


def crossing_no_layers(channels):
    side = 1
    while 9 * side * side <= 16 * channels:
        side += 1
    return side


def layer_identity(channels, gamma):
    return torch.eye(channels, dtype=gamma.dtype), gamma.new_zeros(channels)


def layer_full(channels, gamma):
    return gamma * gamma.new_ones(channels, channels), gamma.new_zeros(channels)


def layer_bias(channels, gamma):
    return gamma * torch.eye(channels, dtype=gamma.dtype), gamma * gamma.new_ones(channels)


def layer_residual(channels, gamma):
    return (1 + gamma) * torch.eye(channels, dtype=gamma.dtype), gamma.new_zeros(channels)


def prediction_alike(block, change):
    return change in ("shuffle the pixels", "mirror the map")


def prediction_channels_fixed(block, change):
    alone = block == "channel" and change == "change every sign"
    return alone or change in ("shuffle the pixels", "mirror the map")


def prediction_linear(block, change):
    alone = ("shuffle the channels", "change every sign", "turn two pixels", "double every number")
    both = ("shuffle the pixels", "mirror the map")
    return change in both or (block == "channel" and change in alone)


def prediction_crop(block, change):
    alone = ("shuffle the channels", "change every sign", "turn two pixels")
    both = ("shuffle the pixels", "mirror the map", "crop to the left half")
    return change in both or (block == "channel" and change in alone)


def prediction_places(block, change):
    alone = ("shuffle the channels", "change every sign", "turn two pixels")
    return change == "mirror the map" or (block == "channel" and change in alone)


def prediction_signs(block, change):
    alone = ("shuffle the channels", "turn two pixels")
    both = ("shuffle the pixels", "mirror the map")
    return change in both or (block == "channel" and change in alone)


def prediction_turned(block, change):
    alone = ("shuffle the channels", "change every sign")
    both = ("shuffle the pixels", "mirror the map")
    return change in both or (block == "channel" and change in alone)


def allowed_equal(number):
    return number in (2, 4, 5)


def allowed_means(number):
    return number in (1, 2, 3)


def allowed_elsewhere(number):
    return number in (2, 4, 6)


def allowed_nothing(number):
    return number == 2


# (task, wrong version, its name, the sentence, the symptom)
_FUNCTIONS = (
    ("position_macs", position_affinity_only, "forgets the convolutions",
     "this counts the two products with the affinity only. Three convolutions come before them.",
     "too few, above all on small maps"),
    ("position_macs", position_layers_only, "forgets the affinity",
     "this counts the three convolutions only. The affinity and the weighted sums cost N² times "
     "c + C.", "linear in N"),
    ("position_macs", position_wide_keys, "queries as wide as values",
     "queries and keys have C // r channels here; only the values have C.", "too many"),
    ("position_macs", position_linear, "one key for each query",
     "every position looks at all N, so both products have a factor N², not N.", "linear in N"),
    ("channel_macs", channel_once, "one product of two",
     "this counts E or the weighted sums, not both: each costs C²N.", "half"),
    ("channel_macs", channel_square_map, "N² in place of C²",
     "the affinity is C x C here: C² numbers, each a sum over N positions.", "quadratic in N"),
    ("channel_macs", channel_projected, "projects",
     "channel attention has no convolutions: queries, keys and values are x itself.",
     "2.5 times too many"),
    ("crossing", crossing_equal, "compares the sizes of the affinities",
     "this asks where N² exceeds C². Asked is the work, and position attention does less of it for "
     "each pair: its keys are narrow.", "somewhat too large"),
    ("crossing", crossing_positions, "counts positions",
     "this is the number N of positions. Asked is the side of a square map, so that N = s².",
     "a square too large"),
    ("crossing", crossing_before, "one side too early",
     "on this map position attention is still no dearer. Asked is the first side on which it is.",
     "one too small"),
    ("crossing", crossing_no_layers, "leaves the convolutions out",
     "this compares the products with the affinities only. The three convolutions of position "
     "attention cost something too.", "too large"),
    ("last_layer", layer_identity, "γ forgotten",
     "this layer passes the sums on as they are. Position attention multiplies them by γ.",
     "the identity matrix"),
    ("last_layer", layer_full, "γ everywhere",
     "a matrix full of γ adds all channels up. To scale each vector, keep γ on the diagonal.",
     "all output channels alike"),
    ("last_layer", layer_bias, "γ in the bias too",
     "nothing is added but the weighted sums and x: the bias is zero.", "shifted by γ"),
    ("last_layer", layer_residual, "x counted twice",
     "the block adds x itself; this layer sees the sums only, so its diagonal is γ, not 1 + γ.",
     "right for no γ"),
    ("prediction", prediction_alike, "both have weights for channels",
     "channel attention has no weight that belongs to a channel or a place. Think again about "
     "what can move its energies.", "False for every change of channels"),
    ("prediction", prediction_channels_fixed, "channels have fixed places",
     "shuffle the channels of x, and rows and columns of E are shuffled alike: channel attention "
     "follows. An energy is a dot product over positions, which turning leaves alone, too.",
     "False for shuffled channels"),
    ("prediction", prediction_linear, "takes the energies for linear",
     "twice the numbers are four times the energies, so the softmax is sharper.",
     "True for doubling"),
    ("prediction", prediction_crop, "cropping leaves the rest alone",
     "every number depends on all positions, in both blocks. Take half away, and it changes.",
     "True for cropping"),
    ("prediction", prediction_places, "positions have fixed places",
     "no weight belongs to a place: shuffled positions are looked at as before, elsewhere.",
     "False for shuffled pixels"),
    ("prediction", prediction_signs, "an odd thing with a sign",
     "in a product of two channels the two changed signs cancel, so E stays, and y turns with x.",
     "False for changed signs"),
    ("prediction", prediction_turned, "turning mixes places",
     "E holds dot products over positions, and dot products do not notice a rotation.",
     "False for turned pixels"),
    ("allowed", allowed_equal, "takes no difference shown for none",
     "where the interval holds 0, a difference is not shown. That there is none would need an "
     "interval so narrow that what it leaves open does not matter, and the sentence to say so.",
     "True for sentence 5"),
    ("allowed", allowed_means, "reads the means without intervals",
     "a mean above 0 is not enough where the interval of the line holds 0.",
     "True for sentences 1 and 3"),
    ("allowed", allowed_elsewhere, "leaves the images behind",
     "all that was measured is one question in one host. Streets were not among the images.",
     "True for sentence 6"),
    ("allowed", allowed_nothing, "calls it a failure",
     "sentence 4 says no more than the line does: the interval holds 0.", "False for sentence 4"),
)  # fmt: skip
FUNCTIONS = tuple(
    Mistake(name, task, build, sentence, symptom)
    for task, build, name, sentence, symptom in _FUNCTIONS
)
