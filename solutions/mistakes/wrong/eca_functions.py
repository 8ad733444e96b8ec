"""Wrong versions of the functions of the ECA exercise, and what to say about each."""

import math

from attnlab.check.cases import Mistake
from solutions.eca import STAGES


def kernel_natural(channels, gamma=2, b=1):
    whole = int(abs((math.log(channels) + b) / gamma))
    return whole if whole % 2 else whole + 1


def kernel_even(channels, gamma=2, b=1):
    return int(abs((math.log2(channels) + b) / gamma))


def kernel_below(channels, gamma=2, b=1):
    whole = int(abs((math.log2(channels) + b) / gamma))
    return whole if whole % 2 else whole - 1


def kernel_rounds(channels, gamma=2, b=1):
    whole = round(abs((math.log2(channels) + b) / gamma))
    return whole if whole % 2 else whole + 1


def kernel_ceil(channels, gamma=2, b=1):
    whole = math.ceil(abs((math.log2(channels) + b) / gamma))
    return whole if whole % 2 else whole + 1


def kernel_swapped(channels, gamma=2, b=1):
    whole = int(abs((math.log2(channels) + gamma) / b))
    return whole if whole % 2 else whole + 1


def kernel_b_whole(channels, gamma=2, b=1):
    whole = int(abs(math.log2(channels) / gamma + b))
    return whole if whole % 2 else whole + 1


def kernel_no_b(channels, gamma=2, b=1):
    whole = int(math.log2(channels) / gamma)
    return whole if whole % 2 else whole + 1


def kernel_least(channels, gamma=2, b=1):
    whole = int(abs((math.log2(channels) + b) / gamma))
    return max(whole if whole % 2 else whole + 1, 3)


def kernel_fixed(channels, gamma=2, b=1):
    whole = int(abs((math.log2(channels) + 1) / 2))
    return whole if whole % 2 else whole + 1


def costs_always_own(channels, height, width, k, shared=True):
    return k * channels, 2 * channels * height * width + k * channels


def costs_always_shared(channels, height, width, k, shared=True):
    return k, 2 * channels * height * width + k * channels


def costs_kernel_once(channels, height, width, k, shared=True):
    return (k if shared else k * channels), 2 * channels * height * width + k


def costs_everywhere(channels, height, width, k, shared=True):
    weights = k if shared else k * channels
    return weights, (2 + k) * channels * height * width


def costs_one_pass(channels, height, width, k, shared=True):
    weights = k if shared else k * channels
    return weights, channels * height * width + k * channels


def costs_dense(channels, height, width, k, shared=True):
    weights = k if shared else k * channels
    return weights, 2 * channels * height * width + channels * channels


def costs_turned(channels, height, width, k, shared=True):
    return 2 * channels * height * width + k * channels, (k if shared else k * channels)


def added_once(kernels):
    return sum(kernels)


def added_own(kernels):
    return sum(channels * blocks * k for (channels, blocks), k in zip(STAGES, kernels, strict=True))


def added_convolutions(kernels):
    return 3 * sum(blocks * k for (_, blocks), k in zip(STAGES, kernels, strict=True))


def added_same(kernels):
    return sum(blocks for _, blocks in STAGES) * kernels[0]


def matrix_turned(kernel, channels, ring=False):
    matrix = kernel.new_zeros(channels, channels)
    for c in range(channels):
        for j, weight in enumerate(kernel):
            at = c + j - len(kernel) // 2
            if ring or 0 <= at < channels:
                matrix[at % channels, c] += weight
    return matrix


def matrix_no_ring(kernel, channels, ring=False):
    matrix = kernel.new_zeros(channels, channels)
    for c in range(channels):
        for j, weight in enumerate(kernel):
            at = c + j - len(kernel) // 2
            if 0 <= at < channels:
                matrix[c, at] += weight
    return matrix


