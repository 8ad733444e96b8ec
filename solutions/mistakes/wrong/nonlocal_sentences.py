"""What to say about each wrong version in the non-local exercise, and how it shows."""

from attnlab.check.cases import Mistake
from solutions.mistakes.wrong import nonlocal_block as blocks
from solutions.mistakes.wrong import nonlocal_functions as wrong

# (wrong version, its name, the sentence, the symptom)
_BLOCK = (
    (blocks.ComparesChannels, "compares channels",
     "the weights are (B, d, d): channels are compared with channels, and each place keeps its own "
     "values. Compare positions: d is the axis to sum over, q.mT @ k, which is (B, N, N).",
     "nothing travels: a place that is zero stays zero; and the map of weights keeps its size when "
     "the picture grows"),
    (blocks.SoftmaxOverQueries, "softmax over the queries",
     "the softmax runs over the queries, axis 1, so that places compete for being looked at. The "
     "weights of one query add up to 1: take the last axis, the keys.",
     "the columns of the map of weights add up to 1, the rows do not"),
    (blocks.SoftmaxOverBatch, "softmax over the batch",
     "the softmax runs over axis 0, the batch, so that images share out their weights. Each image "
     "is judged alone: take the last axis.",
     "with one image all weights are exactly 1"),
    (blocks.SoftmaxOverPairs, "softmax over all pairs",
     "one softmax runs over all pairs of the image. Each query has a softmax of its own, over its "
     "keys.",
     "the weights of the whole image add up to 1, and the new term nearly vanishes on large maps"),
    (blocks.NoSoftmax, "no softmax",
     "the logits are used as they are. The Gaussian forms take e to their power and divide by the "
     "sum: a softmax over the keys.",
     "weights are negative or huge, and grow with the map"),
    (blocks.SoftmaxAndCount, "softmax and division by N",
     "after the softmax you divide by the number of keys once more. The softmax is already the "
     "division by C(x); N belongs to the dot product and to concatenation.",
     "the new term is N times too small"),
    (blocks.AlwaysScaled, "always scaled",
     "the logits are scaled by d^-1/2 although scale=None. The paper has no scale; released code "
     "has one, which is why it is an option.",
     "attention is flatter than expected"),
    (blocks.GathersByColumns, "gathers over the queries",
     "y is summed over the queries instead of the keys: v @ a. The weights of query i are row i, "
     "so the sum over keys is v @ a.mT.",
     "right shape, as long as there are as many keys as queries"),
    (blocks.RolesSwapped, "θ and φ swapped",
     "θ and φ have changed places: θ makes the queries, φ the keys.",
     "each place is looked at as it should have looked"),
    (blocks.ValuesFromKeys, "values from φ",
     "the values are φ(x) a second time, and g is not used. What is compared and what is handed "
     "over are two projections.",
     "g gets no gradient"),
    (blocks.ReshapesQueries, "reshape instead of transpose",
     "the queries are reshaped from (B, d, N) to (B, N, d). A reshape keeps the numbers in their "
     "order and so mixes channels with positions; transpose with .mT.",
     "right shapes, and weights that make no sense"),
    (blocks.ReshapesResult, "result reshaped instead of transposed",
     "the gathered values (B, N, d) are reshaped to (B, d, ...) before W_z, which tears channels "
     "and positions apart. Transpose first.",
     "right shapes, and a picture of stripes"),
    (blocks.NoResidual, "forgets x",
     "x is not added. The block returns W_z y + x, so that it can begin as the identity.",
     "a fresh block returns zeros"),
    (blocks.NormAfterSum, "norm after the sum",
     "the BatchNorm comes after x is added. It belongs to W_z y alone: with a weight of 0 it would "
     "now erase x as well.",
     "a fresh block returns zeros, a trained one has lost the scale of x"),
    (blocks.SquareMapsOnly, "square maps only",
     "the map is laid out again with a side of √N. Take height and width from x: .view_as(x), or "
     ".unflatten(2, x.shape[2:]).",
     "right on square maps, an error everywhere else"),
    (blocks.NoNorm, "no BatchNorm",
     "there is no BatchNorm after W_z. Some code lets W_z start at 0 in its place; this exercise "
     "has the paper's.",
     "2C parameters too few"),
    (blocks.NoBias, "no biases",
     "the 1x1 convolutions have no biases. Here all four have: leave bias at its default.",
     "3d + C parameters too few"),
    (blocks.FullWidth, "no bottleneck",
     "θ, φ and g keep all C channels. The paper halves them: d = C // 2 when inner is None.",
     "twice the weights"),
    (blocks.InnerIgnored, "inner ignored",
     "inner is ignored. θ, φ and g have `inner` channels when it is given, and C // 2 only when it "
     "is None.",
     "right in half width, wrong in every other"),
    (blocks.OneProjection, "one projection for both",
     "θ and φ are one and the same layer. They are two: what looks for something need not look "
     "like it.",
     "C·d + d parameters too few, and a symmetric map of logits"),
    (blocks.OtherOrder, "layers in another order",
     "your layers were created in the order g, W_z, θ, φ, so that the given weights went to the "
     "wrong ones. Create θ, φ, g, W_z in this order, or call them query, key, value and out.",
     "everything is wrong, although the formula is right"),
)  # fmt: skip
_LAWS = (
    (blocks.BornLoud, "not the identity at birth",
     "a fresh block changes its input: the BatchNorm's weight starts at 1. Start it at 0: "
     "nn.init.zeros_(self.bn.weight).",
     "a trained network is spoilt the moment the block is put in", "birth"),
    (blocks.MutatesInput, "adds in place",
     "x is changed in place. Write x + ..., which makes a new tensor.",
     "the numbers are right, and whoever passed x finds another x", "input"),
)  # fmt: skip
_FORMS = (
    (blocks.DividesByHeight, "divides by the height",
     "the dot product is divided by x.shape[2]. On a map that is H; the number of keys is "
     "H * W, k.shape[2] after flattening.",
     "W times too large, and dependent on how the map lies"),
    (blocks.NotDivided, "dot product not divided",
     "the dot product is not divided by the number of keys.",
     "the new term grows with the map"),
    (blocks.DividesByWidth, "divides by d",
     "the dot product is divided by d, the number of channels. Divide by the number of keys.",
     "the new term grows with the map"),
    (blocks.ProductsWithSoftmax, "softmax in the dot product",
     "the dot product has a softmax, which makes it the embedded Gaussian. Its weights are the "
     "products themselves, divided by the number of keys.",
     "no weight is negative"),
    (blocks.StackedWithoutRelu, "concatenation without ReLU",
     "the ReLU of concatenation is missing. Without it the weight is a number of the query plus a "
     "number of the key, which compares nothing.",
     "weights may be negative"),
    (blocks.StackedWithSoftmax, "softmax in concatenation",
     "concatenation has a softmax. Divide by the number of keys instead.",
     "the weights of each query add up to 1"),
    (blocks.StackedKeyFirst, "key before query",
     "w takes the key first and the query second; the paper stacks [θ(x_i), φ(x_j)], query first.",
     "the two halves of w act on the wrong vectors"),
    (blocks.PairWithBias, "w with a bias",
     "the layer of concatenation has a bias. w is a vector: bias=False.",
     "one parameter too many"),
    (blocks.GaussianProjects, "Gaussian with θ and φ",
     "the Gaussian form has θ and φ. It compares x with itself: only g and W_z are layers.",
     "2·C·d + 2·d parameters too many"),
)  # fmt: skip
_OPTIONS = (
    (blocks.PoolsBefore, "pools before projecting",
     "x is pooled, then projected. The maximum of projections is not the projection of the "
     "maximum: project first, as in the paper's text (released Caffe2 code pools first).",
     "right shape, other numbers wherever a weight is negative"),
    (blocks.PoolsByMean, "averages instead of maxima",
     "keys and values are averaged over 2x2 places. Sub-sampling is a max-pool.",
     "keys are weaker than expected"),
    (blocks.KeepsOddRows, "keeps odd rows",
     "the pool keeps the last row or column of an odd map (ceil_mode). Drop it, as "
     "F.max_pool2d(t, 2) does.",
     "too many keys on odd maps"),
    (blocks.PoolIgnored, "pool ignored",
     "pool=\"after\" changes nothing. Max-pool φ and g.",
     "as many keys as queries"),
    (blocks.DividesByQueries, "divides by the queries",
     "the sub-sampled dot product is divided by the number of queries. Divide by the number of "
     "keys, a quarter of it.",
     "four times too small"),
    (blocks.ScaleIgnored, "scale ignored",
     "scale=\"d^-1/2\" changes nothing. Multiply the logits by it before the softmax.",
     "attention is sharper than expected"),
    (blocks.ScalesByChannels, "scale of C",
     "the scale is C^-1/2. It is the width of θ and φ that counts: d^-1/2.",
     "too flat, by a factor of √2 at half width"),
    (blocks.ScalesUp, "scale upside down",
     "the logits are multiplied by √d, or divided by d^-1/2. Multiply by d^-1/2.",
     "one key takes nearly all"),
)  # fmt: skip


