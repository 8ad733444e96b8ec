"""What goes wrong in the CBAM exercise, task by task, and the sentence that helps."""

import torch

from attnlab.check.cases import BlockTask, FunctionTask, Mistake, TrainTask
from attnlab.mechanisms import mechanism
from attnlab.train import RECIPES
from solutions import cbam
from solutions.mistakes.wrong import cbam_block as blocks
from solutions.mistakes.wrong import cbam_gates as gates
from solutions.mistakes.wrong.cbam_functions import FUNCTIONS

BLOCK = (
    Mistake(
        "positions first", "block", blocks.PositionsFirst,
        "the spatial gate comes first. CBAM gates the channels first, and the spatial gate sees "
        "what that has left.",
        "the output is close at every place, and right at none",
    ),
    Mistake(
        "side by side", "block", blocks.SideBySide,
        "both gates are computed from x. The second belongs to x' = M_c(x) * x, so compute x' "
        "first and hand it on.",
        "the channel gates are right, those of the positions are not",
    ),
    Mistake(
        "adds the branches", "block", blocks.AddsBranches,
        "two gated maps are added. In CBAM one product follows the other; branches that are added "
        "belong to other blocks.",
        "a place that both gates close still gets through",
    ),
    Mistake(
        "maps swapped", "block", blocks.MapsSwapped,
        "the convolution sees [mean, max]. That is the paper's order; the released code, which we "
        "follow, stacks the maximum first, and weights for one order are wrong for the other.",
        "your own training goes well, and released weights give nonsense",
    ),
    Mistake(
        "sum over the channels", "block", blocks.SumMap,
        "the second map adds the channels up. It is their mean: divide by C.",
        "gates of positions are 0 or 1 in wide layers",
    ),
    Mistake(
        "mean only", "block", blocks.MeanOnly,
        "the channel gate sees the means only, as SE does. CBAM adds what the same MLP says to the "
        "maxima.",
        "a small bright spot moves no channel's gate",
    ),
    Mistake(
        "maximum only", "block", blocks.MaxOnly,
        "the channel gate sees the maxima only. The means go through the same MLP, and the results "
        "are added.",
        "one pixel decides the gate of a channel",
    ),
    Mistake(
        "adds before the MLP", "block", blocks.PoolsAddedFirst,
        "mean and maximum are added before the MLP. Each goes through it by itself; its ReLU makes "
        "a difference, and its biases count twice.",
        "nearly right wherever the hidden units stay positive",
    ),
    Mistake(
        "sigmoid before the sum", "block", blocks.SigmoidTwice,
        "each pool has a sigmoid of its own, so a channel's gate may reach 2. Add first, then take "
        "one sigmoid.",
        "some channels come out louder than they went in",
    ),
    Mistake(
        "MLP without ReLU", "block", blocks.NoReLU,
        "nothing bends between the two layers of the MLP. There is a ReLU.",
        "right in some channels of some images",
    ),
    Mistake(
        "two MLPs", "block", blocks.TwoMLPs,
        "each pool has an MLP of its own. CBAM shares one.",
        "2 * C * h + h + C parameters too many",
    ),
    Mistake(
        "MLP without biases", "block", blocks.NoBiases,
        "the layers of the MLP have no biases. A port leaves them out; the released code has them.",
        "h + C parameters too few",
    ),
    Mistake(
        "no BatchNorm", "block", blocks.NoNorm,
        "there is no BatchNorm after the convolution. The paper does not write it; the released "
        "code has it.",
        "2 parameters too few, and all gates of positions near a half",
    ),
    Mistake(
        "bias in the convolution", "block", blocks.ConvBias,
        "the convolution has a bias. The BatchNorm behind it takes any constant away: bias=False.",
        "1 parameter too many",
    ),
    Mistake(
        "ReLU in the spatial gate", "block", blocks.ReLUAfterNorm,
        "a ReLU stands before the sigmoid of the spatial gate, so it never falls below a half.",
        "no place is ever turned down by more than a half",
    ),
    Mistake(
        "no sigmoid in space", "block", blocks.NoSpatialSigmoid,
        "the spatial gate has no sigmoid: it may be negative, or larger than 1.",
        "whole regions change their sign",
    ),
    Mistake(
        "softmax over positions", "block", blocks.SoftmaxOverPositions,
        "the spatial gate is a softmax: its places share out a sum of 1. CBAM judges each place by "
        "itself, with a sigmoid.",
        "the map fades the more, the larger it is",
    ),
    Mistake(
        "kernel ignored", "block", blocks.KernelFixed,
        "the convolution is 7 x 7 whatever `kernel` says. Hand it on, and pad by kernel // 2.",
        "right with the default, too many weights with every other kernel",
    ),
    Mistake(
        "no padding", "block", blocks.NoPadding,
        "the convolution has no padding, so its map is smaller than x. Pad by kernel // 2.",
        "sizes of tensors must match, or a kernel larger than the map",
    ),
    Mistake(
        "maps of the wrong axis", "block", blocks.MapsOnWrongAxis,
        "the two maps are pooled over the rows. The spatial gate pools over the channels, axis 1, "
        "and stacks along axis 1.",
        "the convolution expected 2 channels, but got C",
    ),
    Mistake(
        "another momentum", "block", blocks.UsualMomentum,
        "the BatchNorm has not momentum 0.01, PyTorch's share of the new batch. 0.1 is the "
        "default, and 0.99 is how other libraries say 0.01.",
        "equal in every comparison, until a training has moved the running statistics",
        breaks="training", forms=(blocks.KerasMomentum,),
    ),
    Mistake(
        "no running statistics", "block", blocks.AlwaysTheBatch,
        "the BatchNorm keeps no running statistics, so in eval mode too an image's gate depends on "
        "its company.",
        "one image alone is answered differently than in a batch",
    ),
    Mistake(
        "adds the input", "block", blocks.AddsInput,
        "x is added to what the gates have left. The block ends with the product; a sum, where "
        "there is one, belongs to the network around it.",
        "nothing is ever turned down below its old value",
    ),
    Mistake(
        "changes its input", "block", blocks.MutatesInput,
        "x is multiplied in place. The residual sum around the block then adds a map that has been "
        "gated already; write x = x * gate.",
        "the block is right, and the network around it is not",
        breaks="input",
    ),
)  # fmt: skip