def matrix_always_ring(kernel, channels, ring=False):
    matrix = kernel.new_zeros(channels, channels)
    for c in range(channels):
        for j, weight in enumerate(kernel):
            matrix[c, (c + j - len(kernel) // 2) % channels] += weight
    return matrix


def matrix_off_centre(kernel, channels, ring=False):
    matrix = kernel.new_zeros(channels, channels)
    for c in range(channels):
        for j, weight in enumerate(kernel):
            if ring or c + j < channels:
                matrix[c, (c + j) % channels] += weight
    return matrix


def matrix_overwrites(kernel, channels, ring=False):
    matrix = kernel.new_zeros(channels, channels)
    for c in range(channels):
        for j, weight in enumerate(kernel):
            at = c + j - len(kernel) // 2
            if ring or 0 <= at < channels:
                matrix[c, at % channels] = weight
    return matrix


def hears_beyond(gate, channels, k):
    return list(range(gate - k // 2, gate + k // 2 + 1))


def hears_ring(gate, channels, k):
    return sorted({c % channels for c in range(gate - k // 2, gate + k // 2 + 1)})


def hears_k_each(gate, channels, k):
    return list(range(max(0, gate - k), min(channels, gate + k + 1)))


def hears_ahead(gate, channels, k):
    return list(range(gate, min(channels, gate + k)))


def hears_others(gate, channels, k):
    near = range(max(0, gate - k // 2), min(channels, gate + k // 2 + 1))
    return [c for c in near if c != gate]


def hears_all(gate, channels, k):
    return list(range(channels))


def hears_short(gate, channels, k):
    return list(range(max(0, gate - k // 2), min(channels, gate + k // 2)))


# (task, wrong version, its name, the sentence, the symptom)
_FUNCTIONS = (
    ("kernel_size", kernel_natural, "natural logarithm",
     "this is the logarithm to the base e. The formula has base 2: math.log2.",
     "k = 3 even for 256 channels"),
    ("kernel_size", kernel_even, "even k",
     "this is the whole part and may be even. An even kernel has no middle: where the whole part "
     "is even, take the odd number above.", "k = 2 for 16 channels, k = 4 for 256"),
    ("kernel_size", kernel_below, "odd number below",
     "where the whole part is even, the odd number below it is further away than the one above.",
     "k = 1 for 16 channels"),
    ("kernel_size", kernel_rounds, "rounds before it asks for odd",
     "rounding first moves t to the nearest whole number, and what is nearest to that need not be "
     "nearest to t. Cut t to its whole part.", "k = 5 for 64 channels, where t = 3.5"),
    ("kernel_size", kernel_ceil, "rounds up before it asks for odd",
     "t is rounded up first, so that 3.1 becomes 5. Cut t to its whole part.",
     "k = 5 already for 33 channels"),
    ("kernel_size", kernel_swapped, "γ and b swapped",
     "γ and b have changed places: b is added to the logarithm, γ divides the sum.",
     "k near log2 C"),
    ("kernel_size", kernel_b_whole, "b not divided",
     "b is added after the division. The formula has b / γ: divide the sum (log2 C + b) by γ.",
     "wrong where b / γ is far from b"),
    ("kernel_size", kernel_no_b, "b forgotten",
     "b does not count here. Add it to the logarithm before you divide.",
     "the steps of k come at twice too wide a layer"),
    ("kernel_size", kernel_least, "at least 3",
     "k is kept at 3 or more, as some libraries do. The paper's formula gives 1 below 8 channels.",
     "right from 8 channels on"),
    ("kernel_size", kernel_fixed, "γ and b fixed",
     "γ and b are fixed at 2 and 1. Use the arguments.", "right until γ or b is given"),
    ("costs", costs_always_own, "one kernel for each channel",
     "with shared=True one kernel of k weights serves all channels.", "C times too many weights"),
    ("costs", costs_always_shared, "shared ignored",
     "with shared=False each channel has k weights of its own.", "C times too few weights"),
    ("costs", costs_kernel_once, "kernel used once",
     "the kernel is used again for every gate: k products for each of C gates.",
     "k * (C − 1) products too few"),
    ("costs", costs_everywhere, "convolves at every position",
     "the convolution runs over the C means of an image, not at every position of the map.",
     "H * W times too many products"),
    ("costs", costs_one_pass, "one pass over the map",
     "the map is read twice: C * H * W additions for the means, C * H * W products for the gates.",
     "C * H * W too few"),
    ("costs", costs_dense, "counts a full matrix",
     "a gate hears k channels, not all C of them: k * C products, not C * C.",
     "too much work in wide layers"),
    ("costs", costs_turned, "turned round",
     "the two numbers have changed places: parameters first, then multiply-adds.",
     "millions of weights"),
    ("added", added_once, "one block a stage",
     "this counts one block a stage. A stage has 3, 4, 6 or 3 blocks, and each has its own kernel.",
     "too few"),
    ("added", added_own, "kernels not shared",
     "the kernel is shared by the channels of a block: k weights, not k * C.", "tens of thousands"),
    ("added", added_convolutions, "a block after each convolution",
     "there is one ECA block in a bottleneck, behind its last convolution, not one behind each of "
     "its three convolutions.", "three times too many"),
    ("added", added_same, "one k for all stages",
     "this takes the kernel of the first stage everywhere.", "right when all four are equal"),
    ("as_matrix", matrix_turned, "turned round",
     "this is the transpose. Row c belongs to gate c; w_1, the first tap, looks at the channel "
     "with the lowest number.", "right for kernels that read the same from both ends"),
    ("as_matrix", matrix_no_ring, "no ring",
     "ring=True closes the row: what falls off one end comes in at the other.",
     "zeros in the corners"),
    ("as_matrix", matrix_always_ring, "always a ring",
     "the row is closed to a ring even with ring=False. Beyond the ends there are zeros.",
     "numbers in the corners"),
    ("as_matrix", matrix_off_centre, "off centre",
     "the window begins at its own channel. Its middle belongs there: tap n looks at channel "
     "c + n − k // 2.", "no weight below the diagonal"),
    ("as_matrix", matrix_overwrites, "later tap wins",
     "when two taps meet the same channel, their weights add up; here the later one replaces the "
     "earlier.", "wrong only on a ring that is shorter than the kernel"),
    ("hears", hears_beyond, "beyond the ends",
     "there is no channel below 0, nor one after the last. What stands there is a zero.",
     "negative numbers in the list"),
    ("hears", hears_ring, "closed to a ring",
     "the row has two ends: the first channel does not hear the last one. That would be circular "
     "padding.", "channels from the far end"),
    ("hears", hears_k_each, "k on each side",
     "k counts the whole window. On either side there are k // 2 channels.",
     "nearly twice as many"),
    ("hears", hears_ahead, "looks ahead only",
     "the window is centred: as many channels before the gate's own as behind it.",
     "the list begins with the gate"),
    ("hears", hears_others, "does not hear itself",
     "the middle of the window is the gate's own channel.", "the gate's own number is missing"),
    ("hears", hears_all, "hears all",
     "that would be the full matrix. ECA hears a window of k.", "the list is as long as the row"),
    ("hears", hears_short, "one too few",
     "the last channel of the window is missing: range(a, b) ends before b.", "k − 1 channels"),
)  # fmt: skip
FUNCTIONS = tuple(
    Mistake(name, task, build, sentence, symptom)
    for task, build, name, sentence, symptom in _FUNCTIONS
)
