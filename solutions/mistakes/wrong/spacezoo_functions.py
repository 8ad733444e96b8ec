"""Wrong answers to the functions of the exercise on channels and places."""

import torch

from attnlab.check.cases import Mistake

PAGE = "bottleneck-attention"


def costs_without_norms(channels, height, width, reduction=16):
    h = channels // reduction
    weights = 2 * channels * h + channels * h + 18 * h * h + h
    work = 2 * channels * h + (channels * h + 18 * h * h + h) * height * width
    return weights + h + channels + 3 * h + 1, work


def costs_one_far(channels, height, width, reduction=16):
    h = channels // reduction
    weights = 3 * channels * h + 9 * h * h + h
    work = 2 * channels * h + (channels * h + 9 * h * h + h) * height * width
    return weights + h + channels + 2 * h + 1 + 6 * h, work


def costs_all_everywhere(channels, height, width, reduction=16):
    h = channels // reduction
    weights = 3 * channels * h + 18 * h * h + h
    return weights + h + channels + 3 * h + 1 + 8 * h, weights * height * width


def costs_all_once(channels, height, width, reduction=16):
    h = channels // reduction
    weights = 3 * channels * h + 18 * h * h + h
    return weights + h + channels + 3 * h + 1 + 8 * h, weights


def heard_side_by_side(dilations):
    places = {0}
    for d in dilations:
        places |= {-d, d}
    return sorted(places)


def heard_in_a_row(dilations):
    reach = sum(dilations)
    return list(range(-reach, reach + 1))


def heard_ends_only(dilations):
    places = {0}
    for d in dilations:
        places = {place + step for place in places for step in (-d, d)}
    return sorted(places)


def heard_one_side(dilations):
    places = {0}
    for d in dilations:
        places = {place + step for place in places for step in (0, d, 2 * d)}
    return sorted(places)


def crossing_of_neighbours(table):
    if min(table.shape) < 2:
        return torch.zeros((), dtype=table.dtype)
    return table.diff(dim=0).diff(dim=1).abs().max()


def crossing_from_means(table):
    means = table.mean(0, keepdim=True) + table.mean(1, keepdim=True) - table.mean()
    return (table - means).abs().max()


def crossing_signed_rows(table):
    rows = table[1:] - table[:-1]
    if not len(rows):
        return torch.zeros((), dtype=table.dtype)
    return (rows.amax(1) - rows.amin(1)).max()


def crossing_spread(table):
    return (table.amax(1) - table.amin(1)).max()


def flat_gates_multiply(way):
    return {
        "sum of gates": "gate", "product of gates": "gate",
        "gate of a sum": "logit", "gate of a product": "none",
    }[way]  # fmt: skip


def flat_product_too(way):
    return {
        "sum of gates": "gate", "product of gates": "logarithm",
        "gate of a sum": "logit", "gate of a product": "logit",
    }[way]  # fmt: skip


def flat_sum_in_logarithm(way):
    return {
        "sum of gates": "gate", "product of gates": "logarithm",
        "gate of a sum": "logarithm", "gate of a product": "none",
    }[way]  # fmt: skip


def slopes_without_sigmoid(x, a, b, g):
    each = g * x * torch.sigmoid(a + b)
    return each.sum(dim=(2, 3), keepdim=True), each.sum(dim=1, keepdim=True)


def slopes_averaged(x, a, b, g):
    s = torch.sigmoid(a + b)
    each = g * x * s * (1 - s)
    return each.mean(dim=(2, 3), keepdim=True), each.mean(dim=1, keepdim=True)


def slopes_with_residual(x, a, b, g):
    s = torch.sigmoid(a + b)
    each = g * (1 + x * s * (1 - s))
    return each.sum(dim=(2, 3), keepdim=True), each.sum(dim=1, keepdim=True)


def slopes_without_x(x, a, b, g):
    s = torch.sigmoid(a + b)
    each = g * s * (1 - s)
    return each.sum(dim=(2, 3), keepdim=True), each.sum(dim=1, keepdim=True)


def slopes_flat(x, a, b, g):
    s = torch.sigmoid(a + b)
    each = g * x * s * (1 - s)
    return each.sum(dim=(2, 3)), each.sum(dim=1)