def _as(task, names):
    """The block's mistakes of these names, written for one gate alone: {name: (class, forms)}."""
    known = {mistake.name: mistake for mistake in BLOCK}
    for name, (build, *forms) in names.items():
        old = known[name]
        yield Mistake(
            name, task, build, old.sentence, old.symptom, breaks=old.breaks, forms=tuple(forms)
        )


CHANNEL = (
    *_as("channel", {
        "mean only": (gates.ChannelMeanOnly,),
        "adds before the MLP": (gates.ChannelPoolsFirst,),
        "sigmoid before the sum": (gates.ChannelSigmoidTwice,),
        "MLP without ReLU": (gates.ChannelNoReLU,),
        "two MLPs": (gates.ChannelTwoMLPs,),
        "MLP without biases": (gates.ChannelNoBiases,),
    }),
    Mistake("half the sum", "channel", gates.ChannelMeanOfBoth,
            "the two results of the MLP are averaged. They are added.", "gates too near a half"),
    Mistake("gates already", "channel", gates.ChannelGated,
            "this multiplies x already. Return the gate, (B, C, 1, 1).", "shape (B, C, H, W)"),
    Mistake("axes missing", "channel", gates.ChannelFlat,
            "the gate has shape (B, C). Two axes of length 1 are missing.", "shape (B, C)"),
)  # fmt: skip
TUTORIAL = (
    Mistake("mean only", "tutorial", gates.BandMeanOnly,
            "that is ECA. The variant adds what the same band says to the maxima.",
            "the maxima do not matter"),
    Mistake("a ring", "tutorial", gates.BandRing,
            "the band wraps around from the last channel to the first. Beyond the ends are zeros.",
            "the outer channels differ"),
    Mistake("two bands", "tutorial", gates.BandTwo,
            "means and maxima have a band each. They share one of `kernel` weights.",
            "twice the parameters"),
)  # fmt: skip
SPATIAL = (
    *_as("spatial", {
        "maps swapped": (gates.SpaceSwapped,),
        "ReLU in the spatial gate": (gates.SpaceReLU,),
        "no sigmoid in space": (gates.SpaceNoSigmoid,),
        "no BatchNorm": (gates.SpaceNoNorm,),
        "bias in the convolution": (gates.SpaceConvBias,),
        "no running statistics": (gates.SpaceNoTracking,),
        "another momentum": (gates.SpaceMomentum, gates.SpaceKerasMomentum),
    }),
    Mistake("norm before the convolution", "spatial", gates.SpaceNormOfMaps,
            "the BatchNorm normalises the two maps. It comes after the convolution, on the one map "
            "that is left.", "right shape, other numbers"),
    Mistake("gates already", "spatial", gates.SpaceGated,
            "this multiplies x already. Return the gate, (B, 1, H, W).", "shape (B, C, H, W)"),
)  # fmt: skip
MENDED = (
    Mistake("starts from zero", "mended", gates.FromZero,
            "the maximum still starts from zero, so it is never negative. Start from the first "
            "channel, or from minus infinity, or use amax.",
            "right wherever some channel is positive"),
    Mistake("largest absolute value", "mended", gates.AbsoluteMax,
            "this is the largest absolute value. The maximum of -3 and -1 is -1.",
            "right after a ReLU"),
)  # fmt: skip