def _named(task, entries):
    return tuple(
        Mistake(name, task, build, sentence, symptom, **dict(zip(("breaks",), rest, strict=False)))
        for build, name, sentence, symptom, *rest in entries
    )


BLOCK = _named("block", _BLOCK + _LAWS)
FORMS = _named("forms", _FORMS)
OPTIONS = _named("options", _OPTIONS)

# task: its wrong versions
_FUNCTIONS = {
    "shapes": (
        (wrong.shapes_channels, "affinity of channels",
         "the affinity has one number for each pair of positions, (B, N, L). (B, d, d) compares "
         "channels.", "(B, d, d)"),
        (wrong.shapes_quarter, "a quarter of the positions",
         "a pooled map has (H // 2) * (W // 2) places. On odd maps that is less than a quarter of "
         "H * W.", "right on even maps only"),
        (wrong.shapes_all_pooled, "queries pooled too",
         "θ is not pooled: every position still looks, at fewer keys.", "z smaller than x"),
        (wrong.shapes_full_width, "no bottleneck", "without inner, d is half of C.", "d = C"),
        (wrong.shapes_unpooled, "pool forgotten",
         "with pool, φ and g have (H // 2) * (W // 2) places, and so has the affinity's last axis.",
         "as many keys as queries"),
    ),
    "gaussian_weights": (
        (wrong.gaussian_over_queries, "softmax over the queries",
         "the softmax runs over axis 1, the queries. The weights of one query add up to 1: take "
         "the last axis.", "columns add up to 1, rows do not"),
        (wrong.gaussian_over_batch, "softmax over the batch",
         "the softmax runs over axis 0, the images. It belongs to the last axis, the keys.",
         "with one image all weights are 1"),
        (wrong.gaussian_no_scale, "scale ignored",
         "the argument `scale` is not used. It multiplies the logits.", "right at scale = 1 only"),
        (wrong.gaussian_bare, "no softmax",
         "these are the logits. A softmax over the keys is missing.", "weights below zero"),
        (wrong.gaussian_root, "a scale of its own",
         "the logits are divided by √d as well. Scale by the argument alone.", "too flat"),
        (wrong.gaussian_scaled_late, "scaled after the softmax",
         "the scale multiplies the weights. It multiplies the logits, before the softmax.",
         "the weights of a query add up to the scale"),
    ),
    "dot_product_weights": (
        (wrong.products_softmax, "softmax in the dot product",
         "there is no softmax in the dot product: products, divided by the number of keys.",
         "no weight is negative"),
        (wrong.products_not_divided, "not divided",
         "divide by the number of keys.", "L times too large"),
        (wrong.products_by_width, "divided by d",
         "this divides by d, the number of channels. Divide by the number of keys, k.shape[2].",
         "depends on the width and not on the map"),
        (wrong.products_by_queries, "divided by the queries",
         "this divides by the number of queries. With sub-sampled keys there are fewer of those: "
         "k.shape[2].", "right as long as N = L"),
    ),
    "concatenation_weights": (
        (wrong.stacked_linear, "no ReLU", "the ReLU is missing.", "weights below zero"),
        (wrong.stacked_not_divided, "not divided",
         "divide by the number of keys.", "L times too large"),
        (wrong.stacked_key_first, "key before query",
         "the first half of w belongs to the query, the second to the key.",
         "queries and keys seem exchanged"),
        (wrong.stacked_relu_early, "ReLU before the sum",
         "the ReLU acts on each half. It acts on their sum, w^T [q, k].",
         "too large wherever the halves differ in sign"),
    ),
    "fused_attention": (
        (wrong.fused_default, "torch's own scale",
         "without scale=..., torch takes d^-1/2. Pass scale=scale.", "close, but too flat"),
        (wrong.fused_both_scales, "scaled twice",
         "q is scaled, and torch scales again by d^-1/2. Pass scale=scale instead.", "too flat"),
        (wrong.fused_positions_first, "layout not undone",
         "the result of torch's function is (B, N, e), positions first. Transpose it back: .mT.",
         "axes 1 and 2 exchanged"),
        (wrong.fused_channels, "compares channels",
         "torch's function sums over the last axis. With (B, d, N) that is the positions, and "
         "channels are compared; hand it q.mT, k.mT and v.mT.",
         "the same function, fed the wrong way round: no error when all sizes agree"),
    ),
    "affinity_bytes": (
        (wrong.bytes_numbers, "numbers, not bytes", "each number takes 4 bytes.", "a quarter"),
        (wrong.bytes_one_axis, "one query only",
         "this is the memory of one query's weights. Every position has its own: N times as much.",
         "grows with N, not with N²"),
        (wrong.bytes_both_pooled, "queries pooled too",
         "only the keys are sub-sampled: N x L, a quarter of N x N.", "a sixteenth"),
        (wrong.bytes_one_image, "one image only",
         "every image of the batch has a map of its own.", "the batch does not matter"),
    ),
    "overtakes": (
        (wrong.overtakes_equal, "stops at equality",
         "at this N both cost the same (or the block still less). Asked for is the first N where "
         "it costs more.", "one too few"),
        (wrong.overtakes_no_layers, "layers forgotten",
         "the block's four layers cost 4·C·d·N as well, whatever the map.", "too late"),
        (wrong.overtakes_one_product, "one product only",
         "two products run over the map of pairs: one makes the weights, one uses them.",
         "about twice too late"),
        (wrong.overtakes_side, "side instead of positions",
         "this is the side of a square map. N is the number of its positions.", "about √N"),
    ),
    "prediction": (
        (wrong.prediction_always, "pooling overlooked",
         "sub-sampling ties the keys to windows of 2x2. What breaks up windows changes the keys.",
         "the same answers with and without pool"),
        (wrong.prediction_as_convolution, "thinks of a convolution",
         "this is how a convolution behaves. The block has no kernel and no notion of a neighbour: "
         "any order of the positions is as good.", "only the rolls are True"),
        (wrong.prediction_no_repeats, "counts the repeated rows",
         "if every row occurs twice, every key does: sum and normaliser both double, and each "
         "average stays what it was.", "False for repeated rows"),
        (wrong.prediction_rolls_alike, "all rolls alike",
         "a roll by one column moves the windows of the pool by half a window; a roll by two moves "
         "them by a whole one.", "True for a roll by one column under pooling"),
    ),
    "transferred": (
        (wrong.transfer_no_scale, "scale forgotten",
         "θ is taken over as it is, but `plain` does not scale: multiply θ's weight and bias by "
         "d^-1/2.", "attention too sharp"),
        (wrong.transfer_bias_unscaled, "bias of θ not scaled",
         "only θ's weight is scaled. The logit holds its bias as well: (θx + b)^T φ.",
         "close, but off"),
        (wrong.transfer_no_norm, "norm forgotten",
         "the BatchNorm is lost. In evaluation it is a factor and a shift for each channel: put "
         "them into W_z and its bias.", "the new term has another size in each channel"),
        (wrong.transfer_mean_forgotten, "mean forgotten",
         "the running mean is missing: BatchNorm takes it away before it multiplies.",
         "shifted by a constant in each channel"),
        (wrong.transfer_variance, "variance without root",
         "BatchNorm divides by the root of the variance.", "a wrong factor in each channel"),
    ),
}  # fmt: skip
FUNCTIONS = tuple(m for task, entries in _FUNCTIONS.items() for m in _named(task, entries))