FUNCTIONS = (
    Mistake(
        "norms forgotten", "costs", costs_without_norms,
        "the four norms have a scale and a shift for each of their h channels.",
        "8 h parameters too few", PAGE,
    ),
    Mistake(
        "one far kernel", "costs", costs_one_far,
        "the branch for places has two dilated convolutions, each with its norm.",
        "9 h² + 3 h parameters too few", PAGE,
    ),
    Mistake(
        "channels at every place", "costs", costs_all_everywhere,
        "the two layers of the channel branch see one vector for an image, not one at each place.",
        "2 C h too many multiply-adds at each place", PAGE,
    ),
    Mistake(
        "everything once", "costs", costs_all_once,
        "a convolution uses its weights at every place, H W times.",
        "multiply-adds that do not depend on the size of the map", PAGE,
    ),
    Mistake(
        "side by side", "heard", heard_side_by_side,
        "the taps of all kernels are laid side by side. The kernels stand one behind the other, so "
        "that their steps add up.",
        "[4, 4] hears three places", PAGE,
    ),
    Mistake(
        "in a row", "heard", heard_in_a_row,
        "every place within reach is listed. Between the taps of a dilated kernel lie places that "
        "it skips.",
        "[4, 4] hears 17 places", PAGE,
    ),
    Mistake(
        "no middle tap", "heard", heard_ends_only,
        "a kernel of three taps has one in the middle, too: a step of 0.",
        "[4] does not hear place 0", PAGE,
    ),
    Mistake(
        "to one side", "heard", heard_one_side,
        "the taps are counted from the first one. The middle tap lies on the place itself.",
        "nothing to the left of place 0", PAGE,
    ),
    Mistake(
        "neighbours only", "crossing", crossing_of_neighbours,
        "only neighbouring channels and places are compared. A cross sum may take any two.",
        "too small on tables with more than two rows or columns", PAGE,
    ),
    Mistake(
        "residual of the means", "crossing", crossing_from_means,
        "this is how far an entry lies from what row and column say on average. It is 0 where "
        "cross sums are, and no cross sum itself.",
        "a quarter of it, or so, on 2 by 2", PAGE,
    ),
    Mistake(
        "rows in order", "crossing", crossing_signed_rows,
        "each channel is compared with the next one only. Compare every two.",
        "right for two channels", PAGE,
    ),
    Mistake(
        "one channel", "crossing", crossing_spread,
        "this is the largest difference within one channel. A cross sum takes two channels.",
        "not 0 for a sum of channel and place", PAGE,
    ),
    Mistake(
        "products do not add", "flat_on", flat_gates_multiply,
        "a product is no sum of a part of the channel and a part of the place. Which function "
        "turns products into sums?",
        "CBAM's gates on their own scale", PAGE,
    ),
    Mistake(
        "product of logits", "flat_on", flat_product_too,
        "the logit of σ(a b) is the product a b, whose cross sums are (a − a')(b − b').",
        "the released code taken for the paper's", PAGE,
    ),
    Mistake(
        "sum in the logarithm", "flat_on", flat_sum_in_logarithm,
        "the logarithm of σ(a + b) is no sum; its logit is a + b.",
        "BAM taken for CBAM", PAGE,
    ),
    Mistake(
        "no slope of the sigmoid", "slopes", slopes_without_sigmoid,
        "the gate stands where its slope belongs, s (1 − s).",
        "too large, most of all where gates are open", PAGE,
    ),
    Mistake(
        "averaged", "slopes", slopes_averaged,
        "the places' shares are averaged. a and b are used many times, and what each use says is "
        "added.",
        "too small by H W, or by C", PAGE,
    ),
    Mistake(
        "the added x", "slopes", slopes_with_residual,
        "the x that is added does not depend on a or b, and has no share in their gradients.",
        "gradients where x is 0", PAGE,
    ),
    Mistake(
        "x forgotten", "slopes", slopes_without_x,
        "the gate is multiplied by x, and so is its gradient.",
        "right for a map of ones", PAGE,
    ),
    Mistake(
        "axes lost", "slopes", slopes_flat,
        "the gradients have the shapes of a and of b: keep the axes that are summed.",
        "(B, C) and (B, H, W)", PAGE,
    ),
)  # fmt: skip