def _count(channels, reduction=16, kernel=7):
    formula = mechanism("cbam").parameters
    return formula(channels=channels, reduction=reduction, kernel=kernel)


def _layers(channels, reduction=16):
    return 2 * channels * (channels // reduction) + channels // reduction + channels


def _window(kernel=7):
    return 2 * kernel**2 + 2


BLOCKS = {
    "channel": BlockTask(
        cbam.ChannelGate, ({"channels": 8, "reduction": 2}, {"channels": 12, "reduction": 4}),
        ((2, 8, 5, 3), (3, 12, 3, 5)), CHANNEL, count=_layers,
        formula="2*C*h + h + C with h = C // r",
    ),
    "tutorial": BlockTask(
        cbam.TutorialGate, ({"channels": 7}, {"channels": 9, "kernel": 5}),
        ((2, 7, 4, 3), (3, 9, 3, 5)), TUTORIAL,
    ),
    "spatial": BlockTask(
        cbam.SpatialGate, ({}, {"kernel": 3}, {"kernel": 5}),
        ((2, 4, 9, 8), (3, 5, 4, 5), (2, 3, 5, 7)), SPATIAL, count=_window, formula="2*k*k + 2",
    ),
    "block": BlockTask(
        cbam.CBAM,
        ({"channels": 8, "reduction": 2}, {"channels": 6, "reduction": 3, "kernel": 3},
         {"channels": 4, "reduction": 2, "kernel": 5}),
        ((2, 8, 4, 3), (2, 6, 3, 4), (2, 4, 3, 5)), BLOCK,
        coincidences=(  # where a block that mixes up axes, or does not pad, still runs
            ({"channels": 2, "reduction": 1, "kernel": 3}, (2, 2, 2, 3)),
            ({"channels": 4, "reduction": 2, "kernel": 3}, (2, 4, 3, 3)),
        ),
        count=_count, formula="2*C*h + h + C + 2*k*k + 2 with h = C // r",
    ),
    "mended": BlockTask(
        cbam.MendedGate, ({"kernel": 3}, {"kernel": 7}), ((2, 3, 5, 4), (3, 2, 7, 8)), MENDED,
    ),
}  # fmt: skip


def _params(rng):
    return [(64,), (256, 16), (96, 4, 3), (40, 16, 7), (512, 8, 5)]


def _macs(rng):
    height, width = torch.randint(5, 60, (2,), generator=rng).tolist()
    return [(64, 32, 32), (256, height, width, 16), (40, 7, 9, 4, 3), (512, width, height, 8, 5)]


def _changes(rng):
    return [(change,) for change in cbam.CHANGES]


_ASKED = {"params": _params, "macs": _macs, "prediction": _changes}
TASKS = {
    **BLOCKS,
    **{
        name: FunctionTask(
            getattr(cbam, name), arguments, tuple(m for m in FUNCTIONS if m.task == name)
        )
        for name, arguments in _ASKED.items()
    },
    "beside": TrainTask(cbam.CBAM, RECIPES["beside"], floor=0.65),
    "cifar": TrainTask(cbam.CBAM, RECIPES["cifar"] | {"config": {"reduction": 4}}, images=1000),
}
