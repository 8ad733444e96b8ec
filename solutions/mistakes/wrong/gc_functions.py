"""Wrong versions of the functions of the global context exercise, and what to say about each."""

from attnlab.check.cases import Mistake


def context_of_one(x, logits):
    return (x * logits.softmax(dim=1)).sum(dim=(2, 3))


def context_over_batch(x, logits):
    return (x * logits.softmax(dim=0)).sum(dim=(2, 3))


def context_of_rows(x, logits):
    return (x * logits.softmax(dim=3)).sum(dim=(2, 3))


def context_raw(x, logits):
    return (x * logits).sum(dim=(2, 3))


def context_mean(x, logits):
    return x.mean(dim=(2, 3))


def context_averaged(x, logits):
    weights = logits.flatten(1).softmax(dim=1).view_as(logits)
    return (x * weights).mean(dim=(2, 3))


def context_keeps(x, logits):
    weights = logits.flatten(1).softmax(dim=1).view_as(logits)
    return (x * weights).sum(dim=(2, 3), keepdim=True)


def stay_never(change):
    return False


def stay_like_se(change):
    return change in ("shuffle the pixels",)


def stay_signs(change):
    return change.partition(" ")[0] in ("double", "give", "leave", "turn") or "pixels" in change


def stay_added(change):
    return change.partition(" ")[0] in ("double", "give", "leave", "add") or "pixels" in change


def stay_unit(change):
    return change.partition(" ")[0] in ("double", "give") or "pixels" in change


def params_no_norm(channels, reduction=16, pooling="att"):
    hidden = channels // reduction
    return 2 * channels * hidden + hidden + channels + (pooling == "att") * (channels + 1)


def params_no_bias(channels, reduction=16, pooling="att"):
    hidden = channels // reduction
    return 2 * channels * hidden + 2 * hidden + (pooling == "att") * channels


def params_always_map(channels, reduction=16, pooling="att"):
    hidden = channels // reduction
    return 2 * channels * hidden + 3 * hidden + channels + channels + 1


def params_never_map(channels, reduction=16, pooling="att"):
    hidden = channels // reduction
    return 2 * channels * hidden + 3 * hidden + channels


def params_square(channels, reduction=16, pooling="att"):
    return channels * channels + channels + (pooling == "att") * (channels + 1)


