"""What goes wrong in the ECA exercise, task by task, and the sentence that helps."""

import torch

from attnlab.check.cases import BlockTask, FunctionTask, Mistake, TrainTask
from attnlab.mechanisms import mechanism
from attnlab.train import RECIPES
from solutions import eca
from solutions.mistakes.wrong import eca_block as blocks
from solutions.mistakes.wrong.eca_functions import FUNCTIONS

BLOCK = (
    Mistake(
        "no sigmoid", "block", blocks.NoSigmoid,
        "the convolution's result multiplies x as it is. A sigmoid has to turn it into a gate "
        "between 0 and 1.",
        "the signs of whole channels turn",
    ),
    Mistake(
        "softmax gate", "block", blocks.SoftmaxGate,
        "the gates are a softmax over the channels, so each gate depends on all of them. In ECA a "
        "gate depends on k means only, through a sigmoid.",
        "the gates of an image add up to 1",
    ),
    Mistake(
        "ReLU before the sigmoid", "block", blocks.ReluFirst,
        "a ReLU stands between convolution and sigmoid. ECA has no ReLU anywhere.",
        "every gate is 0.5 or more",
    ),
    Mistake(
        "max pooling", "block", blocks.MaxPool,
        "each channel is represented by its maximum; ECA takes its mean.",
        "one bright place opens the gates around it",
    ),
    Mistake(
        "sum instead of mean", "block", blocks.SumPool,
        "each channel is summed over the map and not divided by H * W.",
        "gates saturate, the more so the larger the map",
    ),
    Mistake(
        "pools over one axis", "block", blocks.PoolsColumns,
        "the mean runs over the rows only, so that each column of the map has gates of its own. "
        "Average over both axes of the map.",
        "gates differ from column to column",
    ),
    Mistake(
        "no pooling", "block", blocks.NoPool,
        "nothing is averaged: the convolution runs along the channels at every position by itself. "
        "Take the mean over the map first.",
        "a far pixel never moves a gate",
    ),
    Mistake(
        "no padding", "block", blocks.NoPadding,
        "without padding k − 1 gates are missing. Put k // 2 zeros on either side of the row.",
        "an error about sizes C and C − k + 1",
    ),
    Mistake(
        "padding fixed at 1", "block", blocks.PadsOne,
        "the padding is 1 whatever k is. It has to be k // 2.",
        "right for k = 3, an error for k = 5",
    ),
    Mistake(
        "padding in front only", "block", blocks.PadsInFront,
        "all zeros stand in front of the row, so that a gate hears only channels before its own. "
        "Put k // 2 on either side.",
        "the last channels are heard by nobody but themselves",
    ),
    Mistake(
        "circular padding", "block", blocks.Ring,
        "the row of channels is closed to a ring. Beyond the first and the last channel ECA sees "
        "zeros.",
        "wrong only in the first and last k // 2 channels, which hear each other",
    ),
    Mistake(
        "ends repeated", "block", blocks.RepeatsEnds,
        "beyond the ends the outermost channel is repeated. ECA sees zeros there.",
        "wrong only near both ends of the row, a little",
    ),
    Mistake(
        "kernel turned round", "block", blocks.Flipped,
        "the kernel is turned round, as in the convolution of mathematics. Here, as in nn.Conv1d, "
        "the first weight meets the channel with the lower number.",
        "right for kernels that read the same from both ends",
    ),
    Mistake(
        "bias added", "block", blocks.WithBias,
        "the convolution has a bias. Its default is True: pass bias=False.",
        "k + 1 parameters",
    ),
    Mistake(
        "channels as channels", "block", blocks.Dense,
        "this is nn.Conv1d(C, C, k): the C means are its channels, and its signal has length 1. "
        "They are one signal of length C: nn.Conv1d(1, 1, k) on (B, 1, C).",
        "k * C² parameters, and all but a k-th of them meet padding only",
    ),
    Mistake(
        "a kernel for each channel", "block", blocks.Depthwise,
        "each channel has a kernel of its own (groups=C). ECA shares one kernel of k weights.",
        "k * C parameters",
    ),
    Mistake(
        "hears only itself", "block", blocks.ItselfOnly,
        "every channel is a row of its own, of length 1, so that all taps but the middle one meet "
        "zeros. The C channels of an image are one row.",
        "only the middle weight ever learns",
    ),
    Mistake(
        "runs along the batch", "block", blocks.AlongBatch,
        "the convolution runs along the images of the batch. It has to run along the channels, "
        "axis 1.",
        "a gate changes with the images beside it",
    ),
    Mistake(
        "k ignored", "block", blocks.IgnoresK,
        "a given k is ignored. The formula is for k=None only.",
        "k always belongs to the width",
    ),
    Mistake(
        "adds x once more", "block", blocks.AddsX,
        "x is added to what the gates leave of it. The block ends with the product.",
        "nothing falls below its half size",
    ),
    Mistake(
        "adds instead of gates", "block", blocks.AddsGate,
        "the gate is added to x. Multiply.",
        "an empty channel comes out filled with one number",
    ),
    Mistake(
        "returns the gates", "block", blocks.GateOnly,
        "the gates come out by themselves. Multiply x by them.",
        "an output with two axes, or with a map of 1 x 1",
        forms=(blocks.GateMap,),
    ),
    Mistake(
        "mutates its input", "block", blocks.MutatesInput,
        "x is multiplied in place. x * gate leaves the caller's tensor alone.",
        "whoever still needs x finds it gated",
        breaks="input",
    ),
)  # fmt: skip

