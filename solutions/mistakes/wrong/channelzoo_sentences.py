"""The wrong functions of the exercise on channel gates, and the sentence that helps with each."""

from attnlab.check.cases import Mistake
from solutions.mistakes.wrong import channelzoo_functions as wrong

WAVES, KERNELS = "frequencies", "selective-kernels"
GATHER, SCALES = "gather-excite", "norm-scales"

FUNCTIONS = (
    Mistake(
        "u and v exchanged", "wave", wrong.wave_exchanged,
        "u and v have changed places: u counts half periods down the rows, along the first axis.",
        "right where u = v, and turned round elsewhere", WAVES,
    ),
    Mistake(
        "no root of two", "wave", wrong.wave_without_root,
        "frequencies above 0 lack the factor √2. Their cosines' squares add up to half of the "
        "length.",
        "right for (0, 0) alone", WAVES,
    ),
    Mistake(
        "not scaled", "wave", wrong.wave_unscaled,
        "the factors k are missing: the squares of a picture have to add up to 1.",
        "the even picture holds ones", WAVES,
    ),
    Mistake(
        "no half", "wave", wrong.wave_without_half,
        "the cosine is taken at i in place of i + 1/2.",
        "the first row is a maximum and the last one no minimum", WAVES,
    ),
    Mistake(
        "whole periods", "wave", wrong.wave_of_periods,
        "these waves have u whole periods; asked are u half periods, π u / H.",
        "frequency 1 looks like frequency 2", WAVES,
    ),
    Mistake(
        "added up", "wave", wrong.wave_summed,
        "the two lines are added. The picture is their product.",
        "squares that add up to more than 1", WAVES,
    ),
    Mistake(
        "single precision", "wave", wrong.wave_in_single,
        "the numbers are right to seven digits, since they were made in single precision. Say "
        "dtype=torch.float64 where you count up the places.",
        "differences in the eighth digit", WAVES,
    ),
    Mistake(
        "signs kept", "penalty", wrong.penalty_with_signs,
        "negative scales are subtracted. Take absolute values.",
        "a penalty below 0", SCALES,
    ),
    Mistake(
        "squares", "penalty", wrong.penalty_of_squares,
        "the scales are squared, which shrinks large ones and leaves small ones alone. Take "
        "absolute values: they drive scales to 0.",
        "a quarter where a half was expected", SCALES,
    ),
    Mistake(
        "mean of each norm", "penalty", wrong.penalty_of_means,
        "each norm's scales are averaged. They are summed.",
        "wide norms count no more than narrow ones", SCALES,
    ),
    Mistake(
        "mean of all", "penalty", wrong.penalty_of_mean,
        "the scales are averaged. They are summed.",
        "the penalty does not grow with the network", SCALES,
    ),
    Mistake(
        "first norm only", "penalty", wrong.penalty_of_first,
        "only the first norm counts. Sum over all of the list.",
        "later norms never become sparse", SCALES,
    ),
    Mistake(
        "p forgotten", "penalty", wrong.penalty_without_p,
        "the sum is not multiplied with p.", "the penalty is far larger than the loss", SCALES,
    ),
    Mistake(
        "groups forgotten", "sk_costs", wrong.costs_ungrouped,
        "each channel of a convolution in G groups sees C / G channels, and not all C.",
        "32 times the weights", KERNELS,
    ),
    Mistake(
        "larger kernels", "sk_costs", wrong.costs_growing,
        "the branches were counted with kernels of 3, 5, 7 ... Each has 3 x 3 taps; only the "
        "distance between them grows.",
        "a second branch of 25 taps", KERNELS,
    ),
    Mistake(
        "norms forgotten", "sk_costs", wrong.costs_without_norms,
        "the norms have two parameters for each of their channels: M norms of C channels, and one "
        "of d.",
        "2 M C + 2 d too few", KERNELS,
    ),
    Mistake(
        "hidden norm forgotten", "sk_costs", wrong.costs_of_one_hidden_norm,
        "the hidden layer has a norm too, with 2 d parameters.", "2 d too few", KERNELS,
    ),
    Mistake(
        "biases counted", "sk_costs", wrong.costs_with_biases,
        "no layer here has a bias.", "d + M C too many", KERNELS,
    ),
    Mistake(
        "one logit for a channel", "sk_costs", wrong.costs_of_one_logit,
        "the last layer gives one logit for each branch and channel, M C in all.",
        "right for a single branch", KERNELS,
    ),
    Mistake(
        "layers at every place", "sk_costs", wrong.costs_layers_everywhere,
        "the layers of the gate run once for an image, not at every place.",
        "multiply-adds that grow H W times as fast", KERNELS,
    ),
    Mistake(
        "exchanged", "mirrored", wrong.mirror_exchanged,
        "u belongs to upside down, v to left and right.", "right where u = v", WAVES,
    ),
    Mistake(
        "every wave", "mirrored", wrong.mirror_above_zero,
        "not every wave changes its sign: two half periods look the same from both ends.",
        "wrong for even frequencies above 0", WAVES,
    ),
    Mistake(
        "signs turned", "mirrored", wrong.mirror_turned,
        "it is the other way round: the even picture, frequency 0, stays as it is.",
        "wrong everywhere", WAVES,
    ),
    Mistake(
        "both for each", "mirrored", wrong.mirror_both,
        "either mirror turns one of the two waves only.",
        "right where u and v are both even", WAVES,
    ),
    Mistake(
        "never", "mirrored", wrong.mirror_never,
        "some waves do change: the wave of one half period is positive at one end and negative at "
        "the other.",
        "right for even frequencies", WAVES,
    ),
    Mistake(
        "multiplied", "from_se", wrong.from_se_multiplied,
        "the weight was multiplied with √N. The squeeze of (0, 0) is √N times the mean already: "
        "divide.",
        "logits N times too large", WAVES,
    ),
    Mistake(
        "divided by N", "from_se", wrong.from_se_by_places,
        "the weight was divided by N. The picture holds 1 / √N at each place, so the sum is √N "
        "times the mean.",
        "gates nearer to one half than SE's", WAVES,
    ),
    Mistake(
        "unchanged", "from_se", wrong.from_se_unchanged,
        "the weight was left as it is, as if the squeeze of (0, 0) were the mean.",
        "logits √N times too large", WAVES,
    ),
    Mistake(
        "divided by the height", "from_se", wrong.from_se_by_side,
        "the weight was divided by H. Divide by √(H W).", "right on square maps", WAVES,
    ),
    Mistake(
        "divided by √C", "from_se", wrong.from_se_by_inputs,
        "the weight was divided by the root of the channels. The channels are the same in both "
        "blocks; what differs is the sum over places.",
        "right where there are as many channels as places", WAVES,
    ),
    Mistake(
        "still padded", "mended", wrong.still_wild,
        "the map is still padded, so that the kernel stands in many places. Without padding a "
        "kernel as large as the map fits once.",
        "gates that differ within a channel", GATHER,
    ),
    Mistake(
        "mean of the padded", "mended", wrong.mean_of_padded,
        "the numbers of the padded convolution are averaged. Only one of them is the sum over the "
        "whole map.",
        "one gate for a channel, and too near one half", GATHER,
    ),
    Mistake(
        "a corner of the padded", "mended", wrong.corner_of_padded,
        "the first number of the padded convolution was taken, where the kernel lies on a quarter "
        "of the map. Leave the padding away.",
        "one gate for a channel, and deaf to most of the map", GATHER,
    ),
    Mistake(
        "kernels turned", "mended", wrong.kernels_turned,
        "the kernels are turned round. Place (i, j) of the map meets weight (i, j).",
        "right for kernels of equal numbers", GATHER,
    ),
    Mistake(
        "no weights", "mended", wrong.plain_mean,
        "the kernels are not used: this is θ⁻.", "right for kernels of 1 / N", GATHER,
    ),
    Mistake(
        "mean of the products", "mended", wrong.mean_of_products,
        "the products are averaged. A convolution sums them.",
        "gates near one half on large maps", GATHER,
    ),
    Mistake(
        "one kernel", "mended", wrong.one_kernel_for_all,
        "all channels use the first kernel. Each has its own.",
        "right for the first channel", GATHER,
    ),
    Mistake(
        "no sigmoid", "mended", wrong.no_sigmoid,
        "the sums come out as they are. Put the sigmoid back.",
        "gates below 0 or above 1", GATHER,
    ),
)  # fmt: skip