def macs_pairs(channels, height, width, reduction=16, pooling="att"):
    positions = height * width
    return 2 * channels * positions * positions + 2 * channels * (channels // reduction)


def macs_everywhere(channels, height, width, reduction=16, pooling="att"):
    passes = 3 if pooling == "att" else 2
    return height * width * (passes * channels + 2 * channels * (channels // reduction))


def macs_one_pass(channels, height, width, reduction=16, pooling="att"):
    return 2 * channels * height * width + 2 * channels * (channels // reduction)


def macs_no_fusion(channels, height, width, reduction=16, pooling="att"):
    passes = 2 if pooling == "att" else 1
    return passes * channels * height * width + 2 * channels * (channels // reduction)


def resnet50_once(reduction=16):
    widths = (512, 1024, 2048)
    return sum(2 * c * (c // reduction) + 3 * (c // reduction) + 2 * c + 1 for c in widths)


def resnet50_every_stage(reduction=16):
    blocks = ((256, 3), (512, 4), (1024, 6), (2048, 3))
    return sum(n * (2 * c * (c // reduction) + 3 * (c // reduction) + 2 * c + 1) for c, n in blocks)


def resnet50_as_se(reduction=16):
    blocks = ((512, 4), (1024, 6), (2048, 3))
    return sum(n * 2 * c * (c // reduction) for c, n in blocks)


def verdict_by_mean(claim):
    return "shown"


def verdict_careful(claim):
    return "open"


def verdict_uncorrected(claim):
    return {"a": "shown", "b": "refuted", "c": "shown", "e": "shown"}.get(claim, "open")


def verdict_equal(claim):
    return {"a": "shown", "b": "refuted", "d": "shown", "e": "shown"}.get(claim, "open")


def verdict_reason(claim):
    return {"a": "shown", "b": "refuted", "e": "shown", "f": "shown"}.get(claim, "open")


def verdict_elsewhere(claim):
    return {"a": "shown", "b": "refuted", "e": "shown", "g": "shown"}.get(claim, "open")


def verdict_no_range(claim):
    return {"a": "shown", "b": "refuted"}.get(claim, "open")


# (task, wrong version, its name, the sentence, the symptom)
_FUNCTIONS = (
    ("context", context_of_one, "softmax over one channel",
     "the softmax runs over axis 1 of the logits, which has length 1: every weight becomes 1, and "
     "the sum is no mean. Flatten the positions into one axis and take that one.",
     "H * W times too large"),
    ("context", context_over_batch, "weights shared out among images",
     "the softmax runs over axis 0, so the images of a batch share out the weight of a place. "
     "Each image has a map of its own.", "one image alone gets a plain sum"),
    ("context", context_of_rows, "every row for itself",
     "the softmax runs along the columns only, so each row of the map adds up to 1 and the whole "
     "map to H. Both axes of the map belong into one softmax.", "H times too large"),
    ("context", context_raw, "logits as weights",
     "the logits are used as weights. Weights are positive and add up to 1: take their softmax.",
     "contexts with wild signs and sizes"),
    ("context", context_mean, "ignores the logits",
     "this is the plain average. Each position counts as much as its weight says.",
     "the same for all logits"),
    ("context", context_averaged, "averages the weighted sum",
     "after the softmax the weights add up to 1 already. Add up the products; a mean divides by "
     "H * W once more.", "H * W times too small"),
    ("context", context_keeps, "two axes too many",
     "the numbers are right, but the result keeps two axes of length 1. Asked for is (B, C).",
     "shape (B, C, 1, 1)"),
    ("gates_stay", stay_never, "nothing stays",
     "LayerNorm undoes some changes entirely. Work out LN of twice the numbers, and of the numbers "
     "plus 3.", "False everywhere"),
    ("gates_stay", stay_like_se, "thinks of SE",
     "this would be right for SE. Here a LayerNorm follows W_v1: it removes whatever is common to "
     "all units and their scale.", "False for doubling"),
    ("gates_stay", stay_signs, "signs do not matter",
     "LayerNorm divides by a spread, which is positive: turned signs stay turned, and the ReLU "
     "then lets other units through.", "True for turned signs"),
    ("gates_stay", stay_added, "shift of x is a shift of the units",
     "1 on every number of x adds the sum of its weights to each unit, another sum for each. "
     "LayerNorm removes only what is the same for all units.", "True for adding 1"),
    ("gates_stay", stay_unit, "one unit still speaks",
     "with h = 1 the mean over the units is the unit itself, so LayerNorm leaves 0 and its own "
     "bias: the block hears nothing of the image.", "False for the single unit"),
    ("params", params_no_norm, "forgets the LayerNorm",
     "LayerNorm has a weight and a bias for each of its h numbers.", "2h too few"),
    ("params", params_no_bias, "forgets the biases",
     "both layers have a bias, h and C numbers, and so has the convolution of the logits.",
     "h + C too few, one more with attention"),
    ("params", params_always_map, "counts the logits always",
     'with pooling="avg" there is no convolution for the logits.', "C + 1 too many for avg"),
    ("params", params_never_map, "forgets the logits",
     'with pooling="att" the logits come from a convolution with C weights and a bias.',
     "C + 1 too few"),
    ("params", params_square, "counts the simplified block",
     "this is the simplified non-local block with its C * C weights. The bottleneck has two layers "
     "of C * h.", "far too many"),
    ("macs", macs_pairs, "pays for pairs",
     "this counts N * N pairs. All queries share one map of N weights.", "grows with N²"),
    ("macs", macs_everywhere, "transform at every position",
     "the two layers see one context for each image, and so run once, not H * W times.",
     "H * W times too many for the layers"),
    ("macs", macs_one_pass, "one pass for the map",
     "attention pooling reads x twice: C * N products for the logits and C * N for the sum.",
     "C * N too few with attention"),
    ("macs", macs_no_fusion, "forgets the last step",
     "adding the term to each number of x, or multiplying, costs C * N as well.",
     "C * N too few"),
    ("resnet50_extra", resnet50_once, "one block for a stage",
     "BLOCKS gives each stage's number of residual blocks: 4, 6 and 3, and each has its own.",
     "too few"),
    ("resnet50_extra", resnet50_every_stage, "stage 2 as well",
     "the paper's network has no block in the first residual stage, of 256 channels.", "too many"),
    ("resnet50_extra", resnet50_as_se, "counts SE blocks",
     "these are the weights of SE. A GC block has biases, a LayerNorm and the logits on top.",
     "too few by thousands"),
    ("verdict", verdict_by_mean, "takes every claim for shown",
     "an interval that holds 0 shows neither direction, and a reason is not shown by a difference "
     "that it would explain.", '"shown" everywhere'),
    ("verdict", verdict_careful, "takes every claim for open",
     "some intervals lie wholly on one side of 0: those differences were shown.",
     '"open" everywhere'),
    ("verdict", verdict_uncorrected, "one look of four",
     "for c you went by its interval alone. Four comparisons were made, and the p value that "
     "allows for this is above 0.05.", '"shown" where the interval leaves out 0'),
    ("verdict", verdict_equal, "takes open for equal",
     "for d the interval holds 0, and it also holds differences of a quarter. It shows neither a "
     "difference nor equality.", '"shown" for an equality'),
    ("verdict", verdict_reason, "takes a reason for granted",
     "f gives a reason. The numbers say that GC answers more, and not by what means: for that the "
     "map itself must be looked at.", '"shown" for a sentence with "because"'),
    ("verdict", verdict_elsewhere, "carries it over",
     "g speaks of another question. Nothing here was measured on row.",
     '"shown" for images that were not tested'),
    ("verdict", verdict_no_range, "misses what an interval can show",
     "for e the whole interval lies between -0.05 and 0.05. No difference was shown, and that it "
     "is a small one was.", '"open" for a bound that the interval keeps'),
)  # fmt: skip
FUNCTIONS = tuple(
    Mistake(name, task, build, sentence, symptom)
    for task, build, name, sentence, symptom in _FUNCTIONS
)