DEFAULT = (
    Mistake(
        "always 3", "default", blocks.AlwaysThree,
        "k is 3 at every width. Without a k the block asks kernel_size(channels).",
        "3 parameters at 128 channels",
    ),
    Mistake(
        "3 at least", "default", blocks.AtLeastThree,
        "k is never below 3. That is what some libraries do; the formula gives 1 below 8 channels.",
        "3 parameters at 4 channels",
    ),
    Mistake(
        "even window", "default", blocks.EvenWindow,
        "k may come out even, and the window leans to one side. Take the nearest odd number.",
        "2 parameters at 8 channels",
    ),
)  # fmt: skip

MENDED = (
    Mistake(
        "k still even", "mended", blocks.EvenWindow,
        "k is still even at some widths. Where the whole part is even, take the odd number above.",
        "left and right differ at half of the widths",
    ),
    Mistake(
        "odd number below", "mended", blocks.OddBelow,
        "k is odd now, but too small: the odd number above is nearer to t, or as near.",
        "k = 1 at 8 channels",
    ),
    Mistake(
        "one more everywhere", "mended", blocks.AlwaysOneMore,
        "1 is added at every width, so that what was odd is even now. Add it to even sizes only.",
        "right at 16 channels, wrong at 64",
    ),
)  # fmt: skip

SEPARATE = (
    Mistake(
        "one kernel", "separate", blocks.OneKernel,
        "there is one kernel for all channels. Here each channel has k weights of its own.",
        "k parameters where k * C belong",
        forms=(blocks.OneKernelConv,),
    ),
    Mistake(
        "a signal of length 1", "separate", blocks.OwnDepthwise,
        "each gate hears its own channel only: a grouped convolution on (B, C, 1) finds nothing "
        "but padding beside it. Cut the row of C means into windows of k first.",
        "all weights but the middle column lie idle",
    ),
    Mistake(
        "the sender's kernel", "separate", blocks.OwnOfSender,
        "a weight is taken from the channel that is heard. It belongs to the gate that listens: "
        "row c of the weights is for gate c.",
        "right if all kernels are equal",
    ),
    Mistake(
        "a bias each", "separate", blocks.OwnWithBias,
        "every channel has a bias as well. There is none.",
        "(k + 1) * C parameters",
    ),
    Mistake(
        "ring of channels", "separate", blocks.OwnRing,
        "the row is closed to a ring. Put zeros beyond its ends.",
        "wrong at both ends, right in the middle",
    ),
)  # fmt: skip


def _weights(channels, k=None):
    k = eca.kernel_size(channels) if k is None else k
    return mechanism("eca").parameters(channels=channels, kernel=k)


def _own_weights(channels, k):
    return mechanism("eca").parameters(channels=channels, kernel=k, shared=0)


_block = {
    "configs": ({"channels": 8, "k": 3}, {"channels": 12, "k": 5}, {"channels": 5, "k": 7}),
    "shapes": ((2, 8, 3, 2), (2, 12, 2, 4), (2, 5, 3, 4)),
    "coincidences": (
        ({"channels": 3, "k": 3}, (2, 3, 2, 4)),  # without padding one gate is left for all
        ({"channels": 3, "k": 5}, (2, 3, 3, 2)),
        ({"channels": 5, "k": 5}, (2, 5, 3, 2)),
    ),
    "count": _weights,
    "formula": "k",
}
_default = {
    "configs": ({"channels": 8}, {"channels": 128}, {"channels": 4}),
    "shapes": ((2, 8, 4, 3), (1, 128, 2, 1), (2, 4, 3, 5)),
    "count": _weights,
    "formula": "ψ(C)",
}
_mended = {
    "configs": ({"channels": 8}, {"channels": 64}, {"channels": 256}),
    "shapes": ((2, 8, 4, 3), (2, 64, 2, 1), (1, 256, 2, 1)),
    "count": _weights,
    "formula": "ψ(C)",
}
_separate = {
    "configs": ({"channels": 8, "k": 3}, {"channels": 7, "k": 5}),
    "shapes": ((2, 8, 4, 3), (3, 7, 3, 5)),
    "count": _own_weights,
    "formula": "k * C",
}


def _widths(rng):
    width = int(torch.randint(33, 64, (), generator=rng))
    paper = [(64,), (8,), (128,), (2048,), (256,), (width,), (4,), (16,)]
    return [*paper, (256, 1, -5), (width, 2, 6), (512, 4, 4), (100, 3, 2)]


def _maps(rng):
    height, width = torch.randint(5, 60, (2,), generator=rng).tolist()
    return [(64, 32, 32, 3), (256, height, width, 5, False), (40, 7, 9, 1), (512, 14, 7, 7, False)]


def _kernels(rng):
    drawn = (2 * torch.randint(1, 5, (4,), generator=rng) + 1).tolist()
    return [([3, 5, 5, 7],), ([5, 5, 5, 7],), ([3, 3, 3, 3],), (drawn,)]


def _bands(rng):
    asked = ((3, 6, False), (5, 7, True), (3, 5, True), (5, 5, True), (5, 4, True), (5, 3, False))
    return [
        (torch.randn(k, generator=rng, dtype=torch.float64), channels, ring)
        for k, channels, ring in asked
    ]


def _gates(rng):
    middle = int(torch.randint(4, 8, (), generator=rng))
    return [(middle, 12, 3), (0, 8, 5), (7, 8, 5), (2, 6, 1), (middle, 11, 7), (1, 3, 9)]


def _of(task):
    return tuple(mistake for mistake in FUNCTIONS if mistake.task == task)


_ASKED = {
    "kernel_size": (eca.kernel_size, _widths),
    "costs": (eca.costs, _maps),
    "added": (eca.added, _kernels),
    "as_matrix": (eca.as_matrix, _bands),
    "hears": (eca.hears, _gates),
}

TASKS = {
    "block": BlockTask(eca.ECABlock, mistakes=BLOCK, **_block),
    "default": BlockTask(eca.ECABlock, mistakes=DEFAULT, **_default),
    "separate": BlockTask(eca.ECANS, mistakes=SEPARATE, **_separate),
    **{name: FunctionTask(*ask, mistakes=_of(name)) for name, ask in _ASKED.items()},
    "mended": BlockTask(eca.MendedECA, mistakes=MENDED, **_mended),
    "rule": TrainTask(eca.ECABlock, RECIPES["rule-eca"], floor=0.6),
    "cifar": TrainTask(eca.ECABlock, RECIPES["cifar"], images=1000),
}
